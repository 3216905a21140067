"""Writes a small ``.vdf`` as Vensim does, so that its reader is tested where no file of Vensim's own is at hand."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

MARK = b"\xa1\x37\x4c\xbf"
TIME, STOCK, AUXILIARY, CONSTANT, LOOKUP, ELEMENT, RANGE = 0x0F, 0x08, 0x11, 0x17, 0x1A, 0x83, 0x84
NOT_AVAILABLE = -(2.0**109)


def words(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def section(content: bytes, before: int = 6) -> bytes:
    """Return a section whose words from `before` on are `content`; one word before the mark belongs to it."""
    count = before + len(content) // 4
    head = bytes(4) + MARK + words(count, count, 500)
    return (head + bytes(4 * before - len(head))) + content


@dataclass
class VdfWriter:
    """A file to be written: its times and variables.

    Parameters
    ----------
    times : sequence of float
    ranges : mapping of str to sequence of str
        Subscript ranges and their elements.
    """

    times: Sequence[float]
    ranges: Mapping[str, Sequence[str]] = field(default_factory=dict)
    magic: bytes = b"\x7f\xf7\x17R"

    def __post_init__(self) -> None:
        self.names: list[tuple[str, int, int, int, int]] = []  # name, shape, list, place, class
        self.blocks: list[tuple[int, object]] = [(TIME, list(self.times))]
        self.shapes: list[tuple[str, ...]] = []
        self.lookups: list[tuple[list[float], list[float]]] = []
        self.names.append(("Time", 5, 0, 0, TIME))
        place = 6
        for name, elements in self.ranges.items():
            self.names.append((name, 0, place, 0, RANGE))
            self.names += [(e, 0, place, i, ELEMENT) for i, e in enumerate(elements)]
            place += 3 + len(elements)

    def add(
        self, name: str, code: int, *values: object, ranges: tuple[str, ...] = (), record: int = 0
    ) -> None:
        """Add a variable: for each element a constant, or the list of its values, None where nothing is stored."""
        shape = 5
        if ranges:
            if ranges not in self.shapes:
                self.shapes.append(ranges)
            shape = 32 + 27 * self.shapes.index(ranges)
        self.names.append((name, shape, 0, len(self.blocks), record or code))
        self.blocks += [(code, value) for value in values]

    def add_lookup(self, name: str, x: list[float], y: list[float]) -> None:
        self.names.append((name, 5, 0, len(self.lookups), LOOKUP))
        self.lookups.append((x, y))

    def _address(self, name: str) -> int:
        return 44 + 16 * [n[0] for n in self.names].index(name)

    def _texts(self) -> tuple[bytes, list[int]]:
        text, addresses = bytes(26), []
        for name, *_ in self.names:
            raw = name.encode()
            length = len(raw) + 2
            length += (2 - length) % 4
            text += struct.pack("<H", length)
            addresses.append(len(text) // 4)
            text += raw.ljust(length, b"\0")
        text += bytes(-len(text) % 4)
        count = len(text) // 4
        return bytes(4) + MARK + words(count, count, 500) + text[20:], addresses

    def _shapes(self) -> bytes:
        found = words(0, 1) + bytes(4 * 25)
        for ranges in self.shapes:
            sizes = [len(self.ranges[r]) for r in ranges]
            strides = [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]
            pad = [0] * (8 - len(sizes))
            found += words(0, math.prod(sizes), *sizes, *pad, *strides, *pad)
            found += words(*map(self._address, ranges), *pad, len(ranges))
        return section(found, 5)

    def _block(self, values: Sequence[float | None]) -> bytes:
        stored = [v for v in values if v is not None]
        bits = np.packbits([v is not None for v in values], bitorder="little").tobytes()
        return struct.pack("<H", len(stored)) + bits + struct.pack(f"<{len(stored)}f", *stored)

    def bytes(self) -> bytes:
        texts, addresses = self._texts()
        records = b"".join(
            words(address, 0, 0, 0, shape, 0, members, 0, 0, place, 0, 0, 0, 0, 0x20, code)
            for address, (_, shape, members, place, code) in zip(addresses, self.names, strict=True)
        )
        first = bytearray(section(bytes(4 * 38) + records))
        first[4 * 33 : 4 * 34] = words(len(self.names))
        order = words(*(44 + 16 * i for i in range(len(self.names))))
        lists = b"".join(
            words(self._address(n), len(e), 0, *map(self._address, e))
            for n, e in self.ranges.items()
        )
        before = bytes(0xA4 - 0x80) + section(bytes(16)) + bytes(first) + order + texts
        before += self._shapes() + section(b"") + section(lists) + section(b"")
        codes = bytes(code for code, _ in self.blocks)
        finals = [
            v if isinstance(v, float) else [x for x in v if x is not None][-1]
            for _, v in self.blocks
        ]  # type: ignore[union-attr,attr-defined]
        points, lookups = b"", b""
        for x, y in self.lookups:
            place = 5 + len(points) // 4
            lookups += bytes(20) + words(place, place + len(x), 0, len(x), 0, 1, 1, 0)
            points += struct.pack(f"<{2 * len(x)}f", *x, *y)
        finals_at = 0x80 + len(before) + len(codes)
        lookups_at = finals_at + 4 * len(finals)
        last = section(points + bytes(20), 5)
        table_at = lookups_at + len(lookups) + len(last)
        table, data = b"", b""
        for _, value in self.blocks:
            if isinstance(value, float):
                table += struct.pack("<f", value)
            else:
                table += words(table_at + 4 * len(self.blocks) + len(data))
                data += self._block(value)  # type: ignore[arg-type]
        head = self.magic + b"(Mon Jan 01 00:00:00 2024) From model.mdl"
        head = head.ljust(0x58, b"\0") + words(finals_at, lookups_at, table_at, table_at)
        head = head.ljust(0x78, b"\0") + words(len(self.times), len(self.times))
        tail = codes + struct.pack(f"<{len(finals)}f", *finals) + lookups + last + table + data
        return head + before + tail
