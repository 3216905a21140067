"""What the caches are keyed by: a model by all code that makes one, a kernel by a text that never varies by chance."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from sdcluster.read import cache

MODELS = Path(__file__).parents[2] / "models"
PRINT_KERNELS = """
import hashlib, sys, warnings
import sdcluster
from sdcluster.kernel import compile_model
warnings.simplefilter("ignore")
for file in sys.argv[1:]:
    print(hashlib.sha256(compile_model(sdcluster.load(file)).text.encode()).hexdigest(), file)
"""
ARREST = """
<stock name="first"><eqn>80</eqn><inflow>enter</inflow><outflow>between</outflow>
<conveyor><len>2</len></conveyor></stock>
<stock name="second"><eqn>0</eqn><inflow>between</inflow><outflow>leave</outflow>
<conveyor><len>1</len><arrest>TIME &gt;= 1 AND TIME &lt; 2</arrest></conveyor></stock>
<flow name="enter"><eqn>0</eqn></flow><flow name="between"/><flow name="leave"/>"""


def kernels(files: list[Path], seed: int, folder: Path) -> str:
    """Return what a process with this hash seed prints; it reads and compiles everything anew."""
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "SDCLUSTER_CACHE": str(folder)}
    command = [sys.executable, "-c", PRINT_KERNELS, *map(str, files)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_text_of_a_kernel_does_not_depend_on_the_hash_seed(workshop, tmp_path: Path) -> None:
    files = [*sorted(MODELS.glob("*/*.xmile")), workshop.write(ARREST, dt=0.25)]
    suite = os.environ.get("SDX_TEST_MODELS")
    named = [
        "subscript_3d_arrays",
        "macro_multi_macros",
        "delays",
        "lookups",
        "subscript_switching",
    ]
    if suite:
        files += [f for n in named for f in sorted(Path(suite, "tests", n).glob("*.mdl"))]
    first, second = (kernels(files, seed, tmp_path / str(seed)) for seed in (1, 2))
    assert first.count("\n") == len(files) > 6
    assert first == second


def write(package: Path, place: str, text: str = "") -> Path:
    file = package / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "place", ["model/function_rows/arrays.py", "read/deep/new/part.py", "errors.py"]
)
def test_code_in_any_folder_that_makes_models_counts(tmp_path: Path, place: str) -> None:
    write(tmp_path, "read/vensim.py", "a = 1")
    before = cache.code_digest(tmp_path)
    write(tmp_path, place, "a = 1")
    added = cache.code_digest(tmp_path)
    write(tmp_path, place, "a = 2")
    assert len({before, added, cache.code_digest(tmp_path)}) == 3


def test_code_that_only_uses_models_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, "read/vensim.py", "a = 1")
    before = cache.code_digest(tmp_path)
    write(tmp_path, "lint/rules.py", "a = 1")
    assert cache.code_digest(tmp_path) == before


@pytest.mark.parametrize(("suffix", "library"), [(".mdl", "openpyxl"), (".xmile", "lxml")])
def test_another_version_of_a_parser_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, library: str
) -> None:
    def found(name: str) -> SimpleNamespace:
        return SimpleNamespace(origin=str(tmp_path / name / "__init__.py"))

    monkeypatch.setattr(cache, "find_spec", found)
    for name in ("openpyxl", "xlrd", "lxml"):
        write(tmp_path, f"{name}/__init__.py", "version = 1")
    version = cache._reader_version.__wrapped__
    before = version(suffix)
    assert version(suffix) == before
    write(tmp_path, f"{library}/__init__.py", "version = 10")
    assert version(suffix) != before
