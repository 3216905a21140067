"""What the servers refuse, by the key of its sentence."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sdcluster.errors import ModelError
from sdcluster.serve import classroom, copies, server
from tests.triggered import made


@pytest.mark.parametrize(
    ("key", "module", "host", "code"),
    [
        ("port_use_not_allowed", classroom, ("127.0.0.1",), errno.EADDRINUSE),
        ("machine_no_address_leave", classroom, ("10.0.0.1",), errno.EADDRNOTAVAIL),
        ("port_use_not_allowed_leave", server, (), errno.EACCES),
    ],
)
def test_a_port(
    monkeypatch: pytest.MonkeyPatch, key: str, module: object, host: tuple[str, ...], code: int
) -> None:
    def taken(*_: object, **__: object) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(module, "bind_sockets", taken)
    with made() as found, pytest.raises(ModelError):
        module._bound(*host, 80)  # type: ignore[attr-defined]
    assert found == {f"serve.{key}"}


def test_a_program_without_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "originals", lambda: [])
    with made() as found, pytest.raises(ModelError):
        copies.own_copies(tmp_path)
    assert found == {"serve.lesson_notebooks_not_installed"}
