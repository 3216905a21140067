"""Stored runs of Vensim that are wrong in one place: what the reader says, by the key of its sentence."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.read.vensim import vdf
from sdcluster.read.vensim.vdf import read_vdf
from tests.read.vensim.vdf_writer import CONSTANT, STOCK, TIME, VdfWriter, section, words
from tests.triggered import made
from tests.workshop import Workshop, xmile

DATA = 0x05
FIRST_SECTION, NAMES_BEFORE = 0xA4, 4 * 33
ARRAY = '<aux name="q"><dimensions><dim name="d"/></dimensions><eqn>1</eqn></aux>'
MAPPED = (
    '<dimensions xmlns:s="https://sdcluster.org/ns/1"><dim name="d" size="3">'
    '<s:mapping to="e"><elem name="1"/></s:mapping></dim><dim name="e" size="3"/></dimensions>'
)


def run() -> VdfWriter:
    """Return a run of two times with an array, a stock and data."""
    writer = VdfWriter([0.0, 1.0], {"d": ("a", "b"), "e": ("p", "q", "r")})
    writer.add("x", CONSTANT, *map(float, range(6)), ranges=("d", "e"))
    writer.add("s", STOCK, [1.0, 2.0])
    writer.add("data", DATA, [1.0, 2.0])
    return writer


def changed(writer: VdfWriter, name: str, at: int, value: int) -> None:
    """Change a number in the record of a name: its shape, list or place, or its class."""
    place = [n[0] for n in writer.names].index(name)
    record = list(writer.names[place])
    record[at] = value
    writer.names[place] = tuple(record)  # type: ignore[call-overload]


def read(data: bytes) -> set[str]:
    """Return the keys of what the reader says about a file, whether it refuses all of it or leaves something out."""
    with made() as found, suppress(ModelError):
        assert read_vdf(data).doubts
    return {key.removeprefix("read.vensim.") for key in found}


def test_a_whole_run_is_read_without_doubts() -> None:
    found = read_vdf(run().bytes())
    assert not found.doubts
    assert {series.name for series in found.series} >= {"x", "s", "data"}


SHAPE, LIST, PLACE, CLASS = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("key", "name", "at", "value"),
    [
        ("does_not_look_like", "d", CLASS, STOCK),
        ("elements_not", "d", LIST, 7),
        ("points_outside_table_series", "s", PLACE, 99),
    ],
)
def test_a_record_that_is_wrong(key: str, name: str, at: int, value: int) -> None:
    writer = run()
    changed(writer, name, at, value)
    assert key in read(writer.bytes())


def test_a_run_of_many_simulations() -> None:
    writer = run()
    writer.magic = b"\x7f\xf7\x17S"
    assert read(writer.bytes()) == {"file_holds_sensitivity_optimization"}


def test_a_shape_with_gaps() -> None:
    data = run().bytes()
    sizes = struct.pack("<10I", 6, 2, 3, 0, 0, 0, 0, 0, 0, 3)
    assert data.count(sizes) == 1
    assert "shape_address_leaves_gaps" in read(data.replace(sizes, sizes[:-4] + words(9)))


def test_data_on_times_of_their_own() -> None:
    data = run().bytes()
    assert "data_times_their_own" in read(data[:0x7C] + words(3) + data[0x80:])


def test_more_values_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vdf, "MAX_VALUES", 1)
    assert "would_give_more_values" in read(run().bytes())


# ---- datasets


def dataset(writer: VdfWriter, counted: int | None = None) -> bytes:
    """Return the records and blocks of a writer in the form of a dataset."""
    whole = writer.bytes()
    begin = FIRST_SECTION + len(section(bytes(16)))
    names = len(writer.names)
    first = bytearray(section(bytes(4 * 38) + bytes(64 * names)))
    end = begin + len(first)
    first[:] = whole[begin:end]
    order = whole[end : end + 4 * names]
    if counted is not None:
        first[NAMES_BEFORE : NAMES_BEFORE + 4] = words(counted)
        order += bytes(4 * (counted - names))
    texts, _ = writer._texts()
    head = (b"\x7f\xf7\x17A".ljust(0x7C, b"\0") + words(len(writer.times))).ljust(
        vdf._FIRST_SECTION, b"\0"
    )
    before = head + bytes(first) + order + texts + writer._shapes() + section(b"")
    blocks = [writer._block(values) for _, values in writer.blocks]  # type: ignore[arg-type]
    at = len(before) + len(section(bytes(4 * len(blocks)), 5))
    offsets = [at + sum(map(len, blocks[:i])) for i in range(len(blocks))]
    return before + section(words(*offsets), 5) + b"".join(blocks)


def imported() -> VdfWriter:
    """Return two times and what was imported at them."""
    writer = VdfWriter([0.0, 1.0])
    writer.add("data", DATA, [1.0, 2.0])
    return writer


def test_a_whole_dataset_is_read_without_doubts() -> None:
    found = read_vdf(dataset(imported()))
    assert not found.doubts
    assert [series.name for series in found.series] == ["data"]


@pytest.mark.parametrize(
    ("key", "name", "at", "value"),
    [
        ("holds_arrays_how_dataset", "data", SHAPE, 32),
        ("values_do_not_fit", "data", PLACE, 99),
        ("times_cannot_told_data", "Time", CLASS, DATA),
    ],
)
def test_a_dataset_that_is_wrong(key: str, name: str, at: int, value: int) -> None:
    writer = imported()
    changed(writer, name, at, value)
    assert writer.blocks[0][0] == TIME
    assert key in read(dataset(writer))


def test_more_names_than_there_is_room_for() -> None:
    assert "counts_names_more_room" in read(dataset(imported(), counted=1000))


# ---- what a model from Vensim says of its ranges in XMILE


def test_a_mapping_that_lacks_elements(workshop: Workshop) -> None:
    file: Path = workshop.raw(xmile(ARRAY, extra=MAPPED))
    with made() as found, pytest.raises(ModelError) as caught:
        sdcluster.load(file)
    assert "read.xmile.mapping_elements_needed" in found
    assert caught.value.line == 5
