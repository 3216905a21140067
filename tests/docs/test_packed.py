"""The page of a large model holds its definitions as data, which become text and never HTML."""

from __future__ import annotations

import base64
import gzip
import json
from html import escape
from pathlib import Path
from typing import Any

import pytest
from lxml import html

import sdcluster
from sdcluster import Model
from sdcluster.publish import model_page as document
from sdcluster.publish import packed
from sdcluster.publish.edition import Edition
from sdcluster.publish.measured import Measured
from sdcluster.publish.variables import areas, definitions

ROOT = Path(__file__).resolve().parents[2]
NASTY = '<script>alert("x")</script> & <img src=x onerror=alert(1)>'
MODEL = f"""<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header><name>nasty</name></header>
<sim_specs><start>0</start><stop>1</stop><dt>1</dt></sim_specs><model><variables>
<aux name="one"><doc>{escape(NASTY)}</doc><eqn>two</eqn></aux>
<aux name="two"><eqn>TIME</eqn><gf><xscale min="0" max="2"/><ypts>1,3,2</ypts></gf></aux>
</variables></model></xmile>"""


def unpacked(script: html.HtmlElement) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(script.text)))


def written(node: Any) -> str:
    """Return a tree as the HTML that a browser would show for it."""
    if isinstance(node, str):
        return escape(node)
    tag, attributes, *children = node
    own = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{own}>{''.join(map(written, children))}</{tag}>"


@pytest.fixture
def nasty(tmp_path: Path) -> Model:
    path = tmp_path / "nasty.xmile"
    path.write_text(MODEL, encoding="utf-8")
    return sdcluster.load(path)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_data_hold_what_the_html_of_a_small_model_holds(language: str) -> None:
    model = sdcluster.load(ROOT / "models" / "value_chain")
    edition = Edition(model, language, f"{language}-")
    for area in areas(model):
        plain = html.fromstring(definitions(edition, area.variables))
        seen = html.fromstring(f"<div>{definitions(edition, area.variables, pack=True)}</div>")
        scripts = seen.xpath('//script[@class="definitions"]')
        trees = [tree for script in scripts for one in unpacked(script) for tree in one]
        again = html.fromstring(f'<div class="definitions">{"".join(map(written, trees))}</div>')
        assert again.text_content() == plain.text_content()
        assert again.xpath("//@id") == plain.xpath("//@id")
        assert again.xpath("//@href") == plain.xpath("//@href")
        found = [
            entry for script in seen.xpath('//script[@class="index"]') for entry in unpacked(script)
        ]
        assert [anchor for anchor, _ in found] == [edition.anchors[v.key] for v in area.variables]
        for (_, heading), variable in zip(found, area.variables, strict=True):
            assert heading.split("\n")[0] == model.label(variable.name, language)
            assert variable.name in heading


def test_texts_of_a_model_are_strings_of_the_data(
    nasty: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "LARGE", 1)
    text = document.page(nasty, Measured(nasty))
    assert "onerror" not in text
    seen = html.fromstring(text)
    kinds = {script.get("type") for script in seen.iter("script")}
    assert kinds == {None, "application/gzip"}  # the page's own script, and data
    trees = [unpacked(s) for s in seen.xpath('//script[@class="definitions"]')]

    def texts(node: Any) -> list[str]:
        if isinstance(node, str):
            return [node]
        children = node[2:] if node and isinstance(node[0], str) else node
        return [text for child in children for text in texts(child)]

    assert NASTY in texts(trees)

    def tags(node: Any) -> set[str]:
        if isinstance(node, str):
            return set()
        own = {node[0]} if node and isinstance(node[0], str) else set()
        return own.union(*map(tags, node[2:] if own else node))

    assert not tags(trees) & {"script", "img"}
    assert "viewBox" in json.dumps(trees)  # SVG knows no viewbox


def test_small_models_keep_their_definitions_in_the_page(nasty: Model) -> None:
    text = document.page(nasty, Measured(nasty))
    assert "application/gzip" not in text
    assert escape(NASTY) in text


def test_a_large_page_is_a_fraction_of_its_html(tmp_path: Path) -> None:
    count = packed.LARGE + 1
    rows = "".join(
        f'<aux name="v {i}"><eqn>v_{max(0, i - 1)} + {i}</eqn></aux>' for i in range(1, count)
    )
    path = tmp_path / "many.xmile"
    path.write_text(
        MODEL.partition("<aux")[0]
        + f'<aux name="v 0"><eqn>1</eqn></aux>{rows}</variables></model></xmile>',
        encoding="utf-8",
    )
    model = sdcluster.load(path)
    edition = Edition(model)
    for area in areas(model):
        whole = definitions(edition, area.variables)
        assert (
            8 * len(definitions(edition, area.variables, pack=True)) < len(whole)
            or len(whole) < 9_000
        )


@pytest.mark.browser
def test_a_reader_finds_links_and_prints_what_is_packed(
    nasty: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: Any
) -> None:
    monkeypatch.setattr(document, "LARGE", 1)
    path = document.write_page(nasty, tmp_path / "nasty.html", run=False)
    page.goto(f"{path.as_uri()}#zh-var-one")
    page.wait_for_selector("#zh-var-one")
    assert page.evaluate("document.documentElement.lang") == "zh"
    assert NASTY in page.locator("#zh-var-one").inner_text()
    assert page.locator("main script:not([type])").count() == 0
    page.locator("main:not([hidden]) .finder input").fill("two")
    page.wait_for_function(
        "document.querySelector('main:not([hidden]) .found').textContent.includes('two')"
    )
    page.locator("main:not([hidden]) button.all").first.click()
    page.wait_for_selector("#zh-var-two svg", state="attached")
    assert page.evaluate("document.querySelector('#zh-var-two svg').viewBox.baseVal.width") > 0
    assert page.wrong == []
