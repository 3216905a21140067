"""Regression: baselines of trajectories, assertions about behaviour, and the report on both.

Everything is imported where it is first used: pytest loads `sdcluster.regress.plugin` in every run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "Checker": "sdcluster.regress.checking",
    "Report": "sdcluster.regress.report",
    "Row": "sdcluster.regress.report",
    "accept": "sdcluster.regress.checking",
    "check": "sdcluster.regress.checking",
    "load_behaviour": "sdcluster.regress.behaviour",
    "report_table": "sdcluster.regress.report",
    "write_html": "sdcluster.regress.page",
}

__all__ = [
    "Checker",
    "Report",
    "Row",
    "accept",
    "check",
    "load_behaviour",
    "report_table",
    "write_html",
]

if TYPE_CHECKING:
    from sdcluster.regress.behaviour import load_behaviour
    from sdcluster.regress.checking import Checker, accept, check
    from sdcluster.regress.page import write_html
    from sdcluster.regress.report import Report, Row, report_table


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sdcluster.regress' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
