"""Change a model so that the condition of a reality check is true, and show whether the consequence follows.

In a reality check, a consequence must follow from a condition. Both consist of comparisons such as ``price >= 0``.

`forced(model, conditions)` returns a model in which the given comparisons are true. `Probes` adds variables to a model
that show the two sides of a comparison, and the times at which the comparison applies.

The rules are Vensim's (reference manual, "Active constraint testing"). A condition sets a variable by an equation. This
equation is evaluated after the variable's own equation and may use the result. Its value replaces the result wherever
the variable is used. An inequality changes the value only while the inequality would otherwise be false. The
functions RC STEP, RC RAMP, RC DECAY, RC GROW and RC COMPARE do not change a variable before a start time. From then on,
the variable follows a given curve, which begins at the variable's value at the start time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from types import MappingProxyType

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Equation, Model, Variable
from sdcluster.model.expression import (
    FLIP,
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    Table,
    rebuilt,
    substituted,
)
from sdcluster.model.names import canonical

MAX_PARTS = 10_000

_TIME, _DT = Call("time", ()), Call("dt", ())
_HALF = Binary("*", Number(0.5), _DT)
_ZERO, _ONE = Number(0.0), Number(1.0)

# Trajectories in the run without test inputs, by the expression that is followed.
Courses = Mapping[Expression, Table]


@dataclass(frozen=True)
class Course:
    """The trajectory that a function such as RC STEP defines, for a variable to follow or to be compared with.

    Parameters
    ----------
    value : Expression
        The value of the trajectory from its start on.
    active : Expression
        1 while the trajectory applies, otherwise 0.
    """

    value: Expression
    active: Expression


def course(call: Call, base: Courses, model: Model) -> Course:
    """Return the trajectory that a function of reality checks, such as RC STEP, defines.

    Parameters
    ----------
    call : Call
        A call of a function whose name begins with ``rc``. The functions whose names end in ``check`` have a grace
        period as their first argument.
    base : mapping of Expression to Table
        Trajectories in the run without test inputs, by expression. The curves of RC COMPARE and of the check functions
        begin at these trajectories.
    model : Model
        The model, for the default start of the curve: its variable RC START TIME or, without this variable, one step
        after the start of the run.
    """
    shape = call.function.removeprefix("rc ").removesuffix(" check")
    given = list(call.arguments)
    grace = given.pop(0) if call.function.endswith(" check") else _ZERO
    basis, *rest = given
    count = 2 if shape == "ramp" else 1
    numbers, times = rest[:count], rest[count:]
    start = times[0] if times else _start_time(model)
    now = Binary("+", _TIME, _HALF)
    since = Call("max", (Binary("-", _TIME, start), _ZERO))
    begun = Binary(">", now, Binary("+", start, grace))
    active: Expression = begun
    if len(times) > 1:
        active = Binary("and", begun, Binary("<=", now, Binary("+", start, times[1])))
    if shape == "compare":
        return Course(Binary("*", Lookup(base[basis], _TIME), numbers[0]), active)
    if basis in base:
        basis = _undisturbed(basis, base[basis])
    # The value at the start: sampled in every step until the start, then held.
    early = Binary("<=", _TIME, Binary("+", start, _HALF))
    frozen = Call("sample if true", (early, basis, basis))
    return Course(Binary("*", frozen, _factor(shape, numbers, since)), active)


def _undisturbed(basis: Expression, table: Table) -> Expression:
    """Return an expression for the value that a variable would have if nothing were forced in this step.

    A test input may change the observed variable immediately, so the variable's own value at the start may be forced.
    """
    before, normal = Call("previous", (basis, basis)), Lookup(table, Binary("-", _TIME, _DT))
    gap = Call("abs", (Binary("-", before, normal),))
    size = Call("max", (Call("abs", (before,)), Call("abs", (normal,))))
    same = Binary("<=", gap, Binary("*", Number(1e-9), size))
    first = Binary("<", _TIME, Binary("+", Call("start", ()), _HALF))
    return Call("if", (Binary("or", same, first), Lookup(table, _TIME), basis))


def _factor(shape: str, numbers: list[Expression], since: Expression) -> Expression:
    first = numbers[0]
    if shape == "step":
        return first
    if shape == "ramp":
        share = Call("zidz", (since, numbers[1]))
        partly = Binary("+", Binary("*", first, share), Binary("-", _ONE, share))
        return Call("if", (Binary(">=", since, numbers[1]), first, partly))
    if shape == "decay":
        return Call("exp", (Binary("/", Binary("-", _ZERO, since), first),))
    return Call("exp", (Binary("*", first, since),))


def _start_time(model: Model) -> Expression:
    if "rc start time" in model.variables:
        return Reference("rc start time")
    return Binary("+", Call("start", ()), _DT)


# ---- forcing conditions


def forced(model: Model, conditions: Sequence[Binary], base: Courses) -> Model:
    """Return a model in which all of `conditions` are forced to be true.

    Parameters
    ----------
    model : Model
    conditions : sequence of Binary
        Comparisons of a variable, or of an element of an array, with an expression. Comparisons with ``<>`` are
        ignored.
    base : mapping of Expression to Table
        Trajectories in the run without test inputs; see `course`.

    Raises
    ------
    ModelError
        If neither side of a comparison is a variable, or if a comparison covers too many elements.
    """
    wanted: dict[str, list[tuple[tuple[str, ...], Binary]]] = {}
    for condition in map(_variable_first, conditions):
        if condition.operator != "<>":
            target = condition.left
            assert isinstance(target, Reference)
            for part in elements_under(model, target.subscripts):
                names = dict(zip(target.subscripts, part, strict=True))
                wanted.setdefault(target.name, []).append((part, _renamed(condition, names)))
    variables = dict(model.variables)
    for name, demands in wanted.items():
        old = variables[name]
        natural = _natural(old)
        variables[natural.key] = natural
        variables[name] = _obedient(model, old, natural.key, demands, base)
    return _changed(model, variables, repr(conditions))


def _changed(model: Model, variables: Mapping[str, Variable], what: str) -> Model:
    """Return the model with other variables, without views, and with a new hash for the kernel cache."""
    digest = hashlib.sha256(f"{model.hash} {what}".encode()).hexdigest()
    return replace(model, variables=MappingProxyType(dict(variables)), views=(), hash=digest)


def _variable_first(condition: Binary) -> Binary:
    if isinstance(condition.left, Reference):
        return condition
    if isinstance(condition.right, Reference):
        return Binary(FLIP[condition.operator], condition.right, condition.left)  # type: ignore[arg-type]
    raise ModelError(message("checks.condition_must_compare_variable"))


def _natural(old: Variable) -> Variable:
    """Return a hidden variable with the original equations of `old`; its value is the one before forcing.

    A hidden stock continues from the forced value of `old` in each step.
    """
    name = canonical(f"⟨natural {old.key}⟩")
    if old.kind != "stock":
        return replace(old, name=name, kind="data" if old.kind == "data" else "auxiliary")
    equations = []
    for equation in old.equations:
        # With the gap, the next value follows from the forced value, as if this were the stock's content.
        gap = Binary(
            "-", Reference(old.key, equation.subscripts), Reference(name, equation.subscripts)
        )
        net = Binary("+", equation.expression, Binary("/", gap, _DT))
        equations.append(replace(equation, expression=net))
    return replace(old, name=name, equations=tuple(equations), inflows=(), outflows=())


def _obedient(
    model: Model,
    old: Variable,
    natural: str,
    demands: Sequence[tuple[tuple[str, ...], Binary]],
    base: Courses,
) -> Variable:
    """Return the variable with new equations: the value before forcing, or the value that conditions force on it."""
    equations = []
    parts = dict.fromkeys(part for part, _ in demands)
    for part in parts:
        value: Expression = Reference(natural, part)
        for demand in (d for p, d in demands if p == part):
            value = _made_true(model, old.key, natural, demand, value, base)
        equations.append(Equation(value, None, part))
    if old.dimensions:
        equations.append(Equation(Reference(natural), None, old.dimensions, tuple(parts)))
    return replace(
        old,
        kind="flow" if old.kind == "flow" else "auxiliary",
        equations=tuple(equations),
        inflows=(),
        outflows=(),
        non_negative=False,
    )


def _made_true(
    model: Model, own: str, natural: str, demand: Binary, value: Expression, base: Courses
) -> Expression:
    def unforced(node: Expression) -> Expression:
        if isinstance(node, Reference) and node.name == own:
            return replace(node, name=natural)
        return rebuilt(node, unforced)

    right = unforced(demand.right)
    met = _ZERO if demand.operator == "=" else Binary(demand.operator, value, _ZERO)
    if isinstance(right, Call) and right.function.startswith("rc "):
        # RC COMPARE follows another run, in which the variable was not forced.
        plan = course(demand.right if right.function == "rc compare" else right, base, model)  # type: ignore[arg-type]
        if isinstance(met, Binary):
            met = replace(met, right=plan.value)
        follow = Binary("and", plan.active, Binary("=", met, _ZERO))
        return Call("if", (follow, plan.value, value))
    if isinstance(met, Binary):
        return Call("if", (replace(met, right=right), value, right))
    return right


# ---- showing comparisons


@dataclass
class Probe:
    """A comparison, and the names of the variables that show its two sides and when the comparison applies.

    The variable `active` is 1 while the comparison applies. If the name is empty, the comparison always applies.
    """

    comparison: Binary
    left: str
    right: str
    active: str = ""


@dataclass
class Probes:
    """A model to which variables are added that show comparisons.

    Parameters
    ----------
    model : Model
        The model to extend. The attribute `model` is the model with all variables that have been added.
    base : mapping of Expression to Table
        Trajectories in the run without test inputs; see `course`.
    """

    model: Model
    base: Courses
    names: list[str] = field(default_factory=list)

    def add(self, comparison: Binary) -> Probe:
        """Add variables that show a comparison of scalars or elements, and return their names as a `Probe`."""
        right = comparison.right
        if isinstance(right, Call) and right.function.startswith("rc "):
            plan = course(right, self.base, self.model)
            return Probe(
                comparison,
                self.show(comparison.left),
                self.show(plan.value),
                self.show(plan.active),
            )
        return Probe(comparison, self.show(comparison.left), self.show(right))

    def show(self, expression: Expression) -> str:
        """Add a variable that has the value of `expression`, and return its name."""
        name = f"shown {len(self.names) + 1} by the reality check"
        variable = Variable(name, "auxiliary", (Equation(expression),))
        variables = {**self.model.variables, variable.key: variable}
        self.model = _changed(self.model, variables, f"{name} {expression!r}")
        self.names.append(name)
        return name


def elements_under(model: Model, subscripts: Sequence[str]) -> list[tuple[str, ...]]:
    """Return all combinations of elements to which subscripts refer, such as ``("north", "car")``.

    Each subscript is a range, which stands for all its elements, or an element.
    """
    count = prod(model.subscripts.shape(subscripts))
    if count > MAX_PARTS:
        raise ModelError(
            message("checks.stands_elements_more_not", count=count, max_parts=MAX_PARTS)
        )
    return model.subscripts.parts(subscripts)


def _renamed(condition: Binary, names: Mapping[str, str]) -> Binary:
    changed = substituted(condition, names)
    assert isinstance(changed, Binary)
    return changed
