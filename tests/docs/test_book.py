"""The book: every model with every variable, every link whole, nothing from outside, searched without a server."""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import typer
from lxml import html

import sdcluster
from docs.book.gather import _shelf, front_titles, models
from docs.book.links import Shelf
from docs.book.models import leading, robustness
from docs.book.search import terms
from docs.book.translated import pairs
from sdcluster.cli import app
from sdcluster.publish.edition import Edition
from tests.docs.pages import anchors, equation, shown

ROOT = Path(__file__).resolve().parents[2]
MODELS = sorted(path.parent for path in (ROOT / "models").glob("*/*.xmile"))
LANGUAGES = {"en": "models", "zh": "zh/models"}
RESOURCES = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "link": "href",
    "embed": "src",
}
NOT_LOADED = ("search", "index", "prev", "next", "canonical", "author", "help", "copyright")

needs_book = pytest.mark.browser  # built once, where nothing runs beside it


@pytest.fixture(scope="session")
def pages(book: Path) -> dict[Path, html.HtmlElement]:
    return {path: html.parse(str(path)).getroot() for path in sorted(book.rglob("*.html"))}


@needs_book
@pytest.mark.parametrize("folder", MODELS, ids=lambda path: path.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_model_has_a_page_with_every_variable(
    book: Path, folder: Path, language: str
) -> None:
    model = sdcluster.load(folder)
    seen = html.parse(str(book / LANGUAGES[language] / f"{folder.name}.html")).getroot()
    found, edition = anchors(seen), Edition(model, language)
    names = {anchor: key for key, anchor in edition.anchors.items()}
    for key, anchor in edition.anchors.items():
        variable, block = model.variables[key], found[anchor]
        words = shown(block)
        assert block.find_class("unit")[0].text_content() == variable.units
        assert " ".join(model.doc_of(key, language).split()) in words
        assert variable.labels["zh"] in words
        css = "net" if variable.kind == "stock" else "right"
        assert [equation(one, model, names) for one in block.find_class(css)] == [
            one.expression for one in variable.equations
        ]


@needs_book
@pytest.mark.parametrize("folder", MODELS, ids=lambda path: path.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_tells_behaviour_scenarios_and_experiments(
    book: Path, folder: Path, language: str
) -> None:
    seen = html.parse(str(book / LANGUAGES[language] / f"{folder.name}.html")).getroot()
    words = shown(seen)

    def told(name: str, key: str) -> list[dict[str, Any]]:
        path = folder / name
        read = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        found = read.get(key, [])
        return list(found.values()) if isinstance(found, dict) else found

    asserted = told("behaviour.toml", "assert")
    assert len(seen.find_class("assertion")) == len(asserted)
    assert len(seen.xpath('//li[@class="assertion passed"]')) == len(asserted)
    for one in [
        *asserted,
        *told("scenarios.toml", "scenario"),
        *told("experiments.toml", "experiment"),
    ]:
        assert " ".join(one["title"][language].split()) in words
    for one in told("experiments.toml", "experiment"):
        assert " ".join(one["question"][language].split()) in words
    for path in folder.glob("data/*.csv"):
        assert f"data/{path.name}" in words
    assert len(seen.xpath("//figure")) > len(asserted)
    if robustness(ROOT).get(folder.name):
        assert seen.find_class("share")


@needs_book
def test_every_link_leads_somewhere(book: Path, pages: dict[Path, html.HtmlElement]) -> None:
    known = {
        path: set(anchors(page)) | {a.get("name") for a in page.iter("a")}
        for path, page in pages.items()
    }
    broken = []
    for path, page in pages.items():
        for element in page.xpath("//*[@href or @src]"):
            target = element.get("href") or element.get("src")
            parts = urlsplit(target)
            if parts.scheme or target in ("#", ""):
                continue
            there = (
                Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            )
            anchor = unquote(parts.fragment)
            missing_part = anchor and there in known and anchor not in known[there]
            if not there.exists() or missing_part:
                broken.append(f"{path.relative_to(book)} → {target}")
    assert not broken
    assert len(pages) > 40


@needs_book
def test_a_page_in_two_languages_leads_to_its_counterpart(
    book: Path, pages: dict[Path, html.HtmlElement]
) -> None:
    names = [chinese.relative_to(ROOT / "docs" / "zh") for _, chinese in pairs()]
    names += [Path("reference/glossary.md"), Path("evidence/robustness.md")]
    listed = pages[book / "zh" / "index.html"].xpath('//*[@class="sidebar-tree"]//a/@href')
    for name in names:
        english, chinese = book / name.with_suffix(".html"), book / "zh" / name.with_suffix(".html")
        for here, there in ((english, chinese), (chinese, english)):
            (link,) = pages[here].xpath('//p[@class="switch"]/a/@href')
            assert Path(os.path.normpath(here.parent / link)) == there
        assert name.stem == "index" or name.with_suffix(".html").as_posix() in listed


@needs_book
def test_nothing_of_the_book_is_elsewhere(book: Path, pages: dict[Path, html.HtmlElement]) -> None:
    for path, page in pages.items():
        for element in page.iter(*RESOURCES):
            if element.get("rel") in NOT_LOADED:
                continue
            address = element.get(RESOURCES[element.tag]) or ""
            assert urlsplit(address).scheme in ("", "data"), f"{path}: {address}"
    for path in book.rglob("*.css"):
        assert not re.search(
            r"(url\(|@import)\s*[\"']?(https?:)?//", path.read_text(encoding="utf-8")
        )


@needs_book
def test_a_browser_asks_for_files_alone(book: Path, page: Any) -> None:
    for name in ("index.html", "zh/index.html", "models/cluster.html", "zh/models/value_chain.html",
                 "how-to/regression.html", "reference/python.html", "search.html"):  # fmt: skip
        page.goto((book / name).as_uri())
    assert len(page.asked) > 20
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert page.wrong == []


@needs_book
@pytest.mark.parametrize(
    ("start", "query", "found"),
    [
        ("search.html", "lock in risk", "models/cluster.html#var-lock-in-risk"),
        ("search.html", "孕育投入份额", "models/cluster.html"),
        ("zh/search.html", "孕育投入份额", "models/cluster.html#var-breeding-share"),
        ("zh/search.html", "产权保护", "models/value_chain.html"),
        ("zh/search.html", "openness", "models/cluster.html"),
        ("zh/search.html", "真实性检验", "reference/vensim.html"),
        ("search.html", "DELAY FIXED", "evidence/coverage.html#fn-delay-fixed"),
        ("search.html", "IF THEN ELSE", "evidence/coverage.html#fn-if-then-else"),
        ("zh/search.html", "VECTOR ELM MAP", "evidence/coverage.html#fn-vector-elm-map"),
        ("zh/search.html", "拉丁超立方", "how-to/experiments.html"),
    ],
)
def test_the_book_is_searched_without_a_server(
    book: Path, page: Any, start: str, query: str, found: str
) -> None:
    page.goto((book / start).as_uri() + f"?q={query}")
    page.wait_for_selector(f'#search-results a[href*="{found}"]', state="attached")
    assert page.wrong == []


@needs_book
def test_a_click_leads_from_a_name_to_its_definition(book: Path, page: Any) -> None:
    page.goto((book / "models" / "cluster.html").as_uri())
    page.click('#var-innovation .right a:has-text("technology room")')
    page.wait_for_url("**#var-technology-room")
    # By the keyboard: in the whole diagram a symbol is a few pixels wide, and the page may still scroll.
    page.focus('.diagram.whole a[href="#var-lock-in"] >> nth=0')
    page.keyboard.press("Enter")
    page.wait_for_url("**#var-lock-in")
    page.fill(".finder input", "锁定风险")
    page.click('.found a:has-text("lock in risk")')
    page.wait_for_url("**#var-lock-in-risk")
    page.click("p.switch a")
    page.wait_for_url("**/zh/models/cluster.html")
    assert page.evaluate("document.documentElement.lang").startswith("zh")


@needs_book
@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "models/value_chain.html",
        "zh/models/cluster.html",
        "evidence/coverage.html",
        "zh/reference/vensim.html",
    ],
)
def test_a_page_fits_a_telephone(book: Path, page: Any, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((book / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@needs_book
def test_the_reference_knows_every_command_and_option(book: Path) -> None:
    words = shown(html.parse(str(book / "reference" / "commands.html")).getroot())
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        assert name in words
        for parameter in command.params:
            assert all(option in words for option in parameter.opts if option.startswith("--"))


# What needs no built book


def commands() -> list[tuple[str, str]]:
    found = []
    for path in [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("README*.md")]:
        text = path.read_text(encoding="utf-8")
        for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            if language not in ("", "console"):
                continue
            lines = block.replace("\\\n", " ").splitlines()
            words = (line.strip().removeprefix("$ ") for line in lines)
            found += [(path.name, w) for w in words if w.startswith("sdcluster ")]
    return found


def test_commands_in_the_guide_are_commands_of_the_program() -> None:
    group: Any = typer.main.get_command(app)
    listed = commands()
    assert len(listed) > 30
    for _, line in listed:
        _, name, *words = shlex.split(line, comments=True)
        # Parsing fails for an unknown option or a wrong number of arguments.
        group.commands[name].make_context(name, words)


def test_both_front_pages_list_every_model() -> None:
    wanted = {folder.name for folder in MODELS}
    assert set(front_titles(ROOT, "en")) == set(front_titles(ROOT, "zh")) == wanted
    assert set(models(ROOT)) == wanted


def texts() -> list[Path]:
    return [
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("*.md"),
        *(ROOT / "models").glob("*/README.md"),
    ]


@pytest.mark.parametrize("path", texts(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_text_shows_and_links_is_there(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^()\s]+)\)", text):
        if not target.startswith(("http:", "https:", "#")):
            assert (path.parent / target.partition("#")[0]).exists(), target


def test_chinese_is_looked_up_by_pairs() -> None:
    assert terms("孕育份额") == ["孕育", "育份", "份额"]
    assert terms("锁定risk") == ["锁定", "risk"]
    assert terms("锁") == ["锁"]
    assert terms("openness") == ["openness"]


def test_links_become_links_of_the_book(tmp_path: Path) -> None:
    (tmp_path / "docs" / "images").mkdir(parents=True)
    (tmp_path / "docs" / "images" / "a.svg").write_text("<svg/>")
    shelf = Shelf(
        tmp_path,
        tmp_path / "pages",
        {"docs/coverage.md": "coverage", "models/cluster": "models/cluster"},
        {"docs/zh/index.md": "zh/index.html"},
    )
    text = (
        "[c](../coverage.md#x) [m](../../models/cluster) [z](../zh/index.md) [f](../../setup.cfg) "
        "[w](https://example.org) ![p](../images/a.svg)\n```\n[c](../coverage.md)\n```\n"
    )
    assert shelf.rewritten(text, "docs/guide/page.md", "guide/page") == (
        '[c](../coverage.md#x) [m](../models/cluster.md) <a href="../zh/index.html">z</a> f '
        "[w](https://example.org) ![p](../pictures/docs/images/a.svg)\n```\n[c](../coverage.md)\n```\n"
    )
    assert (tmp_path / "pages" / "pictures" / "docs" / "images" / "a.svg").is_file()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("to", ["calibration", "robustness"])
def test_a_models_page_links_to_the_evidence(to: str, language: str, tmp_path: Path) -> None:
    text = leading(to, language, _shelf(ROOT, tmp_path / "pages", language), "models/cluster")
    assert re.search(rf"evidence/{to}\.(md|html)", text), text
