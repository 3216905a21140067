"""A class on loopback: forty phones, a teacher's page in Chromium, a restart, and what strangers cannot do."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from sdcluster.errors import ModelError
from sdcluster.serve.classroom import may_be_ours, qr_code, terminal_code
from sdcluster.serve.pool import Pool, fits
from tests.browser import LESSON
from tests.publish.pages import ROOT

STUDENTS = 40
CURVE = [1.5, 1.9, 1.9, 1.5, 1.0, 1.0, 1.2]
ASKED = {"form": "curve", "points": [1, 2]}


class Class:
    """`sdcluster class cluster` as a process."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self.arguments = folder, arguments
        self.port = "0"
        self.start()

    def start(self) -> None:
        line = [sys.executable, "-m", "sdcluster", "class", "cluster", "--no-browser"]
        line += ["--host", "127.0.0.1", "--port", self.port, *self.arguments]
        self.process = subprocess.Popen(
            line,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        )
        said = [self._line("Students:"), self._line("Teacher:")]
        self.address, self.teacher = (text.split()[-1] for text in said)
        self.host = self.address.removeprefix("http://").rstrip("/")
        self.port = self.host.rpartition(":")[2]

    def _line(self, begin: str) -> str:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            if text.startswith(begin):
                return text
        raise AssertionError(f'the class ended before it said "{begin}"')

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)
        return self.process.returncode

    @property
    def kept(self) -> dict[str, Any]:
        return json.loads((self.folder / "class-cluster.json").read_text())

    async def phone(self, origin: str | None = None, role: str = "student") -> Any:
        headers = {"Origin": origin or f"http://{self.host}"}
        return await websocket_connect(
            HTTPRequest(f"ws://{self.host}/line/{role}", headers=headers)
        )

    def status(self, path: str, host: str | None = None) -> int:
        request = Request(f"http://{self.host}{path}", headers={"Host": host or self.host})
        try:
            return urlopen(request, timeout=20).status
        except HTTPError as error:
            return error.code


@pytest.fixture(scope="module")
def room(front_end: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    held = Class(tmp_path_factory.mktemp("class"), "--students", str(STUDENTS))
    yield held
    assert held.end() == 0


def beside(work: Coroutine[Any, Any, Any]) -> Any:
    """Run asynchronous work in a thread of its own: the browser's driver has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(work, 60)).result()


async def predict(room: Class, key: str, value: Any) -> dict[str, Any]:
    line = await room.phone()
    line.write_message(json.dumps({"kind": "predict", "id": key, "value": value}))
    answer = json.loads(await line.read_message())
    line.close()
    return answer


@pytest.mark.browser
def test_forty_phones_predict_and_the_teacher_sees_it(open_page, room):
    page = open_page(room.teacher, ready=LESSON)
    assert "token" not in page.url, "a projector shows the address"
    keys = [secrets.token_hex(16) for _ in range(STUDENTS)]

    async def rush() -> list[dict[str, Any]]:
        first = await asyncio.gather(*(predict(room, key, CURVE) for key in keys))
        again = await asyncio.gather(*(predict(room, key, [0] * 7) for key in keys))
        late = await predict(room, secrets.token_hex(16), CURVE)
        return [*first, *again, late]

    *answers, late = beside(rush())
    assert all(answer["counted"] and not answer["revealed"] for answer in answers)
    assert late == {"kind": "refused"}, "the class is full"
    assert room.kept["predictions"] == dict.fromkeys(keys, CURVE), "the first one counts"

    place = "document.querySelector('#lesson').place"
    page.wait_for_function(f"() => {place}.room.pool.value.length === {STUDENTS}")
    page.evaluate(f"() => {{ {place}.card.value = 'predict'; }}")
    assert page.locator(".drawing-sheet .one").count() == STUDENTS
    assert "highest in year 20 (1.9)" in page.locator(".finding").inner_text()

    assert room.end() == 0
    room.start()
    page.wait_for_function(f"() => {place}.room.online.value")
    page.wait_for_function(f"() => {place}.room.pool.value.length === {STUDENTS}")
    page.get_by_role("button", name="Show what the model says").click()
    page.wait_for_selector(".pen.run")
    assert room.kept["revealed"]
    assert beside(predict(room, keys[0], CURVE))["revealed"]

    page.evaluate(f"() => {{ {place}.card.value = 'join'; }}")
    page.get_by_role("button", name="New class").click()
    page.get_by_role("dialog").get_by_role("button", name="New class").click()
    page.wait_for_function(
        "() => document.querySelector('#lesson').place?.room.pool.value.length === 0"
    )
    assert room.kept["predictions"] == {}
    (before,) = room.folder.glob("class-cluster-*.json")
    assert len(json.loads(before.read_text())["predictions"]) == STUDENTS
    assert json.loads(before.read_text())["token"] == ""


@pytest.mark.browser
def test_a_phone_waits_for_the_teacher_and_counts_once(open_page, room):
    page = open_page(room.address, 390, 844, ready=".class-line.online")
    page.locator(".handle[role=slider]").first.press("ArrowUp")
    page.get_by_role("button", name="Commit my prediction").click()
    assert "Your teacher has your prediction" in page.locator(".act .finding").inner_text()
    assert "when your teacher shows" in page.locator("#observe .wait").inner_text()
    assert page.locator(".laboratory").count() == 0
    for _ in range(2):
        page.reload()
        page.wait_for_selector(".class-line.online")
    teacher = open_page(room.teacher, 390, 844, ready=LESSON)
    teacher.wait_for_function(
        "() => document.querySelector('#lesson').place.room.pool.value.length > 0"
    )
    assert len(room.kept["predictions"]) == 1
    teacher.evaluate("() => document.querySelector('#lesson').place.room.reveal()")
    page.wait_for_selector(".workbench .laboratory")
    assert page.locator(".act .finding").inner_text().startswith("Your curve")


def test_strangers_get_nothing(room):
    assert room.status("/") == 200
    assert room.status("/teacher") == 403
    assert room.status("/teacher?token=guess") == 403
    assert room.status("/class-cluster.json") == 404
    assert room.status("/", host="evil.example") == 403

    async def knock() -> None:
        for origin, role in (("http://evil.example", "student"), (None, "teacher")):
            with pytest.raises(HTTPClientError, match="403"):
                await room.phone(origin, role)
        key = secrets.token_hex(16)
        for message in (
            "x",
            "[]",
            json.dumps({"kind": "reveal"}),
            json.dumps({"kind": "predict", "id": "../../x", "value": CURVE}),
            json.dumps({"kind": "predict", "id": key, "value": [1]}),
            json.dumps({"kind": "predict", "id": key, "value": [*CURVE[1:], float("nan")]}),
            json.dumps({"kind": "predict", "id": key, "value": CURVE, "more": "x" * 5000}),
        ):
            line = await room.phone()
            line.write_message(message)
            assert await line.read_message() is None, message

    beside(knock())


@pytest.mark.parametrize(
    ("asked", "value", "right"),
    [
        (ASKED, [1, 2.5], True),
        (ASKED, [1, True], False),
        (ASKED, [1, float("inf")], False),
        (ASKED, 1, False),
        ({"form": "choice", "options": ["a", "b"]}, 1, True),
        ({"form": "choice", "options": ["a", "b"]}, 2, False),
        ({"form": "choice", "options": ["a", "b"]}, True, False),
    ],
)
def test_only_what_can_be_a_prediction_is_taken(asked, value, right):
    assert fits(asked, value) is right


def test_a_file_of_something_else_is_not_taken(tmp_path):
    path = tmp_path / "class.json"
    path.write_text("{}")
    with pytest.raises(ModelError, match="not a file with predictions of a class"):
        Pool.opened(path, "cluster", ASKED, 5)
    path.unlink()
    Pool.opened(path, "cluster", ASKED, 5)
    assert path.stat().st_mode & 0o077 == 0, "it holds the teacher's token"
    with pytest.raises(ModelError, match='a class for the lesson "cluster"'):
        Pool.opened(path, "value_chain", ASKED, 5)


def test_names_of_other_sites_are_not_ours():
    assert may_be_ours("192.168.1.5:8765")
    assert may_be_ours("localhost:1")
    assert may_be_ours("[::1]:8765")
    assert not may_be_ours("evil.example:8765")
    assert not may_be_ours("192.168.1.5.evil.example")


def test_an_address_becomes_a_code_for_the_page_and_the_terminal():
    assert qr_code("http://192.168.1.5:8765/").startswith("data:image/svg+xml")
    assert len({len(line) for line in terminal_code("http://192.168.1.5:8765/").split("\n")}) == 1
