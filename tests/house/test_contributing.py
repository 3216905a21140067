"""What CONTRIBUTING names exists: paths, modules, tests, sections and rooms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = ("sdcluster", "tests", "docs", "frontend", "benchmarks", "models", "notebooks")
CODE = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))
PATHS = sorted(
    {w for w in CODE if w.split("/")[0] in FOLDERS and "/" in w and not re.search("[<… ]", w)}
)
MODULES = sorted(set(re.findall(r"python -m ((?:docs|sdcluster)[\w.]*)", TEXT)))
SCRIPTS = sorted(set(re.findall(r"python (\w[\w/]*\.py)", TEXT)))


def test_it_names_places() -> None:
    assert len(PATHS) > 25
    assert len(MODULES) > 2


@pytest.mark.parametrize("path", [*PATHS, *SCRIPTS])
def test_a_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_that_is_run_exists(module: str) -> None:
    place = ROOT.joinpath(*module.split("."))
    assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()


def test_links_lead_to_files_and_sections() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-")
        for head in re.findall(r"^#+ (.+)$", TEXT, re.M)
    }
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        found = target[1:] in anchors if target.startswith("#") else (ROOT / target).exists()
        assert found, target


def test_the_table_of_rooms_is_whole() -> None:
    rooms = set(re.findall(r"^\| `(\w+)/` \|", TEXT, re.M))
    assert rooms == {p.parent.name for p in (ROOT / "sdcluster").glob("*/__init__.py")}


def test_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    pages = [ROOT / "README.md", ROOT / "README.zh.md", ROOT / "CONTRIBUTING.md"]
    named = {
        target
        for page in pages
        for target in re.findall(r"make ([a-z]+)", page.read_text(encoding="utf-8"))
    }
    assert {"test", "release"} <= named
    assert named <= targets
