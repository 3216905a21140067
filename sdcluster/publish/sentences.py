"""The sentences of `sdcluster.checks` in Chinese.

Crosses the border: an English sentence of a verdict in, the same in Chinese out, with the file's Chinese names; None
for a sentence of a form that is not known here, so that a page shows the English one, not half a translation.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sdcluster.errors import ModelError
from sdcluster.model import Model
from sdcluster.project.scenarios_file import Scenarios

_N = r"[-−+]?(?:\d[\d.]*(?:e[-+]?\d+)?|inf|nan)"
_TURN = {"rising": "上升", "falling": "下降"}
_BOUND = {"at least": "至少", "at most": "至多", "about": "约"}


class _Unknown(Exception):
    """The sentence has a form that is not known."""


def translated(sentence: str, model: Model, scenarios: Scenarios) -> str | None:
    """Return a verdict's sentence in Chinese.

    Parameters
    ----------
    sentence : str
        As an assertion's ``judge`` says it.
    model : Model
        For the Chinese names of variables.
    scenarios : Scenarios
        For the Chinese titles of scenarios.
    """
    words = _Words(model, scenarios)
    first, *more = sentence.split("; ")
    try:
        return "；".join([words.head(first), *(words.rest(clause) for clause in more)]) + "。"
    except _Unknown:
        return None


def settings_in_chinese(text: str, model: Model, scenarios: Scenarios) -> str | None:
    """Return ``price 0.3 and tax 0`` in Chinese; None for what is no enumeration of settings."""
    try:
        return _Words(model, scenarios).scenario(text)
    except _Unknown:
        return None


class _Words:
    def __init__(self, model: Model, scenarios: Scenarios) -> None:
        self.model, self.scenarios = model, scenarios

    # names

    def name(self, text: str) -> str:
        try:
            return self.model.label(text, "zh")
        except ModelError:
            raise _Unknown(text) from None

    def names(self, text: str) -> str:
        """Translate an enumeration of names; a name may itself hold ``and``."""
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
        return "、".join(self.name(part) for part in parts)

    def scenario(self, text: str) -> str:
        """Translate a scenario's name, or settings: ``price 0.3 and tax 0``."""
        if text == "as it is":
            return "原设定"
        try:
            title = self.scenarios.find(text).title
        except ModelError:
            return "、".join(self.setting(part) for part in _parts(text, rf".+? {_N}"))
        return f"“{title.get('zh', text)}”"

    def setting(self, text: str) -> str:
        name, _, value = text.rpartition(" ")
        return f"{self.name(name)} {value}"

    # clauses

    def head(self, text: str) -> str:
        for pattern, say in self.heads():
            if found := re.fullmatch(pattern, text):
                return say(*found.groups())
        raise _Unknown(text)

    def heads(self) -> tuple[tuple[str, Callable[..., str]], ...]:
        n = self.name
        return (
            (rf"peaks of (.+) at ((?:{_N}|, | and )+)", lambda v, t: f"{n(v)}的峰值在 {_list(t)}"),
            (r"peaks of (.+) at none", lambda v: f"{n(v)}没有峰值"),
            (
                rf"(.+) at ({_N}) is highest \(({_N})\) with (.+) ({_N})",
                lambda v, t, h, o, x: f"{n(v)}在 {t} 的值当{n(o)}为 {x} 时最高（{h}）",
            ),
            (rf"(.+) at ({_N}) is ({_N})", lambda v, t, x: f"{n(v)}在 {t} 为 {x}"),
            (
                rf"(.+) grows by ({_N}) % a year from ({_N}) to ({_N})",
                lambda v, x, a, b: f"{n(v)}自 {a} 至 {b} 每年增长 {x}%",
            ),
            (
                rf"(.+) falls by ({_N}) % from its peak ({_N}) at ({_N}) to ({_N}) at ({_N})",
                lambda v, x, h, t, e, u: f"{n(v)}自 {t} 的峰值 {h} 下降 {x}%，{u} 时为 {e}",
            ),
            (
                rf"(.+) is (rising|falling) from ({_N}) to ({_N})",
                lambda v, d, a, b: f"{n(v)}自 {a} 至 {b} 持续{_TURN[d]}",
            ),
            (
                rf"(.+) is not (rising|falling) from ({_N}) to ({_N}): it goes back by ({_N}) until ({_N})",
                lambda v, d, a, b, x, t: (
                    f"{n(v)}自 {a} 至 {b} 并非持续{_TURN[d]}：至 {t} 反向变动 {x}"
                ),
            ),
            (
                rf"passing ({_N}) (rising|falling): (.+)",
                lambda x, d, items: f"{_TURN[d]}越过 {x}：{self.passing(items)}",
            ),
            (
                rf"ln (.+) = ({_N}) \+ ({_N}) ln (.+), R squared ({_N}), (\d+) points from ({_N}) to ({_N})",
                lambda y, i, s, x, r, c, a, b: (
                    f"ln {n(y)} = {i} + {s} ln {n(x)}，判定系数 {r}，自 {a} 至 {b} 共 {c} 点"
                ),
            ),
            (rf"(.+), (.+) against (.+): ((?:{_N} at {_N}|, | and )+)", self.against),
            (rf"(.+) at ({_N}): ({_N} (?:in|from) .+)", self.at_ends),
            (
                rf"(.+): (at (?:least|most) {_N}(?: and at most {_N})?) from ({_N}) to ({_N})",
                lambda v, w, a, b: f"{self.names(v)}自 {a} 至 {b} {_bounds(w)}",
            ),
        )

    def passing(self, text: str) -> str:
        found = []
        for part in _parts(text, rf".+? (?:at {_N}|never does)"):
            if part.endswith(" never does"):
                found.append(f"{self.name(part.removesuffix(' never does'))}始终没有")
            else:
                name, _, time = part.rpartition(" at ")
                found.append(f"{self.name(name)}在 {time}")
        return "、".join(found)

    def against(self, name: str, one: str, other: str, items: str) -> str:
        said = "、".join(
            f"{time} 时为 {ratio} 倍"
            for ratio, time in (p.split(" at ") for p in _parts(items, rf"{_N} at {_N}"))
        )
        return f"{self.name(name)}，{self.scenario(one)}与{self.scenario(other)}之比：{said}"

    def at_ends(self, name: str, time: str, items: str) -> str:
        said = []
        for part in _parts(items, rf"{_N} (?:in|from) .+?"):
            value, word, where = part.split(" ", 2)
            start = "起始于 " if word == "from" else ""
            said.append(f"{start}{self.scenario(where)}：{value}")
        return f"{self.name(name)}在 {time}：{'，'.join(said)}"

    def rest(self, text: str) -> str:
        fixed = {
            "the order is another one": "次序不同",
            "that is an end of the sweep, so no peak is seen": "位于扫描范围的端点，看不出峰值",
            "they are not rising": "并非依次上升",
            "they are not falling": "并非依次下降",
        }
        if text in fixed:
            return fixed[text]
        for start, chinese in (("none near ", "附近没有："), ("unexpected at ", "意外出现在 ")):
            if text.startswith(start):
                return chinese + _list(text.removeprefix(start))
        if found := re.fullmatch(rf"only ({_N}) apart, expected at least ({_N})", text):
            return "仅相差 {}，预期至少 {}".format(*found.groups())
        for start, chinese in (("a slope of", "斜率"), ("R squared", "判定系数")):
            if text.startswith(f"expected {start} "):
                return f"预期{chinese}{_bounds(text.removeprefix(f'expected {start} '))}"
        if text.startswith("expected "):
            return f"预期{_bounds(text.removeprefix('expected '))}"
        raise _Unknown(text)


def _parts(text: str, item: str) -> list[str]:
    """Split an enumeration into items of a form; its ``and`` is told from one inside an item.

    Items that begin with a number end only where a number follows.
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


def _list(text: str) -> str:
    return re.sub(r", | and ", "、", text)


def _bounds(text: str) -> str:
    """Translate ``about 2.6 and 50 ± 1``, ``at least 0 and at most 1 %``, ``near 6 ± 1``."""
    text = re.sub(r"^near ", "接近 ", text)
    for english, chinese in _BOUND.items():
        text = re.sub(rf"\b{english} ", f"{chinese} ", text)
    text = _list(text).replace(" %", "%")
    if re.search(r"[a-df-zA-Z]", text):
        raise _Unknown(text)
    return text
