"""Read Vensim's binary results (``.vdf``): convert the bytes of a file to the series of a run.

`read_vdf(data)` returns a `StoredRun`.

Vensim does not publish the format. We found the layout by comparing runs with their models, starting from the
description in the public repository bpowers/simlin (docs/design/vdf.md, Apache-2.0). All numbers are little-endian. A
file consists of a header of 128 bytes and eight sections, each of which is a copy of one block of memory. A section
begins one word (four bytes) before the mark ``A1 37 4C BF``. The number of its words follows the mark. An address
within a section counts words from the start of the section.

- Section 1: one record of 16 words for each name. Word 0: address of the text in section 2. Word 4: address of the
  shape in section 3. Word 6: for a subscript range, address of its list in section 5. Word 9: index of the first value
  in the table of series (for a lookup, its number; for an element, its position). Word 15, lowest byte: class. The
  addresses of all records, in the order of the names, follow after the section.
- Section 3: shapes of 27 words each. Word 1: number of values. Words 2 to 9: sizes. Words 10 to 17: strides. Words 18
  to 25: records of the ranges. Word 26: number of axes.
- Section 5: lists, each with the record of a range, the number of elements, the number of further words, and the
  records of the elements.
- After section 6: the class of each series (one byte), then the final value of each series (float32), then 13 words
  for each lookup. Words 5 and 6: addresses of x and y in section 7. Word 8: number of points.
- After section 7: the table of series. An entry is the file offset of a block, or the float32 value of a constant
  series. A block contains the number of stored values (two bytes), one bit for each time, and the values. A time
  without a stored value has the previous value. The first block contains the times.

In a dataset (data imported without a model), sections 0 to 2 contain records, names and shapes, and section 4 contains
the offsets of the blocks. We do not know where the file stores the integration method.
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Iterator
from itertools import product

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import comma_separated, message
from sdcluster.read.stored_run import Series, StoredRun
from sdcluster.read.vensim.vdf_bytes import (
    MARK,
    NOT_AVAILABLE,
    SCALAR,
    Bytes,
    CutShort,
    Damaged,
    Names,
    Record,
    Section,
    as_written,
    number,
)

RUN, SENSITIVITY, DATASET = (b"\x7f\xf7\x17" + last for last in (b"R", b"S", b"A"))
MAX_VALUES = 100_000_000

_FIRST_SECTION = 0xA4
_LOOKUP_WORDS = 13
_LOOKUP, _TIME, _STOCK, _AUXILIARY, _CONSTANT, _DATA = 0x1A, 0x0F, 0x08, 0x11, 0x17, 0x05
_KINDS = {_STOCK: "stock", _AUXILIARY: "auxiliary", _CONSTANT: "constant", _DATA: "data"}
# Classes from this one on have no values: units, groups, elements, ranges, functions.
_FIRST_NO_VALUE = 0x80


def read_vdf(data: bytes) -> StoredRun:
    """Return the run stored in the bytes of a ``.vdf`` file.

    Raises
    ------
    ModelError
        If the bytes are not a ``.vdf`` file, are damaged, or have an unknown format.
    """
    kind = data[:4]
    if kind not in (RUN, SENSITIVITY, DATASET):
        raise ModelError(
            message("read.vensim.file_does_not_begin", hex=data[:4].hex(" ") or "missing")
        )
    try:
        return _Dataset(data).run() if kind == DATASET else _Run(data).run()
    except (Damaged, struct.error) as error:
        raise ModelError(message("read.vensim.vdf_file_damaged_form", error=error)) from None


class _Run:
    """A ``.vdf`` file with the results of a simulation."""

    def __init__(self, data: bytes) -> None:
        self.file = file = Bytes(data)
        self.doubts: list[str] = []
        if data[:4] == SENSITIVITY:
            self.doubts.append(message("read.vensim.file_holds_sensitivity_optimization"))
        finals, lookups, table = (file.word(p) for p in (0x58, 0x5C, 0x60))
        self.times, self.grid = file.word(0x78), file.word(0x7C)
        sections = [file.section(_FIRST_SECTION, 0)]
        sections.append(file.section(sections[0].end, 1))
        after = sections[1].end + 4 * min(file.word(sections[1].base + 4 * 33), len(data))
        for index in range(2, 7):
            sections.append(file.section(after, index))
            if index < 6 and not file.marked(sections[-1].end):
                sections[-1] = file.widened(sections[-1])
            after = sections[-1].end
        self.names = Names(file, *sections[1:4])
        self.lists = sections[5]
        self.size = (lookups - finals) // 4
        if self.size < 1 or after + self.size != finals:
            raise Damaged(message("read.vensim.classes_series_do_not"))
        self.codes = file.array(finals - self.size, self.size, "u1")
        self.finals = file.array(finals, self.size, "<u4")
        self.offsets = file.array(table, self.size, "<u4")
        self.lookup_records, self.points = self._lookup_section(lookups)
        if self.points.end != table:
            raise Damaged(message("read.vensim.table_series_does_not"))

    def _lookup_section(self, place: int) -> tuple[list[np.ndarray], Section]:
        found = []
        while self.file.data[place + 4 : place + 8] != MARK:
            found.append(self.file.array(place, _LOOKUP_WORDS, "<u4"))
            place += 4 * _LOOKUP_WORDS
        return found, self.file.section(place, 7)

    def run(self) -> StoredRun:
        """Return the run with all series that could be read."""
        times = self._time()
        records = self.names.readable(self.doubts)
        found: list[Series] = []
        for record, places in self._owners(records, len(times)):
            try:
                for elements, place in places:
                    values = self._values(place, len(times))
                    if values is not None:
                        kind = _KINDS.get(int(self.codes[place]), "")
                        found.append(Series(record.name, elements, kind, values))
            except CutShort:
                raise
            except Damaged as error:
                found = [s for s in found if s.name != record.name]
                self.doubts.append(message("read.vensim.left_out", record=record.name, error=error))
        if not found:
            raise Damaged(message("read.vensim.none_variables_can_read"))
        lookups = self._lookups(records)
        return StoredRun(times, tuple(found), lookups, self.file.origin(), tuple(self.doubts))

    def _owners(
        self, records: list[Record], times: int
    ) -> Iterator[tuple[Record, list[tuple[tuple[str, ...], int]]]]:
        """Yield each visible variable with the subscripts and positions of its values.

        A variable is left out if another visible variable claims the same position. There is one exception: if a hidden
        variable has this position too, all of them are the same SMOOTH or DELAY.
        """
        places: dict[Record, list[tuple[tuple[str, ...], int]]] = {}
        count = 0
        for record in filter(lambda r: r.name and _has_value(r.code), records):
            try:
                places[record] = self._places(record)
            except Damaged as error:
                if _is_visible(record.name):
                    self.doubts.append(
                        message("read.vensim.left_out", record=record.name, error=error)
                    )
                continue
            count += len(places[record])
            if count > 4 * self.size or count * times > MAX_VALUES:
                raise Damaged(message("read.vensim.would_give_more_values", max_values=MAX_VALUES))
        visible = [record for record in places if _is_visible(record.name)]
        hidden = {p for r in places if not _is_visible(r.name) for _, p in places[r]}
        claims = Counter(p for r in visible for _, p in places[r] if p not in hidden)
        for record in visible:
            if any(claims[p] > 1 for _, p in places[record]):
                self.doubts.append(
                    message("read.vensim.left_out_another_variable", record=record.name)
                )
            else:
                yield record, places[record]

    def _time(self) -> np.ndarray:
        block = self.file.block(int(self.offsets[0]), self.times) if self.times else None
        if block is None or self.codes[0] != _TIME or len(block[1]) != self.times:
            raise Damaged(message("read.vensim.first_series_does_not"))
        return _rising(block[1])

    def _places(self, record: Record) -> list[tuple[tuple[str, ...], int]]:
        """Return the subscripts of each value of a variable, and the position of that value in the table of series."""
        if not record.place:
            return []  # Position 0 holds the times, so the variable was not saved.
        flat, sizes, strides, ranges = self.names.shape(record.shape)
        if not 0 < record.place <= self.size - flat:
            raise Damaged(message("read.vensim.points_outside_table_series"))
        codes = {int(c) for c in self.codes[record.place : record.place + flat]}
        if not _agrees(record.code, codes):
            shown = comma_separated(f"{c:#04x}" for c in sorted(codes))
            raise Damaged(message("read.vensim.record_class_values", code=record.code, shown=shown))
        members = [self.names.members(r, n, self.lists) for r, n in zip(ranges, sizes, strict=True)]
        return [
            (
                tuple(names[i] for names, i in zip(members, index, strict=True)),
                record.place + sum(i * s for i, s in zip(index, strides, strict=True)),
            )
            for index in product(*(range(n) for n in sizes))
        ]

    def _values(self, place: int, times: int) -> np.ndarray | None:
        """Return the values of the series at a position of the table, shape (times,), or None if none were saved."""
        raw, code = int(self.offsets[place]), int(self.codes[place])
        if code == _DATA and self.grid != self.times:
            raise Damaged(message("read.vensim.data_times_their_own"))
        if int(self.offsets[0]) < raw < len(self.file.data):
            block = self.file.block(raw, times)
            if block is None:
                raise Damaged(message("read.vensim.values_byte_do_not", raw=raw))
            return _held(*block)
        if raw != int(self.finals[place]):
            if raw == 0 and number(int(self.finals[place])) == NOT_AVAILABLE:
                return None
            if raw >= len(self.file.data):
                raise CutShort(message("read.vensim.ends_before_values_byte", raw=raw))
            raise Damaged(message("read.vensim.value_not_final_value"))
        value = number(raw)
        return np.full(times, math.nan if value == NOT_AVAILABLE else as_written(value))

    def _lookups(self, records: list[Record]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        found = {}
        for record in records:
            if record.code != _LOOKUP or record.place >= len(self.lookup_records):
                continue
            if (
                record.shape != SCALAR
            ):  # arrays of lookups are stored, but the order of their elements is unknown
                continue
            w = self.lookup_records[record.place]
            x, y, count = int(w[5]), int(w[6]), int(w[8])
            if not (5 <= x < y and y - x == count and y + count <= self.points.words):
                continue
            name = record.name.strip("#")
            base = self.points.base
            pair = [self.file.array(base + 4 * p, count, "<f4").astype(float) for p in (x, y)]
            found[name] = (pair[0], pair[1])
        return found


class _Dataset:
    """A ``.vdf`` file with a dataset: data imported without a model."""

    def __init__(self, data: bytes) -> None:
        self.file = file = Bytes(data)
        first = file.section(_FIRST_SECTION, 0)
        after = first.end + 4 * min(file.word(first.base + 4 * 33), len(data))
        sections = [first]
        for index in range(1, 5):
            sections.append(file.section(after, index))
            after = sections[-1].end
        self.names = Names(file, *sections[:3])
        last = sections[4]
        self.times = file.word(0x7C)
        self.offsets = file.array(last.base + 20, last.words - 5, "<u4")

    def run(self) -> StoredRun:
        """Return the data series. At times without a value, they are NaN."""
        blocks = {}
        doubts: list[str] = []
        for record in self.names.readable(doubts):
            if not _is_visible(record.name) or not _has_value(record.code, True):
                continue
            if record.shape != SCALAR:
                raise Damaged(message("read.vensim.holds_arrays_how_dataset"))
            block = None
            if record.place < len(self.offsets):
                block = self.file.block(int(self.offsets[record.place]), self.times)
            if block is None:
                raise Damaged(message("read.vensim.values_do_not_fit", record=record.name))
            blocks[record.name] = (record.code, *block)
        clocks = [v for code, has, v in blocks.values() if code == _TIME and has.all()]
        if len(clocks) != 1 or not self.times:
            raise Damaged(message("read.vensim.times_cannot_told_data"))
        times = _rising(clocks[0])
        series = []
        for name, (code, has, values) in blocks.items():
            if code != _TIME:
                whole = np.full(self.times, math.nan)
                whole[has] = values
                series.append(Series(name, (), "data", whole))
        return StoredRun(times, tuple(series), {}, self.file.origin(), tuple(doubts))


def _rising(times: np.ndarray) -> np.ndarray:
    if not np.all(np.isfinite(times)) or np.any(np.diff(times) <= 0):
        raise Damaged(message("read.vensim.times_do_not_rise"))
    return np.array([as_written(time) for time in times])


def _held(has: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the last stored value at each time, and NaN before the first stored value."""
    return np.concatenate(([math.nan], values))[np.cumsum(has)]


def _is_visible(name: str) -> bool:
    """Return whether a name belongs to a variable of the user.

    Hidden variables (``#a>SMOOTH#``), groups, units and keywords have names too.
    """
    return bool(name) and name[0] not in "#.-:"


def _has_value(code: int, with_time: bool = False) -> bool:
    return code < _FIRST_NO_VALUE and code != _LOOKUP and (with_time or code != _TIME)


def _agrees(code: int, codes: set[int]) -> bool:
    """Return whether the class of a record matches the classes of its values.

    A variable whose equation is a single SMOOTH or DELAY can share the series of its hidden stock. In an array, some
    elements can be constant while others are computed.
    """
    if not all(_has_value(c) for c in codes):
        return False
    if code == _STOCK:
        return codes == {_STOCK}
    return code != _CONSTANT or not codes & {_STOCK, _AUXILIARY}
