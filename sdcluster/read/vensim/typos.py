"""Suggest corrections for common mistakes in the equations of a Vensim file.

`remedy(text)` returns a suggestion for an equation that cannot be parsed, and `foreign_signs(name)` for an unknown
name.
"""

from __future__ import annotations

import re

from sdcluster.messages import message
from sdcluster.read.xmile.tokens import unquoted_element

# Characters that word processors and Chinese keyboards produce, with the characters that Vensim expects.
_SIGNS = {"−": "-", "–": "-", "×": "*", "÷": "/", "（": "(", "）": ")", "，": ",", "；": ",",
          "“": '"', "”": '"', "‘": "'", "’": "'", "≤": "<=", "≥": ">=", "≠": "<>", "＋": "+", "－": "-",
          "＝": "=", "：": ":", "［": "[", "］": "]", "＊": "*", "／": "/", "＾": "^", "＜": "<", "＞": ">",
          "～": "~", "｜": "|"}  # fmt: skip
_SLIPS = (
    (re.compile(r"=="), lambda: message("read.vensim.one_sign_compares")),
    (re.compile(r"!=|=!"), lambda: message("read.vensim.write_unequal")),
    (re.compile(r"\*\*"), lambda: message("read.vensim.write_power_not")),
    (re.compile(r"&&|\|\||(?<![:\w])(AND|OR|NOT)(?![:\w])", re.IGNORECASE),
     lambda: message("read.vensim.write_not_between_colons")),
    (re.compile(r";"), lambda: message("read.vensim.arguments_separated_not")),
    (re.compile(r":IGNORE:", re.IGNORECASE),
     lambda: message("read.vensim.causes_behind_ignore_change")),
)  # fmt: skip
# _ODD_NAME matches a left-hand side with characters that require quotes, _SECOND the start of another equation.
_ODD_NAME = re.compile(
    r"([^\"=()\[\]:~|]*[^\w\s'$\"=()\[\]:~|\u0080-\U0010ffff][^\"=()\[\]:~|]*)(\[[^\]]*\])?\s*:?="
)
_SECOND = re.compile(r"[^\W\d][\w\s'$]*(\[[^\]]*\])?\s*=[^=]")
_QUOTED = re.compile(r'"(?:\\"|[^"])*"')


def foreign_signs(text: str) -> str:
    """Return a suggestion such as ``; write "-" for "−"``, for the first character that only looks like Vensim's.

    If there is no such character, the result is empty.
    """
    found = next((sign for sign in text if sign in _SIGNS), None)
    return (
        "" if found is None else message("read.vensim.write_sign", signs=_SIGNS[found], found=found)
    )


def remedy(text: str, rest: str = "") -> str:
    """Return a suggestion for an equation that cannot be parsed, starting with a semicolon, or an empty text.

    Parameters
    ----------
    text : str
        The equation.
    rest : str
        The end of the equation, from the first character that the parser rejected.
    """
    plain = _QUOTED.sub("", text)
    if plain.count('"') % 2:
        return message("read.vensim.quotation_mark_not_closed")
    if signs := foreign_signs(plain):
        return signs
    for slip, words in _SLIPS:
        if slip.search(plain):
            return message("read.vensim.semicolon", remedy=words())
    odd = _ODD_NAME.match(text[:300])
    if odd and text.endswith(rest) and rest and len(text) - len(rest) < odd.end():
        name = odd.group(1).strip()
        return message("read.vensim.write_name_signs_other", name=name)
    if _SECOND.match(rest[:300]) and "=" not in text[: len(text) - len(rest)].strip()[-1:]:
        return message("read.vensim.another_equation_begins_units")
    if named := unquoted_element(plain):
        return named
    for opening, closing in ("()", "[]"):
        more = plain.count(opening) - plain.count(closing)
        if more:
            which, lacking = (opening, closing) if more > 0 else (closing, opening)
            return message("read.vensim.more", abs=abs(more), which=which, lacking=lacking)
    return ""
