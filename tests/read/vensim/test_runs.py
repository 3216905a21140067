"""Runs that Vensim stored: read as datasets, and compared with a run of the model."""

from __future__ import annotations

import os
import random
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.cli import app
from sdcluster.errors import ModelError, ModelWarning
from sdcluster.read.vensim.vdf import read_vdf
from sdcluster.run.elements import spread
from tests.chinese import english_left
from tests.command import CliRunner
from tests.read.vensim.vdf_writer import (
    AUXILIARY,
    CONSTANT,
    NOT_AVAILABLE,
    STOCK,
    VdfWriter,
)
from tests.vensim import write

SAMPLES = Path(
    os.environ.get("SDC_VENSIM_RUNS") or Path(__file__).parents[4] / "shared" / "vensim-runs"
)
# The model edited in ten steps has a run for each.
PAIRS = [
    ("consts/consts.mdl", "consts/b_is_3.vdf", {}),
    ("consts/consts.mdl", "consts/b_is_4.vdf", {"b": 4.0}),
    ("level_vs_aux/x_is_aux.mdl", "level_vs_aux/x_is_aux.vdf", {}),
    ("level_vs_aux/x_is_stock.mdl", "level_vs_aux/x_is_stock.vdf", {}),
    ("lookups/lookup_ex.mdl", "lookups/lookup_ex.vdf", {}),
    ("subscripts/subscripts.mdl", "subscripts/subscripts.vdf", {}),
    *((f"model_editing/{n}_*.mdl", f"model_editing/run_{n}.vdf", {}) for n in range(1, 11)),
]
MODEL = (
    "x = INTEG(rate * 2, 1)",
    "rate = 3",
    "doubled = 2 * x",
    '"share/year" = x / 10',
    "curve((0,0),(10,5))",
)


def stored(**changed: object) -> VdfWriter:
    """Return the run of MODEL, with other values where they are given."""
    writer = VdfWriter([0.0, 1.0, 2.0, 3.0, 4.0])
    values = {"x": [1.0, 7.0, 13.0, 19.0, 25.0], "rate": 3.0, "TIME STEP": 1.0} | changed
    for name, value in values.items():
        code = CONSTANT if isinstance(value, float) else STOCK
        writer.add(name, code, value)
    writer.add("doubled", AUXILIARY, [2.0, 14.0, 26.0, 38.0, 50.0])
    return writer


def shown(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "400"})
    return result.exit_code, re.sub(r"\s+", " ", result.output)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path, *MODEL)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "base.vdf"
    path.write_bytes(stored().bytes())
    return path


# ---- runs that Vensim wrote


@pytest.mark.parametrize(("model", "run", "settings"), PAIRS, ids=lambda v: str(v))
def test_every_variable_of_vensims_runs_is_that_of_our_run(
    model: str, run: str, settings: dict[str, float]
) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("runs made by Vensim are not there; SDC_VENSIM_RUNS names their folder")
    (file,) = SAMPLES.glob(model)
    ours = spread(sdcluster.simulate(file, settings=settings))
    theirs = spread(sdcluster.load_run(SAMPLES / run, file))
    assert theirs.attrs["not in model"] == "[]"
    assert set(map(str, theirs.data_vars)) == set(map(str, ours.data_vars))
    np.testing.assert_allclose(theirs["time"], ours["time"], rtol=0, atol=0)
    for name in ours.data_vars:
        # Vensim computes in float32; 2e-7 is what adds up in these short runs.
        np.testing.assert_allclose(theirs[name], ours[name], rtol=5e-7, err_msg=str(name))


@pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="runs made by Vensim are not there; see SDC_VENSIM_RUNS"
)
def test_check_names_the_constant_that_was_changed_in_vensim_first() -> None:
    folder = SAMPLES / "consts"
    code, said = shown("check", folder / "consts.mdl", "--baseline", folder / "b_is_4.vdf")
    assert code == 1
    assert said.index("b 4 → 3") < said.index("a stock 717.5 → 617.5")
    code, said = shown("check", folder / "consts.mdl", "-b", folder / "b_is_4.vdf", "--set", "b=4")
    assert (code, "all 2 checks passed" in said) == (0, True)


@pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="runs made by Vensim are not there; see SDC_VENSIM_RUNS"
)
@pytest.mark.parametrize("seed", range(4))
def test_damaged_runs_of_vensim_give_a_sentence_or_a_run(seed: int) -> None:
    rnd = random.Random(seed)
    files = [path.read_bytes() for path in sorted(SAMPLES.glob("*/*.vdf"))]
    for _ in range(60):
        damaged_read(rnd, rnd.choice(files))


# ---- runs written here


def damaged_read(rnd: random.Random, whole: bytes) -> None:
    data = bytearray(whole[: rnd.randrange(len(whole))] if rnd.random() < 0.3 else whole)
    for _ in range(rnd.choice((1, 3, 20)) if data else 0):
        place = rnd.randrange(len(data))
        data[place : place + 4] = rnd.choice(
            [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", bytes([rnd.randrange(256)])]
        )
    try:
        run = read_vdf(bytes(data))
    except ModelError:  # anything else is what these tests look for
        return
    assert all(one.values.shape == run.times.shape for one in run.series)


def test_damaged_files_give_a_sentence_or_a_run() -> None:
    rnd = random.Random(7)
    writer = stored()
    writer.add_lookup("curve", [0.0, 10.0], [0.0, 5.0])
    for _ in range(400):
        damaged_read(rnd, writer.bytes())


@pytest.mark.parametrize("length", [0, 3, 4, 100, 200, 400, 800, 1200])
def test_a_file_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    whole = stored().bytes()
    path = tmp_path / "cut.vdf"
    path.write_bytes(whole[: min(length, len(whole) - 30)])
    with pytest.raises(ModelError, match=r"cut.vdf: the .*vdf file .*export"):
        sdcluster.load_run(path)


def test_a_header_that_claims_many_times_allocates_nothing() -> None:
    data = bytearray(stored().bytes())
    data[0x78:0x80] = b"\xff\xff\xff\x7f" * 2
    with pytest.raises(ModelError, match="does not hold all times"):
        read_vdf(bytes(data))


def test_arrays_have_dimensions_with_a_model_and_variables_without(tmp_path: Path) -> None:
    writer = VdfWriter(
        [0.0, 1.0, 2.0, 3.0, 4.0], {"region": ("north", "south"), "kind": ("car", "bus", "van")}
    )
    numbers = [10.0 * i + 1.0 for i in range(6)]
    writer.add("price", CONSTANT, *numbers, ranges=("region", "kind"))
    writer.add("total", AUXILIARY, [66.0, None, None, None, None])
    path = tmp_path / "run.vdf"
    path.write_bytes(writer.bytes())
    file = write(
        tmp_path,
        "region: north, south",
        "kind: car, bus, van",
        "price[region, kind] = 1, 11, 21; 31, 41, 51;",
        "total = SUM(price[north, kind!]) + SUM(price[south, kind!])",
    )
    flat = sdcluster.load_run(path)
    assert [str(n) for n in flat.data_vars][:2] == ["price[north,car]", "price[north,bus]"]
    ds = sdcluster.load_run(path, file)
    assert ds["price"].dims == ("time", "region", "kind")
    assert float(ds["price"].sel(region="south", kind="bus")[-1]) == 41.0
    assert ds["price"].attrs["kind"] == "constant"
    np.testing.assert_array_equal(ds["total"], 66.0)


def test_a_value_that_is_not_stored_holds_and_na_is_nan(tmp_path: Path) -> None:
    writer = VdfWriter([0.0, 0.1, 0.2, 0.3])
    writer.add("late", AUXILIARY, [None, 2.0, None, 3.0])
    writer.add("gap", AUXILIARY, [1.0, NOT_AVAILABLE, None, 4.0])
    writer.add("rate", CONSTANT, 0.3)
    run = read_vdf(writer.bytes())
    late, gap, rate = (one.values for one in run.series)
    np.testing.assert_array_equal(late, [np.nan, 2, 2, 3])
    np.testing.assert_array_equal(gap, [1, np.nan, np.nan, 4])
    assert (rate[0], run.times[3]) == (0.3, 0.3)  # not 0.30000001192, the float32 nearest to it


def test_a_variable_whose_class_contradicts_its_values_is_left_out(tmp_path: Path) -> None:
    writer = stored()
    writer.add("odd", AUXILIARY, [1.0, 2.0, 3.0, 4.0, 5.0], record=STOCK)
    path = tmp_path / "odd.vdf"
    path.write_bytes(writer.bytes())
    with pytest.warns(ModelWarning, match='"odd" was not read: its record has the class 0x08'):
        ds = sdcluster.load_run(path)
    assert "odd" not in ds


def test_two_variables_with_one_place_are_left_out() -> None:
    writer = stored()
    name, shape, members, _, code = writer.names[-1]
    writer.names.append(("other", shape, members, writer.names[-1][3], code))
    run = read_vdf(writer.bytes())
    assert not {"other", name} & {one.name for one in run.series}
    assert any("another variable has the same values" in doubt for doubt in run.doubts)


def test_variables_that_share_a_hidden_smooth_are_both_there() -> None:
    writer = stored()
    place = writer.names[-1][3]
    writer.names += [("other", 5, 0, place, AUXILIARY), ("#x>SMOOTH#", 5, 0, place, AUXILIARY)]
    names = {one.name for one in read_vdf(writer.bytes()).series}
    assert {"doubled", "other"} <= names
    assert not any(name.startswith("#") for name in names)


def test_another_format_says_how_to_export(tmp_path: Path) -> None:
    path = tmp_path / "new.vdfx"
    path.write_bytes(b"PK\3\4 something else")
    with pytest.raises(ModelError, match=r"new.vdfx: .*first bytes are 50 4b 03 04.*\.dat"):
        sdcluster.load_run(path)
    path.write_bytes(stored().bytes())
    assert float(sdcluster.load_run(path)["x"][-1]) == 25.0


def test_text_exports_are_read_with_constants_at_the_first_time(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text("x\n0\t1\n1\t7\n2\t13\nrate\n0\t3\n", encoding="utf-8")
    (tmp_path / "a.tab").write_text(
        "Time (Month)\tx\tprice[ north ]\n0\t1\t5\n1\t7\t\n2\t13\t\n", encoding="utf-8"
    )
    dat, tab = (sdcluster.load_run(tmp_path / name) for name in ("a.dat", "a.tab"))
    np.testing.assert_array_equal(dat["rate"], [3, 3, 3])
    np.testing.assert_array_equal(tab["x"], [1, 7, 13])
    np.testing.assert_array_equal(tab["price[north]"], [5, 5, 5])
    assert dat["rate"].attrs["kind"] == "constant"


@pytest.mark.parametrize("ending", ["csv", "tab", "nc", "dat"])
def test_what_run_writes_is_read_again(tmp_path: Path, model: Path, ending: str) -> None:
    out = tmp_path / f"run.{ending}"
    assert shown("run", model, "--out", out)[0] == 0
    again, ours = sdcluster.load_run(out, model), sdcluster.simulate(model)
    for name in ours.data_vars:
        np.testing.assert_array_equal(again[name], ours[name])
    assert shown("check", model, "--baseline", out)[0] == 0


def test_files_that_hold_no_run_are_refused(tmp_path: Path, model: Path, base: Path) -> None:
    (tmp_path / "empty.csv").write_text("nothing", encoding="utf-8")
    (tmp_path / "bad.nc").write_bytes(b"not netcdf")
    for name, words in (
        ("empty.csv", "no variable in this file has both a time and a value"),
        ("bad.nc", "cannot be read as a run in NetCDF"),
        ("none.vdf", "there is no such file"),
        ("model.mdl", r'ends in ".mdl"; name a file that ends in one of .vdf'),
    ):
        with pytest.raises(ModelError, match=words):
            sdcluster.load_run(tmp_path / name)
    other = write(tmp_path, "quite different = 1", name="other.mdl")
    with pytest.raises(ModelError, match='none of the variables of the model "other"'):
        sdcluster.load_run(base, other)


# ---- a stored run as a baseline


def test_a_model_that_gives_the_stored_run_passes(model: Path, base: Path) -> None:
    report = sdcluster.check(model, baseline=base)
    assert report.ok
    assert [row.kind for row in report.rows] == ["constants", "baseline"]
    assert "From model.mdl" in report.rows[1].because


def test_differing_constants_are_named_before_curves(tmp_path: Path, model: Path) -> None:
    other = tmp_path / "other.vdf"
    other.write_bytes(stored(rate=4.0, x=[1.0, 9.0, 17.0, 25.0, 33.0]).bytes())
    code, said = shown("check", model, "--baseline", other, "--page", tmp_path / "page.html")
    assert code == 1
    assert said.index("rate 4 → 3") < said.index("x 33 → 25")
    assert '--set "rate=4"' in said
    assert "Constants that differ" in (tmp_path / "page.html").read_text(encoding="utf-8")
    _, said = shown("check", model, "--baseline", other, "--language", "zh")
    assert "项不同（已保存 → 现在）：rate 4 → 3" in said
    assert english_left(said) == []
    (tmp_path / "high.cin").write_text("rate = 4", encoding="utf-8")
    code, said = shown("check", model, "-b", other, "-s", tmp_path / "high.cin")
    assert "constants, lookups and time settings equal those of the stored run" in said
    assert "doubled 50 → 66" in said  # of the writer's run, which is not that of rate = 4


def test_the_time_step_counts_as_a_constant(tmp_path: Path, model: Path) -> None:
    other = tmp_path / "fine.vdf"
    other.write_bytes(stored(**{"TIME STEP": 0.5}).bytes())
    (row, _) = sdcluster.check(model, baseline=other).rows
    assert (row.verdict, "TIME STEP 0.5 → 1" in row.sentence) == ("failed", True)
    assert sdcluster.check(model, baseline=other, settings={"TIME STEP": 0.5}).ok
    (tmp_path / "fine.cin").write_text("TIME STEP = 0.5\nSAVEPER = 2", encoding="utf-8")
    assert sdcluster.check(model, [str(tmp_path / "fine.cin")], baseline=other).ok


def test_other_points_of_a_lookup_are_told(tmp_path: Path, model: Path) -> None:
    for x, verdict in ((10.0, "passed"), (11.0, "failed")):
        writer = stored()
        writer.add_lookup("curve", [0.0, x], [0.0, 5.0])
        path = tmp_path / "run.vdf"
        path.write_bytes(writer.bytes())
        row = sdcluster.check(model, baseline=path).rows[0]
        assert (row.verdict, 'points of the lookup "curve" differ' in row.sentence) == (
            verdict,
            x == 11.0,
        )
    (tmp_path / "case.cin").write_text("curve((0,0),(11,5))", encoding="utf-8")
    assert sdcluster.check(model, [str(tmp_path / "case.cin")], baseline=path).ok
    assert shown("check", model, "-b", path, "--set-lookup", "curve=(0,0),(11,5)")[0] == 0


def test_variables_that_the_model_lacks_are_told(tmp_path: Path, model: Path) -> None:
    writer = stored()
    writer.add("deleted since", AUXILIARY, [1.0, 2.0, 3.0, 4.0, 5.0])
    path = tmp_path / "run.vdf"
    path.write_bytes(writer.bytes())
    row = sdcluster.check(model, baseline=path).rows[1]
    assert (row.verdict, '"deleted since" is not in the model' in row.sentence) == ("failed", True)


def test_times_between_the_models_own_are_compared_too(tmp_path: Path) -> None:
    """The stored run keeps every step, the model every second one."""
    file = write(tmp_path, *MODEL)
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"SAVEPER  =\n\s+TIME STEP", "SAVEPER = 2", text), encoding="utf-8")
    path = tmp_path / "run.vdf"
    path.write_bytes(stored(x=[1.0, 7.5, 13.0, 19.0, 25.0]).bytes())
    row = sdcluster.check(file, baseline=path).rows[1]
    assert "x 7.5 → 7" in row.sentence


def test_rounding_of_float32_passes_and_more_does_not(tmp_path: Path, model: Path) -> None:
    for share, ok in ((1e-5, True), (1e-3, False)):
        path = tmp_path / "run.vdf"
        values = [v * (1 + share) for v in (1.0, 7.0, 13.0, 19.0, 25.0)]
        path.write_bytes(stored(x=values).bytes())
        assert sdcluster.check(model, baseline=path).ok is ok


def test_options_of_a_stored_run_need_its_file(model: Path) -> None:
    with pytest.raises(ModelError, match="comparison with a stored run"):
        sdcluster.check(model, settings={"rate": 1.0})


def test_a_stored_run_gives_the_values_of_data_variables(tmp_path: Path) -> None:
    (tmp_path / "history.vdf").write_bytes(stored().bytes())
    (tmp_path / "model.vdf").write_bytes(stored(x=[9.0, 9.0, 9.0, 9.0, 9.0]).bytes())
    file = write(tmp_path, "x", "half = x / 2")
    # The header says that both come from model.mdl, so that history.vdf comes first by its name alone.
    assert float(sdcluster.simulate(file)["half"][-1]) == 12.5
    named = sdcluster.load(file, data=[tmp_path / "model.vdf"])
    assert float(sdcluster.simulate(named)["half"][-1]) == 4.5
    (tmp_path / "broken.vdf").write_bytes(stored().bytes()[:500])
    with pytest.raises(
        ModelError, match=r"broken.vdf: the .vdf file was not read, because it is damaged"
    ):
        sdcluster.load(file, data=[tmp_path / "broken.vdf"])


def test_reading_warns_of_nothing_where_all_is_understood(base: Path, model: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(sdcluster.load_run(base, model).data_vars) >= {"x", "rate", "doubled"}


BRACKETS = """{UTF-8}
R: a, b ~~|
"cost % [a]" = Time * 2 ~~|
cost[R] = 1, 2 ~~|
"cost % [a, b]"[R] = cost[R] + Time ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = 2 ~~|
TIME STEP = 1 ~~|
SAVEPER = TIME STEP ~~|
"""


@pytest.mark.parametrize("ending", [".csv", ".tab", ".nc"])
def test_brackets_in_a_name_are_not_taken_for_elements(tmp_path: Path, ending: str) -> None:
    file, out = tmp_path / "m.mdl", tmp_path / f"run{ending}"
    file.write_text(BRACKETS, encoding="utf-8")
    assert CliRunner().invoke(app, ["run", str(file), "--out", str(out)]).exit_code == 0
    run = sdcluster.load_run(out)
    assert list(run["cost % [a]"].values) == [0, 2, 4]
    assert list(run["cost % [a, b][b]"].values) == [2, 3, 4]
    assert list(run["cost[b]"].values) == [2, 2, 2]
    report = sdcluster.check(file, baseline=out)
    assert report.ok, [row.sentence for row in report.rows]
    assert "3 variables as" in report.rows[-1].sentence
