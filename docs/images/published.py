"""Make screenshots of the published laboratory of `cluster` in both languages, for `make picture`.

Writes published*.png, diagram*.png, how_sure*.png and map*.png.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

import sdcluster

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "models" / "cluster"
SIZE = {"width": 1280, "height": 760}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for language, picture in (("en", "published.png"), ("zh", "published.zh.png")):
            file = sdcluster.publish(MODEL, Path(folder) / f"{language}.html", language=language)
            page = browser.new_page(viewport=SIZE)
            page.goto(file.as_uri())
            page.wait_for_selector("#laboratory[data-ready]")
            page.locator(".strip > select").select_option("closed")
            page.locator(".chip").wait_for()
            for _ in range(2):
                page.locator('input[data-name="openness"]').press("PageUp")
            page.locator(".slider.changed").wait_for()
            page.locator(".plot").nth(1).hover(position={"x": 260, "y": 90})
            page.wait_for_function(
                "() => document.querySelector('#laboratory').session.cursor.value !== null"
            )
            page.screenshot(path=HERE / picture)
            _diagram(page, HERE / picture.replace("published", "diagram"))
            _futures(page, file.as_uri(), HERE / picture)
            page.close()
        browser.close()


def _futures(page: Page, address: str, picture: Path) -> None:
    """Make screenshots of a fan chart with selected runs, and of the map of two settings."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("about:blank")
    page.goto(address)
    page.locator(".strip > .check input").last.check()
    page.locator(".words button").click()
    page.locator(".parallel .axis").first.press("ArrowUp")
    page.locator(".parallel .axis").first.blur()
    page.wait_for_timeout(500)  # until all charts show the selected runs
    _small(page.screenshot(), picture.with_name(picture.name.replace("published", "how_sure")))
    page.goto("about:blank")
    page.goto(address)
    page.locator(".strip > button[aria-pressed]").click()
    page.wait_for_selector(".mapped[data-finest]")
    page.locator(".chart.map").screenshot(
        path=picture.with_name(picture.name.replace("published", "map"))
    )


def _diagram(page: Page, picture: Path) -> None:
    """Make a screenshot of the diagram in the middle of the run, with one area, one stock and one loop selected."""
    page.mouse.move(0, 0)
    page.set_viewport_size({"width": 1420, "height": 820})
    page.evaluate(
        """() => {
            const { session } = document.querySelector('#laboratory');
            const { variables } = session.description;
            const place = (name) => variables.findIndex((variable) => variable.name === name);
            const loop = ['new technology', 'entry by imitation', 'take off activity', 'take off'].map(place);
            session.diagram.value = { shown: 'diagram', view: 0, selected: loop[0], loop };
            session.cursor.value = 34;
        }"""
    )
    page.locator(".loops [aria-pressed=true]").wait_for()
    page.locator(".diagram select").last.select_option(index=2)
    page.locator(".diagram .range button").first.click()
    page.wait_for_timeout(300)  # until the diagram has moved to the selection
    page.screenshot(path=picture)


def _small(photograph: bytes, path: Path) -> None:
    """Write a screenshot with 256 colours, so that the many shades of fan charts need a third of the space."""
    with Image.open(io.BytesIO(photograph)) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
