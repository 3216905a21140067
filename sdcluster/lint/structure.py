"""Checks of model structure: unused variables, numbers in equations, stocks, cycles.

For each rule, a generator yields the findings in a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sdcluster.functions.table import FUNCTIONS
from sdcluster.lint.finding import CLOCK, Finding, Subject, hidden, visible
from sdcluster.messages import comma_separated, joined, message, quoted
from sdcluster.model import Variable
from sdcluster.model.expression import (
    Binary,
    Call,
    Expression,
    Lookup,
    Number,
    Reference,
    children,
    walk,
)
from sdcluster.model.kinds import a_kind
from sdcluster.model.names import canonical

# Self-explanatory numbers, such as one half, 100 for percent, and numbers of the calendar and the clock.
PLAIN_NUMBERS = frozenset(
    {0, 1, 2, 3, 4, 0.5, 0.25, 10, 100, 1000, 7, 12, 24, 30, 52, 60, 360, 365, 365.25, 3600}
)
GUARD = 1e-6  # smaller numbers only prevent a division by zero
_BREAKS = frozenset(row.name for row in FUNCTIONS.values() if row.breaks_cycle)
# Functions that concern a program's screen or session, and messages about their effect in a run of sdcluster.
_SCREEN = {row.name: row.session for row in FUNCTIONS.values() if row.session}


def unused(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each variable that no equation uses.

    For an auxiliary the finding is only a note, because the auxiliary may be a result of the model.
    """
    parts = _parts_of_others(subject.model.variables)
    for variable in visible(subject):
        if subject.users[variable.key] - {variable.key} or variable.key in CLOCK:
            continue
        if variable.key in parts:
            continue  # the reader copied the lookup's points, for functions such as LOOKUP EXTRAPOLATE
        if variable.kind in ("constant", "lookup", "data"):
            sentence = message(
                "lint.used_nothing", variable=variable.name, kind=a_kind(variable.kind)
            )
            remedy = message("lint.remove_use_equation_meant")
            yield Finding("unused", "warning", sentence, remedy, variable.name, variable.line)
        elif variable.kind == "auxiliary":
            sentence = message("lint.acts_nothing", variable=variable.name)
            remedy = message("lint.fine_if_result_look")
            yield Finding("unused", "note", sentence, remedy, variable.name, variable.line)
        elif variable.kind == "flow":
            sentence = message("lint.flow_changes_no_stock", variable=variable.name)
            remedy = message("lint.name_inflow_outflow_stock")
            yield Finding("unused", "warning", sentence, remedy, variable.name, variable.line)


def _parts_of_others(keys: Iterable[str]) -> set[str]:
    """Return the names of all variables that may have a hidden variable as their part.

    A hidden variable is called ``⟨part of name⟩``. If the name contains " of " more than once, several variables are
    possible.
    """
    return {
        key[found.start() + 4 : -1]
        for key in keys
        if key.endswith("⟩")
        for found in re.finditer("(?= of )", key)
    }


def numbers_in_equations(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each equation with numbers that should be named constants."""
    for variable in visible(subject):
        if variable.kind in ("constant", "lookup", "data"):
            continue
        found: list[float] = []
        for expression in variable.expressions:
            if not isinstance(expression, Number):
                found += _odd_numbers(expression)
        if found:
            listed = comma_separated(f"{n:g}" for n in dict.fromkeys(found))
            several = len(set(found)) > 1
            yield Finding(
                "number-in-equation",
                "warning",
                message(
                    "lint.equation_holds_number",
                    variable=variable.name,
                    several="s" if several else "",
                    listed=listed,
                ),
                message("lint.give_each_name_unit")
                if several
                else message("lint.give_name_unit_source"),
                variable.name,
                variable.line,
            )


def _odd_numbers(expression: Expression) -> Iterator[float]:
    stack: list[Expression] = [expression]
    while stack:
        node = stack.pop()
        match node:
            case Number(value):
                if abs(value) not in PLAIN_NUMBERS and abs(value) > GUARD and abs(value) < 1e9:
                    yield value
            case Call("smooth" | "smooth n" | "delay" | "delay n", arguments):
                stack.extend(arguments[:3])
            case Call("sinteg", arguments):
                stack.extend(arguments[:2])
            case Call(function, arguments) if function.startswith("random"):
                stack.extend(arguments[:-1])
            case Binary("^", left, Number()):
                stack.append(left)
            case Lookup(_, Number()):
                pass
            case _:
                stack.extend(reversed(children(node)))


def stocks_without_flows(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each stock that never changes, and for each stock without an outflow."""
    for variable in visible(subject):
        if variable.kind != "stock":
            continue
        nets = [e.expression for e in variable.equations]
        if all(net == Number(0.0) for net in nets):
            yield Finding(
                "stock-without-flows",
                "warning",
                message("lint.stock_no_flows_never", variable=variable.name),
                message("lint.give_inflow_outflow_make"),
                variable.name,
                variable.line,
            )
        elif all(_only_added(net) for net in nets) and not variable.outflows:
            yield Finding(
                "stock-without-outflow",
                "note",
                message("lint.nothing_leaves_stock", variable=variable.name),
                message("lint.fine_if_counts_happened"),
                variable.name,
                variable.line,
            )


def _only_added(net: Expression) -> bool:
    if isinstance(net, Reference):
        return True
    return (
        isinstance(net, Binary)
        and net.operator == "+"
        and _only_added(net.left)
        and _only_added(net.right)
    )


def cycles(subject: Subject) -> Iterator[Finding]:
    """Yield a finding, with a cycle, for each set of variables that depend on each other at the same time."""
    import networkx as nx

    variables = subject.model.variables
    graph = nx.DiGraph()
    for key, variable in variables.items():
        if variable.kind not in ("stock", "lookup", "data") and not variable.dimensions:
            for name in _at_once(variable):
                other = variables.get(name)
                if other is not None and other.kind != "stock" and not other.dimensions:
                    graph.add_edge(name, key)
    for component in sorted(nx.strongly_connected_components(graph), key=min):
        part = graph.subgraph(component)
        if len(component) == 1 and not part.number_of_edges():
            continue
        cycle = _shortest(part)
        names = [variables[k].name for k in cycle if not hidden(variables[k])] or list(cycle)
        first = variables[cycle[0]]
        yield Finding(
            "cycle",
            "error",
            message("lint.variables_define_each_other")
            + joined(" → ", map(quoted, [*names, names[0]])),
            message("lint.break_stock_delay_previous"),
            first.name,
            first.line,
        )


def _shortest(graph: object) -> list[str]:
    """Return the shortest cycle through one of the first 50 variables of the graph."""
    import networkx as nx

    best: list[str] = []
    for start in sorted(graph.nodes)[:50]:  # type: ignore[attr-defined]
        for after in graph.successors(start):  # type: ignore[attr-defined]
            path = nx.shortest_path(graph, after, start)
            if not best or len(path) < len(best):
                best = [start, *path[:-1]]
    return best


def _at_once(variable: Variable) -> Iterator[str]:
    """Yield the names whose current values an equation uses; delayed inputs and initial values are left out."""
    stack = [e.expression for e in variable.equations]
    while stack:
        node = stack.pop()
        if isinstance(node, Call) and node.function in _BREAKS:
            continue
        if isinstance(node, Call) and node.function == "active initial":
            stack.append(node.arguments[0])
            continue
        if isinstance(node, Reference):
            yield node.name
        stack.extend(children(node))


def reality_checks(subject: Subject) -> Iterator[Finding]:
    """Yield findings on reality checks that cannot be evaluated, on unused test inputs, and on the number of checks."""
    model = subject.model
    for check in model.reality_checks:
        if check.problem:
            yield Finding(
                "reality-check",
                "error",
                message(
                    "lint.reality_check_cannot_judged", check=check.name, problem=check.problem
                ),
                message("lint.correct_condition_consequence"),
                check.name,
                check.line,
            )
    conditions = [canonical(c.text) for c in model.reality_checks]
    for given in model.test_inputs:
        if not any(canonical(given.name) in text for text in conditions):
            yield Finding(
                "reality-check",
                "note",
                message("lint.no_reality_check_names", given=given.name),
                message("lint.name_condition_check_remove"),
                given.name,
                given.line,
            )
    count = len(model.reality_checks)
    if count:
        checks = [quoted(check.name) for check in model.reality_checks[:8]]
        listed = comma_separated(checks)
        yield Finding(
            "reality-check",
            "note",
            message(
                "lint.file_reality_check",
                count=count,
                listed=listed,
                more=message("lint.and_more", count=count - 8) if count > 8 else "",
            ),
            message("lint.sdcluster_check_judges_them", path=model.path.name),
        )


def _spelled(function: str) -> str:
    """Return the name of a function in XMILE, or in Vensim if XMILE does not have the function."""
    return FUNCTIONS[function].xmile or FUNCTIONS[function].vensim or function.upper()


def screen(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each function that concerns the screen or session of another program, not the model."""
    for variable in visible(subject):
        calls = [n.function for x in variable.expressions for n in walk(x) if isinstance(n, Call)]
        for function in dict.fromkeys(c for c in calls if c in _SCREEN):
            sentence, remedy = _SCREEN[function]()
            yield Finding(
                "screen",
                "note",
                message(
                    "lint.uses_run",
                    variable=variable.name,
                    spelled=_spelled(function),
                    sentence=sentence,
                ),
                remedy,
                variable.name,
                variable.line,
            )
