"""Checks of models: baselines of trajectories, assertions, reality checks, and the report on their results.

All imports are lazy, because pytest loads `sdcluster.checks.plugin` in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdcluster.lazy import lazy

_HOMES = {
    "Checker": "sdcluster.checks.checking",
    "Report": "sdcluster.checks.report",
    "Row": "sdcluster.checks.report",
    "accept": "sdcluster.checks.checking",
    "check": "sdcluster.checks.checking",
    "load_behaviour": "sdcluster.checks.behaviour",
    "report_table": "sdcluster.checks.report",
    "write_html": "sdcluster.checks.report_page",
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
    from sdcluster.checks.behaviour import load_behaviour
    from sdcluster.checks.checking import Checker, accept, check
    from sdcluster.checks.report import Report, Row, report_table
    from sdcluster.checks.report_page import write_html

__getattr__, __dir__ = lazy(__name__, _HOMES)
