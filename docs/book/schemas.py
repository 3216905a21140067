"""The keys of the TOML files next to a model: JSON Schemas for editors, and tables for the reference.

It reads the schemas of `sdcluster.project` and `sdcluster.checks` and writes ``docs/schemas/*.json``::

    python -m docs.book.schemas
"""

from __future__ import annotations

import json
from dataclasses import MISSING
from pathlib import Path

from sdcluster.checks.behaviour import keys as keys_of
from sdcluster.checks.tolerance import FILE as TOLERANCES
from sdcluster.checks.vocabulary import KINDS, Assertion
from sdcluster.project.calibration_file import CASE as CALIBRATION
from sdcluster.project.calibration_file import CASES as CALIBRATIONS
from sdcluster.project.experiments_file import FILE as EXPERIMENTS
from sdcluster.project.lab_file import FILE as LAB
from sdcluster.project.lesson_file import COURSE, LESSON
from sdcluster.project.scenarios_file import FILE as SCENARIOS
from sdcluster.project.schema import Either, Key, Kind, ListOf, Table, Text


def _assertion(kind: type[Assertion]) -> Table:
    found = {
        name: Key(field.metadata["kind"], "", field.default is MISSING)
        for name, field in keys_of(kind).items()
    }
    return Table(kind.kind, {"kind": Key(Text((kind.kind,)), "", True), **found})


FOLDER = Path(__file__).resolve().parents[1] / "schemas"
FILES: dict[str, Kind] = {
    "scenarios.toml": SCENARIOS,
    "behaviour.toml": Table(
        "behaviour.toml",
        {"assert": Key(ListOf(Either(tuple(map(_assertion, KINDS.values())))), "the assertions")},
    ),
    "experiments.toml": EXPERIMENTS,
    "calibration.toml": Either((CALIBRATIONS, CALIBRATION)),
    "tolerances.toml": TOLERANCES,
    "lab.toml": LAB,
    "lesson.toml": LESSON,
    "course.toml": COURSE,
}


def schema_text(name: str) -> str:
    """Return the JSON Schema of a file as text."""
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": name}
    return json.dumps(head | FILES[name].json(), indent=1, ensure_ascii=False) + "\n"


def schema_path(name: str) -> Path:
    """Return the path of a file's JSON Schema."""
    return FOLDER / f"{Path(name).stem}.schema.json"


def keys() -> str:
    """Return a Markdown table of the keys for each table of each file."""
    parts = []
    for name, kind in FILES.items():
        tables = kind.kinds if isinstance(kind, Either) else (kind,)
        if name == "behaviour.toml":
            continue  # the guide lists the kinds of assertion with their keys
        parts.append(f"## {name}")
        inner = {t.title: t for table in tables if isinstance(table, Table) for t in table.inner()}
        for title, table in inner.items():
            parts.append(f"### {title}" if title != name else "")
            rows = [
                f"| `{key}`{' (required)' if entry.required else ''} | {entry.kind.name} | {entry.doc} |"
                for key, entry in table.keys.items()
            ]
            parts.append("| key | value | meaning |\n|---|---|---|\n" + "\n".join(rows))
    return "\n\n".join(part for part in parts if part)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file in FILES:
        schema_path(file).write_text(schema_text(file), encoding="utf-8")
