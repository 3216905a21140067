"""Model checks. Each finding has a line and a remedy.

Interface: `lint(model)` returns `Finding`s in the order of the file; `RULES` is the table of checks.
"""

from sdcluster.lint.finding import Finding
from sdcluster.lint.rules import RULES, lint

__all__ = ["RULES", "Finding", "lint"]
