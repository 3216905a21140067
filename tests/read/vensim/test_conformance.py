"""The public suite's Vensim models against the outputs stored beside them; see `benchmarks.suite`."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from benchmarks.suite import ABSENT, SUITE, TOLERANCE, columns_of, compare, stored_outputs

FILES = sorted(p for p in SUITE.glob("*/*/*") if p.suffix.lower() == ".mdl")
# Outputs of another file in the same folder, and what no program can meet.
OTHERS = {
    "model_to_generate_data.mdl": "the stored output is that of another model in the folder",
    "test_get_time_value.mdl": "the stored output is that of another model in the folder",
    "Query_file.mdl": "uses RANDOM UNIFORM, whose numbers are Vensim's own",
    "roessler_chaos.mdl": "chaotic: single precision gives another trajectory",
}


@pytest.mark.skipif(not FILES, reason=ABSENT)
@pytest.mark.parametrize("file", FILES, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_stored_output(file: Path) -> None:
    tables = stored_outputs(file)
    if not tables:
        pytest.skip("the suite stores no output for this model")
    if file.name in OTHERS:
        pytest.skip(OTHERS[file.name])
    model = sdcluster.load(file)
    columns = columns_of(model, sdcluster.simulate(model, method="euler", backend="python"))
    worst, sentence = min(compare(columns, table) for table in tables)
    assert worst < TOLERANCE, sentence
