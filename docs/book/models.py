"""The pages about the models: Markdown with the sections that `sdcluster.publish` makes from a model's files.

It writes one page for each model and language.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import sdcluster
from docs.book.index import named
from docs.book.links import Shelf
from sdcluster.publish.edition import Edition
from sdcluster.publish.folder import story_text
from sdcluster.publish.measured import measure
from sdcluster.publish.model_page import Section, sections

OWN_DIAGRAM = re.compile(r"^!\[[^\]]*\]\(diagram\.svg\)\s*\n(\s*\n\*[^*]+\*\s*\n)?", re.MULTILINE)
OWN_NAMES = re.compile(r"图中名称见\[中文图\]\(diagram\.zh\.svg\)。?")  # the page has this diagram
ROBUSTNESS = Path("benchmarks") / "results" / "robustness.json"
SWITCH = {"en": "中文", "zh": "English"}


def write_model(folder: Path, shelves: dict[str, Shelf], titles: dict[str, str]) -> str:
    """Run a model, write its page in each language, and return the model's name.

    Parameters
    ----------
    folder : Path
        The model's folder.
    shelves : dict of str to Shelf
        The pages of each language, by language code.
    titles : dict of str to str
        The page's title, by language code.
    """
    name = folder.name
    model = sdcluster.load(folder)
    shares = robustness(next(iter(shelves.values())).root).get(name, {})
    measured = measure(model, robustness=shares)
    for language, shelf in shelves.items():
        edition = Edition(model, language)
        page = f"models/{name}"
        parts = [f"# {titles[language]}", switch(language, f"models/{name}.html")]
        text = story(folder, language, shelf, page)
        if text:
            parts += [f"## {edition.say('story')}", text]
        place = shelf.source / "models" / name
        place.mkdir(parents=True, exist_ok=True)
        anchors = {a: model.label(key, language) for key, a in edition.anchors.items()}
        parts.append(named({a: n for a, n in anchors.items() if not n.startswith("⟨")}))
        for one in sections(edition, measured, story=False):
            parts += _section(one, place, name)
            if one.key == "data" and (folder / "calibration.toml").is_file():
                parts.append(leading("calibration", language, shelf, page))
            if one.key == "experiments" and shares:
                parts.append(leading("robustness", language, shelf, page))
        made = edition.say("made_from", file=escape(f"{name}.xmile"), version=sdcluster.__version__)
        parts.append(f'<p class="made">{made}</p>')
        (shelf.source / f"{page}.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return name


def robustness(root: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the shares of runs in which each claim holds, by model and experiment; empty if they were not measured."""
    path = root / ROBUSTNESS
    return json.loads(path.read_text(encoding="utf-8"))["models"] if path.is_file() else {}


def story(folder: Path, language: str, shelf: Shelf, page: str) -> str:
    """Return the part of a model's README in this language, as Markdown for the book."""
    text = OWN_DIAGRAM.sub("", story_text(folder, language))
    text = OWN_NAMES.sub("", text)
    text = shelf.rewritten(text, f"models/{folder.name}/README.md", page)
    return re.sub(r"^(#{2,4}) ", r"#\1 ", text, flags=re.MULTILINE)


def leading(to: str, language: str, shelf: Shelf, page: str) -> str:
    """Return the sentence that links a model's page to the page about robustness or calibration."""
    words = {
        "calibration": {
            "en": "Which constants the data pin down: [calibration](../../docs/evidence/calibration.md).",
            "zh": "数据能确定哪些常数：见[校准](../../docs/evidence/calibration.md)（英文）。",
        },
        "robustness": {
            "en": "How that was measured, and what it says: [robustness](../../docs/evidence/robustness.md).",
            "zh": "测量方法与含义：见[稳健性](../../docs/zh/evidence/robustness.md)。",
        },
    }
    return shelf.rewritten(words[to][language], f"{page}/README.md", page)


def switch(language: str, page: str) -> str:
    """Return the link to the same page in the other language."""
    up = "../" * page.count("/")
    address = f"{up}zh/{page}" if language == "en" else f"{up}../{page}"
    other = "zh" if language == "en" else "en"
    return f'<p class="switch"><a href="{address}" lang="{other}">{SWITCH[language]}</a></p>'


def _section(one: Section, place: Path, name: str) -> list[str]:
    """Return a section as Markdown headings, which appear in the table of contents, and HTML files between them."""
    parts = [f"## {_plain(one.title)}", _raw(place, name, one.key, one.body)]
    for count, (title, body) in enumerate(one.parts):
        parts += [f"### {_plain(title)}", _raw(place, name, f"{one.key}-{count}", body)]
    return parts


def _raw(place: Path, name: str, key: str, body: str) -> str:
    (place / f"{key}.html").write_text(f'<div class="sdc">{body}</div>', encoding="utf-8")
    return f"```{{raw}} html\n:file: {name}/{key}.html\n```"


def _plain(title: str) -> str:
    """Return a title with all characters escaped that have a meaning in Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>])", r"\\\1", title)
