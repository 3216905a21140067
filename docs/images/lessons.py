"""Make screenshots of a published lesson and of a class, for `make picture`: predicted*.png, class*.png."""

from __future__ import annotations

import asyncio
import json
import random
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from sdcluster.publish.lesson import publish_lesson

HERE = Path(__file__).resolve().parent
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
STUDENTS = 31
DRAWN = ((0.04, 0.45), (0.3, 0.22), (0.62, 0.3), (0.98, 0.38))  # shares of the chart's size: x, y
ENDINGS = ("", ".zh")


def predict(browser: Any, folder: Path) -> None:
    for ending, language in zip(ENDINGS, ("en", "zh"), strict=True):
        file = publish_lesson("cluster", folder / f"{language}.html", language=language)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        page.goto(file.as_uri())
        page.wait_for_selector("#lesson[data-ready]")
        box = page.locator(".drawing-sheet svg").bounding_box()
        for i, (across, down) in enumerate(DRAWN):
            page.mouse.move(
                box["x"] + across * box["width"], box["y"] + down * box["height"], steps=9
            )
            if i == 0:
                page.mouse.down()
        page.mouse.up()
        page.locator(".act .primary").click()
        page.locator(".drawing-sheet .pen.run").wait_for()
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        page.screenshot(path=HERE / f"predicted{ending}.png")
        page.close()


async def students(host: str) -> None:
    """Send the predictions of a simulated class, in which some students predict the decline and some do not."""
    chance = random.Random(7)
    decline, growth = (1.45, 1.8, 1.95, 1.75, 1.4, 1.1, 0.95), (1.45, 1.75, 1.95, 2, 2.05, 2.1, 2.2)

    async def one() -> None:
        share = chance.random()
        values = [
            (1 - share) * a + share * b + chance.gauss(0, 0.06)
            for a, b in zip(decline, growth, strict=True)
        ]
        message = {"kind": "predict", "id": secrets.token_hex(16), "value": values}
        headers = {"Origin": f"http://{host}"}
        line = await websocket_connect(HTTPRequest(f"ws://{host}/line/student", headers=headers))
        line.write_message(json.dumps(message))
        await line.read_message()
        line.close()

    await asyncio.gather(*(one() for _ in range(STUDENTS)))


def hold_class(browser: Any, folder: Path) -> None:
    command = [sys.executable, "-u", "-m", "sdcluster", "class", "cluster", "--no-browser"]
    command += ["--host", "127.0.0.1", "--port", "0", "--answers", str(folder / "class.json")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        teacher = next(text for text in server.stdout if text.startswith("Teacher")).split()[-1]
        host = re.sub(r"^http://|/.*$", "", teacher)
        subprocess.run([sys.executable, __file__, host], check=True)
        page = browser.new_page(viewport={"width": 1440, "height": 810}, reduced_motion="reduce")
        page.goto(teacher)
        page.wait_for_selector("#lesson[data-ready]")
        place = "document.querySelector('#lesson').place"
        page.evaluate(f"() => {{ {place}.card.value = 'predict'; {place}.room.reveal(); }}")
        page.wait_for_function(f"() => {place}.room.pool.value.length === {STUDENTS}")
        page.locator(".drawing-sheet .pen.run").wait_for()
        for ending in ENDINGS:
            page.screenshot(path=HERE / f"class{ending}.png")
            page.locator(".others button").first.click()
        page.close()
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        predict(browser, Path(name))
        hold_class(browser, Path(name))
        browser.close()


if __name__ == "__main__":
    # The browser's driver runs its own event loop, so the students are simulated in another process.
    if len(sys.argv) > 1:
        asyncio.run(students(sys.argv[1]))
    else:
        main()
