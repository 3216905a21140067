"""Collect the pages of the book from docs/, the models and the program into a folder for each language."""

from __future__ import annotations

import re
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from docs.book.functions import PAGE as FUNCTIONS
from docs.book.functions import findable
from docs.book.links import Shelf
from docs.book.models import switch, write_model
from docs.book.reference import filled
from docs.book.translated import MARK

# The parts of the book in their order: the folder of each part, and its pages in the order of reading. Pages that are
# not listed come last in their part.
PARTS = {
    "tutorials": ("start", "teacher", "analyst", "modeller"),
    "how-to": (
        "coming-from",
        "reading",
        "running",
        "stepping",
        "analysing",
        "sweeps",
        "ensembles",
        "tipping",
        "experiments",
        "regression",
        "fitting",
        "linting",
        "lessons",
        "class",
        "explore",
        "laboratory",
        "publishing",
    ),
    "models": (),
    "reference": (
        "commands",
        "python",
        "files",
        "lab-toml",
        "laboratory",
        "ensembles",
        "messages",
        "vensim",
        "xmile",
        "glossary",
    ),
    "explanation": ("limits", "seeds", "conveyors"),
    "evidence": (
        "robustness",
        "calibration",
        "posterior",
        "conformance",
        "written",
        "coverage",
        "accuracy",
        "speed",
        "growth",
        "cold-start",
        "latency",
        "large",
        "scaling",
        "fuzz-log",
    ),
    "": ("decisions/index", "contributing", "changelog"),
}
# Pages that are in the books of both languages: two are bilingual, one lists functions by their English names.
IN_BOTH = ("docs/reference/glossary.md", "docs/reference/messages.md", FUNCTIONS)
CAPTIONS = {
    "en": ("Tutorials", "How to", "Models", "Reference", "Explanation", "Evidence", "The project"),
    "zh": ("教程", "操作指南", "模型", "参考", "原理", "实测依据", "项目"),
}
_TITLE = re.compile(r"^- \[([^\]]+)\]\((?:\.\./)+models/(\w+)\)", re.MULTILINE)


def gather(root: Path, work: Path, workers: int) -> dict[str, Path]:
    """Write all pages as Markdown, and return the folder of each language.

    Parameters
    ----------
    root : Path
        The repository.
    work : Path
        An empty folder.
    workers : int
        The number of processes that run models.
    """
    shelves = {language: _shelf(root, work / language, language) for language in CAPTIONS}
    names = models(root)
    titles = {language: front_titles(root, language) for language in CAPTIONS}
    for name in names:
        heading = (root / "models" / name / "README.md").read_text(encoding="utf-8")
        titles["en"][name] = heading.splitlines()[0].removeprefix("# ")
    both = set.intersection(*(set(shelf.pages.values()) for shelf in shelves.values()))
    for language, shelf in shelves.items():
        for path in shelf.pages:
            if path.endswith(".md") and not path.startswith("models/"):
                _copy(shelf, path, language, both)
        _contents(root, shelf, language)
    with ProcessPoolExecutor(workers) as pool:
        done = [
            pool.submit(
                write_model,
                root / "models" / n,
                shelves,
                {k: t.get(n, n) for k, t in titles.items()},
            )
            for n in names
        ]
        for one in done:
            one.result()
    return {language: shelf.source for language, shelf in shelves.items()}


def models(root: Path) -> list[str]:
    """Return the names of the models in the order of the front page; models that it does not list come last."""
    found = sorted(p.name for p in (root / "models").iterdir() if any(p.glob("*.xmile")))
    listed = [name for name in front_titles(root, "en") if name in found]
    return [*listed, *(name for name in found if name not in listed)]


def front_titles(root: Path, language: str) -> dict[str, str]:
    """Return the models that the front page lists, each with the text of its link."""
    place = "docs/index.md" if language == "en" else "docs/zh/index.md"
    text = (root / place).read_text(encoding="utf-8")
    return {name: title for title, name in _TITLE.findall(text)}


def _shelf(root: Path, source: Path, language: str) -> Shelf:
    source.mkdir(parents=True)
    docs = root / "docs"
    english = {
        f"docs/{path.relative_to(docs).as_posix()}": path.relative_to(docs)
        .with_suffix("")
        .as_posix()
        for path in sorted(docs.rglob("*.md"))
        if not path.is_relative_to(docs / "zh")
    }
    english |= {"CHANGELOG.md": "changelog", "CONTRIBUTING.md": "contributing"}
    if "docs/decisions/README.md" in english:
        english["docs/decisions/README.md"] = "decisions/index"
    chinese = {
        f"docs/zh/{path.relative_to(docs / 'zh').as_posix()}": path.relative_to(docs / "zh")
        .with_suffix("")
        .as_posix()
        for path in sorted((docs / "zh").rglob("*.md"))
    }
    for path in IN_BOTH:
        chinese[path] = english[path]
    if language == "en":
        pages, others, up, theirs = english, chinese, "zh/", "diagram.zh.svg"
    else:
        pages, others, up, theirs = chinese, english, "../", "diagram.svg"
    pages, others = dict(pages), {path: f"{up}{page}.html" for path, page in others.items()}
    if language == "en":
        pages |= {"docs/decisions": "decisions/index", "README.md": "index"}
    for name in (p.name for p in (root / "models").iterdir() if any(p.glob("*.xmile"))):
        page = f"models/{name}"
        pages |= {page: page, f"{page}/README.md": page}
        others[f"{page}/{theirs}"] = f"{up}{page}.html"
    return Shelf(root, source, pages, others)


def _copy(shelf: Shelf, path: str, language: str, both: set[str]) -> None:
    if path == "README.md":
        return
    page = shelf.pages[path]
    text = MARK.sub("\n", (shelf.root / path).read_text(encoding="utf-8"))
    text = filled(shelf.rewritten(text, path, page), language)
    if path == FUNCTIONS:
        text = findable(text)
    if page in both:
        head, _, rest = text.partition("\n")
        text = f"{head}\n\n{switch(language, f'{page}.html')}\n{rest}"
    there = shelf.source / f"{page}.md"
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_text(text, encoding="utf-8")


def _contents(root: Path, shelf: Shelf, language: str) -> None:
    """Append the tables of contents to the front page and to the index page of the decisions."""
    pages = set(shelf.pages.values())
    decisions = sorted(p for p in pages if p.startswith("decisions/0"))
    named = PARTS | {"models": tuple(models(root))}
    trees = [_part(folder, order, pages) for folder, order in named.items()]
    known = {*decisions, "index", *(p for tree in trees for p in tree)}
    trees[-1] += sorted(pages - known)
    if decisions:
        tree = "\n".join(p.removeprefix("decisions/") for p in decisions)
        index = shelf.source / "decisions" / "index.md"
        with index.open("a", encoding="utf-8") as file:
            file.write(f"\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n")
    parts = [
        f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(tree) + "\n```"
        for caption, tree in zip(CAPTIONS[language], trees, strict=True)
        if tree
    ]
    front = shelf.source / "index.md"
    text = front.read_text(encoding="utf-8")
    words = {"en": "Every variable of every model, from A to Z", "zh": "全部模型的变量索引"}[
        language
    ]
    parts = [text, f'<p><a href="genindex.html">{words}</a></p>', *parts]
    front.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _part(folder: str, order: tuple[str, ...], pages: set[str]) -> list[str]:
    """Return the pages of a folder: first those named in `order`, then all others."""
    start = f"{folder}/" if folder else ""
    first = [page for name in order if (page := start + name) in pages]
    others = sorted(p for p in pages if folder and p.startswith(start) and p not in first)
    return [*first, *others]
