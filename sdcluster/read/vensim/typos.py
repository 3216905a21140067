"""Common mistakes in the equations of a Vensim file, and what their authors meant.

Crosses the border: `remedy(text)` for an equation without meaning, `foreign_signs(name)` for an unknown name.
"""

from __future__ import annotations

import re

from sdcluster.read.xmile.tokens import unquoted_element

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
    (re.compile(r":IGNORE:", re.IGNORECASE),
     "the causes behind :IGNORE: change nothing, so remove it and them"),
)  # fmt: skip
# A left side with signs that names have in quotes alone, and the start of another equation.
_ODD_NAME = re.compile(
    r"([^\"=()\[\]:~|]*[^\w\s'$\"=()\[\]:~|\u0080-\U0010ffff][^\"=()\[\]:~|]*)(\[[^\]]*\])?\s*:?="
)
_SECOND = re.compile(r"[^\W\d][\w\s'$]*(\[[^\]]*\])?\s*=[^=]")
_QUOTED = re.compile(r'"(?:\\"|[^"])*"')


def foreign_signs(text: str) -> str:
    """Return ``; write "-" for "−"`` for the first sign that only looks like one of Vensim's, else nothing."""
    found = next((sign for sign in text if sign in _SIGNS), None)
    return "" if found is None else f"; write {_SIGNS[found]} for the sign {found}"


def remedy(text: str, rest: str = "") -> str:
    """Return what to do about an equation that cannot be understood, beginning with a semicolon, or nothing.

    Parameters
    ----------
    text : str
        The equation.
    rest : str
        The text from the first sign that the parser does not understand.
    """
    plain = _QUOTED.sub("", text)
    if plain.count('"') % 2:
        return "; a quotation mark is not closed"
    if signs := foreign_signs(plain):
        return signs
    for slip, words in _SLIPS:
        if slip.search(plain):
            return f"; {words}"
    odd = _ODD_NAME.match(text[:300])
    if odd and text.endswith(rest) and rest and len(text) - len(rest) < odd.end():
        name = odd.group(1).strip()
        return (
            f'; write a name with signs other than letters, digits and blanks in quotes: "{name}"'
        )
    if _SECOND.match(rest[:300]) and "=" not in text[: len(text) - len(rest)].strip()[-1:]:
        return '; another equation begins there, so "~ units ~ comment |" may be missing before it'
    if named := unquoted_element(plain):
        return named
    for opening, closing in ("()", "[]"):
        more = plain.count(opening) - plain.count(closing)
        if more:
            which, lacking = (opening, closing) if more > 0 else (closing, opening)
            return f"; it has {abs(more)} more {which} than {lacking}"
    return ""
