r"""Split an XMILE equation into tokens: numbers, names, keywords and signs, each with its position.

`tokens(text)` returns a list of `Token` objects. Comments in braces are dropped (XMILE 1.0, section 3.3.4). The two
characters ``\n`` mean a line break, which counts as a blank.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.read.limits import short

# Letters, digits, _, $ and all non-ASCII characters except blanks and signs (XMILE 1.0, section 3.2.1).
_LETTER = r"(?:[\w$]|[^\x00-\x7f\s≤≥≠×⟨⟩−])"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
# An apostrophe between two letters is part of a name. After a name, it transposes an array.
_PLAIN = rf"(?!\d){_LETTER}+(?:'{_LETTER}+)*"
_ELEMENT = re.compile(r"[\[,]\s*(\d+(?:\s+|(?=[^\W\d_]))[^\W\d][^\[\],()]*)[,\]]")
_TOKEN = re.compile(
    rf"""
      (?P<blank>(?:\s|\\n|\ufeff)+)
    | (?P<comment>\{{[^{{}}]*\}})
    | (?P<number>(?>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?!{_LETTER}))
    | (?P<name>\.?(?:{_PLAIN}|{_QUOTED})(?:\.(?:{_PLAIN}|{_QUOTED}|\d+))*)
    | (?P<odd>{_LETTER}+)
    | (?P<sign><>|!=|<=|>=|==|//|&&|\|\||[-+*/^%=<>()\[\],;:.'!@≤≥≠×−])
    """,
    re.VERBOSE | re.DOTALL,
)
_SAME = {"!=": "<>", "≠": "<>", "≤": "<=", "≥": ">=", "==": "=", "&&": "and", "||": "or", "%": "mod", "×": "*",
         "−": "-"}  # fmt: skip
KEYWORDS = frozenset({"if", "then", "else", "and", "or", "not", "mod"})


class Token(NamedTuple):
    """A token of an equation.

    Parameters
    ----------
    kind : {"number", "name", "sign", "end"}
        Keywords, and elements such as ``1st``, are names too.
    text : str
        The token as written, except that synonymous signs, such as ``!=`` and ``<>``, have the same spelling.
    place : int
        Position in the equation at which the token begins.
    operator : str
        The sign, or the keyword in lower case. Empty for any other token.
    """

    kind: str
    text: str
    place: int
    operator: str = ""

    @property
    def keyword(self) -> str:
        """The token in lower case if it is a keyword, or an empty text."""
        return "" if self.kind == "sign" else self.operator

    @property
    def plain(self) -> bool:
        """Whether the token is a word without quotes and dots, which could be a part of a name with blanks."""
        return self.kind == "name" and '"' not in self.text and "." not in self.text


def tokens(text: str) -> list[Token]:
    """Return the tokens of an equation, followed by a token of kind ``end``.

    Raises
    ------
    ModelError
        If the equation contains a character that is not allowed.
    """
    found, at = [], 0
    for match in _TOKEN.finditer(text):
        if match.start() != at:
            break
        kind, word = match.lastgroup, match.group()
        if kind in ("name", "odd"):
            found.append(Token("name", word, at, keyword(word)))
        elif kind == "sign":
            sign = _SAME.get(word, word)
            found.append(Token("sign", sign, at, sign))
        elif kind == "number":
            found.append(Token("number", word, at))
        at = match.end()
    if at < len(text):
        raise ModelError(_unknown(text, at))
    found.append(Token("end", "", at))
    return found


def keyword(word: str) -> str:
    """Return a word in lower case if it is a keyword, and otherwise an empty text."""
    low = word.lower()
    return low if low in KEYWORDS else ""


def _unknown(text: str, at: int) -> str:
    shown = short(text)
    if text[at] == '"':
        return message("read.xmile.equation_opens_quotation_mark", shown=shown)
    if text[at] in "{}":
        return message("read.xmile.equation_brace_without_partner", shown=shown, text=text[at])
    return message(
        "read.xmile.equation_cannot_understood_2", shown=shown, short=short(text[at : at + 20])
    )


def unquoted_element(text: str) -> str:
    """Return a suggestion if an element name that begins with a digit lacks quotes, or an empty text."""
    found = _ELEMENT.search(text)
    if found is None:
        return ""
    return message("read.xmile.write_name_element_begins", found=found[1].strip())
