"""Checks of the time step, made by running the model.

Crosses the border: one generator of `Finding`s for each rule. A model that cannot be run is itself a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sdcluster.lint.finding import TOO_LONG, Finding, Subject

STEPS_PER_DELAY = 4  # Sterman 2000, appendix A: a quarter to a tenth of the smallest time constant
TOLERANCE = 0.01  # of the largest value of a stock, when the step is halved


def runs(subject: Subject) -> Iterator[Finding]:
    """Yield the reason why the model cannot be run, if it cannot."""
    if subject.as_it_is is None:
        long = subject.not_run == TOO_LONG
        yield Finding(
            "does-not-run",
            "note" if long else "error",
            f"the time step was not checked by a run: {subject.not_run}"
            if long
            else f"the model does not run: {subject.not_run}",
            "compare runs of two time steps yourself"
            if long
            else "mend this first; the checks of the time step need a run",
        )


def step_too_large(subject: Subject) -> Iterator[Finding]:
    """Yield delays and stocks that are faster than the time step resolves."""
    run = subject.as_it_is
    dt = subject.model.time.dt
    for name, probe in subject.probes.items():
        if run is None or name not in run:
            continue
        values = np.abs(run[name].to_numpy())
        values = values[np.isfinite(values) & (values > 0)]
        fastest = float(values.min(initial=np.inf))
        if dt > fastest / STEPS_PER_DELAY * (1 + 1e-9):
            yield Finding(
                "step-too-large",
                "error" if dt > 2 * fastest else "warning",
                f'{probe.what} of "{probe.owner.name}" gets down to {fastest:.3g} {subject.model.time.units}'.rstrip()
                + f", but the time step is {dt:g}",
                f"set {subject.place('step')} to {_nice(fastest / STEPS_PER_DELAY)} or less",
                probe.owner.name,
                probe.owner.line,
            )


def _nice(value: float) -> str:
    """Return the next smaller power of two: such steps add up without rounding."""
    return f"{2.0 ** np.floor(np.log2(value) + 1e-9):g}"


def integration_error(subject: Subject) -> Iterator[Finding]:
    """Yield stocks whose trajectories change when the time step is halved."""
    whole = subject.as_it_is
    halved = None if whole is None else subject.run(halved=True)
    if whole is None or halved is None:
        return
    clock = subject.model.time
    for stock in subject.model.stocks:
        if stock.name not in whole:
            continue
        a, b = (run[stock.name].to_numpy() for run in (whole, halved))
        length = min(len(a), len(b))
        scale = float(np.max(np.abs(b)))
        change = float(np.max(np.abs(a[:length] - b[:length]))) / scale if scale > 0 else 0.0
        if change > TOLERANCE:
            devices = any(
                s.discrete for s in subject.model.stocks
            )  # of first order with every method
            other = "" if subject.method == "rk4" or devices else "use method rk4, or "
            yield Finding(
                "integration-error",
                "warning",
                f'the course of "{stock.name}" changes by {change:.1%} when the time step is halved '
                f"({clock.dt:g} to {clock.dt / 2:g}, {subject.method})",
                f"{other}make {subject.place('step')} smaller until it changes by less than {TOLERANCE:.0%}",
                stock.name,
                stock.line,
            )
