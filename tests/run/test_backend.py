"""When machine code is waited for, and that nobody waits for ever."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from sdcluster.run.backend import BackendChoice


class Compiler:
    """Stands in for a kernel and the way to its compiled functions."""

    def __init__(self, expected: float, *, ends: bool) -> None:
        self.expected, self.ends = expected, ends
        self.ready: Any = None
        self.by = "native"
        self.waited: list[float] = []

    @property
    def done(self) -> bool:
        return self.ready is not None

    def warm(self, _way: str = "auto") -> Compiler:
        return self

    def wait(self, seconds: float | None = None) -> Any:
        assert seconds is not None
        self.waited.append(seconds)
        if not self.ends:
            raise TimeoutError
        self.ready = SimpleNamespace(name="machine code")
        return self.ready

    def functions(self, _backend: str) -> SimpleNamespace:
        return SimpleNamespace(name="plain Python")


def choice(seconds: float) -> BackendChoice:
    return BackendChoice("auto", round(seconds / 1.5e-7))


def test_a_short_run_starts_at_once_and_compiles_nothing() -> None:
    compiler = Compiler(0.5, ends=True)
    used, arrays = choice(0.1).functions(compiler)  # type: ignore[arg-type]
    assert (used.name, arrays, compiler.waited) == ("plain Python", False, [])


def test_a_long_run_waits_for_a_compiler_that_pays(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sdcluster")
    compiler = Compiler(0.5, ends=True)
    used, arrays = choice(60.0).functions(compiler)  # type: ignore[arg-type]
    assert (used.name, arrays, compiler.waited) == ("machine code", True, [2.0])
    assert "compiling first" in caplog.text


def test_a_run_that_compiling_would_not_shorten_says_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sdcluster")
    compiler = Compiler(40.0, ends=True)
    used, _ = choice(20.0).functions(compiler)  # type: ignore[arg-type]
    assert (used.name, compiler.waited) == ("plain Python", [])
    assert "plain Python: compiling would take longer than it saves" in caplog.text


def test_a_compiler_that_is_late_is_waited_for_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sdcluster")
    compiler = Compiler(0.5, ends=False)
    chosen = choice(60.0)
    for _ in range(3):
        used, _arrays = chosen.functions(compiler)  # type: ignore[arg-type]
        assert used.name == "plain Python"
    assert compiler.waited == [2.0]
    assert "goes on in plain Python" in caplog.text


def test_machine_code_is_used_as_soon_as_it_is_there() -> None:
    compiler = Compiler(0.5, ends=True)
    chosen = choice(0.1)
    chosen.warm(compiler)  # type: ignore[arg-type]
    assert chosen.now == "python"
    compiler.ready = SimpleNamespace(name="machine code")
    assert chosen.now == "native"
    assert chosen.functions(compiler)[0].name == "machine code"  # type: ignore[arg-type]
