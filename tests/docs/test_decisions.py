"""The pages of decisions: each has a status and a row in the index, and what holds names files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("0*.md"))
STATUS = re.compile(
    r"\*Status: (?P<status>accepted(?:; .+?)?|superseded by \[\d{4}\]\([\w.-]+\.md\))\. (?P<summary>[^*]+)\*"
)
BASES = (ROOT, ROOT / "sdcluster", ROOT / "frontend" / "src")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_has_a_status_and_a_row_in_the_index(page):
    title, _, status = page.read_text(encoding="utf-8").split("\n")[:3]
    number, name = re.fullmatch(r"# (\d{4}): (.+)", title).groups()
    said = STATUS.fullmatch(status)
    assert said, status
    assert page.name.startswith(number)
    row = f"| [{number}]({page.name}) | {name} | {said['status']} | {said['summary']} |"
    assert row in (FOLDER / "README.md").read_text(encoding="utf-8").split("\n")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_that_holds_names_files_that_exist(page):
    text = page.read_text(encoding="utf-8")
    if "*Status: superseded" in text:
        return
    named = re.findall(r"`([\w./-]+/[\w./-]+\.(?:py|ts|tsx|js|toml))`", text)
    missing = {n for n in named if not any((base / n).exists() for base in BASES)}
    assert not missing
