"""Damaged files give sentences, in bounded time, and nothing is executed. `benchmarks/fuzz.py` is the long run."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.mutations import ROOT, VENSIM, XMILE, Mutator, Watch, attempt
from benchmarks.suite import SUITE

MUTATOR = Mutator.of_folders(*(f for f in (SUITE / "samples", ROOT / "models") if f.exists()))
HARMLESS = ("refused", "stopped", "ran", "read")
FEW = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ALPHABET = st.sampled_from(
    [*"abcxsfgdpq0123456789.+-*/^<>=()[]{},;:!~|'\"\\ \n_", "TIME", " AND ", "é"]
)


def check(folder: Path, suffix: str, content: bytes, watch: Watch) -> None:
    outcome, what = attempt(folder / f"input{suffix}", content, watch)
    assert outcome in HARMLESS, f"{outcome}: {what}\n{content[:2000]!r}"
    if outcome == "refused":
        assert "\n" not in what.strip()
        assert "Traceback" not in what


@FEW
@given(seed=st.integers(0, 10**9))
def test_damaged_models(seed: int, watch: Watch, folder: Path) -> None:
    check(folder, *MUTATOR.make(random.Random(seed)), watch)


@FEW
@given(text=st.lists(ALPHABET, max_size=25).map("".join))
def test_equations_of_any_characters(text: str, watch: Watch, folder: Path) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    check(folder, ".xmile", XMILE.format(escaped).encode(), watch)
    check(folder, ".mdl", VENSIM.format(text).encode(), watch)


@FEW
@given(content=st.binary(max_size=300), suffix=st.sampled_from([".xmile", ".stmx", ".mdl"]))
def test_any_bytes(content: bytes, suffix: str, watch: Watch, folder: Path) -> None:
    check(folder, suffix, content, watch)


# ---- the watch itself: a check that never fires proves nothing


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda f: subprocess.run(["true"], check=False), "subprocess.Popen"),
        (lambda f: os.system("true"), "os.system"),
        (lambda f: (ROOT / "benchmarks" / "canary").open("w").close(), "opened for writing"),
        (lambda f: Path("/etc/hostname").read_bytes(), "/etc/hostname was read"),
        (lambda f: exec("1 + 1"), "code of <string> was run"),
        (lambda f: eval(compile("1 + 1", "model.xmile", "eval")), "code of model.xmile was run"),
    ],
)
def test_the_watch_hears(act: object, word: str, watch: Watch, folder: Path) -> None:
    watch.noted.clear()
    watch.active = True
    try:
        act(folder)  # type: ignore[operator]
    finally:
        watch.active = False
        (ROOT / "benchmarks" / "canary").unlink(missing_ok=True)
    assert any(word in note for note in watch.noted), watch.noted
