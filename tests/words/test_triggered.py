"""The list of messages that no test triggers names all of them, and only them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.read import load
from tests.triggered import TRIGGERED, faults


def test_a_message_that_no_test_triggers_needs_a_reason() -> None:
    assert faults(["a.b", "a.c"], {"a.b"}, {}) == ["no test triggers a.c"]
    assert faults(["a.b", "a.c"], {"a.b"}, {"a.c": "needs a full disk"}) == []
    assert faults(["a.c"], set(), {"a.c": ""}) == ["the list gives no reason for a.c"]


def test_the_list_only_shrinks() -> None:
    assert faults(["a.b"], {"a.b"}, {"a.b": "hard"}) == [
        "a test triggers a.b; take it off the list"
    ]
    assert faults([], set(), {"a.b": "hard"}) == ["the list names a.b, which is no message"]


def test_a_message_counts_where_the_package_makes_it(tmp_path: Path) -> None:
    key = "read.cannot_read_files_end"
    TRIGGERED.discard(key)
    message(key, suffix=".odt", languages="")
    assert key not in TRIGGERED
    (tmp_path / "model.odt").write_text("?")
    with pytest.raises(ModelError):
        load(tmp_path / "model.odt")
    assert key in TRIGGERED
