"""GET TIME VALUE: dates by the calendar of a file's settings, and the computer's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import sdcluster

MEASURES = tuple(f"m{k} = GET TIME VALUE(0, 0, {k})" for k in range(11))
# As Vensim writes them: base date 37 to 39, unit of time 40 (0 year, 1 quarter, … 7 second).
SETTINGS = (
    "\\\\\\---/// Sketch information - do not modify anything except names\n"
    "V300  Do not put anything below this section - it will be ignored\n*View 1\n///---\\\\\\\n"
    ":L\x7f<%^E!@\n35:Date\n36:YYYY-MM-DD\n37:{}\n38:{}\n39:{}\n40:{}\n"
)


def model(
    folder: Path,
    *equations: str,
    unit: str = "Month",
    first: float = 0,
    last: float = 4,
    step: float = 1,
    date: tuple[int, int, int, int] | None = None,
) -> sdcluster.Model:
    clock = {"INITIAL TIME": first, "FINAL TIME": last, "TIME STEP": step, "SAVEPER": step}
    body = [f"{e} ~~|" for e in equations] + [f"{k} = {v} ~{unit}~|" for k, v in clock.items()]
    text = "{UTF-8}\n" + "\n".join(body) + "\n" + (SETTINGS.format(*date) if date else "")
    file = folder / "dates.mdl"
    file.write_text(text, encoding="utf-8")
    return sdcluster.load(file)


def simulated(model: sdcluster.Model, backend: str = "python") -> dict[str, np.ndarray]:
    found = sdcluster.simulate(model, method="euler", backend=backend)  # type: ignore[arg-type]
    return {name: found[name].values for name in found} | {"time": found.time.values}


@pytest.mark.parametrize("backend", ["python", "native"])
def test_days_are_those_of_the_gregorian_calendar(tmp_path: Path, backend: str) -> None:
    dates = model(tmp_path, *MEASURES, unit="Day", first=-800, last=800, date=(1999, 12, 30, 4))
    found = simulated(dates, backend)
    for i, t in enumerate(found["time"]):
        day = datetime(1999, 12, 30) + timedelta(days=float(t))
        week = (day.weekday() + 1) % 7  # Sunday is 0
        # January 1 of the year 1 is day 366: the year 0 (1 BC) is a leap year.
        expected = [
            t,
            day.year,
            (day.month + 2) // 3,
            day.month,
            day.day,
            week,
            day.toordinal() + 365,
        ]
        assert [found[f"m{k}"][i] for k in range(7)] == expected
        assert found["m10"][i] == (86400 * t) % 500_000


def test_hours_minutes_and_seconds(tmp_path: Path) -> None:
    hours = model(tmp_path, *MEASURES, unit="Hour", last=40, step=0.1, date=(2024, 2, 28, 5))
    found = simulated(hours)
    for i, t in enumerate(found["time"]):
        now = datetime(2024, 2, 28) + timedelta(seconds=round(float(t) * 3600))
        assert [found[f"m{k}"][i] for k in (3, 4, 7, 8)] == [
            now.month,
            now.day,
            now.hour,
            now.minute,
        ]
        assert found["m9"][i] == pytest.approx(now.second, abs=1e-6)


def test_months_are_those_of_a_year_of_360_days(tmp_path: Path) -> None:
    found = simulated(model(tmp_path, *MEASURES, last=14, step=0.5, date=(2000, 11, 1, 2)))
    months = 10 + found["time"]
    assert found["m1"] == pytest.approx(2000 + months // 12)
    assert found["m2"] == pytest.approx(months % 12 // 3 + 1)
    assert found["m3"] == pytest.approx(months % 12 // 1 + 1)
    assert found["m4"] == pytest.approx(1 + 30 * (months % 1))
    assert found["m6"] == pytest.approx(360 * 2000 + 30 * months)


@pytest.mark.parametrize(
    ("unit", "code", "each_year"), [("Year", 0, 1), ("Quarter", 1, 4), ("Month", 2, 12)]
)
def test_the_year_goes_on_with_the_unit(
    tmp_path: Path, unit: str, code: int, each_year: int
) -> None:
    found = simulated(model(tmp_path, *MEASURES, unit=unit, last=30, date=(1990, 1, 1, code)))
    assert found["m1"] == pytest.approx(1990 + found["time"] // each_year)


def test_the_start_an_offset_and_a_measure_that_changes(tmp_path: Path) -> None:
    found = simulated(
        model(
            tmp_path,
            "d: a, b",
            "start = GET TIME VALUE(1, 0, 3)",
            "later[d] = GET TIME VALUE(0, 2 * d, 3)",
            "chosen = GET TIME VALUE(0, 1, IF THEN ELSE(Time < 2, 0, 3))",
            first=1,
            date=(2000, 1, 1, 2),
        )
    )
    assert found["start"] == pytest.approx(2)
    assert found["later"][:, 1] == pytest.approx([6, 7, 8, 9])
    assert found["chosen"] == pytest.approx([2, 4, 5, 6])


def test_without_settings_time_0_is_the_first_day_of_2000_and_a_remark_says_so(
    tmp_path: Path,
) -> None:
    undated = model(tmp_path, "month = GET TIME VALUE(0, 1, 3)")
    assert [r.variable for r in undated.remarks] == ["month"]
    assert "2000-01-01" in undated.remarks[0].sentence
    assert simulated(undated)["month"] == pytest.approx([2, 3, 4, 5, 6])


def test_settings_that_count_in_another_unit_hold_and_a_remark_says_so(tmp_path: Path) -> None:
    weeks = model(tmp_path, "month = GET TIME VALUE(0, 0, 3)", unit="Week", date=(2000, 1, 1, 2))
    assert "follows the settings" in weeks.remarks[0].sentence
    assert simulated(weeks)["month"] == pytest.approx([1, 2, 3, 4, 5])


def test_a_unit_that_no_calendar_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sdcluster.ModelError, match="needs the unit of Time"):
        model(tmp_path, "x = GET TIME VALUE(0, 0, 3)", unit="Generation")


@pytest.mark.parametrize("call", ["GET TIME VALUE(3, 0, 1)", "GET TIME VALUE(2, 0, 0)"])
def test_what_no_clock_tells_is_refused(tmp_path: Path, call: str) -> None:
    with pytest.raises(sdcluster.ModelError, match="GET TIME VALUE"):
        model(tmp_path, f"x = {call}")


def test_a_measure_that_does_not_exist_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(sdcluster.SimulationError, match="takes a measure from 0 to 10"):
        simulated(model(tmp_path, "x = GET TIME VALUE(0, 0, 11)"))


def test_the_computers_clock_can_be_fixed(tmp_path: Path, monkeypatch) -> None:
    moment = datetime(2024, 3, 5, 6, 7, 8, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(moment.timestamp())))
    found = simulated(model(tmp_path, *(f"m{k} = GET TIME VALUE(2, 9, {k})" for k in range(1, 11))))
    parts = [found[f"m{k}"][0] for k in (1, 3, 4, 5, 7, 8, 9)]
    assert parts == [2024, 3, 5, 2, 6, 7, 8]  # a Tuesday
    assert found["m10"][0] == int(moment.timestamp()) % 500_000
