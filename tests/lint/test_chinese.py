"""The report of `lint` in Chinese: its table, its counts and its warnings."""
# ruff: noqa: E501 (a row for each model)

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sdcluster.functions.table import FUNCTIONS
from sdcluster.measure.words import WORDS
from sdcluster.messages import in_language
from tests.chinese import english_left

TIMES = (
    "INITIAL TIME = 0 ~~| FINAL TIME = 4 ~~| TIME STEP = 1 ~~| SAVEPER = 1 ~~|\n"
    "\\\\\\---/// Sketch information - do not modify anything except names\n"
)
MODELS = {
    "unfinished": "{UTF-8}\nlevel = INTEG(flow in, 1) ~~|\nflow in = A FUNCTION OF(level, mood) ~~|\nleft over = 3 ~~|\n",
    "units": "{UTF-8}\na = 1 ~ kg ~|\nb = 2 ~ year ~|\nc = a + b ~ kg ~|\nd = c * 17 ~ m ~|\ne = 3 ~~|\nf = 4 ~~|\n",
    "screen": "{UTF-8}\na = MESSAGE('now', Time - 1) ~ 1 ~ Shown. ~|\n",
    "coarse": "{UTF-8}\ns = INTEG(-s / 0.1, 1) ~ kg ~ A stock. ~|\n",
    "nan": "{UTF-8}\nx = 1 / zero value ~ 1 ~ None. ~|\nzero value = 0 ~ 1 ~ None. ~|\n",
}


@pytest.mark.parametrize("name", MODELS)
def test_a_report_in_chinese_has_no_english_sentence(
    name: str, call: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / f"{name}.mdl"
    file.write_text(MODELS[name] + TIMES, encoding="utf-8")
    told = call("lint", file, "--language", "zh")
    assert told.exit_code in (0, 1)
    assert "条提示" in told.output
    assert english_left(told.output, ["flow in", "left over", "zero value"]) == []
    run = call("run", file, "--language", "zh")
    assert english_left(run.output, ["flow in", "left over", "zero value"]) == []


def test_json_keeps_its_keys_in_any_language(call: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "units.mdl"
    file.write_text(MODELS["units"] + TIMES, encoding="utf-8")
    said = [
        call("lint", file, "--format", "json", "--language", code).stdout for code in ("en", "zh")
    ]
    assert json.loads(said[0]) == json.loads(said[1])
    assert {f["severity"] for f in json.loads(said[0])["findings"]} <= {"error", "warning", "note"}


@pytest.mark.parametrize(
    "word", [word for word in WORDS.values() if word.reason], ids=lambda w: w.name
)
def test_why_a_measure_has_no_number_is_said_in_chinese(word: Any) -> None:
    assert english_left(in_language(word.never, "zh")) == []
    assert in_language(word.never, "zh") != word.never


@pytest.mark.parametrize(
    "row", [row for row in FUNCTIONS.values() if row.stops or row.session], ids=lambda row: row.name
)
def test_what_a_function_does_here_is_said_in_chinese(row: Any) -> None:
    said = [row.stops()] if row.stops else [*row.session()]
    for sentence in said:
        chinese = sentence.text("zh").replace(row.vensim or row.xmile, "")
        assert chinese != sentence
        assert english_left(chinese) == []


def test_names_have_chinese_quotation_marks(call: Callable[..., Any], tmp_path: Path) -> None:
    checks = "".join(f"c{i} :THE CONDITION: a = 1 :IMPLIES: b >= 0 ~~|\n" for i in range(9))
    text = "{UTF-8}\na = b + 1 ~ 1 ~ One. ~|\nb = a - 1 ~ 1 ~ Two. ~|\n"
    file = tmp_path / "cycle.mdl"
    file.write_text(text + checks + TIMES, encoding="utf-8")
    told = call("lint", file, "--language", "zh")
    plain = "".join(told.output.replace("│", "").split())
    assert '"' not in plain
    assert "形成循环：“a”→“b”→“a”" in plain
    assert "9项真实性检验：“c0”、“c1”" in plain
    assert "等，另有1项" in plain
