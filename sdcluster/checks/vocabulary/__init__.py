"""The kinds of assertions about a model's behaviour, one small class each."""

from sdcluster.checks.vocabulary import one_run, several_runs, two_variables
from sdcluster.checks.vocabulary.assertion import Assertion, Finding, Run, Runs

KINDS: dict[str, type[Assertion]] = {
    found.kind: found
    for module in (one_run, several_runs, two_variables)
    for found in vars(module).values()
    if isinstance(found, type) and issubclass(found, Assertion) and "kind" in vars(found)
}

__all__ = ["KINDS", "Assertion", "Finding", "Run", "Runs"]
