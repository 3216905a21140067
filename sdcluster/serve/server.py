"""The server of laboratory pages on 127.0.0.1; each page has a WebSocket that receives new versions of its model.

`serve(shelf, …)` runs the server until Ctrl-C.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import json
import logging
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, StaticFileHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.project.library import lesson_names, lesson_path
from sdcluster.publish.laboratory_page import Live, html_page
from sdcluster.serve.background_jobs import Made
from sdcluster.serve.front import book_folder, front
from sdcluster.serve.guard import Guard
from sdcluster.serve.live_laboratory import Living, Version, told
from sdcluster.serve.notebooks import Jupyter
from sdcluster.serve.page_handler import Page
from sdcluster.serve.shelf import Shelf
from sdcluster.words import tag, texts

ADDRESS = "127.0.0.1"
STALE = 4001  # code for closing the WebSocket of a page that another server has made
WRONG = 4002  # code for closing a WebSocket after a message that none of our pages sends
PATIENT = 1.0  # a page is sent without the model if reading the model takes more seconds
LONGEST_MESSAGE = 1_000_000
WAIT = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
    "<title>sdcluster</title><style>"
    "body{margin:0;min-height:100vh;display:grid;place-content:center;padding:0 24px;"
    "font:18px/1.5 system-ui,sans-serif;background:#f6f7f8;color:#1c2024}"
    "@media(prefers-color-scheme:dark){body{background:#14171a;color:#e8eaed}}"
    "</style></head><body>"
    + "".join(f'<p lang="{tag(code)}">{text}</p>' for code, text in texts("front.wait").items())
    + "</body></html>\n"
)


class Room:
    """The state of the server, which all request handlers share.

    Parameters
    ----------
    shelf : Shelf
        The models that the server shows.
    guard : Guard
    language : str
    """

    def __init__(self, shelf: Shelf, guard: Guard, language: str) -> None:
        self.shelf, self.guard, self.language = shelf, guard, language
        self.made, self.jupyter = Made(), Jupyter()
        self._living: dict[Path, Living] = {}

    def at_work(self) -> list[Living]:
        """Return the laboratories that a browser has opened."""
        return list(self._living.values())

    def living(self, name: str) -> Living:
        """Return the laboratory of a model, given the model's name on the shelf; raise `HTTPError` for other names."""
        file = self.shelf.file(name)
        if file is None:
            raise HTTPError(404)
        if file not in self._living:
            self._living[file] = Living(file, self.language)
        return self._living[file]


class Guarded(Page):
    """Base class of handlers that answer only requests which `Guard` allows: from pages opened on this machine."""

    frames = "SAMEORIGIN"

    def initialize(self, room: Room) -> None:
        """Store the state that all handlers share."""
        self.room = room

    def prepare(self) -> None:
        """Refuse requests that `Guard` does not allow, such as those of other web pages."""
        if reason := self.room.guard.refusal(self.request.headers):
            raise HTTPError(403, reason=reason)


class FrontPage(Guarded):
    """Answers requests for the front page."""

    async def get(self) -> None:
        """Search the folder for the user's models, and send the front page."""
        loop = asyncio.get_running_loop()
        room = self.room
        self.finish(
            await loop.run_in_executor(None, front, room.shelf, room.language, room.guard.token)
        )


class LessonPage(Guarded):
    """Answers requests for a lesson of the course."""

    async def get(self, name: str) -> None:
        """Send the page of a lesson or, while the lesson is being built, a page that reloads itself."""
        if name not in lesson_names():
            raise HTTPError(404)
        language = self.room.language
        making = self.room.made.lesson(name, lesson_path(name).parent, language)
        try:
            path = await asyncio.wait_for(making, PATIENT)
        except TimeoutError:
            self.finish(WAIT)
        except ModelError as error:
            self.refuse(500, error.text(language))
        else:
            self.finish(path.read_bytes())


class Picture(Guarded):
    """Answers requests for the thumbnail of a bundled model."""

    async def get(self, name: str) -> None:
        """Send the thumbnail, after the laboratory at the top of the front page is ready."""
        shipped = self.room.shelf.shipped()
        if name not in shipped:
            raise HTTPError(404)
        for living in list(self.room.at_work()):
            await living.opened()
        try:
            path = await self.room.made.picture(shipped[name])
        except ModelError:
            raise HTTPError(404) from None
        self.set_header("Content-Type", "image/svg+xml")
        self.set_header("Cache-Control", "private, max-age=600")
        self.finish(path.read_bytes())


class Notebooks(Guarded):
    """Answers requests to open JupyterLab with the user's copies of the lessons."""

    async def get(self) -> None:
        """Start JupyterLab if necessary, and redirect to it. The request must contain the token of our front page."""
        if not self.room.guard.knows(self.get_query_argument("token", "")):
            raise HTTPError(403, reason="open this from the front page")
        try:
            self.redirect(await self.room.jupyter.address())
        except ModelError as error:
            self.refuse(500, error.text(self.room.language))


class Book(Guarded, StaticFileHandler):
    """Answers requests for files of the documentation (the book), if it was built."""

    def initialize(self, room: Room, path: str) -> None:  # type: ignore[override]
        """Store the state that all handlers share, and the folder of the book."""
        Guarded.initialize(self, room)
        StaticFileHandler.initialize(self, path, "index.html")


class LaboratoryPage(Guarded):
    """Answers requests for the page of a laboratory, which is that of `sdcluster publish` with a WebSocket."""

    async def get(self, name: str) -> None:
        """Send the page with the last valid version of the model; its WebSocket receives later versions."""
        living = self.room.living(name)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(living.opened()), PATIENT)
        version = living.version
        described = version.described
        title = described[0]["name"] if described else name
        socket = f"ws://{self.request.host}/live/{quote(name)}"
        live = Live(
            {"socket": f"{socket}?token={self.room.guard.token}", "version": version.number},
            f"ws://{self.request.host}",
        )
        self.finish(html_page(title, self.room.language, described, live))


class Socket(WebSocketHandler):
    """Sends new versions of a model to a page, and answers its requests."""

    def initialize(self, room: Room) -> None:
        """Store the state that all handlers share."""
        self.room = room
        self._stop: Callable[[], None] = lambda: None
        self._living: Living | None = None

    def prepare(self) -> None:
        """Refuse requests that `Guard` does not allow, such as those of other web pages."""
        if reason := self.room.guard.refusal(self.request.headers):
            raise HTTPError(403, reason=reason)

    def check_origin(self, origin: str) -> bool:
        """Return whether `Guard` allows a connection from a page with this Origin header."""
        return not self.room.guard.refusal({"Host": self.request.host, "Origin": origin})

    async def open(self, name: str) -> None:
        """Send new versions to the page from now on, and the current version at once if the page has an older one."""
        if not self.room.guard.knows(self.get_query_argument("token", "")):
            self.close(STALE, "another server made this page")
            return
        living = self.room.living(name)
        version = await living.opened()
        self._living = living
        living.listeners.add(self.show)
        self._stop = lambda: living.listeners.discard(self.show)
        if str(version.number) != self.get_query_argument("version", "") or version.error:
            self.show(version)

    async def on_message(self, message: str | bytes) -> None:
        """Answer a request about the model with edited equations: check them, run the model, or return its file."""
        try:
            question = json.loads(message)
            number, wanted, changes = question["id"], question["ask"], question["equations"]
            known = all(isinstance(text, str) for item in changes.items() for text in item)
        except (ValueError, TypeError, KeyError, AttributeError):
            known = False
        if not known or self._living is None or wanted not in ("check", "laboratory", "file"):
            self.close(WRONG, "our pages do not ask this question")
            return
        self.send({"kind": "answer", "id": number, **await self._answer(wanted, changes)})

    async def _answer(self, wanted: str, changes: dict[str, str]) -> dict[str, Any]:
        assert self._living is not None
        try:
            if wanted == "file":
                written = await self._living.written(changes)
                return {"bytes": base64.b64encode(written).decode()}
            if wanted == "check":
                await self._living.check(changes)
                return {}
            description, kernel = await self._living.with_equations(changes)
        except Exception as error:
            return {"error": told(error, self._living.file.name)}
        return {"description": description, "kernel": kernel}

    def on_close(self) -> None:
        """Stop sending new versions to the page."""
        self._stop()

    def show(self, version: Version) -> None:
        """Send a version of the model to the page."""
        self.send(version.message)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message as JSON; do nothing if the page has been closed."""
        text = json.dumps(message, allow_nan=False)
        try:
            sent = self.write_message(text)
        except WebSocketClosedError:
            return
        sent.add_done_callback(lambda done: done.exception())


def application(room: Room) -> Application:
    """Return the web application with the addresses of all pages."""
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)  # pages say what is wrong
    shared = {"room": room}
    book = book_folder(room.shelf)
    return Application(
        [
            (r"/", FrontPage, shared),
            (r"/lab/(.+)/", LaboratoryPage, shared),
            (r"/lesson/(\w+)/", LessonPage, shared),
            (r"/picture/(\w+)\.svg", Picture, shared),
            (r"/notebooks", Notebooks, shared),
            *([(r"/book/(.*)", Book, {**shared, "path": str(book)})] if book else []),
            (r"/live/(.+)", Socket, shared),
        ],
        default_handler_class=Missing,
        default_handler_args=shared,
        websocket_max_message_size=LONGEST_MESSAGE,
        websocket_ping_interval=20,
    )


class Missing(Guarded):
    """Answers requests for paths that have no page."""

    def get(self, *_: str) -> None:
        """Answer with status 404 (not found)."""
        raise HTTPError(404)


def serve(
    shelf: Shelf,
    name: str | None = None,
    *,
    port: int | None = None,
    language: str = "en",
    browser: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Serve browsers on this machine until interrupted.

    Parameters
    ----------
    shelf : Shelf
        The models that the server shows.
    name : str, optional
        The model whose laboratory the browser opens; by default, the browser opens the front page.
    port : int, optional
        Port of the server; by default, a free port.
    language : str
        The language that pages show first.
    browser : bool
        Whether to open a browser.
    say : callable
        Function that shows the sentence with the server's address to the user.

    Raises
    ------
    ModelError
        If another program uses the port.
    """

    async def run() -> None:
        sockets = _bound(port)
        taken = sockets[0].getsockname()[1]
        room = Room(shelf, Guard(taken), language)
        server = HTTPServer(application(room))
        server.add_sockets(sockets)
        path = "" if name is None else f"lab/{quote(name)}/"
        address = f"http://{ADDRESS}:{taken}/{path}"
        say(message("serve.address", address=address))
        reading = None if name is None else asyncio.create_task(room.living(name).opened())
        if browser:
            await asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)
        try:
            if reading:
                await reading
            await asyncio.Event().wait()
        finally:
            server.stop()
            await room.made.end()
            await room.jupyter.end()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return


def _bound(port: int | None) -> list[Any]:
    try:
        return bind_sockets(port or 0, ADDRESS)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise ModelError(message("serve.port_use_not_allowed_leave", port=port)) from None
