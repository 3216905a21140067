"""Format expressions as HTML with mathematical signs, fractions, and names that link to their definitions.

`formula` takes an expression and returns HTML. The HTML without its tags is the equation in one line. A test checks
that parsing this line (with × as ``*`` and − as ``-``) gives the same expression.
"""

from __future__ import annotations

import math
from html import escape
from itertools import islice

from sdcluster.model.expression import Array, Expression, Lookup, Reference, walk
from sdcluster.model.missing import NA
from sdcluster.publish.edition import Edition
from sdcluster.recursion import deep_recursion
from sdcluster.write.equations import spelling
from sdcluster.write.notation import POWER, PRODUCT, Notation

SIGNS = {"*": "×", "-": "−", "<=": "≤", ">=": "≥", "<>": "≠"}
LARGEST = 4_000  # expressions with more nodes are not shown
MOST_STACKED = 12  # the most nodes above or below the bar of a fraction


def formula(edition: Edition, expression: Expression) -> str:
    """Return an expression as HTML; for an expression that is too large to show, return a remark."""
    if sum(1 for _ in islice(walk(expression), LARGEST + 1)) > LARGEST:
        return f'<span class="soft">{edition.say("too_long")}</span>'
    with deep_recursion():
        try:
            return _Html(edition).text(expression)
        except RecursionError:
            return f'<span class="soft">{edition.say("too_long")}</span>'


def number(value: float) -> str:
    """Return a number as text with all its digits."""
    if math.isnan(value):
        return "NaN"
    if value == NA:
        return ":NA:"
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    text = (
        str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    )
    return text.replace("-", "−")


class _Html(Notation):
    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.stacking = True

    def number(self, value: float) -> str:
        return number(value)

    def reference(self, node: Reference) -> str:
        return self.edition.link(node.name) + indices(self.edition, node.subscripts)

    def element(self, name: str) -> str:
        return f"<i>{escape(self.edition.model.spelled(name))}</i>"

    def sign(self, operator: str) -> str:
        return SIGNS.get(operator, escape(operator))

    def word(self, word: str) -> str:
        return f"<b>{word}</b>"

    def other(self, node: Expression) -> str:
        if isinstance(node, Array):
            shown = ", ".join(number(v) for v in node.values[:60])
            return f"{{{shown}{', …' if len(node.values) > 60 else ''}}}"
        graph = f"<i>{self.edition.say('graph')}</i>"
        return f"{graph}({self.text(node.argument)})" if isinstance(node, Lookup) else graph

    def function(self, name: str, arguments: tuple[Expression, ...]) -> str:
        if not arguments:
            return f'<span class="function">{escape(name)}</span>'
        written, ordered = spelling(name, arguments)
        inside = ", ".join(self.text(a) for a in ordered)
        return f'<span class="function">{escape(written.lower())}</span>({inside})'

    def binary(self, operator: str, left: Expression, right: Expression) -> tuple[int, str]:
        if operator == "/" and self.stacks(left, right):
            return PRODUCT, self.fraction(left, right)
        if operator != "^":
            return super().binary(operator, left, right)
        # The bar of a fraction inside an exponent would be too small to read.
        before, self.stacking = self.stacking, False
        printed = super().binary(operator, left, right)
        self.stacking = before
        return printed

    def power(self, base: str, exponent: str) -> str:
        return f'{base}<sup><span class="quiet">^</span>{exponent}</sup>'

    def stacks(self, left: Expression, right: Expression) -> bool:
        """Return whether to write a quotient as a fraction with a bar.

        It is if both parts are short, if at least one part is more than a single name or number, and if the quotient is
        not inside another fraction.
        """
        sizes = [sum(1 for _ in walk(part)) for part in (left, right)]
        return self.stacking and max(sizes) > 1 and max(sizes) <= MOST_STACKED

    def fraction(self, left: Expression, right: Expression) -> str:
        self.stacking = False
        above, below = self.part(left, PRODUCT), self.part(right, POWER)
        self.stacking = True
        return (
            f'<span class="fraction"><span class="above">{above}</span>'
            f'<span class="bar"> / </span><span class="below">{below}</span></span>'
        )

    def part(self, node: Expression, least: int) -> str:
        """Return the HTML above or below the bar of a fraction.

        Parentheses there are invisible, but the browser copies them with the text.
        """
        level, text = self.form(node)
        quiet = '<span class="quiet">{}</span>'
        return text if level >= least else quiet.format("(") + text + quiet.format(")")


def indices(edition: Edition, subscripts: tuple[str, ...]) -> str:
    """Return subscripts in brackets as HTML, spelled as in the file."""
    spelled = edition.model.spelled
    inside = ", ".join(
        escape(spelled(s.removesuffix("!")) + "!" * s.endswith("!")) for s in subscripts
    )
    return f'<span class="indices">[{inside}]</span>' if inside else ""
