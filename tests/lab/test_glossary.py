"""Chinese words are those of the glossary, in lessons, interface and models alike."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sdcluster.words import catalogue

ROOT = Path(__file__).parents[2]
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
SOURCES = sorted(
    [
        *(ROOT / "models").glob("*.toml"),
        *(ROOT / "models").glob("*/*.toml"),
        *(ROOT / "models").glob("*/*.xmile"),
        *(ROOT / "models").glob("*/README.md"),
        ROOT / "README.zh.md",
        *(ROOT / "docs" / "zh").rglob("*.md"),
        *(ROOT / "sdcluster" / "publish").glob("*.py"),
        *(ROOT / "frontend" / "src" / "words").glob("*.ts"),
        ROOT / "sdcluster" / "view" / "chart_words.py",
        ROOT / "docs" / "book" / "reference_zh.py",
    ]
)


def rows() -> list[list[str]]:
    text = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


AVOIDED = [word for row in rows() for word in row[3].split("、") if word]


def chinese(value: Any) -> Iterator[str]:
    """All Chinese texts of a table."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "zh" and isinstance(inner, str) else chinese(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from chinese(inner)


def texts(path: Path) -> list[str]:
    if path.suffix == ".toml":
        return list(chinese(tomllib.loads(path.read_text(encoding="utf-8"))))
    if path.suffix in (".md", ".py", ".ts"):
        return re.findall("[一-鿿].*", path.read_text(encoding="utf-8"))
    found = etree.parse(path).iter()
    return [e.text or "" for e in found if e.get(LANGUAGE) == "zh"]


def test_the_glossary_is_whole():
    assert len(rows()) > 50
    for row in rows():
        assert len(row) == 4
        assert re.search("[一-鿿]", row[1]), row
    assert len(AVOIDED) > 15


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_files_keep_to_the_glossary(path):
    for text in texts(path):
        for word in AVOIDED:
            assert word not in text, f"{word}: {text}"


def test_the_interface_keeps_to_the_glossary():
    told = " ".join(catalogue("zh").values())
    assert "振荡" in told
    assert not [word for word in AVOIDED if word in told]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_punctuation_between_characters_is_chinese(path):
    for text in texts(path):
        wrong = re.search("[一-鿿][,;:!?](?![0-9])|[,;:!?][一-鿿]|[一-鿿]{3}\\.(\\s|$)", text)
        assert not wrong, text
        assert not re.search("第 [0-9]+ 年|[一-鿿][0-9]+[.][0-9]+(?![0-9%])|[0-9] %", text), text
