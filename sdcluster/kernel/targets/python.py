"""A module of the intermediate representation as text in the small Python that `sdcluster.kernel.parse` reads.

Crosses the border: `python_text(module, entries)` has the entries, the functions they call, and their tables.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sdcluster.kernel import ir


def python_text(module: ir.Module, entries: Sequence[str]) -> str:
    """Return some functions of a module, and all that they need, as text.

    Parameters
    ----------
    module : ir.Module
    entries : sequence of str
        Names of functions.
    """
    functions: dict[str, ir.Function] = {}
    pending = list(entries)
    while pending:
        name = pending.pop()
        if name not in functions:
            functions[name] = module.functions[name]()
            pending += [c for c in _called(functions[name].body) if c in module.functions]
    used = set().union(*(ir.used(f.body) for f in functions.values()))
    lines = [f'{name} = float("{value}")' for name, value in module.numbers.items()]
    for word, tables in (("TABLE", module.tables), ("INDEX", module.indexes)):
        for name, values in tables.items():
            if name in used:
                items = "".join(f"{_number(v)}, " for v in values)
                lines.append(f"{name} = {word}(({items}))")
    parts = ["\n".join(lines), *(function_text(f) for f in functions.values())]
    return "\n\n".join(parts) + "\n"


def function_text(function: ir.Function) -> str:
    """Return one function, with the mark that `sdcluster.kernel.parse` looks for."""
    head = f"@jit\ndef {function.name}({', '.join(map(_name, function.parameters))}):"
    return "\n".join([head, *_block(function.body, "    ")])


def _called(block: ir.Block) -> Iterator[str]:
    for statement in ir.walk(block):
        pending = list(ir.expressions(statement))
        while pending:
            node = pending.pop()
            if isinstance(node, ir.Call):
                yield node.function
            pending += ir.children(node)


def _name(name: str) -> str:
    """Return a name as an identifier: the compiler's own names hold dots."""
    return f"_{name.replace('.', '_')}" if "." in name else name


def _block(block: ir.Block, indent: str) -> Iterator[str]:
    if not block:
        yield f"{indent}pass"
    for statement in block:
        yield from _statement(statement, indent)


def _statement(node: ir.Statement, indent: str) -> Iterator[str]:
    inner = indent + "    "
    match node:
        case ir.Assign(name, value):
            yield f"{indent}{_name(name)} = {_text(value)}"
        case ir.Store(vector, at, value):
            yield f"{indent}{_text(vector)}[{_text(at)}] = {_text(value)}"
        case ir.If(test, body, otherwise):
            yield f"{indent}if {_text(test)}:"
            yield from _block(body, inner)
            if otherwise:
                yield f"{indent}else:"
                yield from _block(otherwise, inner)
        case ir.For(name, first, last, step, body):
            yield f"{indent}for {_name(name)} in range({_text(first)}, {_text(last)}, {step}):"
            yield from _block(body, inner)
        case ir.While(test, body):
            yield f"{indent}while {_text(test)}:"
            yield from _block(body, inner)
        case ir.Return(None):
            yield f"{indent}return"
        case ir.Return(value) if value is not None:
            yield f"{indent}return {_text(value)}"
        case ir.Break():
            yield f"{indent}break"
        case ir.Continue():
            yield f"{indent}continue"
        case ir.Do(call):
            yield f"{indent}{_text(call)}"


def _text(node: ir.Expression) -> str:
    match node:
        case ir.Number(value):
            return _number(value)
        case ir.Name(name):
            return _name(name)
        case ir.Unary(operator, operand):
            return f"({operator} {_text(operand)})"
        case ir.Binary(operator, left, right) | ir.Compare(operator, left, right):
            return f"({_text(left)} {operator} {_text(right)})"
        case ir.Logic(operator, left, right):
            return f"({_text(left)} {operator} {_text(right)})"
        case ir.Choice(condition, yes, no):
            return f"({_text(yes)} if {_text(condition)} else {_text(no)})"
        case ir.Element(vector, at):
            return f"{_text(vector)}[{_text(at)}]"
        case ir.Call(function, arguments):
            return f"{function}({', '.join(map(_text, arguments))})"
    raise AssertionError(node)


def _number(value: float) -> str:
    """Return a number that reads back as the same bits; infinity and what is not a number go by their names."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NAN" if math.isnan(value) else "INF" if value > 0 else "-INF"
    return repr(value)
