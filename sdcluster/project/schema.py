"""The schema of the TOML files in a model's folder: each key with its type, constraints and purpose.

A `Table` lists the keys of a table in a file. It checks the values of a `TomlFile` and returns them. Error messages,
the reference of keys in the docs, and the JSON Schemas for editors are generated from the same tables.

Adding a key
------------
Add a `Key` to the table of keys in the module that reads the file (``SCENARIO`` in ``scenarios_file.py``, ``CHART`` in
``lab_file.py``, …), and use its value where that module builds its objects. Then run ``python -m docs.book.schemas`` to
regenerate the JSON Schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sdcluster.errors import did_you_mean
from sdcluster.messages import Message, message, quoted
from sdcluster.project.toml_file import Key as At
from sdcluster.project.toml_file import TomlFile, listed, place, shown


class Kind:
    """A type of value with constraints.

    Calling a kind with a file, a value and the path of keys to the value checks and converts the value. If the value is
    invalid, the call raises `ModelError` with file, line and key.
    """

    name = ""

    def __call__(self, file: TomlFile, value: Any, *at: At) -> Any:
        """Return the value, checked and converted; `at` is the path of keys to the value."""
        raise NotImplementedError

    def wording(self) -> Message:
        """Return the name of this kind for error messages, such as "a number"."""
        raise NotImplementedError

    def takes(self, value: Any) -> bool:
        """Return whether this kind accepts the Python type of a value; the value may still be out of bounds."""
        raise NotImplementedError

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind, with which editors check and complete the file."""
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Kind):
    """A finite number, optionally with bounds: `above` is exclusive, `least` and `most` are inclusive."""

    above: float | None = None
    least: float | None = None
    most: float | None = None
    name = "number"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> float:
        """Return the value as a float, after checking the bounds."""
        number = file.number(value, *at)
        for bound, wrong, words in (
            (
                self.above,
                self.above is not None and not number > self.above,
                message("project.words_above"),
            ),
            (
                self.least,
                self.least is not None and number < self.least,
                message("project.words_at_least"),
            ),
            (
                self.most,
                self.most is not None and number > self.most,
                message("project.words_at_most"),
            ),
        ):
            if wrong:
                raise file.error(
                    message(
                        "project.must_not", at=place(*at), words=words, bound=bound, number=number
                    ),
                    *at,
                )
        return number

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        return message("project.kind_number")

    def takes(self, value: Any) -> bool:
        """Return whether a value is a number."""
        return isinstance(value, (int, float)) and not isinstance(value, bool)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        bounds = {"exclusiveMinimum": self.above, "minimum": self.least, "maximum": self.most}
        return {"type": "number"} | {k: v for k, v in bounds.items() if v is not None}


@dataclass(frozen=True)
class Whole(Number):
    """An integer, optionally with the bounds of `Number`."""

    name = "whole number"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> int:
        """Return the value after checking that it is an integer within the bounds."""
        number = super().__call__(file, value, *at)
        if number != int(number):
            raise file.error(
                message("project.must_whole_number_not", at=place(*at), number=number), *at
            )
        return int(number)

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        return message("project.kind_whole")

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        return super().json() | {"type": "integer"}


@dataclass(frozen=True)
class Text(Kind):
    """A non-empty text; if `choices` is not empty, the text must be one of the choices."""

    choices: tuple[str, ...] = ()
    name = "text"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> str:
        """Return the value after checking that it is a text and, if there are `choices`, one of them."""
        text = file.words(value, *at)
        if self.choices and text not in self.choices:
            hint = did_you_mean(text, self.choices) or message(
                "project.may", quoted=listed(map(quoted, self.choices), "or")
            )
            raise file.error(message("project.cannot", at=place(*at), text=text, hint=hint), *at)
        return text

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        return message("project.kind_text")

    def takes(self, value: Any) -> bool:
        """Return whether a value is a text."""
        return isinstance(value, str)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        return {"enum": list(self.choices)} if self.choices else {"type": "string", "minLength": 1}


@dataclass(frozen=True)
class Truth(Kind):
    """A boolean: ``true`` or ``false``."""

    name = "true or false"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> bool:
        """Return the value after checking that it is a boolean."""
        if not isinstance(value, bool):
            raise file.error(
                message("project.must_true_false_not", at=place(*at), value=shown(value)), *at
            )
        return value

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        return message("project.kind_truth")

    def takes(self, value: Any) -> bool:
        """Return whether a value is a boolean."""
        return isinstance(value, bool)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Wording(Kind):
    """A text in several languages, ``{ en = "…", zh = "…" }``; a plain string is the English text."""

    name = "text by language"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> dict[str, str]:
        """Return the texts by language code, after checking each of them."""
        return file.wording(value, *at)

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        return message("project.kind_wording")

    def takes(self, value: Any) -> bool:
        """Return whether a value is a text, or a table of texts by language."""
        return isinstance(value, (str, dict))

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        texts = {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}}
        return {"anyOf": [{"type": "string", "minLength": 1}, texts]}


@dataclass(frozen=True)
class Settings(Kind):
    """A table of numbers, whose keys are the names of the variables to set."""

    name = "numbers by name"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> dict[str, float]:
        """Return the numbers by name, after checking each of them."""
        return file.settings(value, *at)

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        return message("project.kind_settings")

    def takes(self, value: Any) -> bool:
        """Return whether a value is a TOML table."""
        return isinstance(value, dict)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        return {"type": "object", "additionalProperties": {"type": "number"}}


@dataclass(frozen=True)
class ListOf(Kind):
    """A list with `least` to `most` items of one kind; if `bare`, a single item without brackets is accepted too."""

    item: Kind
    least: int = 0
    most: int | None = None
    bare: bool = False

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of this kind in the reference of keys."""
        return f"{self.item.name}, or a list of them" if self.bare else f"list of: {self.item.name}"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> tuple[Any, ...]:
        """Return the items as a tuple, after checking the number of items and each item."""
        if self.bare and not isinstance(value, list):
            return (self.item(file, value, *at),)
        entries = file.items(value, *at)
        if len(entries) < self.least or (self.most is not None and len(entries) > self.most):
            count = (
                message("project.or_more", least=self.least)
                if self.most is None
                else message("project.least_to_most", least=self.least, most=self.most)
            )
            raise file.error(
                message("project.must_list_not", at=place(*at), count=count, count_2=len(entries)),
                *at,
            )
        return tuple(self.item(file, entry, *at, i) for i, entry in enumerate(entries))

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        if self.bare:
            return message("project.kind_item_or_list", item=self.item.wording())
        return message("project.kind_list", item=self.item.wording())

    def takes(self, value: Any) -> bool:
        """Return whether a value is a list or, if `bare`, a single item."""
        return isinstance(value, list) or (self.bare and self.item.takes(value))

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        many: dict[str, Any] = {"type": "array", "items": self.item.json()}
        many |= {"minItems": self.least} if self.least else {}
        many |= {"maxItems": self.most} if self.most is not None else {}
        return {"anyOf": [self.item.json(), many]} if self.bare else many


@dataclass(frozen=True)
class Either(Kind):
    """A value of one of several kinds; the value is checked by the first kind that accepts its type."""

    kinds: tuple[Kind, ...]

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of this kind in the reference of keys."""
        return " or ".join(kind.name for kind in self.kinds)

    def __call__(self, file: TomlFile, value: Any, *at: At) -> Any:
        """Return the value as checked by the first kind that accepts its type."""
        for kind in self.kinds:
            if kind.takes(value):
                return kind(file, value, *at)
        raise file.error(
            message("project.must_not_2", at=place(*at), kinds=self.wording(), value=shown(value)),
            *at,
        )

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        return listed([kind.wording() for kind in self.kinds], "or")

    def takes(self, value: Any) -> bool:
        """Return whether one of the kinds accepts the type of a value."""
        return any(kind.takes(value) for kind in self.kinds)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        return {"anyOf": [kind.json() for kind in self.kinds]}


@dataclass(frozen=True)
class Named(Kind):
    """A table whose keys are names that the author of the file chooses, with values of one kind."""

    item: Kind
    least: int = 0

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of this kind in the reference of keys."""
        return f"by name: {self.item.name}"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> dict[str, Any]:
        """Return the table, after checking the number of its keys and each of its values."""
        entries = file.table(value, *at)
        if len(entries) < self.least:
            raise file.error(
                message("project.must_name_least", at=place(*at), least=self.least), *at
            )
        return {name: self.item(file, entry, *at, name) for name, entry in entries.items()}

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        return message("project.kind_named", item=self.item.wording())

    def takes(self, value: Any) -> bool:
        """Return whether a value is a TOML table."""
        return isinstance(value, dict)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        return {"type": "object", "additionalProperties": self.item.json()}


@dataclass(frozen=True)
class Key:
    """A key of a table: the kind of its value, its meaning, and whether it is required."""

    kind: Kind
    doc: str
    required: bool = False


@dataclass(frozen=True)
class Table(Kind):
    """A table with a fixed set of keys.

    Parameters
    ----------
    title : str
        Name of the table in messages and the docs, such as ``"scenario"``.
    keys : mapping of str to Key
        The allowed keys by name.
    """

    title: str
    keys: Mapping[str, Key] = field(default_factory=dict)

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of this kind in the reference of keys."""
        return f"table ({self.title})"

    def __call__(self, file: TomlFile, value: Any, *at: At) -> dict[str, Any]:
        """Return the table, after checking its keys and values; an unknown or missing key is an error."""
        table = file.table(value, *at)
        file.known_keys(table, self.keys, *at)
        for name, key in self.keys.items():
            if key.required and name not in table:
                raise file.error(
                    message("project.lacks_key", place=place(*at), name=name, doc=key.doc), *at
                )
        return {name: self.keys[name].kind(file, entry, *at, name) for name, entry in table.items()}

    def wording(self) -> Message:
        """Return the name of this kind for error messages."""
        return message("project.kind_table", title=self.title)

    def takes(self, value: Any) -> bool:
        """Return whether a value is a TOML table."""
        return isinstance(value, dict)

    def json(self) -> dict[str, Any]:
        """Return the JSON Schema of this kind."""
        found: dict[str, Any] = {"type": "object", "title": self.title}
        found["properties"] = {
            name: {"description": key.doc, **key.kind.json()} for name, key in self.keys.items()
        }
        found["additionalProperties"] = False
        required = [name for name, key in self.keys.items() if key.required]
        return found | ({"required": required} if required else {})

    def inner(self) -> tuple[Table, ...]:
        """Return this table and all tables nested in its values, each once, outermost first."""
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
