"""The schema of the TOML files in a model's folder: each key with its type, constraints and purpose.

Interface: a value of a `TomlFile` in, the checked value out. Error messages, the key reference in the docs,
and the JSON Schemas for editors are generated from the same tables.

Adding a key
------------
Add a `Key` to the table of its file (``SCENARIO`` in ``scenarios_file.py``, ``CHART`` in ``lab_file.py``, …) and use it
where the file's reader builds its objects. Then run ``python -m docs.book.schemas`` to regenerate the JSON Schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sdcluster.errors import did_you_mean
from sdcluster.messages import message, quoted
from sdcluster.project.toml_file import Key as At
from sdcluster.project.toml_file import TomlFile, listed, place, shown


class Kind:
    """A type of value. Calling it with a file, a value and its keys returns the value, checked and converted.

    A call raises `ModelError` with file, line and key if the value is invalid.
    """

    name = ""

    def __call__(self, file: TomlFile, value: Any, *at: At) -> Any:
        """Return the value, checked."""
        raise NotImplementedError

    def takes(self, value: Any) -> bool:
        """Return whether this kind accepts the Python type of a value."""
        raise NotImplementedError

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Kind):
    """A finite number, with an exclusive lower bound and inclusive bounds."""

    above: float | None = None
    least: float | None = None
    most: float | None = None
    name = "number"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> float:
        """Return the value, checked."""
        number = file.number(value, *at)
        for bound, wrong, words in (
            (self.above, self.above is not None and not number > self.above, "above"),
            (self.least, self.least is not None and number < self.least, "at least"),
            (self.most, self.most is not None and number > self.most, "at most"),
        ):
            if wrong:
                raise file.error(
                    message(
                        "project.must_not", at=place(*at), words=words, bound=bound, number=number
                    ),
                    *at,
                )
        return number

    def takes(self, value: Any) -> bool:
        """Return whether the value has a type of this kind."""
        return isinstance(value, (int, float)) and not isinstance(value, bool)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        bounds = {"exclusiveMinimum": self.above, "minimum": self.least, "maximum": self.most}
        return {"type": "number"} | {k: v for k, v in bounds.items() if v is not None}


@dataclass(frozen=True)
class Whole(Number):
    """A whole number within bounds."""

    name = "whole number"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> int:
        """Return the value, checked."""
        number = super().__call__(file, value, *at)
        if number != int(number):
            raise file.error(
                message("project.must_whole_number_not", at=place(*at), number=number), *at
            )
        return int(number)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return super().json() | {"type": "integer"}


@dataclass(frozen=True)
class Text(Kind):
    """A text; if `choices` is not empty, one of these."""

    choices: tuple[str, ...] = ()
    name = "text"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> str:
        """Return the value, checked."""
        text = file.words(value, *at)
        if self.choices and text not in self.choices:
            hint = did_you_mean(text, self.choices) or message(
                "project.may", quoted=listed(map(quoted, self.choices), "or")
            )
            raise file.error(message("project.cannot", at=place(*at), text=text, hint=hint), *at)
        return text

    def takes(self, value: Any) -> bool:
        """Return whether the value has a type of this kind."""
        return isinstance(value, str)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"enum": list(self.choices)} if self.choices else {"type": "string", "minLength": 1}


@dataclass(frozen=True)
class Truth(Kind):
    """``true`` or ``false``."""

    name = "true or false"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> bool:
        """Return the value, checked."""
        if not isinstance(value, bool):
            raise file.error(
                message("project.must_true_false_not", at=place(*at), value=shown(value)), *at
            )
        return value

    def takes(self, value: Any) -> bool:
        """Return whether the value has a type of this kind."""
        return isinstance(value, bool)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Wording(Kind):
    """A text by language, ``{ en = "…", zh = "…" }``; a bare text is English."""

    name = "text by language"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> dict[str, str]:
        """Return the value, checked."""
        return file.wording(value, *at)

    def takes(self, value: Any) -> bool:
        """Return whether the value has a type of this kind."""
        return isinstance(value, (str, dict))

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        texts = {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}}
        return {"anyOf": [{"type": "string", "minLength": 1}, texts]}


@dataclass(frozen=True)
class Settings(Kind):
    """Numbers by the name of the variable to set."""

    name = "numbers by name"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> dict[str, float]:
        """Return the value, checked."""
        return file.settings(value, *at)

    def takes(self, value: Any) -> bool:
        """Return whether the value has a type of this kind."""
        return isinstance(value, dict)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "object", "additionalProperties": {"type": "number"}}


@dataclass(frozen=True)
class ListOf(Kind):
    """A list; if `bare`, a single value is accepted as a list of one."""

    item: Kind
    least: int = 0
    most: int | None = None
    bare: bool = False

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of the type in messages."""
        return f"{self.item.name}, or a list of them" if self.bare else f"list of: {self.item.name}"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> tuple[Any, ...]:
        """Return the value, checked."""
        if self.bare and not isinstance(value, list):
            return (self.item(file, value, *at),)
        entries = file.items(value, *at)
        if len(entries) < self.least or (self.most is not None and len(entries) > self.most):
            count = (
                f"at least {self.least}" if self.most is None else f"{self.least} to {self.most}"
            )
            raise file.error(
                message("project.must_list_not", at=place(*at), count=count, count_2=len(entries)),
                *at,
            )
        return tuple(self.item(file, entry, *at, i) for i, entry in enumerate(entries))

    def takes(self, value: Any) -> bool:
        """Return whether the value has a type of this kind."""
        return isinstance(value, list) or (self.bare and self.item.takes(value))

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        many: dict[str, Any] = {"type": "array", "items": self.item.json()}
        many |= {"minItems": self.least} if self.least else {}
        many |= {"maxItems": self.most} if self.most is not None else {}
        return {"anyOf": [self.item.json(), many]} if self.bare else many


@dataclass(frozen=True)
class Either(Kind):
    """One of several kinds; the first kind that accepts the value's type checks it."""

    kinds: tuple[Kind, ...]

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of the type in messages."""
        return " or ".join(kind.name for kind in self.kinds)

    def __call__(self, file: TomlFile, value: Any, *at: At) -> Any:
        """Return the value, checked."""
        for kind in self.kinds:
            if kind.takes(value):
                return kind(file, value, *at)
        raise file.error(
            message("project.must_not_2", at=place(*at), name=self.name, value=shown(value)), *at
        )

    def takes(self, value: Any) -> bool:
        """Return whether the value has a type of this kind."""
        return any(kind.takes(value) for kind in self.kinds)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"anyOf": [kind.json() for kind in self.kinds]}


@dataclass(frozen=True)
class Named(Kind):
    """A table with names as keys, and values of one kind."""

    item: Kind
    least: int = 0

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of the type in messages."""
        return f"by name: {self.item.name}"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> dict[str, Any]:
        """Return the value, checked."""
        entries = file.table(value, *at)
        if len(entries) < self.least:
            raise file.error(
                message("project.must_name_least", at=place(*at), least=self.least), *at
            )
        return {name: self.item(file, entry, *at, name) for name, entry in entries.items()}

    def takes(self, value: Any) -> bool:
        """Return whether the value has a type of this kind."""
        return isinstance(value, dict)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "object", "additionalProperties": self.item.json()}


@dataclass(frozen=True)
class Key:
    """A key of a table: its kind, its purpose, and whether it is required."""

    kind: Kind
    doc: str
    required: bool = False


@dataclass(frozen=True)
class Table(Kind):
    """A table with a fixed set of keys.

    Parameters
    ----------
    title : str
        Its name in messages and the docs: ``"scenario"``.
    keys : mapping of str to Key
    """

    title: str
    keys: Mapping[str, Key] = field(default_factory=dict)

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of the type in messages."""
        return f"table ({self.title})"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> dict[str, Any]:
        """Return the value, checked."""
        table = file.table(value, *at)
        file.known_keys(table, self.keys, *at)
        for name, key in self.keys.items():
            if key.required and name not in table:
                raise file.error(
                    message("project.lacks_key", place=place(*at), name=name, doc=key.doc), *at
                )
        return {name: self.keys[name].kind(file, entry, *at, name) for name, entry in table.items()}

    def takes(self, value: Any) -> bool:
        """Return whether the value has a type of this kind."""
        return isinstance(value, dict)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        found: dict[str, Any] = {"type": "object", "title": self.title}
        found["properties"] = {
            name: {"description": key.doc, **key.kind.json()} for name, key in self.keys.items()
        }
        found["additionalProperties"] = False
        required = [name for name, key in self.keys.items() if key.required]
        return found | ({"required": required} if required else {})

    def inner(self) -> tuple[Table, ...]:
        """Return this table and all tables inside it, each once, outermost first."""
        found: dict[str, Table] = {self.title: self}
        for key in self.keys.values():
            for table in _tables(key.kind):
                found |= {t.title: t for t in table.inner() if t.title not in found}
        return tuple(found.values())


def _tables(kind: Kind) -> tuple[Table, ...]:
    if isinstance(kind, Table):
        return (kind,)
    if isinstance(kind, Either):
        return tuple(table for one in kind.kinds for table in _tables(one))
    return _tables(kind.item) if isinstance(kind, (ListOf, Named)) else ()


NUMBER, TEXT, TRUTH, WORDING, SETTINGS = Number(), Text(), Truth(), Wording(), Settings()
NUMBERS, NAMES = ListOf(NUMBER, bare=True), ListOf(TEXT, bare=True)
DIRECTION = Text(("rising", "falling"))
PAIRS = ListOf(ListOf(NUMBER, 2, 2))
