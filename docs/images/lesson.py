"""Photograph the laboratory of the first lesson in both languages: `make picture` writes docs/images/lesson*.png."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from sdcluster.lab.page import command, environment, free_port

PICTURE = Path(__file__).with_name("lesson.png")
SIZE = {"width": 1280, "height": 745}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE = 60.0


def wait_for(url: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(url + "api", timeout=2)
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def main() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    server = subprocess.Popen(command(port=port, browser=False), env=environment())
    try:
        wait_for(url)
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            page = browser.new_page(viewport=SIZE)
            page.goto(url)
            page.set_default_timeout(PATIENCE * 1000)
            page.locator(".sdc-handle").last.press("ArrowUp")
            page.locator(".sdc-commit").click()
            laboratory = page.locator(".sdcluster-laboratory[data-ready]")
            laboratory.wait_for()
            laboratory.locator(".scenario select").select_option("rescue_in_year_30")
            laboratory.locator(".slider.changed").first.wait_for()
            page.mouse.move(0, 0)
            laboratory.screenshot(path=PICTURE)
            laboratory.get_by_role("button", name="中文").click()
            laboratory.get_by_role("button", name="English").wait_for()
            page.mouse.move(0, 0)
            laboratory.screenshot(path=PICTURE.with_suffix(".zh.png"))
            browser.close()
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()
