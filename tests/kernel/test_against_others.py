"""Agreement with the stored outputs of the public test suite, and with PySD run side by side.

The suite and the measure are those of `benchmarks.suite`.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sdcluster
from benchmarks.suite import (
    ABSENT,
    ROOT,
    SUITE,
    TOLERANCE,
    columns_of,
    compare,
    refusal,
    stored_outputs,
)
from sdcluster.model.names import canonical

FILES = sorted(p for suffix in ("xmile", "stmx") for p in SUITE.glob(f"*/*/*.{suffix}"))

needs_suite = pytest.mark.skipif(not FILES, reason=ABSENT)


@needs_suite
@pytest.mark.parametrize("file", FILES, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_stored_outputs(file: Path) -> None:
    tables = stored_outputs(file)
    if not tables:
        pytest.skip("the suite stores no output for this model")
    if refusal(file):
        with pytest.raises(sdcluster.ModelError, match=refusal(file)):
            sdcluster.load(file)
        return
    model = sdcluster.load(file)
    columns = columns_of(model, sdcluster.simulate(model, method="euler"))
    worst, sentence = min(compare(columns, table) for table in tables)
    assert worst < TOLERANCE, sentence


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
