"""The rooms of the house: which may import which. CONTRIBUTING says what each room is for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "sdcluster"

# Single files at the top that every room may use, and that use no room.
BASE = {"errors", "files", "lazy", "messages", "progress", "recursion", "renamed"}
# The front doors, which may use every room and which no room uses.
DOORS = {"__init__", "__main__", "demo"}

ARROWS = {
    "words": set(),
    "functions": set(),
    "model": {"functions"},
    "measure": {"model", "words"},
    "read": {"functions", "model"},
    "kernel": {"functions", "model"},
    "write": {"functions", "kernel", "model"},
    "project": {"measure", "model", "read", "words"},
    "run": {"functions", "kernel", "model", "project", "read"},
    "lint": {"functions", "model", "run"},
    "study": {"measure", "model", "project", "run", "words"},
    "view": {"measure", "model", "project", "read", "run", "study", "words"},
    "checks": {"measure", "model", "project", "read", "run", "view", "words", "write"},
    "publish": {
        "checks", "kernel", "lint", "measure", "model", "project", "run", "study", "view", "words",
        "write",
    },
    "serve": {"lab", "model", "project", "publish", "read", "run", "words"},
    "lab": {"model", "project", "publish", "read", "run", "study", "view", "words"},
    "cli": {
        "checks", "demo", "kernel", "lab", "lint", "measure", "model", "project", "publish", "read", "run", "serve",
        "study", "view", "words",
    },
}  # fmt: skip

# `Model.to_xmile` is a public method of 0.1.0; it hands over to the writer when it is called.
HANDED_OVER = {("model/model.py", "sdcluster.write.xmile")}


def room_of(module: str) -> str:
    """Return the room of a module, ``""`` for `sdcluster` itself."""
    return module.split(".")[1] if "." in module else ""


def modules() -> set[str]:
    paths = [p.relative_to(PACKAGE.parent).with_suffix("") for p in PACKAGE.rglob("*.py")]
    return {".".join(p.parts).removesuffix(".__init__") for p in paths}


def imported(file: Path, known: set[str]) -> Iterator[str]:
    """Yield our modules that a file imports, at the top, within functions or by a text that names one."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known:
            yield node.value


def arrows() -> dict[tuple[str, str], list[str]]:
    """Return, for each pair of rooms, the imports that lead from one to the other."""
    known, found = modules(), {}
    for file in sorted(PACKAGE.rglob("*.py")):
        place = file.relative_to(PACKAGE)
        own = place.parts[0].removesuffix(".py")
        if own in DOORS or own == "renamed":
            continue
        for name in imported(file, known):
            if (
                not name.startswith("sdcluster.")
                or (place.as_posix(), name.rpartition(".")[0]) in HANDED_OVER
            ):
                continue
            other = room_of(name)
            if other != own and (other in ARROWS or other in DOORS):
                found.setdefault((own, other), []).append(f"{place.as_posix()} imports {name}")
    return found


ALL = arrows()


@pytest.mark.parametrize("room", sorted(ARROWS))
def test_a_room_imports_only_what_its_row_allows(room):
    wrong = [
        line
        for (own, other), lines in ALL.items()
        if own == room and other not in ARROWS[room]
        for line in lines
    ]
    allowed = ", ".join(sorted(ARROWS[room]))
    assert not wrong, f"{room}/ may import {allowed} only; move the code or extend ARROWS: {wrong}"


def test_every_folder_is_a_room():
    folders = {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists()}
    assert folders == set(ARROWS)


def test_what_every_room_uses_uses_no_room():
    assert {own for own, _ in ALL} & BASE == set()


def test_the_allowed_arrows_have_no_cycle():
    rooms = {room: others - DOORS for room, others in ARROWS.items()}
    assert next(iter(TopologicalSorter(rooms).static_order())) in ("functions", "words")


def test_no_arrow_is_allowed_that_no_import_needs():
    allowed = [(own, other) for own, others in ARROWS.items() for other in sorted(others)]
    unused = [f'"{other}" from "{own}"' for own, other in allowed if (own, other) not in ALL]
    assert not unused, f"no import needs these rooms any more; remove {', '.join(unused)} in ARROWS"


def test_pysd_is_used_at_two_places():
    using = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            if any(name.partition(".")[0] == "pysd" for name in names):
                using.add(file.relative_to(PACKAGE).as_posix())
    assert using == {
        "checks/second_opinion.py",
        "write/pysd_notation.py",
    }
