"""Translate the sentences with which `sdcluster.checks` explains verdicts.

`translated` takes an English sentence, and returns its translation with the model's labels. For a sentence of unknown
form, the result is None, so that a page shows the English sentence instead of half a translation. This module contains
patterns for the English sentences; the translations are in the section ``verdicts`` of `sdcluster.words`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sdcluster.errors import ModelError
from sdcluster.model import Model
from sdcluster.project.scenarios_file import Scenarios
from sdcluster.words import ENGLISH, known, say

_N = r"[-−+]?(?:\d[\d.]*(?:e[-+]?\d+)?|inf|nan)"
_BOUNDS = {"at least": "at_least", "at most": "at_most", "about": "about"}
_TURNS = {"upward": "rising", "downward": "falling"}
_FROM_TO = rf"from (?P<a>{_N}) to (?P<b>{_N})"
# Forms of the first clause: a pattern, and the key of its translation. The groups name, names, other, list, turn,
# passing, bounds, scenario, against, ratios and ends are translated; all other groups are numbers.
_HEADS = (
    (rf"(?P<name>.+) has peaks at (?P<list>(?:{_N}|, | and )+)", "peaks"),
    (r"(?P<name>.+) has no peak", "no_peaks"),
    (
        rf"(?P<name>.+) at (?P<t>{_N}) is highest \((?P<h>{_N})\) if (?P<other>.+) is (?P<x>{_N})",
        "highest",
    ),
    (rf"(?P<name>.+) at (?P<t>{_N}) is (?P<x>{_N})", "value"),
    (rf"(?P<name>.+) grows by (?P<x>{_N}) % a year {_FROM_TO}", "growth"),
    (
        rf"(?P<name>.+) falls by (?P<x>{_N}) % from its peak (?P<h>{_N}) at (?P<t>{_N}) "
        rf"to (?P<e>{_N}) at (?P<u>{_N})",
        "drop",
    ),
    (rf"(?P<name>.+) is (?P<turn>rising|falling) {_FROM_TO}", "monotone"),
    (
        rf"(?P<name>.+) is not (?P<turn>rising|falling) {_FROM_TO}: "
        rf"it moves the other way by (?P<x>{_N}) until (?P<t>{_N})",
        "not_monotone",
    ),
    (rf"(?P<turn>upward|downward) crossings of (?P<x>{_N}): (?P<passing>.+)", "passing"),
    (
        rf"ln (?P<name>.+) = (?P<i>{_N}) \+ (?P<s>{_N}) ln (?P<other>.+), R squared (?P<r>{_N}), "
        rf"(?P<c>\d+) points {_FROM_TO}",
        "elasticity",
    ),
    (
        rf"(?P<name>.+), (?P<scenario>.+) against (?P<against>.+): (?P<ratios>(?:{_N} at {_N}|, | and )+)",
        "ratio",
    ),
    (rf"(?P<name>.+) at (?P<t>{_N}): (?P<ends>{_N} (?:in|from) .+)", "ends"),
    (
        rf"(?P<names>.+): (?P<bounds>at (?:least|most) {_N}(?: and at most {_N})?) {_FROM_TO}",
        "bounded",
    ),
)
# Forms of the clauses after the first.
_RESTS = (
    (r"this is not the expected order", "other_order"),
    (
        r"this number is the first or last of the sweep, so the peak may be outside it",
        "end_of_sweep",
    ),
    (r"these values do not rise in this order", "not_rising"),
    (r"these values do not fall in this order", "not_falling"),
    (r"no peak near (?P<list>.+)", "none_near"),
    (r"unexpected peaks at (?P<list>.+)", "unexpected"),
    (rf"two of them are only (?P<x>{_N}) apart, expected at least (?P<y>{_N})", "apart"),
    (r"expected a slope of (?P<bounds>.+)", "expected_slope"),
    (r"expected R squared (?P<bounds>.+)", "expected_fit"),
    (r"expected (?P<bounds>.+)", "expected"),
)


class _Unknown(Exception):
    """Raised for a sentence that no pattern matches."""


def translated(sentence: str, model: Model, scenarios: Scenarios, language: str) -> str | None:
    """Return the sentence about a verdict in a language; None if the sentence cannot be translated.

    Parameters
    ----------
    sentence : str
        An English sentence from an assertion's ``judge``.
    model : Model
        The model, for the names of variables in the language.
    scenarios : Scenarios
        The model's scenarios, for their titles in the language.
    language : str
        One of `sdcluster.words.LANGUAGES`.
    """
    if language == ENGLISH:
        return sentence
    first, *more = sentence.split("; ")
    try:
        words = _Words(model, scenarios, language)
        clauses = [words.clause(first, _HEADS), *(words.clause(text, _RESTS) for text in more)]
        return words.say("sentence", text=words.say("clauses").join(clauses))
    except _Unknown:
        return None


def settings_translated(text: str, model: Model, scenarios: Scenarios, language: str) -> str | None:
    """Return a text such as ``price 0.3 and tax 0`` in a language; None for a text of another form."""
    if language == ENGLISH:
        return text
    try:
        return _Words(model, scenarios, language).scenario(text)
    except _Unknown:
        return None


class _Words:
    def __init__(self, model: Model, scenarios: Scenarios, language: str) -> None:
        self.model, self.scenarios, self.language = model, scenarios, language
        self.comma = say("signs.comma", language)

    def say(self, key: str, **parts: str) -> str:
        if known(f"verdicts.{key}", self.language) is None:
            raise _Unknown(key)
        return say(f"verdicts.{key}", self.language, **parts)

    def clause(self, text: str, forms: tuple[tuple[str, str], ...]) -> str:
        read: dict[str, Callable[[str], str]] = {
            "name": self.name,
            "other": self.name,
            "names": self.names,
            "list": self.list,
            "turn": lambda turn: self.say(_TURNS.get(turn, turn)),
            "passing": self.passing,
            "bounds": self.bounds,
            "scenario": self.scenario,
            "against": self.scenario,
            "ratios": self.ratios,
            "ends": self.ends,
        }
        for pattern, key in forms:
            if found := re.fullmatch(pattern, text):
                parts = {k: read[k](v) if k in read else v for k, v in found.groupdict().items()}
                return self.say(key, **parts)
        raise _Unknown(text)

    # names

    def name(self, text: str) -> str:
        try:
            return self.model.label(text, self.language)
        except ModelError:
            raise _Unknown(text) from None

    def names(self, text: str) -> str:
        """Translate an enumeration of names, which may themselves contain ``and``."""
        if text in self.model:
            return self.name(text)
        parts = re.split(r", | and ", text)
        for count in range(len(parts), 1, -1):
            separators = re.findall(r", | and ", text)
            head = "".join(
                p + s for p, s in zip(parts[:count], [*separators[: count - 1], ""], strict=True)
            )
            if head in self.model or count == 2:
                break
        return self.comma.join(self.name(part) for part in parts)

    def scenario(self, text: str) -> str:
        """Translate the name of a scenario, or settings such as ``price 0.3 and tax 0``."""
        if text == "as it is":
            return self.say("as_it_is")
        try:
            title = self.scenarios.find(text).title
        except ModelError:
            return self.comma.join(self.setting(part) for part in _parts(text, rf".+? {_N}"))
        return self.say("quoted", text=title.get(self.language, text))

    def setting(self, text: str) -> str:
        name, _, value = text.rpartition(" ")
        return f"{self.name(name)} {value}"

    # lists

    def list(self, text: str) -> str:
        return re.sub(r", | and ", self.comma, text)

    def passing(self, text: str) -> str:
        found = []
        for part in _parts(text, rf".+? (?:at {_N}|never)"):
            if part.endswith(" never"):
                found.append(self.say("never", name=self.name(part.removesuffix(" never"))))
            else:
                name, _, time = part.rpartition(" at ")
                found.append(self.say("at", name=self.name(name), t=time))
        return self.comma.join(found)

    def ratios(self, text: str) -> str:
        pairs = (p.split(" at ") for p in _parts(text, rf"{_N} at {_N}"))
        return self.comma.join(self.say("ratio_at", x=ratio, t=time) for ratio, time in pairs)

    def ends(self, text: str) -> str:
        said = []
        for part in _parts(text, rf"{_N} (?:in|from) .+?"):
            value, word, where = part.split(" ", 2)
            key = "end_from" if word == "from" else "end_in"
            said.append(self.say(key, where=self.scenario(where), x=value))
        return self.say("between_ends").join(said)

    def bounds(self, text: str) -> str:
        """Translate bounds such as ``about 2.6 and 50 ± 1``, ``at least 0 and at most 1 %`` or ``near 6 ± 1``."""
        text = re.sub(r"^near ", "\x00near ", text)
        for english in _BOUNDS:
            text = re.sub(rf"\b{english} ", f"\x00{_BOUNDS[english]} ", text)
        text = self.list(text)
        if re.search(r"[a-df-zA-Z]", re.sub(r"\x00\w+ ", "", text)):
            raise _Unknown(text)
        text = re.sub(r"\x00(\w+) ", lambda found: self.say(found[1]) + " ", text)
        return text.replace(" %", self.say("percent"))


def _parts(text: str, item: str) -> list[str]:
    """Split an enumeration into its items, which may themselves contain ``and``.

    `item` is the regular expression for an item. An item that begins with a number ends only before another number.
    """
    following = rf"(?={_N} |\Z)" if item.startswith(_N) else ""
    pattern = re.compile(rf"({item})(?:, | and |\Z){following}")
    found, at = [], 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None:
            raise _Unknown(text)
        found.append(match.group(1))
        at = match.end()
    return found
