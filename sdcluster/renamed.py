"""Import modules under their old names with a warning: ``sdcluster.analyse.sweep`` is now `sdcluster.study.sweep`.

`OldNames` is an import finder that `sdcluster` installs before Python's own finders. Those would load the file a second
time; with `OldNames`, the old and the new name refer to the same module object.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# Folders first, then files that moved elsewhere; the longest matching old name is used.
_NEW = {
    "analyse": "study",
    "analyse.asked": "study.run_request",
    "analyse.calibrate_file": "project.calibration_file",
    "analyse.experiments_file": "project.experiments_file",
    "analyse.experiments_question": "project.experiment",
    "analyse.found": "study.result_tables",
    "analyse.measures": "measure.measures",
    "analyse.quantity": "measure.measures",
    "checks.page": "checks.report_page",
    "compile": "kernel",
    "compile.native": "kernel.targets.native",
    "compile.prelude": "kernel.library",
    "document": "publish",
    "document.page": "publish.model_page",
    "lab.diagram": "view.diagram",
    "lab.lesson_course": "lab",
    "lab.lesson_table": "project.library",
    "lab.page": "lab.voila_page",
    "lab.story": "view.story",
    "lint.wording": "lint.documentation",
    "model.function": "functions.function",
    "model.function_rows": "functions.rows",
    "model.functions": "functions.table",
    "output": "view",
    "output.frames": "run.frames",
    "output.netcdf_names": "run.netcdf_names",
    "output.save": "run.save",
    "output.spreadsheet": "run.spreadsheet",
    "output.wording": "view.chart_words",
    "publish.page": "publish.model_page",
    "read.load_run": "run.load_run",
    "regress": "checks",
    "regress.chart": "view.chart",
    "regress.measure": "measure.trajectory",
    "regress.page": "checks.report_page",
    "regress.svg": "view.svg",
    "scenario": "project",
    "scenario.reading": "project.scenarios_file",
    "solve": "run",
    "study.asked": "study.run_request",
    "study.found": "study.result_tables",
    "view.wording": "view.chart_words",
}

# Modules without a successor, and what to do instead.
_CARDS = "the cards of a lesson are one widget now: lesson = sdcluster.lesson(name)"
_GONE = {
    "sdcluster.lab.assets": "the front end is built from frontend/",
    "sdcluster.lab.exercise": _CARDS,
    "sdcluster.lab.exercise_wording": _CARDS,
    "sdcluster.lab.wording": "the units in lab.toml have the words",
}


def new_name(name: str) -> str | None:
    """Return the current name of a module of version 0.1.0, or None if the name is not an old one."""
    package, _, rest = name.partition(".")
    parts = rest.split(".")
    for length in range(len(parts), 0, -1) if package == "sdcluster" else ():
        found = _NEW.get(".".join(parts[:length]))
        if found:
            return ".".join((package, found, *parts[length:]))
    return None


class OldNames:
    """Import finder and loader that maps old module names to the current modules."""

    def __init__(self) -> None:
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a module specification for an old name, or None for any other name."""
        if fullname in _GONE:
            raise ModuleNotFoundError(f"{fullname} is gone: {_GONE[fullname]}", name=fullname)
        found = new_name(fullname)
        loader: Any = self
        return None if found is None else ModuleSpec(fullname, loader, origin=found)

    def create_module(self, spec: ModuleSpec) -> Any:
        """Return the current module, and warn that its name has changed."""
        new = str(spec.origin)
        try:
            module = import_module(new)
        except ModuleNotFoundError as error:
            if error.name != new:
                raise
            raise ModuleNotFoundError(f"No module named {spec.name!r}", name=spec.name) from None
        warnings.warn(
            f"{spec.name} is now {new}; import it from there",
            DeprecationWarning,
            stacklevel=2,
        )
        self._specs[new] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own ``__spec__``, which the import system has just replaced."""
        module.__spec__ = self._specs.pop(module.__name__)
