"""Agreement with the stored outputs of the public test suite, and with PySD run side by side.

The suite is found at $SDX_TEST_MODELS, else in ../shared/test-models.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sdcluster
from sdcluster.model.names import canonical

ROOT = Path(__file__).parents[2]
SUITE = Path(os.environ.get("SDX_TEST_MODELS", ROOT.parent / "shared" / "test-models"))
FILES = sorted(p for suffix in ("xmile", "stmx") for p in SUITE.glob(f"*/*/*.{suffix}"))

needs_suite = pytest.mark.skipif(
    not FILES,
    reason="the SDXorg test models are not here: clone github.com/SDXorg/test-models and set SDX_TEST_MODELS to it",
)


def stored(folder: Path) -> list[pd.DataFrame]:
    tables = [*folder.glob("output*.csv"), *folder.glob("output*.tab")]
    return [
        pd.read_csv(t, sep="\t" if t.suffix == ".tab" else ",", index_col=0) for t in sorted(tables)
    ]


def difference(run: object, table: pd.DataFrame) -> tuple[float, str]:
    names = {canonical(name): name for name in run}  # type: ignore[attr-defined]
    worst = (0.0, "")
    time = table.index.to_numpy(dtype=float)
    for column in table.columns:
        if canonical(column) in names:
            ours = np.interp(time, run["time"], run[names[canonical(column)]])  # type: ignore[index]
            theirs = pd.to_numeric(table[column], errors="coerce").to_numpy()
            gap = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
            known = gap[np.isfinite(gap)]
            worst = max(worst, (float(known.max(initial=0)), column))
    return worst


@needs_suite
@pytest.mark.parametrize("file", FILES, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_stored_outputs(file: Path) -> None:
    tables = stored(file.parent)
    if not tables:
        pytest.skip("the suite stores no output for this model")
    try:
        model = sdcluster.load(file)
    except sdcluster.ModelError as error:
        reasons = (
            "no variables",
            "was lost when the file was converted",
            "nor a macro of this file",
            "cannot be understood",
            "is no element of the dimension",
        )
        if not any(word in str(error) for word in reasons):
            raise
        pytest.skip(f"not read: {error.sentence}")
    run = sdcluster.simulate(model, method="euler")
    worst, column = min(difference(run, table) for table in tables)
    assert worst < 1e-3, f"{column} differs by {worst:.3g}"


def pysd_run(path: Path, folder: Path) -> pd.DataFrame:
    """Run PySD on a copy (it writes Python beside the model)."""
    import pysd

    copy = folder / path.name
    copy.write_bytes(path.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pysd.read_xmile(str(copy)).run()


def assert_same(path: Path, folder: Path, rtol: float = 1e-9) -> None:
    theirs = pysd_run(path, folder)
    ours = sdcluster.simulate(path, method="euler")
    names = {canonical(name): name for name in ours}
    compared = 0
    for column in theirs.columns:
        if canonical(column) in names:
            compared += 1
            values = ours[names[canonical(column)]].to_numpy()
            expected = theirs[column].to_numpy(dtype=float)
            np.testing.assert_allclose(values, expected, rtol=rtol, atol=1e-12, err_msg=column)
    assert compared >= len(names)


def test_cluster_is_the_same_in_pysd(tmp_path: Path) -> None:
    assert_same(ROOT / "models" / "cluster" / "cluster.xmile", tmp_path)


@needs_suite
@pytest.mark.parametrize("name", ["SIR", "teacup", "Lotka_Volterra"])
def test_samples_are_the_same_in_pysd(name: str, tmp_path: Path) -> None:
    files = sorted((SUITE / "samples" / name).glob("*.xmile"))
    for file in files:
        try:
            sdcluster.load(file)
        except sdcluster.ModelError:
            continue
        assert_same(file, tmp_path)
