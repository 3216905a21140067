"""Errors that a page shows come in the page's language."""

from __future__ import annotations

import asyncio

import pytest

from sdcluster.errors import ModelError, SimulationError
from sdcluster.messages import message
from sdcluster.publish.edition import message_html
from sdcluster.serve.live_laboratory import told
from sdcluster.serve.page_handler import Page

SENTENCE = message("serve.page_could_not_made")


def test_an_error_of_a_model_is_sent_in_all_languages() -> None:
    error = ModelError(SENTENCE, file="folder/a.mdl", line=3, variable="x")
    assert told(error) == {
        "sentence": {"en": SENTENCE, "zh": SENTENCE.text("zh")},
        "file": "a.mdl",
        "line": 3,
        "variable": "x",
    }
    assert SENTENCE.text("zh") != SENTENCE


def test_an_error_of_a_run_and_an_unexpected_one_are_sent_in_all_languages() -> None:
    assert told(SimulationError(SENTENCE, variable="x"))["sentence"]["zh"] == SENTENCE.text("zh")
    unexpected = told(KeyError("x"))["sentence"]
    assert "KeyError: 'x'" in unexpected["en"]
    assert "KeyError" in unexpected["zh"]
    assert "please report it" not in unexpected["zh"]


def test_a_sentence_without_translation_is_sent_in_english_alone() -> None:
    assert told(ModelError("gone"))["sentence"] == {"en": "gone"}


def test_another_file_is_named_in_each_language_and_the_own_one_is_not() -> None:
    error = ModelError(SENTENCE, file="folder/data.csv", line=3)
    assert told(error, own="a.mdl")["sentence"] == {
        "en": f"data.csv:3: {SENTENCE}",
        "zh": f"data.csv:3: {SENTENCE.text('zh')}",
    }
    assert told(error, own="data.csv")["sentence"]["en"] == SENTENCE


def test_a_page_that_fails_says_why_in_chinese() -> None:
    tornado = pytest.importorskip("tornado.web", reason="Tornado is not installed")
    from tornado.httpserver import HTTPServer
    from tornado.simple_httpclient import SimpleAsyncHTTPClient
    from tornado.testing import bind_unused_port

    class Failing(Page):
        def get(self) -> None:
            self.refuse(500, SENTENCE.text("zh"))

    async def asked() -> str:
        socket, port = bind_unused_port()
        server = HTTPServer(tornado.Application([("/", Failing)]))
        server.add_sockets([socket])
        answer = await SimpleAsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/", raise_error=False)
        server.stop()
        assert answer.code == 500
        return answer.body.decode()

    assert asyncio.run(asked()) == f"500: {SENTENCE.text('zh')}\n"


def test_a_message_on_a_page_is_marked_as_english_where_its_language_lacks_it() -> None:
    assert message_html(SENTENCE, "zh") == SENTENCE.text("zh")
    assert message_html("a < b", "zh") == '<span lang="en">a &lt; b</span>'
    assert message_html("a < b", "en") == "a &lt; b"
