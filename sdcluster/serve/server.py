"""The server of laboratory pages on 127.0.0.1, each with a WebSocket that sends new versions of its model.

Interface: `serve(shelf, …)`, which ends with Ctrl-C.
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
STALE = 4001  # the code with which a socket is closed whose page comes from another server
WRONG = 4002  # the code for what none of our pages sends
PATIENT = 1.0  # seconds until a page is sent without a model that takes longer to read
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
    """The state that all handlers share.

    Parameters
    ----------
    shelf : Shelf
        The models that may be asked for.
    guard : Guard
    language : str
    """

    def __init__(self, shelf: Shelf, guard: Guard, language: str) -> None:
        self.shelf, self.guard, self.language = shelf, guard, language
        self.made, self.jupyter = Made(), Jupyter()
        self._living: dict[Path, Living] = {}

    def at_work(self) -> list[Living]:
        """Return the laboratories that were opened."""
        return list(self._living.values())

    def living(self, name: str) -> Living:
        """Return the laboratory of a model on the shelf; raises `HTTPError` for any other."""
        file = self.shelf.file(name)
        if file is None:
            raise HTTPError(404)
        if file not in self._living:
            self._living[file] = Living(file, self.language)
        return self._living[file]


class Guarded(Page):
    """Answers only GET requests from a browser on this machine."""

    frames = "SAMEORIGIN"

    def initialize(self, room: Room) -> None:
        """Store the shared state."""
        self.room = room

    def prepare(self) -> None:
        """Refuse requests of other pages and hosts."""
        if reason := self.room.guard.refusal(self.request.headers):
            raise HTTPError(403, reason=reason)


class FrontPage(Guarded):
    """The front page."""

    async def get(self) -> None:
        """Send the page; the user's models are searched for each time."""
        loop = asyncio.get_running_loop()
        room = self.room
        self.finish(
            await loop.run_in_executor(None, front, room.shelf, room.language, room.guard.token)
        )


class LessonPage(Guarded):
    """A lesson of the course; while it is being built, a page that reloads itself."""

    async def get(self, name: str) -> None:
        """Answer with the lesson."""
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
    """The thumbnail of a model that comes with the program."""

    async def get(self, name: str) -> None:
        """Send the thumbnail; the laboratory at the top of the front page has priority."""
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
    """JupyterLab with the user's copies of the lessons."""

    async def get(self) -> None:
        """Start JupyterLab if necessary and redirect to it; only our own page knows the token."""
        if not self.room.guard.knows(self.get_query_argument("token", "")):
            raise HTTPError(403, reason="open this from the front page")
        try:
            self.redirect(await self.room.jupyter.address())
        except ModelError as error:
            self.refuse(500, error.text(self.room.language))


class Book(Guarded, StaticFileHandler):
    """The book, if it was built."""

    def initialize(self, room: Room, path: str) -> None:  # type: ignore[override]
        """Store the shared state and the folder."""
        Guarded.initialize(self, room)
        StaticFileHandler.initialize(self, path, "index.html")


class LaboratoryPage(Guarded):
    """The page of a laboratory, as written by `sdcluster publish`, with the address of its WebSocket."""

    async def get(self, name: str) -> None:
        """Send the last valid version; later versions are sent by the WebSocket."""
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
        """Store the shared state."""
        self.room = room
        self._stop: Callable[[], None] = lambda: None
        self._living: Living | None = None

    def prepare(self) -> None:
        """Refuse requests of other pages and hosts."""
        if reason := self.room.guard.refusal(self.request.headers):
            raise HTTPError(403, reason=reason)

    def check_origin(self, origin: str) -> bool:
        """Require an Origin header and the checks of `Guard`."""
        return not self.room.guard.refusal({"Host": self.request.host, "Origin": origin})

    async def open(self, name: str) -> None:
        """Listen to new versions; a page with an older version gets the current one immediately."""
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
        """Answer a request about the model with edited equations."""
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
        """Stop listening."""
        self._stop()

    def show(self, version: Version) -> None:
        """Send a version."""
        self.send(version.message)

    def send(self, message: dict[str, Any]) -> None:
        """Send data; ignore pages that have been closed."""
        text = json.dumps(message, allow_nan=False)
        try:
            sent = self.write_message(text)
        except WebSocketClosedError:
            return
        sent.add_done_callback(lambda done: done.exception())


def application(room: Room) -> Application:
    """Return the application with its routes."""
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
    """Answers all other paths."""

    def get(self, *_: str) -> None:
        """Answer with status 404."""
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
        The models that may be asked for.
    name : str, optional
        The model whose laboratory the browser opens; the start page by default.
    port : int, optional
        Port; by default a free one.
    language : str
        The first language of pages.
    browser : bool
        Whether to open a browser.
    say : callable
        Takes the sentence with the address.

    Raises
    ------
    ModelError
        If another program has the port.
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
