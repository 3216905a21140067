"""Read TOML files, with error messages that name the file, the line and the key.

`read_toml` takes a path and returns a `TomlFile`, whose methods check the types of the file's values. Because
``tomllib`` does not report the lines of keys, `TomlFile.line` searches the text for the key when an error is raised.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.files import reason as os_reason
from sdcluster.messages import Message, joined, message

LARGEST_FILE = 2_000_000
_HEADER = re.compile(r"""^\s*(\[\[?)\s*([\w\-"'. ]+?)\s*\]\]?\s*(?:#.*)?$""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")
_WHERE = re.compile(r"\s*\(at line (\d+), column \d+\)$")

Key = str | int


@dataclass(frozen=True)
class TomlFile:
    """A parsed TOML file, with its text.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        The content of the file as text.
    data : mapping
        The parsed content.
    """

    path: Path
    text: str
    data: Mapping[str, Any]

    def line(self, *keys: Key) -> int | None:
        """Return the line of a key; if the key cannot be found, the line of the nearest enclosing table.

        Parameters
        ----------
        *keys : str or int
            The path to the key: table, subtable, zero-based index in a list, key.
        """
        best: tuple[int, int | None] = (0, None)
        table: tuple[Key, ...] = ()
        seen: dict[tuple[Key, ...], int] = {}
        for number, line in enumerate(self.text.splitlines(), start=1):
            header = _HEADER.match(line)
            if header:
                table = _numbered([a or b or c for a, b, c in _PART.findall(header[2])], seen)
                if header[1] == "[[":
                    seen[table] = seen.get(table, -1) + 1
                    table = (*table, seen[table])
                shorter = min(len(table), len(keys))
                depth = shorter if keys[:shorter] == table[:shorter] else 0
            elif keys[: len(table)] == table:
                rest = [key for key in keys[len(table) :] if isinstance(key, str)]
                found = [key for key in rest if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", line)]
                depth = len(table) + len(found) if found else 0
            else:
                depth = 0
            if depth > best[0]:
                best = (depth, number)
        return best[1]

    def error(self, sentence: str, *keys: Key, variable: str | None = None) -> ModelError:
        """Return an error with the message `sentence`, located at the line of the given keys in this file."""
        return ModelError(sentence, file=self.path, line=self.line(*keys), variable=variable)

    def known_keys(self, table: Mapping[str, Any], known: Iterable[str], *keys: Key) -> None:
        """Raise an error for unknown keys of `table`, because a mistyped key would have no effect.

        Raises
        ------
        ModelError
            If a key is unknown; the message suggests the nearest valid keys.
        """
        known = list(known)
        for key in table:
            if key not in known:
                hint = did_you_mean(key, known) or message("project.may_hold", known=listed(known))
                raise self.error(
                    message("project.unknown_key", keys=place(*keys), key=repr(key), hint=hint),
                    *keys,
                    key,
                )

    def number(self, value: Any, *keys: Key) -> float:
        """Return `value` as a float; raise an error for text, booleans, infinity and NaN."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.error(
                message("project.must_number_not_2", keys=place(*keys), value=shown(value)), *keys
            )
        if not math.isfinite(value):
            raise self.error(
                message("project.must_finite_number_not", keys=place(*keys), value=value), *keys
            )
        return float(value)

    def words(self, value: Any, *keys: Key) -> str:
        """Return `value`; raise an error unless it is a non-empty text."""
        if not isinstance(value, str) or not value.strip():
            raise self.error(
                message("project.must_text_not", keys=place(*keys), value=shown(value)), *keys
            )
        return value

    def table(self, value: Any, *keys: Key) -> Mapping[str, Any]:
        """Return `value`; raise an error unless it is a table."""
        if not isinstance(value, dict):
            raise self.error(
                message("project.must_table_not", keys=place(*keys), value=shown(value)), *keys
            )
        return value

    def items(self, value: Any, *keys: Key) -> list[Any]:
        """Return `value`; raise an error unless it is a list."""
        if not isinstance(value, list):
            raise self.error(
                message("project.must_list_not_2", keys=place(*keys), value=shown(value)), *keys
            )
        return value

    def wording(self, value: Any, *keys: Key) -> dict[str, str]:
        """Return `value` as texts by language code; a plain string is the English text."""
        if isinstance(value, str):
            return {"en": self.words(value, *keys)}
        table = self.table(value, *keys)
        return {code: self.words(text, *keys, code) for code, text in table.items()}

    def settings(self, value: Any, *keys: Key) -> dict[str, float]:
        """Return `value`, a table of numbers by name of the variable, after checking each number."""
        table = self.table(value, *keys)
        return {name: self.number(number, *keys, name) for name, number in table.items()}


def read_toml(path: Path) -> TomlFile:
    """Read a TOML file.

    Raises
    ------
    ModelError
        If the file is missing, too large, not UTF-8 or not TOML; the message names the line if it is known.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(
            message("project.file_cannot_read", reason=os_reason(error)), file=path
        ) from None
    if len(raw) > LARGEST_FILE:
        raise ModelError(
            message("project.file_bytes_more_read", count=len(raw), largest_file=LARGEST_FILE),
            file=path,
        )
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        return TomlFile(path, text, tomllib.loads(text))
    except UnicodeDecodeError:
        raise ModelError(message("project.file_not_utf_text"), file=path) from None
    except RecursionError:
        raise ModelError(message("project.file_nests_lists_tables"), file=path) from None
    except tomllib.TOMLDecodeError as error:
        found = _WHERE.search(str(error))
        line = int(found[1]) if found else None
        reason = _WHERE.sub("", str(error))
        raise ModelError(
            message("project.not_valid_toml", reason=reason), file=path, line=line
        ) from None


def _numbered(parts: list[str], seen: Mapping[tuple[Key, ...], int]) -> tuple[Key, ...]:
    """Return the path of keys for a table's header, with the current index in each array of tables.

    For example, ``[[story.rule]]`` after the second ``[[story]]`` gives ``("story", 1, "rule")``.
    """
    table: tuple[Key, ...] = ()
    for part in parts:
        if table in seen:
            table = (*table, seen[table])
        table = (*table, part)
    return table


def read_toml_beside(folder: Path, name: str, other: str | Path | None = None) -> TomlFile:
    """Read the TOML file with this name in the model's folder, or the file `other` if given.

    Raises
    ------
    ModelError
        For the reasons given in `read_toml`.
    """
    path = folder / name if other is None else Path(other)
    if not path.exists():
        raise ModelError(message("project.model_no_write_one", name=name), file=path)
    return read_toml(path)


def place(*keys: Key) -> str:
    """Return a path of keys in words for a message, such as ``"settings" of [scenario.closed]``."""
    if len(keys) > 1 and isinstance(keys[1], int):
        head, inner = f"{keys[0]} {keys[1] + 1}", keys[2:]
    else:
        head, inner = f"[{'.'.join(str(key) for key in keys[:2])}]", keys[2:]
    if not keys:
        return message("project.the_file")
    if not inner:
        return head
    path = ""
    for key in inner:
        path += f" {key + 1}" if isinstance(key, int) else ("." if path else "") + key
    return message("project.place_of", path=path, head=head)


def listed(names: Iterable[str], word: str = "and") -> Message:
    """Return names as a list in a sentence: ``a, b and c``."""
    names = list(names)
    if len(names) < 2:
        return joined("", names)
    first = joined(message("project.listed_comma"), names[:-1])
    if word == "or":
        return message("project.listed_or", first=first, last=names[-1])
    return message("project.listed_and", first=first, last=names[-1])


def shown(value: Any) -> str:
    """Return a short description of a value of the wrong type, for an error message."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
