r"""Read Vensim's changes files, ``.cin``: values of constants and points of lookups for one run.

`read_changes` takes a path and a model, and returns a `Scenario`. Entries have the form of Vensim equations without
``~`` and ``|`` (Vensim Reference Manual, "Constant Input Files")::

    birth rate = 0.03
    price[product] = 3, 2, 7                 { one number for each element, or a single one for all }
    cost[north, car] = 4
    effect of price( (0,0), (1,1), (2,1) )   { [(0,0)-(2,1)] may come first; or 0,1,2, 0,1,1 }
    0 <= price = 0.5 <= 1                 { results of an optimization: bounds are ignored }

An entry continues on the next line if a bracket is open, if the line ends with a comma or ``\``, or if the next line
begins with a number.
The reader ignores ``{…}``, everything after ``!`` or ``//``, and lines that begin with ``:``, which optimizations
write. If a name has several values, the last one is used.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.files import reason as os_reason
from sdcluster.messages import message
from sdcluster.model.clock import CONTROLS
from sdcluster.model.elements import axes, written
from sdcluster.model.kinds import a_kind
from sdcluster.model.names import canonical, display
from sdcluster.model.points import Points
from sdcluster.project.scenario import Scenario

if TYPE_CHECKING:
    from sdcluster.model import Model, Variable

ENDING = ".cin"
LARGEST_FILE = 8_000_000
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"\s*{_NUMBER}(?:\s*[,;]\s*{_NUMBER})*\s*[,;]?\s*")
_BOUND_BEFORE = re.compile(rf"^\s*{_NUMBER}\s*<=")
_BOUND_BEHIND = re.compile(r"<=.*$", re.DOTALL)
_GOES_ON = re.compile(r"^\s*(?:[-+]?\.?\d|[,;)\]])")
_RANGE_OF_GRAPH = re.compile(r"\[[^\[\]]*\]\s*,?")
_PAIR = re.compile(rf"\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\)")
_QUOTED = r'"(?:\\.|[^"\\\n])*"'
_LEFT = re.compile(rf'\s*({_QUOTED}|[^\[\](="]*?)\s*(?:\[([^\[\]]*)\]\s*)?([=(])(.*)', re.DOTALL)
_COMMENT = re.compile(rf"({_QUOTED})|(?:!|//)[^\n]*")


@dataclass(frozen=True)
class _Entry:
    text: str
    line: int


def is_changes_file(name: object) -> bool:
    """Return whether the name of a scenario is the path of a ``.cin`` file."""
    return isinstance(name, Path) or (isinstance(name, str) and name.lower().endswith(ENDING))


def read_changes(path: str | Path, model: Model) -> Scenario:
    """Read a ``.cin`` file as a scenario of a model.

    Raises
    ------
    ModelError
        If an entry cannot be parsed, a name is unknown or not a constant, or the number of values is wrong; the message
        names file and line.
    """
    path = Path(path)
    settings: dict[str, float] = {}
    inputs: dict[str, Points] = {}
    for entry in _entries(_text(path)):
        try:
            _apply(entry.text, model, settings, inputs)
        except ModelError as error:
            raise ModelError(
                error.sentence, file=path, line=entry.line, variable=error.variable
            ) from None
    return Scenario(name=path.stem, settings=settings, inputs=inputs)


def _text(path: Path) -> str:
    from sdcluster.read.vensim.text import decode

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(
            message("project.file_cannot_read", reason=os_reason(error)), file=path
        ) from None
    if len(raw) > LARGEST_FILE:
        raise ModelError(
            message("project.changes_file_larger_bytes", largest_file=LARGEST_FILE), file=path
        )
    return decode(path, raw)


def _entries(text: str) -> Iterator[_Entry]:
    """Yield each entry, joined to one line and without comments, with the number of the line where it begins."""
    whole, first, depth = "", 0, 0
    lines = _without_comments(text).splitlines()
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith(":"):
            continue
        joined = whole.endswith((",", "=", "\\")) or _GOES_ON.match(line)
        starts = not depth and not (joined and "<=" not in line)
        if starts and line.strip() and not line.lstrip().startswith(("(", "[")):
            if whole:
                yield _Entry(whole, first)
            whole, first = "", number
        whole = f"{whole.rstrip(chr(92))} {line.strip()}".strip()
        depth = whole.count("(") + whole.count("[") - whole.count(")") - whole.count("]")
    if whole:
        yield _Entry(whole, first)


def _without_comments(text: str) -> str:
    """Return the text without ``{…}``, line comments, and ``~ units ~ comment |``; the line breaks remain."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    text = re.sub(r"\{[^{}]*\}", blank, text)
    text = re.sub(r"~[^|]*\|?", blank, text)
    return _COMMENT.sub(lambda match: match[1] or "", text).replace("|", " ")


def _apply(text: str, model: Model, settings: dict[str, float], inputs: dict[str, Points]) -> None:
    """Add the constants that an entry sets to `settings`, or the points of its lookup to `inputs`."""
    if re.search(r":is:", text, re.IGNORECASE):
        raise ModelError(message("project.strings_cannot_changed_run"))
    found = _LEFT.match(_BOUND_BEFORE.sub("", text))
    name, inside, mark, right = found.groups() if found else ("", None, "", "")
    if not name.strip() or mark not in ("=", "("):
        raise ModelError(message("project.neither_name_number_nor", text=text[:60]))
    subscripts = [] if inside is None else inside.split(",")
    if mark == "(":
        _lookup(model, name, subscripts, right, inputs)
        return
    variable = _constant(model, name)
    right = _BOUND_BEHIND.sub("", right.lstrip("="))
    if not _NUMBERS.fullmatch(right):
        raise ModelError(
            message(
                "project.value_must_number_numbers", name=display(name), right=right.strip()[:40]
            )
        )
    values = [float(number) for number in re.findall(_NUMBER, right)]
    if not all(map(math.isfinite, values)):
        raise ModelError(message("project.value_must_finite_number", name=display(name)))
    settings.update(_values(model, variable, subscripts, values))


def _known(model: Model, name: str) -> Variable:
    if name not in model:
        names = [variable.name for variable in model.variables.values()]
        hint = did_you_mean(canonical(name), names) or message("project.sdcluster_info_lists_all")
        raise ModelError(
            message("project.model_no_variable", model=model.name, name=display(name), hint=hint),
            variable=display(name),
        )
    return model[name]


def _constant(model: Model, name: str) -> Variable:
    variable = _known(model, name)
    if variable.kind == "lookup":
        raise ModelError(
            message("project.lookup_write_points_without", variable=variable.name),
            variable=variable.name,
        )
    if variable.kind != "constant" and variable.key not in CONTROLS:
        raise ModelError(
            message(
                "project.changes_file_sets_constants",
                variable=variable.name,
                kind=a_kind(variable.kind),
            ),
            variable=variable.name,
        )
    return variable


def _values(
    model: Model, variable: Variable, subscripts: list[str], values: list[float]
) -> dict[str, float]:
    """Return the values by name of the element; in the list of values, the last subscript varies fastest."""
    names = _elements(model, variable, subscripts)
    if len(values) not in (1, len(names)):
        raise ModelError(
            message(
                "project.needs_numbers_not",
                variable=variable.name,
                count=len(names),
                count_2=len(values),
            ),
            variable=variable.name,
        )
    return dict(zip(names, values if len(values) > 1 else values * len(names), strict=True))


def _elements(model: Model, variable: Variable, subscripts: list[str]) -> list[str]:
    """Return the names of the elements to which subscripts refer; without subscripts, the names of all elements."""
    along = axes(model, variable)
    if not subscripts:
        subscripts = list(variable.dimensions)
    if len(subscripts) != len(along):
        raise ModelError(
            message(
                "project.dimensions_given",
                variable=variable.name,
                count=len(along),
                count_2=len(subscripts),
            ),
            variable=variable.name,
        )
    ranges = model.subscripts
    chosen = []
    for written_as, axis in zip(subscripts, along, strict=True):
        part = canonical(written_as)
        elements = (part,) if part in axis else ranges.elements(part)
        if not set(elements) <= set(axis):
            raise ModelError(
                message(
                    "project.no_element_range",
                    variable=variable.name,
                    written_as=display(written_as),
                    hint=did_you_mean(part, [*axis, *ranges.dimensions]),
                ),
                variable=variable.name,
            )
        chosen.append(elements)
    return [written(variable.name, element) for element in product(*chosen)]


def _lookup(
    model: Model, name: str, subscripts: list[str], right: str, inputs: dict[str, Points]
) -> None:
    """Add the points in the text `right` to `inputs`, for a lookup or for the elements given by `subscripts`."""
    variable = _known(model, name)
    names = _elements(model, variable, subscripts)
    if variable.kind == "data" or not set(names) <= set(model.lookups):
        raise ModelError(
            message("project.not_lookup_write_number", variable=variable.name),
            variable=variable.name,
        )
    inputs.update(dict.fromkeys(names, points(right)))


def points(inside: str) -> Points:
    """Return the points written after a lookup's opening bracket: pairs (x, y), or all x values and then all y values.

    Raises
    ------
    ModelError
        If the text has another form, or if the x values decrease.
    """
    body = _RANGE_OF_GRAPH.sub("", inside).strip()
    body = body.removesuffix(")").strip()
    pairs = _PAIR.findall(body)
    if pairs and not _PAIR.sub("", body).strip(" ,"):
        x, y = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    elif _NUMBERS.fullmatch(body):
        numbers = [float(number) for number in re.findall(_NUMBER, body)]
        if len(numbers) % 2:
            raise ModelError(message("project.lookup_needs_many_x", count=len(numbers)))
        half = len(numbers) // 2
        x, y = numbers[:half], numbers[half:]
    else:
        raise ModelError(message("project.points_lookup_written_x"))
    if any(b < a for a, b in pairwise(x)):
        raise ModelError(message("project.x_lookup_must_not"))
    return Points(tuple(x), tuple(y), lookup=True)
