"""Parse XMILE equations into syntax trees.

`sdcluster.read.xmile.parse` uses the class `Parser`. Operators and their precedence are those of XMILE 1.0, section
3.3.1. The operator ``//`` is Stella's division, which returns 0 if the divisor is 0. Blanks in a name are accepted if
the model defines such a name, although the standard forbids them. A note records this deviation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model.names import canonical
from sdcluster.read.limits import short
from sdcluster.read.precedence import Rank, ranked
from sdcluster.read.syntax import Call, Operation, Reference, Span
from sdcluster.read.xmile.tokens import Token, keyword, tokens, unquoted_element

# From lowest to highest precedence.
_RANKS = tuple(
    Rank(frozenset(signs.split()))
    for signs in ("or", "and", "= <>", "< <= > >=", "+ -", "* / // mod")
)
_SIGNS = frozenset({"+", "-", "not"})
_NAMESPACES = frozenset({"std", "user", "isee", "vensim", "simlin"})


class Parser:
    """Parses one equation into a syntax tree.

    Parameters
    ----------
    text : str
        The equation.
    names : collection of str
        Canonical names of variables, macros and dimensions. In the equation, these names can be written with blanks.
    is_function : callable
        Returns whether a canonical name is the name of a function.
    notes : list of str
        A sentence is appended for each deviation from the standard that was accepted.
    """

    def __init__(
        self,
        text: str,
        names: Collection[str],
        is_function: Callable[[str], bool],
        notes: list[str],
    ) -> None:
        self.text, self.names = text, names
        self.is_function, self.notes = is_function, notes
        self.tokens = tokens(text)
        self.at = 0

    def parse(self) -> Any:
        """Return the syntax tree of the whole equation."""
        result = self.expression()
        if self.now.kind != "end":
            raise self.error()
        return result

    # ---- tokens

    @property
    def now(self) -> Token:
        """The current token."""
        return self.tokens[self.at]

    def is_sign(self, text: str) -> bool:
        """Return whether the current token is the sign `text`."""
        return self.now.kind == "sign" and self.now.text == text

    def take(self, text: str) -> bool:
        """Consume a sign or keyword if it is the current token. Return whether it was."""
        if self.tokens[self.at].operator == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str, purpose: str) -> None:
        """Consume a sign or keyword, or raise an error if it is not the current token."""
        if not self.take(text):
            raise self.error(f"; {purpose}")

    def error(self, purpose: str = "") -> ModelError:
        """Return an error that shows the equation and the text at the current token."""
        rest = short(self.text[self.now.place : self.now.place + 20])
        found = message("read.xmile.at", rest=rest) if rest else message("read.xmile.end")
        named = unquoted_element(self.text)
        return ModelError(
            message(
                "read.xmile.equation_cannot_understood",
                short=short(self.text),
                found=found,
                named=named or purpose,
            )
        )

    # ---- operators

    def expression(self) -> Any:
        """Parse an expression up to the first token that cannot continue it."""
        return ranked(_RANKS, self.signed, self.operator)

    def operator(self, signs: frozenset[str]) -> str | None:
        """Consume and return the current token if it is one of the operators in `signs`. Otherwise, return None."""
        sign = self.tokens[self.at].operator
        if sign in signs:
            self.at += 1
            return sign
        return None

    def signed(self) -> Any:
        """Return a value or a power, with the signs and NOTs in front.

        In ``-a ^ b``, the sign applies to the power.
        """
        signs: list[str] = []
        while (sign := self.operator(_SIGNS)) is not None:
            signs.append(sign)
        value = self.power()
        for sign in reversed(signs):
            if sign == "not":
                value = Operation(("not",), (value,))
            elif sign == "-":
                number = isinstance(value, float)
                value = -value if number else Operation(("negative",), (value,))
        return value

    def power(self) -> Any:
        """Return a value or a power. In ``a ^ b ^ c``, ``b ^ c`` comes first. An exponent can have a sign."""
        base = self.value()
        if not self.take("^"):
            return base
        return Operation(("^",), (base, self.signed()))

    # ---- values

    def value(self) -> Any:
        """Return the syntax tree of a number, a variable, a call, an IF, or an expression in parentheses."""
        token = self.now
        if token.kind == "number":
            self.at += 1
            return float(token.text)
        if self.take("("):
            inside = self.expression()
            self.expect(")", message("read.xmile.parenthesis_missing"))
            return self.transposition(inside)
        if token.kind != "name":
            raise self.error()
        name = self.without_namespace(self.name())
        if name == "if" and token.keyword:
            return self.condition()
        if token.keyword == name and not (name == "mod" and self.is_sign("(")):
            self.at -= 1
            raise self.error()
        indices: tuple[Any, ...] = ()
        if self.take("["):
            indices = self.several(self.index, "]", message("read.xmile.bracket_missing"))
        if self.take("("):
            arguments = self.several(
                self.expression, ")", message("read.xmile.parenthesis_missing")
            )
            return Call(name.replace(" ", "_"), arguments, indices)
        return self.transposition(Reference(name, indices))

    def without_namespace(self, name: str) -> str:
        """Return the name of a built-in function without its namespace: ABS for ``std.ABS`` (XMILE 1.0, 3.2.2.3)."""
        space, _, own = name.partition(".")
        return own if own and space in _NAMESPACES and name not in self.names else name

    def condition(self) -> Any:
        """Return the syntax tree of ``IF … THEN … ELSE …``, after its IF has been consumed."""
        condition = self.expression()
        self.expect("then", message("read.xmile.if_needs_then_else"))
        yes = self.expression()
        self.expect("else", message("read.xmile.if_needs_else"))
        made = (condition, yes, self.expression())
        return Call("if_then_else", made)

    def several(self, one: Callable[[], Any], end: str, purpose: str) -> tuple[Any, ...]:
        """Return the items of a list, separated by commas, and consume the closing sign `end`."""
        found: list[Any] = []
        while not self.take(end):
            if found and not (self.take(",") or self.take(";")):
                raise self.error(f"; {purpose}")
            found.append(one())
        return tuple(found)

    def transposition(self, value: Any) -> Any:
        """Return `value`, marked as transposed if an apostrophe follows."""
        while self.take("'"):
            if not isinstance(value, Reference):
                raise self.error(message("read.xmile.only_array_can_transposed"))
            value = Reference(value.name, value.indices, not value.transposed)
        return value

    # ---- indices

    def index(self) -> Any:
        """Return one index: a name or number as text, a range, or the syntax tree of an expression."""
        if self.take("*"):
            return Span(None, self.name_or_expression()) if self.take(":") else "*"
        if self.take("@"):
            if not self.now.text.isdigit():
                raise self.error(message("read.xmile.behind_stands_number_dimension"))
            self.at += 1
            return f"@{self.tokens[self.at - 1].text}"
        first = self.name_or_expression()
        return Span(first, self.name_or_expression()) if self.take(":") else first

    def name_or_expression(self) -> Any:
        """Return an index as text if it is a single name or number, and otherwise as a syntax tree."""
        start = self.at
        first = self.simple()
        if first is not None and self.ends_index():
            return first
        self.at = start
        return self.expression()

    def ends_index(self) -> bool:
        """Return whether an index can end at the current token."""
        return self.now.kind == "sign" and self.now.text in ",;:]"

    def simple(self) -> str | None:
        """Consume an index that is a single name or number, and return it as text. For other indices, return None.

        A dimension over which a function such as SUM iterates has a ``!`` at its end. In the equation, ``.*`` can
        replace the ``!``.
        """
        token = self.now
        if token.kind == "number" and token.text.isdigit():
            self.at += 1
            return token.text
        if token.kind != "name" or token.keyword in ("if", "not"):
            return None
        name = self.name()
        if self.is_sign(".") and self.tokens[self.at + 1].text == "*":
            self.at += 2
            return name + "!"
        return name + "!" if self.take("!") else name

    # ---- names

    def name(self) -> str:
        """Consume a name, and return it in canonical form.

        If several words follow one another, the longest name that the model defines is consumed.
        """
        first = self.now
        whole = self.with_apostrophes()
        if whole:
            return whole
        run = [first.text]
        if first.plain:
            ahead = self.at + 1
            while self.tokens[ahead].plain and len(run) < 20:
                run.append(self.tokens[ahead].text)
                ahead += 1
        for length in range(len(run), 1, -1):
            if self.is_known(run[:length]):
                return self.joined(length)
        self.refuse_unknown(run)
        self.at += 1
        return qualified(first.text)

    def with_apostrophes(self) -> str:
        """Consume and return a name with apostrophes that the model defines. Otherwise, return an empty text.

        Stella does not put such names in quotes.
        """
        if "'" not in self.text:
            return ""
        text, found = "", (0, "")
        for ahead, token in enumerate(self.tokens[self.at :], self.at + 1):
            joins = token.place == self.now.place + len(text)
            if not joins or not (token.kind == "name" or token.text == "'"):
                break
            text += token.text
            if "'" in text and canonical(text) in self.names:
                found = (ahead, canonical(text))
        if found[0]:
            self.at = found[0]
        return found[1]

    def refuse_unknown(self, words: list[str]) -> None:
        """Raise an error if several words precede a parenthesis but are not the name of a function."""
        following = self.tokens[self.at + len(words)]
        keywords = any(map(keyword, words))
        if len(words) > 1 and not keywords and following.text == "(":
            called = " ".join(words)
            raise ModelError(message("read.xmile.calls_neither_function_sdcluster", called=called))

    def is_known(self, words: list[str]) -> bool:
        """Return whether several words form a name that the model defines, or the name of a function that is called.

        If one of the words is a keyword, such as ``and``, the words before it must not be a name by themselves.
        """
        joined = canonical(" ".join(words))
        follows = self.tokens[self.at + len(words)]
        called = follows.kind == "sign" and follows.text == "("
        if joined not in self.names and not (called and self.is_function(joined)):
            return False
        keywords = [i for i, w in enumerate(words) if keyword(w)]
        if not keywords:
            return True
        return 0 not in keywords and canonical(" ".join(words[: keywords[0]])) not in self.names

    def joined(self, length: int) -> str:
        """Consume the words of a name with blanks, note the deviation, and return the name."""
        own = self.tokens[self.at : self.at + length]
        words = [t.text for t in own]
        self.at += length
        # A name may contain a line break (\n), as in diagrams, but not a blank.
        if "\\n" not in self.text[own[0].place : own[-1].place]:
            shown = " ".join(words)
            note = message(
                "read.xmile.name_written_blanks_equation", shown=shown, words="_".join(words)
            )
            if note not in self.notes:
                self.notes.append(note)
        return canonical(" ".join(words))


def qualified(text: str) -> str:
    """Return a qualified name in canonical form. Each part between dots is normalised separately.

    >>> qualified('Region_B."Net/Flow"')
    'region b.net/flow'
    """
    if '"' not in text:
        return ".".join(map(canonical, text.split(".")))
    parts, at = [], 0
    for end, character in enumerate([*text, "."]):
        inside = text[at:end]
        quoted = inside.startswith('"') and not (len(inside) > 1 and _closed(inside))
        if character == "." and not quoted:
            parts.append(canonical(inside))
            at = end + 1
    return ".".join(parts)


def _closed(text: str) -> bool:
    body = text[1:]
    return body.endswith('"') and (len(body) - len(body[:-1].rstrip("\\"))) % 2 == 1
