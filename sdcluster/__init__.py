"""sdcluster: read, run, compare, analyse and teach system dynamics models.

Modules are imported on first use, so that ``import sdcluster`` is fast.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sdcluster.renamed import OldNames

__version__ = "0.2.0"

_HOMES = {
    "Model": "sdcluster.model",
    "ModelError": "sdcluster.errors",
    "ModelWarning": "sdcluster.errors",
    "Points": "sdcluster.model.points",
    "Scenario": "sdcluster.project.scenario",
    "SimulationError": "sdcluster.errors",
    "Simulator": "sdcluster.run",
    "check": "sdcluster.checks",
    "compare": "sdcluster.study.compare",
    "course": "sdcluster.lab.lesson",
    "design": "sdcluster.study.design",
    "discover": "sdcluster.study.discover",
    "ema_model": "sdcluster.study.ema",
    "ensemble": "sdcluster.study.ensemble",
    "equilibria": "sdcluster.study.tipping_equilibria",
    "explore": "sdcluster.lab.explorer",
    "experiment": "sdcluster.study.result_tables",
    "export": "sdcluster.publish.program",
    "fit": "sdcluster.study.result_tables",
    "hysteresis": "sdcluster.study.tipping_sweep",
    "jacobian": "sdcluster.run.jacobian",
    "lesson": "sdcluster.lab.lesson",
    "load": "sdcluster.read",
    "load_run": "sdcluster.run.load_run",
    "posterior": "sdcluster.study.posterior",
    "predict": "sdcluster.study.posterior_predict",
    "publish": "sdcluster.publish.laboratory",
    "scenarios": "sdcluster.project",
    "sensitivity": "sdcluster.study.sensitivity",
    "simulate": "sdcluster.run",
    "sweep": "sdcluster.study.sweep",
    "tipping": "sdcluster.study.tipping",
    "to_frame": "sdcluster.run.frames",
}

# Modules that return datasets with plotting methods.
_DRAWN = {
    "compare", "discover", "ensemble", "equilibria", "experiment", "fit", "hysteresis", "posterior", "predict",
    "sensitivity", "simulate", "sweep", "tipping",
}  # fmt: skip

__all__ = ["__version__", *sorted(_HOMES)]

if TYPE_CHECKING:
    from sdcluster.checks import check
    from sdcluster.errors import ModelError, ModelWarning, SimulationError
    from sdcluster.lab.explorer import explore
    from sdcluster.lab.lesson import course, lesson
    from sdcluster.model import Model
    from sdcluster.model.points import Points
    from sdcluster.project import scenarios
    from sdcluster.project.scenario import Scenario
    from sdcluster.publish.laboratory import publish
    from sdcluster.publish.program import export
    from sdcluster.read import load
    from sdcluster.run import Simulator, simulate
    from sdcluster.run.frames import to_frame
    from sdcluster.run.jacobian import jacobian
    from sdcluster.run.load_run import load_run
    from sdcluster.study.compare import compare
    from sdcluster.study.design import design
    from sdcluster.study.discover import discover
    from sdcluster.study.ema import ema_model
    from sdcluster.study.ensemble import ensemble
    from sdcluster.study.posterior import posterior
    from sdcluster.study.posterior_predict import predict
    from sdcluster.study.result_tables import experiment, fit
    from sdcluster.study.sensitivity import sensitivity
    from sdcluster.study.sweep import sweep
    from sdcluster.study.tipping import tipping
    from sdcluster.study.tipping_equilibria import equilibria
    from sdcluster.study.tipping_sweep import hysteresis

sys.meta_path.insert(0, OldNames())


def __getattr__(name: str) -> Any:
    if name in _DRAWN:
        import_module("sdcluster.view.accessor")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sdcluster' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
