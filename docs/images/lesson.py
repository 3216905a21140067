"""Make screenshots of the laboratory of the first lesson: `make picture` writes docs/images/lesson*.png.

They are in both languages.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from sdcluster.project.library import first_model
from sdcluster.publish.laboratory import publish

PICTURE = Path(__file__).with_name("lesson.png")
SIZE = {"width": 1280, "height": 640}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for ending, language in ((".png", "en"), (".zh.png", "zh")):
            file = publish(first_model(), Path(folder) / f"{language}.html", language=language)
            page = browser.new_page(viewport=SIZE)
            page.goto(file.as_uri())
            laboratory = page.locator("#laboratory[data-ready]")
            laboratory.locator(".scenario select").select_option("rescue_in_year_30")
            laboratory.locator(".slider.changed").first.wait_for()
            page.mouse.move(0, 0)
            page.screenshot(path=PICTURE.with_suffix(ending))
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
