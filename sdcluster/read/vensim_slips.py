"""What people write by mistake in equations of a Vensim file, and what they meant.

Crosses the border: `remedy(text)` for an equation without meaning, `foreign_signs(name)` for an unknown name.
"""

from __future__ import annotations

import re

# Signs of word processors and of Chinese keyboards, beside those that a model needs.
_SIGNS = {"−": "-", "–": "-", "×": "*", "÷": "/", "（": "(", "）": ")", "，": ",", "；": ",",
          "“": '"', "”": '"', "‘": "'", "’": "'", "≤": "<=", "≥": ">=", "≠": "<>", "＋": "+", "－": "-",
          "＝": "=", "：": ":", "［": "[", "］": "]", "＊": "*", "／": "/", "＾": "^", "＜": "<", "＞": ">",
          "～": "~", "｜": "|"}  # fmt: skip
_SLIPS = (
    (re.compile(r"=="), '"=" compares, not "=="'),
    (re.compile(r"!=|=!"), 'write "<>" for unequal'),
    (re.compile(r"\*\*"), 'write "^" for a power, not "**"'),
    (re.compile(r"&&|\|\||(?<![:\w])(AND|OR|NOT)(?![:\w])", re.IGNORECASE),
     "write :AND:, :OR: and :NOT: between colons"),
    (re.compile(r";"), 'arguments are separated by ",", not ";"'),
)  # fmt: skip
_QUOTED = re.compile(r'"(?:\\"|[^"])*"')


def foreign_signs(text: str) -> str:
    """Return ``; write "-" for "−"`` for the first sign that only looks like one of Vensim's, else nothing."""
    found = next((sign for sign in text if sign in _SIGNS), None)
    return "" if found is None else f"; write {_SIGNS[found]} for the sign {found}"


def remedy(text: str) -> str:
    """Return what to do about an equation that cannot be understood, beginning with a semicolon, or nothing."""
    plain = _QUOTED.sub("", text)
    if plain.count('"') % 2:
        return "; a quotation mark is not closed"
    if signs := foreign_signs(plain):
        return signs
    for slip, words in _SLIPS:
        if slip.search(plain):
            return f"; {words}"
    for opening, closing in ("()", "[]"):
        more = plain.count(opening) - plain.count(closing)
        if more:
            which, lacking = (opening, closing) if more > 0 else (closing, opening)
            return f"; it has {abs(more)} more {which} than {lacking}"
    return ""
