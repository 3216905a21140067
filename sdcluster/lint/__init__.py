"""Check a model for likely mistakes; each finding gives the line in the file and a remedy.

`lint(model)` returns a list of `Finding` in the order of the file; `RULES` is the table of checks.
"""

from sdcluster.lint.finding import Finding
from sdcluster.lint.rules import RULES, lint

__all__ = ["RULES", "Finding", "lint"]
