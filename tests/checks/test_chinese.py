"""The reports of `check` in Chinese: tables, pages, tests of pytest; nothing but names stays English."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sdcluster.checks import accept, check
from sdcluster.checks.baseline import Comparison, Moved
from sdcluster.checks.plugin import _sentences
from sdcluster.checks.second_opinion import Difference, Opinion
from sdcluster.messages import in_language
from tests.chinese import english_left
from tests.pond import Pond

NAMES = ("Verhulst 1838", "Fish only become more", "growth rate", "first baseline", "small-pond")


class Texts(HTMLParser):
    """What a page says: its texts, and its charts' descriptions."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.said: list[str] = []
        self.style = False
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.style = tag == "style"
        self.said += [str(value) for name, value in attrs if name == "aria-label"]

    def handle_data(self, data: str) -> None:
        if not self.style:
            self.said.append(data)


def unaccepted(pond: Pond) -> None:
    """Leave all scenarios without a baseline."""


def accepted(pond: Pond) -> None:
    accept(pond.folder, because="first baseline")


def moved(pond: Pond) -> None:
    accepted(pond)
    pond.set_constant("growth rate", 0.315)
    pond.set_constant("capacity", 80)


def renamed(pond: Pond) -> None:
    accepted(pond)
    text = (pond.folder / "baselines/default.csv").read_text(encoding="utf-8")
    pond.write("baselines/default.csv", text.replace("time,fish,room", "time,fishes,space"))
    pond.write("baselines/gone.csv", text)


def rewritten(pond: Pond) -> None:
    accepted(pond)
    pond.edit("pond.xmile", "growth_rate * fish * room", "growth_rate * fish * room * 0.9")


def shortened(pond: Pond) -> None:
    accepted(pond)
    pond.edit("pond.xmile", "<stop>40</stop>", "<stop>30</stop>")


def emptied(pond: Pond) -> None:
    accepted(pond)
    pond.write("baselines/default.csv", "time,fish\n")
    pond.write("baselines/small_pond.csv", "time,fish,room\n0,10\n1,11\n")


def unreadable(pond: Pond) -> None:
    pond.edit("behaviour.toml", "percent = 1", "")


def infinite(pond: Pond) -> None:
    accepted(pond)
    pond.edit("pond.xmile", "1 - fish / capacity", "1 - fish / (capacity - 100)")


STATES = [unaccepted, accepted, moved, renamed, rewritten, shortened, emptied, unreadable, infinite]


@pytest.mark.parametrize("change", STATES, ids=lambda change: change.__name__)
def test_a_report_in_chinese_has_no_english_sentence(
    change: Callable[[Pond], None], pond: Pond, call: Callable[..., Any], tmp_path: Path
) -> None:
    change(pond)
    page = tmp_path / "check.html"
    told = call("check", pond.folder, "--page", page, "--language", "zh")
    assert told.exit_code == (0 if change is accepted else 1)
    said = "\n".join([told.output, *Texts(page).said])
    assert english_left(said, NAMES) == []
    assert 'lang="zh-CN"' in page.read_text(encoding="utf-8")


def test_titles_and_verdicts_are_those_of_the_language(
    pond: Pond, call: Callable[..., Any]
) -> None:
    moved(pond)
    told = call("check", pond.folder, "--language", "zh").output
    assert "4 项检查中有 3 项未通过" in told
    assert "鱼塘满了" in told
    assert "“fish”在 40 为" in told
    assert "✘ 未通过" in told
    english = call("check", pond.folder).output
    assert "3 of 4 checks did not pass" in english
    assert "The pond fills" in english


def test_a_notebook_and_a_test_of_pytest_speak_the_chosen_language(
    pond: Pond, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(pond)
    report = check(pond.folder)
    said = [_sentences(row, pond.folder) for row in report.failed]
    assert "see the curves" in "\n".join(said)
    assert "checks did not pass" in report._repr_html_()
    monkeypatch.setenv("SDCLUSTER_LANGUAGE", "zh")
    said = [_sentences(row, pond.folder) for row in report.failed]
    assert "查看曲线" in "\n".join(said)
    assert english_left("\n".join([*said, report._repr_html_()]), NAMES) == []


MOVE = Moved("fish", "fish", 3.0, "year", 1.0, 2.0, 0.5, 9.0)
COMPARISONS = [
    Comparison(1),
    Comparison(3),
    Comparison(3, (MOVE, replace(MOVE, name="room", units=""))),
    Comparison(1, missing=("a",)),
    Comparison(1, missing=("a", "b")),
    Comparison(1, added=("a",)),
    Comparison(1, added=("a", "b", "c")),
    Comparison(1, missing=("a",), added=("b",), renamed=(("a", "b"),)),
]


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("found", COMPARISONS)
def test_each_comparison_has_its_chinese_sentence(found: Comparison, stored: bool) -> None:
    said = found.sentence(stored=stored)
    assert said.text("zh") != said
    assert english_left(said.text("zh")) == []


@pytest.mark.parametrize("apart", [(), (0.5,), (0.0,), (0.0, 0.0), (0.0, 0.5)])
@pytest.mark.parametrize("alone", [(), ("a", "b")])
def test_the_second_opinion_has_a_chinese_summary(
    apart: tuple[float, ...], alone: tuple[str, ...], pond: Pond
) -> None:
    import sdcluster

    found = tuple(Difference("a", largest, 0.0, 1.0, 1.0 + largest) for largest in apart)
    said = Opinion(sdcluster.load(pond.folder), "3.14", found, alone).summary()
    assert said.text("zh") != said
    assert english_left(said.text("zh")) == []


def test_a_change_follows_its_model_after_a_chinese_colon(pond: Pond) -> None:
    moved(pond)
    changes = [in_language(change, "zh") for change in check(pond.folder).causes()]
    assert changes
    assert all("：" in change and ": " not in change for change in changes), changes
