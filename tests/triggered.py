"""Which messages the tests trigger: notes the key of each that the package makes while they run.

After a run of the whole suite, `--every-message=report` says how many messages of the catalogue the tests triggered,
and lists the others in the cache of pytest. `--every-message=fail` also fails the run where a message that no test
triggered is missing in `words/untriggered.toml`, and where one that stands there was triggered: the list only shrinks.
Without the data of `DATA`, some tests are skipped, so that `fail` then only reports.
Messages that arrive from other processes in errors count; those that such a process prints do not.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from sdcluster import messages
from sdcluster.messages import Message

TESTS = str(Path(__file__).parent)
EXCUSED = Path(__file__).parent / "words" / "untriggered.toml"
OPTION = "--every-message"
SHARED = Path(__file__).parents[2] / "shared"
DATA = {"SDX_TEST_MODELS": SHARED / "test-models", "SDC_VENSIM_RUNS": SHARED / "vensim-runs"}
TRIGGERED: set[str] = set()
RESULT = pytest.StashKey[list[str]]()
FROM_WORKER = "messages"


def note(key: str, caller: FrameType | None) -> None:
    """Note a message, unless a test made it itself."""
    while caller is not None and caller.f_code.co_filename == messages.__file__:
        caller = caller.f_back
    if key and caller is not None and not caller.f_code.co_filename.startswith(TESTS):
        TRIGGERED.add(key)


@contextmanager
def made() -> Iterator[set[str]]:
    """Yield a set that holds, at the end of the block, the keys of the messages made in it."""
    before, found = set(TRIGGERED), set[str]()
    TRIGGERED.clear()
    try:
        yield found
    finally:
        found |= TRIGGERED
        TRIGGERED.update(before)


def watch() -> None:
    """Note all messages from now on."""
    made = Message.__new__

    def noted(cls: type[Message], english: str, key: str, parts: dict[str, Any]) -> Message:
        note(key, sys._getframe(1))
        return made(cls, english, key, parts)

    Message.__new__ = noted  # type: ignore[method-assign, assignment]


def faults(catalogue: Iterable[str], triggered: set[str], excused: dict[str, str]) -> list[str]:
    """Return what is wrong with the list of messages that no test triggers, a line each."""
    known = set(catalogue)
    return [
        *(f"no test triggers {key}" for key in sorted(known - triggered - set(excused))),
        *(f"a test triggers {key}; take it off the list" for key in sorted(triggered & set(excused))),
        *(f"the list names {key}, which is no message" for key in sorted(set(excused) - known)),
        *(f"the list gives no reason for {key}" for key in sorted(excused) if not excused[key]),
    ]  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that asks for the report."""
    parser.addoption(
        OPTION,
        choices=("report", "fail"),
        help="after the whole suite: report the messages that no test triggered, or fail where "
        "tests/words/untriggered.toml does not list them",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Note messages in each process that runs tests."""
    watch()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Gather what a worker noted."""
    TRIGGERED.update(getattr(node, "workeroutput", {}).get(FROM_WORKER, ()))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send what was noted to the controller, or judge it there."""
    config = session.config
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[FROM_WORKER] = sorted(TRIGGERED)
        return
    asked = config.getoption(OPTION)
    if not asked:
        return
    known = messages.catalogue(messages.ENGLISH)
    missed = sorted(set(known) - TRIGGERED)
    lines = [f"{len(known) - len(missed)} of {len(known)} messages were triggered"]
    if config.pluginmanager.hasplugin("cacheprovider"):
        file = config.cache.mkdir("messages") / "untriggered.txt"  # type: ignore[union-attr]
        file.write_text("".join(f"{key}: {known[key]}\n" for key in missed), encoding="utf-8")
        lines.append(f"the others are listed in {file}")
    lacking = [
        name for name, path in DATA.items() if not Path(os.environ.get(name) or path).is_dir()
    ]
    if asked == "fail" and lacking:
        lines.append(f"not judged, because tests lack their data; set {' and '.join(lacking)}")
    elif asked == "fail" and not session.exitstatus:
        excused = tomllib.loads(EXCUSED.read_text(encoding="utf-8")) if EXCUSED.exists() else {}
        wrong = faults(known, TRIGGERED, excused)
        lines += wrong
        if wrong:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    config.stash[RESULT] = lines


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the report."""
    if RESULT in config.stash:
        terminalreporter.section("messages")
        for line in config.stash[RESULT]:
            terminalreporter.line(line)
