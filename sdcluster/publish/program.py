"""Write a model as a program that runs without sdcluster: WebAssembly with a JavaScript module, or a Python script.

`export(model, path)` writes the program. Programs contain the model's numbers and names as data, so that no text from
the model's file becomes code.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sdcluster.errors import ModelError, short_traceback
from sdcluster.files import write_atomically
from sdcluster.kernel.layout import LENGTH, NEED
from sdcluster.kernel.library.records import Row
from sdcluster.kernel.parse import Unsupported
from sdcluster.kernel.targets import endings
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import element_names
from sdcluster.model.missing import NA
from sdcluster.publish.laboratory_page import as_json
from sdcluster.run.grid import Grid
from sdcluster.run.plan import Setup, deciding_names
from sdcluster.run.rows import Columns
from sdcluster.run.simulator import Simulator

STACK = 2**20  # bytes for the variables of very long functions
_HERE = Path(__file__).parent


@short_traceback
def export(
    model: Model | str | Path, path: str | Path, scenario: str | None = None
) -> tuple[Path, ...]:
    """Write a model as a program.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    path : path
        File to write. ``NAME.wasm`` writes a WebAssembly module, a JavaScript module ``NAME.js`` that runs the model,
        and TypeScript declarations ``NAME.d.ts``. ``NAME.py`` writes a Python script that needs no packages. Any other
        ending in `sdcluster.kernel.targets.TARGETS` writes only the code of the model.
    scenario : str, optional
        Name of the scenario whose settings become the defaults.

    Returns
    -------
    tuple of Path
        The files that were written.

    Raises
    ------
    ModelError
        If `path` has another ending, if the scenario changes settings during the run, or if the model cannot be
        translated to this language.
    """
    path = Path(path)
    target = endings().get(path.suffix)
    if target is None:
        raise ModelError(
            message(
                "publish.cannot_export_files_end",
                suffix=path.suffix,
                endings=comma_separated(endings()),
            ),
            file=path,
        )
    simulator = Simulator(model, scenario)
    described, setup = describe(simulator)
    write = _WRITERS.get(target.name)
    try:
        contents = (
            write(described, setup, path)
            if write
            else [setup.kernel.code(target.name, simulator.method)]
        )
    except (Unsupported, RuntimeError) as reason:
        raise ModelError(
            message("publish.model_cannot_become", suffix=path.suffix, reason=reason),
            file=simulator.model.path,
        ) from None
    written = files_of(path)
    for file, content in zip(written, contents, strict=True):
        write_atomically(file, content)
    return written


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the paths of all files that `export` writes for the path `path`."""
    beside = (".js", ".d.ts") if path.suffix == ".wasm" else ()
    return (path, *(path.with_suffix(ending) for ending in beside))


def describe(simulator: Simulator) -> tuple[dict[str, Any], Setup]:
    """Return the description of a model that an exported program needs, as data for JSON, and the prepared run."""
    model = simulator.model
    if simulator.scenario.changes:
        raise ModelError(
            message("publish.scenario_changes_settings_during", scenario=simulator.scenario.name),
            file=model.path,
        )
    setup, grid = simulator.prepared()
    source = setup.kernel.source
    return {
        "name": model.name or model.path.stem,
        "method": simulator.method,
        "times": run_times(grid),
        "timeUnit": model.time.units or "",
        "width": source.width,
        "columns": source.columns,
        "rows": Row.count,
        "size": source.size,
        "cells": source.cells,
        "length": LENGTH,
        "need": NEED,
        "devices": bool(setup.kernel.program.devices),
        "missing": NA,
        "parameters": [None if math.isnan(x) else x for x in setup.p[: source.size].tolist()],
        "longest": int(setup.p[LENGTH]),
        "settings": _settings(simulator, setup),
        "variables": _variables(simulator, setup),
    }, setup


def run_times(grid: Grid) -> dict[str, Any]:
    """Return the times of a run as data: the number of steps, which steps are saved, and how to compute their times."""
    origin, stride, parts = grid.fractions
    rows = -(-grid.steps // grid.every) + 1
    kept = grid.kept
    every_row = len(kept) == rows
    return {
        "steps": grid.steps,
        "every": grid.every,
        "dt": grid.dt,
        "origin": origin,
        "stride": stride,
        "parts": parts,
        "kept": None if every_row else kept.tolist(),
    }


def _settings(simulator: Simulator, setup: Setup) -> list[dict[str, Any]]:
    """Return the constants and initial values that a run can set, each with its index, default, unit and range."""
    model, source = simulator.model, setup.kernel.source
    fixed = deciding_names(model) | simulator.controls
    found = []
    for places in (source.parameters, source.initial_values):
        for key, place in places.items():
            variable = model.variables.get(key)
            if variable is None or variable.hidden or key in fixed:
                continue
            if simulator.moved_by([variable.name]):
                continue  # it determines the times of the run, which are fixed in a program
            if key in source.initial_values and places is source.parameters:
                continue
            default = setup.p[place : place + source.sizes[key]]
            limits = variable.range
            found.append(
                {
                    "name": variable.name,
                    "elements": element_names(model, key) if variable.dimensions else [],
                    "place": place,
                    "size": source.sizes[key],
                    "default": None if np.isnan(default).any() else default.tolist(),
                    "unit": variable.units or "",
                    "minimum": limits.minimum if limits else None,
                    "maximum": limits.maximum if limits else None,
                }
            )
    return found


def _variables(simulator: Simulator, setup: Setup) -> list[dict[str, Any]]:
    """Return the variables and elements in the results of a run, each with the index of its values in memory."""
    model = simulator.model
    spans: dict[str, tuple[int, int]] = {}
    rows: list[tuple[str, str]] = []
    for key, variable in model.variables.items():
        if variable.kind != "lookup" and not variable.hidden:
            names = element_names(model, key)
            spans[key] = (len(rows), len(names))
            rows += [(name, key) for name in names]
    columns = Columns(setup.kernel, spans)
    keeping = columns.keeping
    moving = {row: column for column, row in enumerate(keeping.rows.tolist())}
    still = dict(zip(keeping.still.tolist(), keeping.places.tolist(), strict=True))
    undefined = {
        spans[key][0] + i
        for key, missing in setup.kernel.program.undefined.items()
        if key in spans
        for i in missing
    }
    return [
        {
            "name": name,
            "unit": model.variables[key].units or "",
            "kind": model.variables[key].kind,
            "column": None if i in undefined else moving.get(i),
            "place": None if i in undefined else still.get(i),
            "mayBeMissing": key in setup.kernel.source.may_be_missing,
        }
        for i, (name, key) in enumerate(rows)
    ]


def _webassembly(described: dict[str, Any], setup: Setup, path: Path) -> list[str | bytes]:
    """Return a WebAssembly module, the JavaScript that runs the model, and TypeScript declarations."""
    module = setup.kernel.wasm(described["method"])
    described = described | {"base": module.tables + STACK}
    types = (_HERE / "program.d.ts").read_text(encoding="utf-8")
    return [module.code, _javascript(described, path.name), types]


def _javascript(described: dict[str, Any], module: str) -> str:
    text, runner = (
        (_HERE / name).read_text(encoding="utf-8") for name in ("program.js", "run_model.js")
    )
    text = text.replace('"@RUNNER@";', runner.replace("export function", "function"))
    return text.replace('"@FILE@"', json.dumps(module)).replace('"@MODEL@"', as_json(described))


def _script(described: dict[str, Any], setup: Setup, path: Path) -> list[str | bytes]:
    """Return a Python script that runs the model without packages."""
    head, _, rest = (_HERE / "program.py.txt").read_text(encoding="utf-8").partition("# @KERNEL@\n")
    text = json.dumps(as_json(described))
    return [f"{head}\n{setup.kernel.text}\n{rest}".replace('"@MODEL@"', text)]


# The targets for which the code of the model is part of a program.
_WRITERS: dict[str, Callable[[dict[str, Any], Setup, Path], list[str | bytes]]] = {
    "wasm": _webassembly,
    "python": _script,
}
