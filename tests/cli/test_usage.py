"""A command line that is wrong is explained in the reader's language, with the exit code that typer gives it."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sdcluster.cli import usage
from sdcluster.files import reason
from sdcluster.messages import in_language
from tests.chinese import english_left

LINES = {
    ("nope",): "没有命令“nope”",
    ("run",): "缺少参数“MODEL”",
    ("run", "pond", "--nope"): "没有选项“--nope”",
    ("run", "pond", "--seed", "x"): "“--seed”的值无效：不是整数",
    ("run", "pond", "--rtol", "x"): "“--rtol”的值无效：不是数",
    ("fit", "pond", "--points", "1"): "“--points”的值无效：",
    ("run", "pond", "more", "words"): "多余的参数：more words",
    ("run", "pond", "--seed"): "选项“--seed”需要一个值",
    ("check", "pond", "--trust"): "--trust 只与 --second-opinion 一起使用",
    ("accept", "pond"): "缺少选项“--because”",
}


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_a_wrong_line_is_explained_in_chinese(
    line: tuple[str, ...], call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    english = call(*line)
    monkeypatch.setenv("SDCLUSTER_LANGUAGE", "zh")
    told = call(*line)
    assert told.exit_code == english.exit_code == 2
    assert LINES[line] in told.stderr
    assert "用法见 sdcluster" in told.stderr or "--seed" in line
    assert english_left(told.output) == []
    assert "Error" in english.stderr


# What versions of typer and click say, where the one that is installed says something else.
OLDER = {
    "No such option: --sede Did you mean --seed?": "没有选项“--sede”，是否想写 --seed",
    "No such option '--sede'.": "没有选项“--sede”",
    "Missing command.": "缺少命令",
    "Option '--force' does not take a value.": "选项“--force”不带值",
    "Invalid value for '--points': 1 is not in the range x>=3.": "“--points”的值无效：1 不在范围 x>=3 内",
    "Invalid value for '--seed' / '-s': 'x' is not a valid integer.": "“--seed”的值无效：不是整数",
    "Invalid value: Input should be less than or equal to 9": "无效：大于 9",
    "Something that nobody foresaw": "Something that nobody foresaw",
}


@pytest.mark.parametrize("said", OLDER)
def test_each_form_of_words_is_known(said: str) -> None:
    error = SimpleNamespace(format_message=lambda: said, ctx=None)
    assert usage.sentence(error).text("zh") == OLDER[said]


@pytest.mark.parametrize(
    "number",
    [
        errno.ENOENT,
        errno.EACCES,
        errno.EISDIR,
        errno.ENOTDIR,
        errno.ENOSPC,
        errno.EROFS,
        errno.ENAMETOOLONG,
    ],
    ids=errno.errorcode.get,
)
def test_why_a_file_cannot_be_read_is_said_in_chinese(number: int) -> None:
    import os

    found = reason(OSError(number, os.strerror(number)))
    assert found == os.strerror(number)
    assert english_left(in_language(found, "zh")) == []
    assert in_language(found, "zh") != found


def test_a_rare_reason_keeps_the_words_of_the_system() -> None:
    assert reason(OSError(errno.EIO, "Input/output error")) == "Input/output error"
    assert reason(OSError("no number")) == "no number"


def test_a_folder_in_place_of_a_file_is_said_in_chinese(
    call: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "model.mdl").write_text(
        "{UTF-8}\na = 1 ~~|\nINITIAL TIME = 0 ~~| FINAL TIME = 1 ~~| TIME STEP = 1 ~~| SAVEPER = 1 ~~|\n"
    )
    (tmp_path / "taken.csv").mkdir()
    told = call("run", tmp_path / "model.mdl", "--out", tmp_path / "taken.csv", "--language", "zh")
    assert told.exit_code == 2
    assert "是文件夹；请指定文件" in told.stderr
