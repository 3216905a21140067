"""Serve a lesson to a class: a page for students' phones, a page for the teacher, and all predictions together.

`hold_class(…)` runs the server until Ctrl-C. The server answers the local network, needs no internet, and stores
neither names nor addresses (`sdcluster.serve.pool`). The teacher's page requires the token in the printed address. The
server stores the token in a cookie and redirects to an address without the token, so that a projector does not show it.
"""

from __future__ import annotations

import asyncio
import errno
import gzip
import hmac
import ipaddress
import json
import logging
import re
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.publish.laboratory_page import as_json
from sdcluster.publish.lesson import lesson_page
from sdcluster.publish.lesson_data import LessonPage
from sdcluster.serve.page_handler import Page
from sdcluster.serve.pool import Pool, fits, is_id

LONGEST_MESSAGE = 4096  # bytes
MOST_MESSAGES = 40  # on one connection; a student's browser needs two: a greeting and a prediction
# Connections in addition to the number of students, for phones that connect again before the old connection has closed.
SPARE = 20
MOST_PAGES = 8  # the most pages in the cache; each address of the server has its own page
TOGETHER = 0.1  # seconds in which predictions are collected before they are sent to the teacher
COOKIE = "sdcluster_class"


class Classroom:
    """The state of a class, which all request handlers share.

    Parameters
    ----------
    lesson : LessonPage
    pool : Pool
    language : str
        Default language of pages.
    address : str
        The address that students open.
    """

    def __init__(self, lesson: LessonPage, pool: Pool, language: str, address: str) -> None:
        self.lesson, self.pool, self.language, self.address = lesson, pool, language, address
        self.students: set[StudentLine] = set()
        self.teachers: set[TeacherLine] = set()
        self._pages: dict[tuple[str, str, str], bytes] = {}
        self._told = False

    def page(self, role: str, host: str) -> bytes:
        """Return the compressed page for a role, ``"student"`` or ``"teacher"``, and the host in the request."""
        key = (role, host, self.pool.round)
        if key not in self._pages:
            room: dict[str, Any] = {"role": role, "round": self.pool.round}
            if role == "teacher":
                room |= {"address": self.address, "code": qr_code(self.address)}
            asks = f"ws://{host}"
            text = lesson_page(self.lesson, self.language, room=as_json(room), asks=asks)
            if len(self._pages) >= MOST_PAGES:
                self._pages.pop(next(iter(self._pages)))
            self._pages[key] = gzip.compress(text.encode(), 6)
        return self._pages[key]

    def is_teacher(self, token: str | None) -> bool:
        """Return whether a token is the token in the teacher's address."""
        return hmac.compare_digest((token or "").encode(), self.pool.token.encode())

    def changed(self) -> None:
        """Schedule an update of the teacher's page; further changes before the update are sent with it."""
        if not self._told:
            self._told = True
            asyncio.get_running_loop().call_later(TOGETHER, self._tell)

    def _tell(self) -> None:
        self._told = False
        message = {
            "kind": "pool",
            "connected": len(self.students),
            "revealed": self.pool.revealed,
            "predictions": list(self.pool.predictions.values()),
        }
        for line in list(self.teachers):
            line.send(message)

    def tell_students(self) -> None:
        """Send the state of the class to all phones."""
        for line in list(self.students):
            line.tell()


def may_be_ours(host: str) -> bool:
    """Return whether a Host header contains an address or the name of this machine.

    Refusing all other names prevents other web pages from reading this server's pages (DNS rebinding).
    """
    name = re.sub(r":\d+$", "", host).strip("[]").lower()
    with suppress(ValueError):
        return bool(ipaddress.ip_address(name))
    own = socket.gethostname().lower()
    return name in ("localhost", own, own.partition(".")[0]) or name == f"{own}.local"


class ClassPage(Page):
    """Base class of the handlers for the pages of a class."""

    role = ""

    def initialize(self, room: Classroom) -> None:
        """Store the state that all handlers share."""
        self.room = room

    def prepare(self) -> None:
        """Refuse requests whose Host header is not an address or name of this machine."""
        if not may_be_ours(self.request.host):
            raise HTTPError(403)

    def send_page(self, role: str) -> None:
        """Send the page for a role with gzip compression, which all browsers that can run the page support."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Encoding", "gzip")
        self.finish(self.room.page(role, self.request.host))


class StudentPage(ClassPage):
    """Answers requests for the lesson's page for students."""

    def get(self) -> None:
        """Send the student's page."""
        self.send_page("student")


class TeacherPage(ClassPage):
    """Answers requests for the teacher's page, which the projector shows."""

    def get(self) -> None:
        """Send the page to the teacher's browser; move the token from the address into a cookie first."""
        token = self.get_query_argument("token", None)
        if token is not None:
            if not self.room.is_teacher(token):
                raise HTTPError(403, reason="The token is not that of this class")
            self.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
            self.redirect("/teacher")
        elif self.room.is_teacher(self.get_cookie(COOKIE)):
            self.send_page("teacher")
        else:
            raise HTTPError(403, reason="Open the teacher address that the terminal shows")


class Missing(ClassPage):
    """Answers requests for paths that have no page."""

    def get(self, *_: str) -> None:
        """Answer with status 404 (not found)."""
        raise HTTPError(404)


class Line(WebSocketHandler):
    """The WebSocket of one page, which closes if the page sends too many, too large or unknown messages."""

    def initialize(self, room: Classroom) -> None:
        """Store the state that all handlers share."""
        self.room = room
        self._heard = 0

    def prepare(self) -> None:
        """Refuse requests whose Host header is not an address or name of this machine."""
        if not may_be_ours(self.request.host):
            raise HTTPError(403)

    def on_message(self, text: str | bytes) -> None:
        """Parse a message and handle it; close the connection if the message is invalid."""
        self._heard += 1
        try:
            message = json.loads(text)
            kind = message["kind"]
        except (ValueError, KeyError, TypeError):
            kind = None
        if self._heard > MOST_MESSAGES or not isinstance(kind, str) or not self.hear(kind, message):
            self.close(1008)

    def hear(self, kind: str, message: dict[str, Any]) -> bool:
        """Handle a message; return False if our pages never send such a message."""
        raise NotImplementedError

    def send(self, message: dict[str, Any]) -> None:
        """Send a message as JSON; do nothing if the page has been closed."""
        try:
            sent = self.write_message(json.dumps(message, allow_nan=False))
        except WebSocketClosedError:
            return
        sent.add_done_callback(lambda done: done.exception())


class StudentLine(Line):
    """The WebSocket of a student's page."""

    browser = ""

    def open(self) -> None:
        """Count the phone as connected; refuse the connection if the class is full."""
        if len(self.room.students) >= self.room.pool.most + SPARE:
            self.send({"kind": "refused"})
            self.close(1013)
            return
        self.room.students.add(self)
        self.room.changed()

    def on_close(self) -> None:
        """Stop counting the phone as connected."""
        self.room.students.discard(self)
        self.room.changed()

    def hear(self, kind: str, message: dict[str, Any]) -> bool:
        """Receive the browser's id or its prediction, and answer with the state of the class."""
        pool = self.room.pool
        key, value = message.get("id"), message.get("value")
        if kind not in ("hello", "predict") or not is_id(key):
            return False
        self.browser = str(key)
        if kind == "predict":
            if value is None or not fits(pool.asked, value):
                return False
            if not pool.add(self.browser, value):
                self.send({"kind": "refused"})
                return True
            self.room.changed()
        self.tell()
        return True

    def tell(self) -> None:
        """Send the state of the class to the phone."""
        pool = self.room.pool
        self.send(
            {
                "kind": "state",
                "round": pool.round,
                "revealed": pool.revealed,
                "counted": self.browser in pool.predictions,
            }
        )


class TeacherLine(Line):
    """The WebSocket of the teacher's page."""

    def prepare(self) -> None:
        """Refuse connections from all browsers but the teacher's."""
        super().prepare()
        if not self.room.is_teacher(self.get_cookie(COOKIE)):
            raise HTTPError(403)

    def open(self) -> None:
        """Schedule sending the current predictions to the page."""
        self.room.teachers.add(self)
        self.room.changed()

    def on_close(self) -> None:
        """Stop sending updates to the page."""
        self.room.teachers.discard(self)

    def hear(self, kind: str, message: dict[str, Any]) -> bool:
        """Reveal the model's run to the students, or begin a new class, as the teacher asks."""
        self._heard = 0  # the teacher may send any number of messages
        if kind == "reveal":
            self.room.pool.reveal()
        elif kind == "new":
            self.room.pool.renew()
            for line in list(self.room.teachers):
                line.send({"kind": "state", "round": self.room.pool.round})
        else:
            return False
        self.room.tell_students()
        self.room.changed()
        return True


def qr_code(address: str) -> str:
    """Return the QR code of an address as a ``data:`` URL; an empty text if the package `segno` is not installed."""
    try:
        import segno
    except ImportError:
        return ""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=2, omitsize=True))


def terminal_code(address: str) -> str:
    """Return the QR code of an address as block characters; an empty text if the package `segno` is not installed."""
    try:
        import segno
    except ImportError:
        return ""
    rows = [list(row) for row in segno.make(address, micro=False).matrix_iter(border=2)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    blocks = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    return "\n".join(
        "".join(blocks[bool(a), bool(b)] for a, b in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )


def own_address() -> str:
    """Return this machine's address in the local network, or 127.0.0.1 if it is unknown; nothing is sent to find it."""
    for target in ("192.168.255.255", "10.255.255.255", "172.31.255.255"):
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((target, 9))
            found = str(probe.getsockname()[0])
            if not found.startswith("127."):
                return found
    return "127.0.0.1"


def application(room: Classroom) -> Application:
    """Return the web application. It does not log requests, because an address could identify a person."""
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)
    shared = {"room": room}
    return Application(
        [
            (r"/", StudentPage, shared),
            (r"/teacher", TeacherPage, shared),
            (r"/line/student", StudentLine, shared),
            (r"/line/teacher", TeacherLine, shared),
        ],
        default_handler_class=Missing,
        default_handler_args=shared,
        log_function=lambda handler: None,
        websocket_max_message_size=LONGEST_MESSAGE,
        websocket_ping_interval=20,
    )


def hold_class(
    lesson: LessonPage,
    pool: Pool,
    *,
    host: str | None = None,
    port: int = 8765,
    language: str = "en",
    browser: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Serve a lesson to a class until interrupted.

    Parameters
    ----------
    lesson : LessonPage
    pool : Pool
        The predictions of the class, possibly with those from an earlier server.
    host : str, optional
        The address of this machine that students open. By default, the function finds the address, and the server
        answers at all addresses of this machine.
    port : int
        Port of the server; 0 for any free port.
    language : str
        The language that pages show first.
    browser : bool
        Whether to open the teacher's page.
    say : callable
        Function that shows the sentences with the addresses to the teacher.

    Raises
    ------
    ModelError
        If another program uses the port, or if this machine does not have the address `host`.
    """

    async def run() -> None:
        sockets = _bound(host, port)
        taken = sockets[0].getsockname()[1]
        address = f"http://{host or own_address()}:{taken}/"
        room = Classroom(lesson, pool, language, address)
        server = HTTPServer(application(room), max_header_size=16_384, idle_connection_timeout=120)
        server.add_sockets(sockets)
        teacher = f"http://{host or '127.0.0.1'}:{taken}/teacher?token={pool.token}"
        say(message("serve.students", address=address))
        say(message("serve.teacher", address=teacher))
        say(message("serve.predictions_so_far", count=len(pool.predictions), path=pool.path))
        if code := terminal_code(address):
            say(code)
        if browser:
            await asyncio.get_running_loop().run_in_executor(None, webbrowser.open, teacher)
        await asyncio.Event().wait()

    with suppress(KeyboardInterrupt):
        asyncio.run(run())


def _bound(host: str | None, port: int) -> list[Any]:
    try:
        return bind_sockets(port, host or "0.0.0.0", family=socket.AF_INET)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise ModelError(message("serve.port_use_not_allowed", port=port)) from None
        raise ModelError(message("serve.machine_no_address_leave", host=host)) from None
