"""Judge reality checks: run the model with the condition forced to be true, and test whether the consequence follows.

`judge(model, check)` returns a `Finding`.

All comparisons of a condition are forced to be true together. Alternatives joined by ``:OR:`` are forced one by one,
each in a separate run. A condition without test functions is also checked in the unchanged run (Vensim's passive
checking). All comparisons but ``<`` and ``>`` have a tolerance: a millionth of the largest absolute value of the two
trajectories.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sdcluster.checks.forcing import Courses, Probe, Probes, course, elements_under, forced
from sdcluster.checks.vocabulary.assertion import Finding, time_axis
from sdcluster.errors import ModelError, SimulationError
from sdcluster.measure.trajectory import on_the_clock
from sdcluster.messages import Message, clauses, joined, message
from sdcluster.model import Model, RealityCheck
from sdcluster.model.expression import (
    COMPARISONS,
    Binary,
    Call,
    Expression,
    Reference,
    Table,
    Unary,
    substituted,
    walk,
)
from sdcluster.model.missing import with_missing
from sdcluster.recursion import deep_recursion
from sdcluster.view.chart import Chart, Curve, Point
from sdcluster.words.numbers import plain

MAX_RUNS = 400
MAX_WAYS = 32
TOLERANCE = 1e-6
_NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_RELATIONS: dict[str, Callable[[np.ndarray, np.ndarray, float], np.ndarray]] = {
    "=": lambda a, b, slack: np.abs(a - b) <= slack,
    "<>": lambda a, b, slack: np.abs(a - b) > slack,
    "<=": lambda a, b, slack: a <= b + slack,
    ">=": lambda a, b, slack: a >= b - slack,
    "<": lambda a, b, slack: a < b,
    ">": lambda a, b, slack: a > b,
}


def judge(model: Model, check: RealityCheck) -> Finding:
    """Return the verdict on a reality check.

    Parameters
    ----------
    model : Model
        The model that contains the check.
    check : RealityCheck

    Returns
    -------
    Finding
        The verdict, with the first violation in numbers and a chart of the compared variables.

    Raises
    ------
    ModelError
        If the check cannot be understood, or its condition cannot be forced.
    """
    if check.condition is None or check.consequence is None:
        raise ModelError(
            message("checks.reality_check_cannot_judged", check=check.name, problem=check.problem),
            file=model.path,
            line=check.line,
            variable=check.name,
        )
    try:
        with deep_recursion():
            tests = _tests(model, check)
            outcomes = [outcome for test in tests for outcome in test.outcomes()]
    except ModelError as error:
        raise ModelError(
            message(
                "checks.reality_check_cannot_judged_2", check=check.name, reason=error.sentence
            ),
            file=model.path,
            line=check.line,
            variable=check.name,
        ) from None
    broken = [o for o in outcomes if not o.passed]
    shown = broken or outcomes
    sentence = shown[0].sentence
    if len(broken) > 1:
        sentence = clauses(
            [
                sentence,
                message("checks.reality_runs_break", broken=len(broken), runs=len(outcomes)),
            ]
        )
    elif not broken and len(outcomes) > 1:
        sentence = message("checks.reality_holds_in_runs", runs=len(outcomes), first=sentence)
    return Finding(not broken, sentence, tuple(o.chart for o in shown[:9] if o.chart is not None))


def _tests(model: Model, check: RealityCheck) -> list[_Test]:
    tests = []
    for part in elements_under(model, check.subscripts):
        names = dict(zip(check.subscripts, part, strict=True))
        assert check.condition is not None
        assert check.consequence is not None
        condition = substituted(check.condition, names)
        label = f"{check.name}[{', '.join(part)}]" if part else check.name
        shown = f"[{', '.join(part)}]: " if part else ""
        tests.append(_Test(model, label, shown, condition, substituted(check.consequence, names)))
    runs = sum(len(t.ways) + 1 for t in tests)
    if runs > MAX_RUNS:
        raise ModelError(message("checks.takes_runs_more_not", runs=runs, max_runs=MAX_RUNS))
    return tests


def _ways(node: Expression, negated: bool = False) -> list[list[Binary]]:
    """Return the alternative ways in which a condition can be true, each as comparisons that must be true together.

    If `negated`, return the ways in which the condition can be false.
    """
    match node:
        case Unary("not", operand):
            return _ways(operand, not negated)
        case Binary("and" | "or" as operator, left, right):
            first, second = _ways(left, negated), _ways(right, negated)
            found = (
                first + second
                if (operator == "or") != negated
                else [[*a, *b] for a in first for b in second]
            )
            if len(found) > MAX_WAYS:
                raise ModelError(message("checks.condition_can_come_true", max_ways=MAX_WAYS))
            return found
        case Binary(operator, left, right) if operator in COMPARISONS:
            turned = _NEGATED[operator] if negated else operator
            return [[Binary(turned, left, right)]]  # type: ignore[arg-type]
    raise TypeError(type(node).__name__)  # the reader refuses any other condition


@dataclass
class _Outcome:
    passed: bool
    sentence: str
    chart: Chart | None = None


@dataclass
class _Test:
    """A reality check for one combination of elements of its subscripts."""

    model: Model
    label: str
    prefix: str
    condition: Expression
    consequence: Expression
    ways: list[list[Binary]] = field(init=False)

    def __post_init__(self) -> None:
        self.ways = _ways(self.condition)

    def outcomes(self) -> list[_Outcome]:
        base = self.base()
        natural = _Watch(self, self.model, base)
        by_itself = _has_course(self.condition)
        tested = None if by_itself else natural.probes_of(self.condition)
        values = natural.run()
        scales = {p.comparison.left: _size(values[p.left]) for p in natural.probes.values()}
        found = []
        if tested is not None:
            when = natural.truth(self.condition, values, scales)
            if when.any():
                found.append(
                    natural.outcome(values, scales, when, message("checks.reality_as_it_is"))
                )
        for way in self.ways:
            found.append(self.made_true(way, base, scales))
        return found

    def base(self) -> Courses:
        """Return the trajectories, in the run without test inputs, from which functions in the check start."""
        asked: dict[Expression, None] = {}
        for node in (*walk(self.condition), *walk(self.consequence)):
            if isinstance(node, Call) and node.function.endswith(" check"):
                asked[node.arguments[1]] = None
            elif isinstance(node, Call) and node.function == "rc compare":
                asked[node.arguments[0]] = None
        if not asked:
            return {}
        probes = Probes(self.model, {})
        names = {followed: probes.show(followed) for followed in asked}
        time, values = _simulated(probes)
        return {
            r: Table(tuple(time), tuple(with_missing(values[name]))) for r, name in names.items()
        }

    def made_true(
        self, way: Sequence[Binary], base: Courses, scales: Mapping[Expression, float]
    ) -> _Outcome:
        watch = _Watch(self, forced(self.model, way, base), base)
        masks = []
        for comparison in way:
            right = comparison.right
            if isinstance(right, Call) and right.function.startswith("rc "):
                masks.append(watch.source.show(course(right, base, watch.source.model).active))
            elif comparison.operator == "<>":
                watch.probe(comparison)
        try:
            values = watch.run()
        except SimulationError as error:
            return _Outcome(False, message("checks.reality_does_not_run", error=error))
        when = np.ones(len(watch.time), dtype=bool)
        for mask in masks:
            when &= values[mask] > 0.5
        for comparison in way:
            if comparison.operator == "<>":
                when &= watch.truth(comparison, values, scales)
        return watch.outcome(values, scales, when, message("checks.reality_made_true"))


class _Watch:
    """Runs a model in which additional variables show the comparisons of a reality check, and tests the results."""

    def __init__(self, test: _Test, model: Model, base: Courses) -> None:
        self.test = test
        self.source = Probes(model, base)
        self.probes: dict[Binary, Probe] = {}
        self.time = np.zeros(0)
        self.probes_of(test.consequence)

    def probe(self, comparison: Binary) -> None:
        if comparison not in self.probes:
            self.probes[comparison] = self.source.add(comparison)

    def probes_of(self, side: Expression) -> bool:
        for node in walk(side):
            if isinstance(node, Binary) and node.operator in COMPARISONS:
                self.probe(node)
        return True

    def run(self) -> Mapping[str, np.ndarray]:
        self.time, values = _simulated(self.source)
        return values

    def truth(
        self,
        node: Expression,
        values: Mapping[str, np.ndarray],
        scales: Mapping[Expression, float],
    ) -> np.ndarray:
        """Return whether a condition or consequence is true at each time, as an array of booleans."""
        match node:
            case Unary("not", operand):
                return ~self.truth(operand, values, scales)
            case Binary("and", left, right):
                return self.truth(left, values, scales) & self.truth(right, values, scales)
            case Binary("or", left, right):
                return self.truth(left, values, scales) | self.truth(right, values, scales)
            case Call(modifier, (comparison,)):
                return self.once(modifier, comparison, values, scales)
            case Binary():
                return self.kept(node, values, scales) | ~self.active(node, values)
        raise TypeError(type(node).__name__)  # the reader refuses any other consequence

    def kept(
        self,
        node: Binary,
        values: Mapping[str, np.ndarray],
        scales: Mapping[Expression, float],
    ) -> np.ndarray:
        probe = self.probes[node]
        left, right = values[probe.left], values[probe.right]
        size = max(_size(left), _size(right), scales.get(node.left, 0.0))
        return _RELATIONS[node.operator](left, right, TOLERANCE * size)

    def active(self, node: Binary, values: Mapping[str, np.ndarray]) -> np.ndarray:
        name = self.probes[node].active
        return values[name] > 0.5 if name else np.ones(len(self.time), dtype=bool)

    def once(
        self,
        modifier: str,
        node: Expression,
        values: Mapping[str, np.ndarray],
        scales: Mapping[Expression, float],
    ) -> np.ndarray:
        """Return whether ``:AT LEAST ONCE:`` or ``:CROSSING:`` is fulfilled, as an array of booleans over time.

        ``:AT LEAST ONCE:`` requires that a comparison is true at some time; ``:CROSSING:`` also requires that it is
        false later. If the requirement fails, the array is False at the last time at which the comparison applies. All
        other values are True.
        """
        assert isinstance(node, Binary)
        active = self.active(node, values)
        kept = self.kept(node, values, scales)[active]
        first = int(np.argmax(kept)) if kept.any() else -1
        good = first >= 0 and (modifier != "rc crossing" or not kept[first:].all())
        result = np.ones(len(self.time), dtype=bool)
        if len(kept) and not good:
            result[np.flatnonzero(active)[-1]] = False
        return result

    def outcome(
        self,
        values: Mapping[str, np.ndarray],
        scales: Mapping[Expression, float],
        when: np.ndarray,
        how: str,
    ) -> _Outcome:
        """Return the verdict over the times `when` at which the condition is true, with a sentence and a chart."""
        prefix = self.test.prefix
        if not when.any():
            return _Outcome(True, joined("", (prefix, message("checks.reality_never_true"))))
        wrong = when & ~self.truth(self.test.consequence, values, scales)
        place = int(np.argmax(wrong)) if wrong.any() else int(np.argmax(when))
        node = self.culprit(values, scales, place if wrong.any() else None)
        probe = self.probes[node]
        left, right = values[probe.left], values[probe.right]
        name = _words(self.source.model, node.left)
        if wrong.any():
            sentence = message(
                "checks.reality_broken",
                prefix=prefix,
                how=how,
                name=name,
                value=left[place],
                time=on_the_clock(self.time[place]),
                demand=_demand(node.operator, plain(right[place], 6)),
                wrong=int(wrong.sum()),
                times=int(when.sum()),
            )
        else:
            sentence = message(
                "checks.reality_holds", prefix=prefix, how=how, times=int(when.sum())
            )
        return _Outcome(not wrong.any(), sentence, self.chart(node, values, when, wrong, name))

    def culprit(
        self,
        values: Mapping[str, np.ndarray],
        scales: Mapping[Expression, float],
        place: int | None,
    ) -> Binary:
        """Return the first comparison of the consequence that is false at the time with index `place`.

        If there is no such comparison, return the first comparison.
        """
        inside = [
            n
            for n in walk(self.test.consequence)
            if isinstance(n, Binary) and n.operator in COMPARISONS
        ]
        for node in inside if place is not None else ():
            if not (self.kept(node, values, scales) | ~self.active(node, values))[place]:
                return node
        return inside[0]

    def chart(
        self,
        node: Binary,
        values: Mapping[str, np.ndarray],
        when: np.ndarray,
        wrong: np.ndarray,
        name: str,
    ) -> Chart:
        probe = self.probes[node]
        left, right = values[probe.left], values[probe.right]
        bound = self.active(node, values)
        unit = self.source.model.time.units
        worst = int(np.argmax(np.where(wrong, np.abs(left - right), -1.0)))
        points = (
            (Point(self.time[worst], left[worst], plain(left[worst], 4)),) if wrong.any() else ()
        )
        looked = self.time[when]
        return Chart(
            self.test.label,
            time_axis(unit),
            _with_unit(self.source.model, node.left, name),
            (
                Curve(name, self.time, left, "new"),
                Curve(
                    _demand(node.operator, message("checks.reality_this")),
                    self.time[bound],
                    right[bound],
                    "old",
                ),
            ),
            points=points,
            period=(float(looked[0]), float(looked[-1])),
        )


def _simulated(probes: Probes) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    from sdcluster.run import Simulator

    model = probes.model
    run = Simulator(model, saveper=model.time.dt).dataset(variables=probes.names)
    values = {name: np.asarray(run[name].values, dtype=float) for name in probes.names}
    return np.asarray(run["time"].values, dtype=float), values


def _has_course(side: Expression) -> bool:
    return any(isinstance(n, Call) and n.function.startswith("rc ") for n in walk(side))


def _size(values: np.ndarray) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _with_unit(model: Model, node: Expression, name: str) -> str:
    unit = model.variables[node.name].units if isinstance(node, Reference) else ""
    return f"{name} ({unit})" if unit and unit.lower() not in ("1", "dmnl") else name


def _words(model: Model, node: Expression) -> str:
    if isinstance(node, Reference):
        name = model.variables[node.name].name
        return f"{name}[{', '.join(node.subscripts)}]" if node.subscripts else name
    return message("checks.reality_left_side")


def _demand(operator: str, bound: str) -> Message:
    """Return the requirement of a comparison in words, such as ``must be at most 5``."""
    match operator:
        case "=":
            return message("checks.reality_equal", bound=bound)
        case "<>":
            return message("checks.reality_not_equal", bound=bound)
        case "<=":
            return message("checks.reality_at_most", bound=bound)
        case ">=":
            return message("checks.reality_at_least", bound=bound)
        case "<":
            return message("checks.reality_below", bound=bound)
    return message("checks.reality_above", bound=bound)
