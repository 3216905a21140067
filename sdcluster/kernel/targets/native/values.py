"""What a value of a printed kernel can be for the machine, and how numbers are written in LLVM's language.

Crosses the border: `Value`, `Unsupported`, and the rules by which kinds of numbers meet.

Kinds: ``f`` a double, ``i`` a whole number of 64 bits, ``b`` true or false, ``v`` a vector of doubles, ``m`` rows of
doubles, ``F`` and ``I`` constant tables of doubles and of whole numbers, ``n`` nothing.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

MACHINE = {"f": "double", "i": "i64", "b": "i1", "n": "void"} | dict.fromkeys("vmFI", "ptr")
NUMBERS = ("b", "i", "f")


class Unsupported(Exception):
    """The printed text holds something that this compiler does not know."""


class Value(NamedTuple):
    """A value at hand: its kind, its name in LLVM's language, and for ``v`` and ``m`` their length and width."""

    kind: str
    text: str
    extra: str = ""


def unified(one: str | None, other: str | None) -> str | None:
    """Return the kind that holds both, as Python's numbers widen; None stands for not yet known."""
    if one is None or other is None or one == other:
        return one or other
    if one in NUMBERS and other in NUMBERS:
        return max(one, other, key=NUMBERS.index)
    raise Unsupported(f"a variable is both {one} and {other}")


def arithmetic(one: str | None, other: str | None) -> str | None:
    """Return the kind of a sum, difference or product."""
    if one is None or other is None:
        return None
    if one not in NUMBERS or other not in NUMBERS:
        raise Unsupported("arithmetic with vectors")
    return "f" if "f" in (one, other) else "i"


def double(value: float) -> str:
    """Return a double as LLVM reads it, bit by bit."""
    return "0x" + struct.pack(">d", value).hex().upper()


def parameter(kind: str, name: str) -> list[tuple[str, str]]:
    """Return machine type and name of what a parameter of a kind is passed as."""
    if kind in "vm":
        return [("ptr", f"%{name}"), ("i64", f"%{name}.n")]
    return [(MACHINE[kind], f"%{name}")]


def passed(value: Value) -> list[str]:
    """Return a value as arguments of a call."""
    if value.kind in "vm":
        return [f"ptr {value.text}", f"i64 {value.extra}"]
    return [f"{MACHINE[value.kind]} {value.text}"]
