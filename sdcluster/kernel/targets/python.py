"""Print functions as readable Python, which Python runs, users export, and the compiler's own process parses.

Exports `printed(module)`, `python_text(module, entries)`, `function_text(function)`, `expression(node)`.
`sdcluster.kernel.parse` turns the text back into equal nodes, except that names with dots, which transformations
create, have become valid identifiers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sdcluster.kernel import ir

if TYPE_CHECKING:
    from sdcluster.kernel.kernel import Kernel

# Operator precedences, as in Python.
_CHOICE, _OR, _AND, _NOT, _COMPARE, _SIGN, _ATOM = 1, 2, 3, 4, 5, 11, 12
_BINARY = {
    "|": 6, "^": 7, "&": 8, "<<": 8.5, ">>": 8.5, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10, "//": 10,
}  # fmt: skip
_STEP = "    "


def code(kernel: Kernel, method: str) -> str:
    """Return a kernel as a Python module, with the integration loops of all methods; see `Kernel.code`."""
    return kernel.python


def printed(module: ir.Module) -> str:
    """Return the text of a module: its constants and tables, then its functions, each marked with ``@jit``."""
    lines = [f"{name} = float({str(value)!r})" for name, value in module.numbers.items()]
    lines += [f"{n} = TABLE({_tuple(map(_double, t))})" for n, t in module.tables.items()]
    lines += [f"{n} = INDEX({_tuple(map(str, t))})" for n, t in module.indexes.items()]
    head = "".join(f"{line}\n" for line in lines)
    return head + "\n\n".join(function_text(make()) for make in module.functions.values()) + "\n"


def python_text(module: ir.Module, entries: Sequence[str]) -> str:
    """Return the text of some functions of a module, and of the functions, tables and constants that they use.

    Parameters
    ----------
    module : ir.Module
    entries : sequence of str
        Names of functions.
    """
    functions: dict[str, Callable[[], ir.Function]] = {}
    used: set[str] = set()
    pending = list(entries)
    while pending:
        name = pending.pop()
        if name not in functions:
            functions[name] = module.functions[name]
            body = functions[name]().body
            used |= ir.used(body)
            pending += sorted(ir.called(body) & module.functions.keys())
    tables = {n: t for n, t in module.tables.items() if n in used}
    indexes = {n: t for n, t in module.indexes.items() if n in used}
    return printed(ir.Module(functions, module.numbers, tables, indexes))


def function_text(node: ir.Function) -> str:
    """Return the Python source of one function."""
    lines = [
        "@jit",
        f"def {node.name}({', '.join(map(identifier, node.parameters))}):",
        *_block(node.body, _STEP),
    ]
    return "\n".join(lines)


def _tuple(items: Iterable[str]) -> str:
    return f"({''.join(f'{item}, ' for item in items)})"


def _double(value: float) -> str:
    """Return the text of a number, which Python reads back as the same bits. Infinity and NaN become names."""
    if isinstance(value, int) or math.isfinite(value):
        return repr(value)
    return "NAN" if math.isnan(value) else "INF" if value > 0 else "-INF"


# ---- statements


def _block(block: ir.Block, indent: str) -> Iterator[str]:
    for statement in block:
        yield from _statement(statement, indent)
    if not block:
        yield f"{indent}pass"


def _statement(node: ir.Statement, indent: str) -> Iterator[str]:
    match node:
        case ir.Assign(name, value):
            yield f"{indent}{identifier(name)} = {expression(value)}"
        case ir.Store(vector, at, value):
            yield f"{indent}{expression(vector, _ATOM)}[{expression(at)}] = {expression(value)}"
        case ir.Do(call):
            yield f"{indent}{expression(call)}"
        case ir.If(test, body, otherwise):
            yield f"{indent}if {expression(test)}:"
            yield from _block(body, indent + _STEP)
            if otherwise:
                yield f"{indent}else:"
                yield from _block(otherwise, indent + _STEP)
        case ir.For(name, first, last, step, body):
            bounds = [expression(first), expression(last)]
            bounds = bounds if step == 1 else [*bounds, str(step)]
            bounds = bounds[1:] if bounds[0] == "0" and step == 1 else bounds
            yield f"{indent}for {identifier(name)} in range({', '.join(bounds)}):"
            yield from _block(body, indent + _STEP)
        case ir.While(test, body):
            yield f"{indent}while {expression(test)}:"
            yield from _block(body, indent + _STEP)
        case ir.Return(value):
            yield f"{indent}return" if value is None else f"{indent}return {expression(value)}"
        case ir.Break():
            yield f"{indent}break"
        case ir.Continue():
            yield f"{indent}continue"


# ---- expressions


def identifier(name: str) -> str:
    """Return a name as a valid Python identifier."""
    return f"_{name.replace('.', '_')}" if "." in name else name


def expression(node: ir.Expression, binding: float = 0) -> str:
    """Return the text of an expression; `binding` is the precedence of the enclosing operator."""
    return _PRINTERS[type(node)](node, binding)


def _wrapped(text: str, strength: float, binding: float) -> str:
    return f"({text})" if strength < binding else text


def _number(node: ir.Number, binding: float) -> str:
    text = _double(node.value)
    return f"({text})" if binding and text[0] == "-" else text


def _name(node: ir.Name, _: float) -> str:
    return identifier(node.name)


def _unary(node: ir.Unary, binding: float) -> str:
    if node.operator == "not":
        return _wrapped(f"not {expression(node.operand, _NOT)}", _NOT, binding)
    return _wrapped(f"-{expression(node.operand, _SIGN)}", _SIGN, binding)


def _binary(node: ir.Binary, binding: float) -> str:
    operator, left, right = node
    strength = _BINARY[operator]
    text = f"{expression(left, strength)} {operator} {expression(right, strength + 0.1)}"
    return f"({text})" if strength < binding else text


def _compare(node: ir.Compare, binding: float) -> str:
    operator, left, right = node
    text = f"{expression(left, _COMPARE + 1)} {operator} {expression(right, _COMPARE + 1)}"
    return _wrapped(text, _COMPARE, binding)


def _logic(node: ir.Logic, binding: float) -> str:
    operator, left, right = node
    strength = _AND if operator == "and" else _OR
    text = f"{expression(left, strength)} {operator} {expression(right, strength + 0.1)}"
    return _wrapped(text, strength, binding)


def _choice(node: ir.Choice, binding: float) -> str:
    condition, yes, no = (expression(part, _CHOICE + 1) for part in node)
    return _wrapped(f"{yes} if {condition} else {no}", _CHOICE, binding)


def _element(node: ir.Element, _: float) -> str:
    return f"{expression(node.vector, _ATOM)}[{expression(node.at)}]"


def _call(node: ir.Call, _: float) -> str:
    return f"{node.function}({', '.join([expression(a) for a in node.arguments])})"


_PRINTERS: dict[type, Callable[..., str]] = {
    ir.Number: _number, ir.Name: _name, ir.Unary: _unary, ir.Binary: _binary, ir.Compare: _compare,
    ir.Logic: _logic, ir.Choice: _choice, ir.Element: _element, ir.Call: _call,
}  # fmt: skip
