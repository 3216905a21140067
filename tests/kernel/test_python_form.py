"""Functions printed as Python: reading the text gives the same functions, node by node."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.kernel import compile_model, ir, kernel
from sdcluster.kernel.careful import careful
from sdcluster.kernel.library import elementary, functions
from sdcluster.kernel.parse import expressions, parse
from sdcluster.kernel.targets.python import expression, printed
from sdcluster.recursion import deep_recursion
from tests.workshop import Workshop

MODELS = Path(__file__).resolve().parents[2] / "models"
EXPRESSIONS = (
    "a - (b - c)", "a - b - c", "a / (b * c)", "-(a + b)", "-a * b", "a * -2.5", "(a + b) * c % d", "a // b % c",
    "not (a < b)", "not a < b and c < d", "a < b and (c < d or b > d)", "(a < b and c < d) or b > d",
    "a if b > c else c if a > d else d", "(a if b > c else c) + d", "(a if b > c else c) if a > d else d",
    "f(a, b + 1, x[i + 2])[3]", "a << 2 | b & 3", "(a | b) << 2", "1e300 * 1e300", "True", "0.1", "-0.0", "-3",
    "a == (b < c)", "(a > b) + (c > d)", "m[i][j]", "INF", "-INF", "a <= b < c",
)  # fmt: skip


def nodes(module: ir.Module) -> list[str]:
    """Return what a module holds, numbers with their types and signs."""
    with deep_recursion():
        made = [repr(function()) for function in module.functions.values()]
    return [*made, repr(module.numbers), repr(module.tables), repr(module.indexes)]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_reads_back_as_it_was(text: str) -> None:
    (node,) = expressions(text)
    assert repr(expressions(expression(node))) == repr((node,))


def test_expressions_have_only_the_brackets_that_they_need() -> None:
    (node,) = expressions("(((a * b) + c) < d) and ((-e) != (f / g))")
    assert expression(node) == "a * b + c < d and -e != f / g"


def test_the_library_reads_back_as_it_was() -> None:
    text = "\n\n".join(functions().values())
    for module in (parse(text), elementary.module()):
        assert nodes(parse(printed(module))) == nodes(module)


@pytest.mark.parametrize("name", sorted(p.name for p in MODELS.iterdir() if p.is_dir()))
def test_the_functions_of_our_models_read_back_as_they_were(name: str) -> None:
    module = compile_model(sdcluster.load(MODELS / name)).source.module
    assert nodes(parse(printed(module))) == nodes(module)


def test_names_and_texts_of_a_model_never_become_code(workshop: Workshop) -> None:
    evil = "__import__('os').system('true')"
    path = workshop.write(
        f'<aux name="{evil}"><eqn>5</eqn></aux>',
        f'<aux name="twice"><doc>{evil}</doc><eqn>2 * "{evil}"</eqn></aux>',
    )
    text = compile_model(sdcluster.load(path)).text
    assert "import__" not in text
    assert "system" not in text


@pytest.mark.parametrize("name", ["cluster", "value_chain"])
def test_functions_that_are_compiled_when_they_are_called_give_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = compile_model(sdcluster.load(MODELS / name))
    results = []
    for most in (10**9, 0):
        monkeypatch.setattr(kernel, "LONG", most)
        made = kernel._execute(compiled.text)
        p, y = compiled.untouched.tolist(), [0.0] * compiled.source.width
        made.derive(p)
        made.initial(p, y)
        dy, o = [0.0] * len(y), [0.0] * compiled.source.columns
        made.observe(0.0, y, p, dy, o)
        made.observe(0.0, y, p, dy, o)
        results.append((p, y, dy, o))
    assert repr(results[0]) == repr(results[1])


def test_careful_functions_divide_without_raising(workshop: Workshop) -> None:
    path = workshop.write(
        '<aux name="zero"><eqn>TIME * 0</eqn></aux>', '<aux name="share"><eqn>1 / zero</eqn></aux>'
    )
    module = compile_model(sdcluster.load(path)).source.module
    assert " / " in printed(module)
    text = printed(careful(module))
    assert " / " not in text
    assert "divide(1.0, " in text
