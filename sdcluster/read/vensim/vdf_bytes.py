"""Bounds-checked access to the bytes of a ``.vdf`` file: sections, blocks of values, records of names.

`sdcluster.read.vensim.vdf`, which documents the format, uses `Bytes` and `Names`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sdcluster.messages import message

MARK = b"\xa1\x37\x4c\xbf"
NOT_AVAILABLE = -(2.0**109)  # Vensim's :NA: in float32
HEADER = 0x80
ORIGIN = slice(4, 0x50)
SCALAR = 5  # the address of a scalar's shape
RANGE = 0x84  # the class of a subscript range
MAX_TEXT = 1024
_SHAPE_WORDS, _MAX_AXES = 27, 8


class Damaged(Exception):
    """Raised if a ``.vdf`` file is damaged, for example if an address points outside the valid data."""


class CutShort(Damaged):
    """Raised if a ``.vdf`` file is truncated. None of its content can be trusted then."""


class Section(NamedTuple):
    """The byte at which a section starts, and its number of words."""

    base: int
    words: int

    @property
    def end(self) -> int:
        """The byte after the section."""
        return self.base + 4 * self.words


class Record(NamedTuple):
    """The content of one record of section 1: a name, and addresses of its shape, elements and values."""

    name: str
    shape: int
    members: int
    place: int
    code: int


class Bytes:
    """The bytes of a file. Each access checks that it stays inside the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def word(self, place: int) -> int:
        """Return the four-byte word at the byte `place`, as an unsigned integer."""
        if place < 0 or place + 4 > len(self.data):
            raise Damaged(message("read.vensim.ends_before_byte", place=place))
        return int.from_bytes(self.data[place : place + 4], "little")

    def array(self, place: int, count: int, kind: str) -> np.ndarray:
        """Return `count` numbers from the byte `place` on, as a read-only array of shape (count,).

        `kind` is their numpy type.
        """
        size = np.dtype(kind).itemsize
        if count < 0 or place < 0 or place + size * count > len(self.data):
            raise Damaged(message("read.vensim.ends_before_byte", place=place + size * count))
        return np.frombuffer(self.data, kind, count, place)

    def marked(self, base: int) -> bool:
        """Return whether a section begins at the byte `base`."""
        return self.data[base + 4 : base + 8] == MARK

    def widened(self, section: Section) -> Section:
        """Return a section extended to the next mark, for sections that are longer than their number of words."""
        following = self.data.find(MARK, section.base + 8) - 4
        if following < section.base or (following - section.base) % 4:
            raise Damaged(message("read.vensim.section_followed_no_other"))
        return Section(section.base, (following - section.base) // 4)

    def section(self, base: int, number: int) -> Section:
        """Return section number `number`, which begins at the byte `base`."""
        words = self.word(base + 8)
        if not self.marked(base) or words < 5:
            raise Damaged(message("read.vensim.section_does_not_begin", number=number, base=base))
        found = Section(base, words)
        if found.end > len(self.data):
            raise Damaged(message("read.vensim.section_reaches_beyond_end", number=number))
        return found

    def block(self, place: int, times: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Return two arrays: whether each time has a stored value, shape (times,), and the stored values.

        If the block at the byte `place` is invalid, return None.
        """
        width = (times + 7) // 8
        if place < HEADER or place + 2 + width > len(self.data):
            return None
        bits = np.unpackbits(self.array(place + 2, width, "u1"), bitorder="little")
        count = int(bits.sum())
        stored = int.from_bytes(self.data[place : place + 2], "little")
        if bits[times:].any() or stored != count % 65536:
            return None
        if place + 2 + width + 4 * count > len(self.data):
            raise CutShort(message("read.vensim.ends_inside_values_variable"))
        with np.errstate(invalid="ignore"):  # a damaged file may hold signalling NaN
            values = self.array(place + 2 + width, count, "<f4").astype(float)
        values[values == NOT_AVAILABLE] = math.nan
        return bits[:times].astype(bool), values

    def origin(self) -> str:
        """Return the text in the header that says when and from which model the file was made."""
        return self.data[ORIGIN].split(b"\0")[0].decode("cp1252", "replace").strip()


class Names:
    """The records of all names, and the shapes of arrays."""

    def __init__(self, file: Bytes, records: Section, texts: Section, shapes: Section) -> None:
        self.file, self.records, self.texts, self.shapes = file, records, texts, shapes
        count = file.word(records.base + 4 * 33)
        if count > records.words:
            raise Damaged(message("read.vensim.counts_names_more_room", count=count))
        self.addresses = [int(a) for a in file.array(records.end, count, "<u4")]
        self._known: dict[int, Record] = {}

    @property
    def end(self) -> int:
        """The byte after the list of addresses, which follows the records."""
        return self.records.end + 4 * len(self.addresses)

    def readable(self, doubts: list[str]) -> list[Record]:
        """Return the valid records. For each invalid record, a sentence is added to `doubts`."""
        found = []
        for address in self.addresses:
            try:
                found.append(self.record(address))
            except Damaged as error:
                doubts.append(message("read.vensim.variable_left_out", error=error))
        return found

    def record(self, address: int) -> Record:
        """Return the record at an address of section 1."""
        if address not in self._known:
            if not 44 <= address <= self.records.words - 16:
                raise Damaged(message("read.vensim.no_record_address", address=address))
            w = self.file.array(self.records.base + 4 * address, 16, "<u4")
            text = self._text(int(w[0]))
            self._known[address] = Record(text, int(w[4]), int(w[6]), int(w[9]), int(w[15]) & 255)
        return self._known[address]

    def _text(self, address: int) -> str:
        if address == 0:  # the record of a deleted name
            return ""
        place = self.texts.base + 4 * address
        if not 7 <= address < self.texts.words:
            raise Damaged(message("read.vensim.no_name_address", address=address))
        length = int.from_bytes(self.file.data[place - 2 : place], "little")
        if not 0 < length <= MAX_TEXT or place + length > self.texts.end:
            raise Damaged(
                message("read.vensim.name_address_length", address=address, length=length)
            )
        raw = self.file.data[place : place + length].split(b"\0")[0]
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
        if not text.isprintable():
            raise Damaged(message("read.vensim.name_address_not_text", address=address))
        return text

    def shape(self, address: int) -> tuple[int, list[int], list[int], list[int]]:
        """Return a shape: its number of values, and the sizes, strides and range records of its axes."""
        if not 5 <= address <= self.shapes.words - _SHAPE_WORDS:
            raise Damaged(message("read.vensim.no_shape_address", address=address))
        w = self.file.array(self.shapes.base + 4 * address, _SHAPE_WORDS, "<u4").tolist()
        axes, flat = w[26], w[1]
        sizes, strides, ranges = w[2 : 2 + axes], w[10 : 10 + axes], w[18 : 18 + axes]
        if axes > _MAX_AXES or flat != math.prod(sizes) or flat < 1:
            raise Damaged(message("read.vensim.shape_address_does_not", address=address))
        if axes and sum((n - 1) * s for n, s in zip(sizes, strides, strict=True)) != flat - 1:
            raise Damaged(message("read.vensim.shape_address_leaves_gaps", address=address))
        return flat, sizes, strides, ranges

    def members(self, address: int, size: int, lists: Section) -> list[str]:
        """Return the element names of a subscript range. `address` is the address of the range's record."""
        record = self.record(address)
        if record.code != RANGE or not 5 <= record.members <= lists.words - 3:
            raise Damaged(message("read.vensim.does_not_look_like", record=record.name))
        place = lists.base + 4 * record.members
        if self.file.word(place) != address or self.file.word(place + 4) != size:
            raise Damaged(message("read.vensim.elements_not", record=record.name, size=size))
        if record.members + 3 + size > lists.words:
            raise Damaged(message("read.vensim.elements_reach_beyond_their", record=record.name))
        return [self.record(int(a)).name for a in self.file.array(place + 12, size, "<u4")]


def as_written(number: float) -> float:
    """Return, as a double, the shortest decimal number that rounds to the float32 `number`.

    For example, the result is 0.3, as the user typed it, instead of 0.30000001.
    """
    return float(str(np.float32(number)))


def number(word: int) -> float:
    """Return the float32 stored in a four-byte word."""
    return float(np.array(word, "<u4").view("<f4"))
