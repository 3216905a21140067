"""Record how the openness slider is dragged in the laboratory of `cluster`; ``make picture`` calls it.

It writes drag.webp and drag.zh.webp.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

import sdcluster

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "models" / "cluster"
SIZE = {"width": 1000, "height": 620}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
DOWN = [0.6 - 0.0625 * step for step in range(9)]  # shares of the slider's width
SHARES = [*DOWN, *reversed(DOWN[:-1])]
FRAME = 130  # milliseconds
PAUSE = 1400  # milliseconds at both ends


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for language, name in (("en", "drag.webp"), ("zh", "drag.zh.webp")):
            file = sdcluster.publish(MODEL, Path(folder) / f"{language}.html", language=language)
            page = browser.new_page(viewport=SIZE)
            page.goto(file.as_uri())
            page.wait_for_selector("#laboratory[data-ready]")
            _write(_frames(page), HERE / name)
            page.close()
        browser.close()


def _frames(page: Page) -> list[Image.Image]:
    """Drag the slider down and up again, and return a screenshot for each position."""
    slider = page.locator('input[data-name="openness"]')
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    frames = []
    for index, share in enumerate(SHARES):
        x = box["x"] + share * box["width"]
        page.mouse.move(x, middle)
        if index == 0:
            page.mouse.down()
        page.wait_for_timeout(150)  # two frames of the browser, also on a busy machine
        frames.append(_with_pointer(page.screenshot(), x, middle))
    page.mouse.up()
    return frames


def _with_pointer(picture: bytes, x: float, y: float) -> Image.Image:
    """Return a screenshot with the mouse pointer drawn on it, because screenshots leave it out."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    arrow = [(0, 0), (0, 19), (5, 15), (8, 22), (11, 21), (8, 14), (14, 14)]
    ImageDraw.Draw(image).polygon([(x + a, y + b) for a, b in arrow], fill="black", outline="white")
    return image


def _write(frames: list[Image.Image], path: Path) -> None:
    turn = len(frames) // 2
    times = [PAUSE if index in (0, turn) else FRAME for index in range(len(frames))]
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=times, loop=0, quality=45, method=6
    )


if __name__ == "__main__":
    main()
