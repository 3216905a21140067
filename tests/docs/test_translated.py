"""The Chinese guide says what the English one says: a changed page without its translation is red."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from docs.book.reference import kinds
from docs.book.reference_zh import BEHAVIOUR, RULES_IN_ORDER
from docs.book.translated import MARK, digest, pairs, parted, renew
from sdcluster.lint import RULES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
NO_WORDS = re.compile(r"```.*?```|<!--.*?-->|!?\[|\]\([^)]*\)|\*+(?! )", re.DOTALL)


@pytest.mark.parametrize(
    ("english", "chinese"), pairs(), ids=[p.relative_to(DOCS).as_posix() for p, _ in pairs()]
)
def test_a_page_and_its_translation_are_in_step(english: Path, chinese: Path) -> None:
    assert parted(english, chinese, DOCS) == ""


def test_no_translation_is_left_over() -> None:
    translations = {chinese for _, chinese in pairs()}
    assert {p for p in (DOCS / "zh").rglob("*.md") if MARK.search(p.read_text("utf-8"))} == (
        translations
    )


def test_what_the_program_says_of_itself_is_translated() -> None:
    assert list(RULES_IN_ORDER) == [rule.name for rule in RULES]
    assert list(BEHAVIOUR) == list(kinds())
    for kind, text in kinds().items():
        assert set(re.findall("`[^`]+`", BEHAVIOUR[kind])) == set(re.findall("`[^`]+`", text)), kind


@pytest.mark.parametrize(
    "path", sorted((DOCS / "zh").rglob("*.md")), ids=lambda p: p.relative_to(DOCS / "zh").as_posix()
)
def test_chinese_and_latin_are_kept_apart(path: Path) -> None:
    text = re.sub("`[^`]*`", "x", NO_WORDS.sub("", path.read_text("utf-8")))
    for line in text.splitlines():
        assert not re.search("[一-鿿][A-Za-z]|[A-Za-z][一-鿿]", line), line
        assert not re.search("[一-鿿] [一-鿿]|[，。；：、！？（）] [^|]", line), line


def test_a_translated_drawing_differs_in_its_words_alone() -> None:
    def drawn(path: Path) -> list[tuple[str, dict[str, str]]]:
        return [(str(e.tag), dict(e.attrib)) for e in etree.parse(path).iter()]

    images = DOCS / "images"
    assert drawn(images / "conveyor.zh.svg") == drawn(images / "conveyor.svg")


ENGLISH = """# Runs

A run with `--set` of [a model](models.md), see ![a curve](images/a.svg):

```console
sdcluster run a.mdl  # one run
```

```output
final 3
```

| file | what |
|---|---|
| `a.mdl` | a model |
"""
CHINESE = """# 运行

用 `--set` 运行[一个模型](models.md)，见 ![曲线](../images/a.svg)：

```console
sdcluster run a.mdl --language zh  # 运行一次
```

```output
终值 3
```

| 文件 | 内容 |
|---|---|
| `a.mdl` | 模型 |
"""


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    (docs / "zh").mkdir(parents=True)
    for name in ("index.md", "models.md"):
        (docs / name).write_text(ENGLISH, encoding="utf-8")
        (docs / "zh" / name).write_text(CHINESE, encoding="utf-8")
    renew(docs / "index.md", docs / "zh" / "index.md", docs)
    return docs


def said(docs: Path, english: str = ENGLISH, chinese: str = CHINESE) -> str:
    mark = f"\n<!-- translates docs/index.md at {digest(ENGLISH)} -->\n"
    (docs / "index.md").write_text(english, encoding="utf-8")
    (docs / "zh" / "index.md").write_text(chinese + mark, encoding="utf-8")
    return parted(docs / "index.md", docs / "zh" / "index.md", docs)


def test_a_translation_may_differ_in_words_comments_output_and_line_ends(guide: Path) -> None:
    assert parted(guide / "index.md", guide / "zh" / "index.md", guide) == ""
    assert said(guide, ENGLISH.replace("of [a model]", "of\n[a model]")) == ""


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("# Runs", "# Runs and scenarios", "docs/index.md was changed after docs/zh/index.md was"),
        ("run a.mdl", "run b.mdl", "docs/zh/index.md:5: where docs/index.md:5 has the code"),
        (
            "| file |",
            "## Files\n\n| file |",
            "docs/zh/index.md:13: where docs/index.md:13 has a head",
        ),
        ("`--set`", "`--settings`", "docs/zh/index.md:3: where docs/index.md:3 has a paragraph"),
        ("images/a.svg", "images/b.svg", "docs/zh/index.md:3: where docs/index.md:3 has a para"),
        ("a model |\n", "a model |\n\nMore.\n", "docs/index.md:17: a paragraph"),
    ],
)
def test_a_changed_page_without_its_translation_is_told(
    guide: Path, old: str, new: str, where: str
) -> None:
    sentence = said(guide, ENGLISH.replace(old, new))
    assert sentence.startswith(where)
    assert sentence.endswith(
        'translate it, then run "python -m docs.book.translated docs/index.md"'
    )


def test_a_translation_links_to_chinese_pages_where_there_are_some(guide: Path) -> None:
    assert "in Chinese too" in said(guide, chinese=CHINESE.replace("(models.md)", "(../models.md)"))
    (guide / "zh" / "models.md").unlink()
    assert said(guide, chinese=CHINESE.replace("(models.md)", "(../models.md)")) == ""


def test_a_page_without_translation_is_told(guide: Path) -> None:
    (guide / "zh" / "index.md").unlink()
    assert "docs/index.md has no translation docs/zh/index.md" in parted(
        guide / "index.md", guide / "zh" / "index.md", guide
    )
