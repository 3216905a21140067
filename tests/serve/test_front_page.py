"""The front page: a laboratory at work without a click, our models and lessons, the user's own files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sdcluster.publish import site
from sdcluster.serve import copies
from sdcluster.serve.shelf import MOST_FILES, Shelf
from tests.browser import LABORATORY
from tests.publish.pages import AXE, ROOT, violations
from tests.serve.test_server import ask
from tests.served import POPULATION, Server


@pytest.fixture(scope="module")
def front(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("mine")
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "my model.mdl").write_text(POPULATION, encoding="utf-8")
    (folder / "<b>.mdl").write_text(POPULATION, encoding="utf-8")
    server = Server(folder)
    yield server
    assert server.end() == (0, "")


@pytest.mark.browser
def test_a_laboratory_is_at_work_without_a_click_and_all_can_be_reached(
    front: Server, open_page: Callable[..., Any]
):
    page = open_page(front.address, ready="#work", bypass_csp=True)
    work = page.frame_locator("#work")
    work.locator(LABORATORY).wait_for()
    slider = work.get_by_role("slider").first
    before = slider.input_value()
    slider.press("ArrowRight")
    assert slider.input_value() != before
    assert page.locator("article").count() == 7
    page.add_script_tag(path=AXE)
    assert violations(page) == []
    page.get_by_role("button", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    work.get_by_role("slider", name="开放度").wait_for()
    assert "课程" in page.inner_text("body")
    page.reload()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("link", name="deep/er/my model.mdl").click()
    page.wait_for_selector(LABORATORY)
    assert page.title() == "my model"


def test_names_of_files_are_text_and_addresses(front: Server):
    text = ask(front, "/").read().decode()
    assert "<b>" not in text
    assert "&lt;b&gt;.mdl" in text
    assert 'href="lab/%3Cb%3E.mdl/"' in text


def test_a_picture_is_answered_and_an_unknown_one_is_not(front: Server):
    answer = ask(front, "/picture/wenzhou_firms.svg")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert b"<path" in answer.read()
    for path in ("/picture/nothing.svg", "/lesson/nothing/"):
        assert ask(front, path).status == 404


def test_jupyterlab_starts_only_for_our_own_page(front: Server):
    assert ask(front, "/notebooks").status == 403
    assert ask(front, "/notebooks?token=wrong").status == 403


def test_models_are_looked_for_in_visible_folders_within_limits(tmp_path: Path):
    for place in ("a.mdl", "b/c.stmx", ".hidden/d.mdl", "node_modules/e.mdl", "1/2/3/4/5/f.mdl"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    shelf = Shelf(tmp_path)
    assert list(shelf.own()) == ["a.mdl", "b/c.stmx"]
    assert shelf.file("../x.mdl") is None
    assert shelf.file(".hidden/d.mdl") is None
    for i in range(MOST_FILES + 5):
        (tmp_path / "b" / f"{i}.mdl").touch()
    assert len(shelf.own()) == MOST_FILES


def test_notebooks_are_copied_and_never_overwritten(tmp_path: Path):
    first = copies.own_copies(tmp_path / "mine")
    assert first.name == copies.FIRST
    assert len(list(first.parent.iterdir())) == len(copies.originals())
    first.write_text("mine")
    copies.own_copies(tmp_path / "mine")
    assert first.read_text() == "mine"


@pytest.fixture
def small_site(front_end: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a site of one small model."""
    models = tmp_path / "models"
    shutil.copytree(ROOT / "models" / "upgrading_cycle", models / "upgrading_cycle")
    monkeypatch.setattr(site, "models_folder", lambda: models)
    monkeypatch.setattr(site, "lesson_names", list)
    folder = tmp_path / "site"
    written = site.publish_site(folder)
    assert sorted(written) == sorted(p for p in folder.rglob("*") if p.is_file())
    return folder


@pytest.mark.browser
def test_a_published_site_works_from_files(small_site: Path, open_page: Callable[..., Any]):
    page = open_page((small_site / "index.html").as_uri(), ready="#work")
    page.frame_locator("#work").locator(LABORATORY).wait_for()
    addresses = page.eval_on_selector_all(
        "a[href]", "(all) => all.map((a) => a.getAttribute('href'))"
    )
    assert addresses
    assert all((small_site / address.partition("#")[0]).is_file() for address in addresses)
    assert page.locator("img").evaluate("(i) => i.complete && i.naturalWidth > 0")
    assert all(url.startswith(("file:", "data:", "blob:")) for url in page.asked)
