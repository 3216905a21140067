"""Checks of the time step, which simulate the model.

For each rule, a generator yields the findings in a model. One of the rules reports that the model cannot be run.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sdcluster.lint.finding import TOO_LONG, Finding, Subject
from sdcluster.messages import message

STEPS_PER_DELAY = 4  # Sterman 2000, appendix A: a quarter to a tenth of the smallest time constant
TOLERANCE = 0.01  # change when the step is halved, relative to the largest value of a stock


def runs(subject: Subject) -> Iterator[Finding]:
    """Yield a finding with the reason if the model cannot be run."""
    if subject.as_it_is is None:
        long = subject.not_run == TOO_LONG
        yield Finding(
            "does-not-run",
            "note" if long else "error",
            message("lint.time_step_not_checked")
            if long
            else message("lint.model_does_not_run", not_run=subject.not_run),
            message("lint.compare_runs_two_time")
            if long
            else message("lint.mend_first_checks_time"),
        )


def step_too_large(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each delay and each draining stock whose time constant is too short for the time step."""
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
                message(
                    "lint.gets_down",
                    what=probe.what,
                    owner=probe.owner.name,
                    fastest=fastest,
                    units=f" {subject.model.time.units}".rstrip(),
                )
                + message("lint.time_step", dt=dt),
                message(
                    "lint.set_less",
                    part=subject.place("step"),
                    nice=_nice(fastest / STEPS_PER_DELAY),
                ),
                probe.owner.name,
                probe.owner.line,
            )


def _nice(value: float) -> str:
    """Return the largest power of two that is not larger than `value`.

    As a time step, such a number can be added up without rounding errors.
    """
    return f"{2.0 ** np.floor(np.log2(value) + 1e-9):g}"


def integration_error(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each stock whose trajectory changes noticeably when the time step is halved."""
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
            # Conveyors and queues are computed with first-order accuracy by every method.
            devices = any(s.discrete for s in subject.model.stocks)
            other = "" if subject.method == "rk4" or devices else message("lint.use_method_rk")
            yield Finding(
                "integration-error",
                "warning",
                message(
                    "lint.course_changes_when_time",
                    stock=stock.name,
                    change=change,
                    dt=clock.dt,
                    dt_2=clock.dt / 2,
                    method=subject.method,
                ),
                message(
                    "lint.make_smaller_until_changes",
                    other=other,
                    part=subject.place("step"),
                    tolerance=TOLERANCE,
                ),
                stock.name,
                stock.line,
            )
