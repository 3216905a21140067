"""The table of checks.

To add a check, write a generator of findings, and add a row to the table. Test the check on a model with the defect and
on a model without the defect.

`RULES` is the table, and `lint(model)` returns the findings of all checks.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.lint import devices, documentation, numerics, structure
from sdcluster.lint.finding import SEVERITIES, Finding, Rule, Subject
from sdcluster.messages import comma_separated, message
from sdcluster.model import Model
from sdcluster.progress import counted

RULES = (
    Rule("fixed", "the reader needs no corrections to read the file", documentation.liberties),
    Rule("units", "the units in every equation are consistent", documentation.unit_clashes),
    Rule("no-units", "every variable has a unit", documentation.missing_units),
    Rule("no-docs", "every variable is documented", documentation.missing_docs),
    Rule("names-alike", "no two names differ only in a hyphen, a plural or one letter", documentation.names_alike),
    Rule("unused", "every variable is used in an equation", structure.unused),
    Rule("number-in-equation", "equations use named constants instead of numbers", structure.numbers_in_equations),
    Rule("stocks", "every stock has flows, one of them an outflow", structure.stocks_without_flows),
    Rule("reality-check", "every reality check can be evaluated, and every test input is used",
         structure.reality_checks),
    Rule("conveyor", "transit times of conveyors are multiples of the time step, and leak fractions sum to at most 1",
         devices.conveyors),
    Rule("screen", "no function concerns the screen or session of another program", structure.screen),
    Rule("cycle", "no variable depends on its own current value", structure.cycles),
    Rule("does-not-run", "the model runs", numerics.runs, runs=True),
    Rule("step-too-large", "the time step is short enough for all delays and draining stocks",
         numerics.step_too_large, runs=True),
    Rule("integration-error", "results hardly change if the time step is halved",
         numerics.integration_error, runs=True),
)  # fmt: skip

# Names from 0.1.0, still accepted; findings use the current names.
OLD_NAMES = {"mended": "fixed", "circle": "cycle"}


def lint(model: Model, *, rules: Collection[str] = (), run: bool = True) -> list[Finding]:
    """Check a model and return the findings.

    Parameters
    ----------
    model : Model
    rules : collection of str
        Names of the checks to make, from `RULES`; by default, all checks. The old names ``mended`` and ``circle`` still
        work, with a `DeprecationWarning`.
    run : bool
        Whether to simulate the model (three times) for the checks of the time step.

    Returns
    -------
    list of Finding
        In the order of the file; findings about the whole model come last.

    Raises
    ------
    ModelError
        If a name in `rules` is not the name of a check.
    """
    known = [rule.name for rule in RULES]
    for name in OLD_NAMES.keys() & set(rules):
        warnings.warn(
            f'the rule "{name}" is now "{OLD_NAMES[name]}"; use that name',
            DeprecationWarning,
            stacklevel=2,
        )
    rules = [OLD_NAMES.get(name, name) for name in rules]
    for name in rules:
        if name not in known:
            hint = did_you_mean(name, known) or message(
                "lint.there_are", known=comma_separated(known)
            )
            raise ModelError(message("lint.no_rule", name=name, hint=hint))
    subject = Subject(model)
    found: list[Finding] = []
    for rule in counted(RULES, "checking", "rules", every=1):
        if (rules and rule.name not in rules) or (rule.runs and not run):
            continue
        if rule.name == "does-not-run" and any(f.rule == "cycle" for f in found):
            continue
        found += rule.check(subject)
    order = {key: at for at, key in enumerate(model.variables)}
    keys = {v.name: order[k] for k, v in model.variables.items()}
    return sorted(
        found,
        key=lambda f: (
            f.line is None,
            f.line or 0,
            keys.get(f.variable, len(order)),
            SEVERITIES.index(f.severity),
        ),
    )
