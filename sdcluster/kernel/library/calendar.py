"""Conversion of the time of a run to calendar dates."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from sdcluster.kernel.library.arithmetic import floor_of
from sdcluster.kernel.library.base import NAN, jit

# ---- copied from here


@jit
def days_before(year, month, day):
    """Return the number of days from January 1 of year 0 to a Gregorian date.

    Source: Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil, which counts from March 1.
    """
    y = year - 1.0 if month <= 2.0 else year
    era = floor_of(y / 400.0)
    within = y - era * 400.0
    since_march = month - 3.0 if month > 2.0 else month + 9.0
    of_year = floor_of((153.0 * since_march + 2.0) / 5.0) + day - 1.0
    leap = floor_of(within / 4.0) - floor_of(within / 100.0)
    return era * 146097.0 + within * 365.0 + leap + of_year + 60.0


@jit
def date_part(days, part):
    """Return the Gregorian year (part 1), month (3) or day (4) of the date `days` days after January 1 of year 0.

    Source: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
    """
    z = days - 60.0
    era = floor_of(z / 146097.0)
    e = z - era * 146097.0
    short = e - floor_of(e / 1460.0) + floor_of(e / 36524.0) - floor_of(e / 146096.0)
    within = floor_of(short / 365.0)
    of_year = e - (365.0 * within + floor_of(within / 4.0) - floor_of(within / 100.0))
    since_march = floor_of((5.0 * of_year + 2.0) / 153.0)
    month = since_march + 3.0 if since_march < 10.0 else since_march - 9.0
    if part == 1:
        return within + era * 400.0 + (1.0 if month <= 2.0 else 0.0)
    if part == 3:
        return month
    return of_year - floor_of((153.0 * since_march + 2.0) / 5.0) + 1.0


@jit
def seconds_of(unit):
    """Return the length of a time unit in seconds.

    The units are 0 year, 1 quarter, 2 month (30 days), 3 week, 4 day, 5 hour, 6 minute and 7 second.
    """
    if unit < 2.5:
        return 2592000.0 * (12.0 if unit < 0.5 else 3.0 if unit < 1.5 else 1.0)
    if unit < 4.5:
        return 86400.0 * (7.0 if unit < 3.5 else 1.0)
    if unit < 6.5:
        return 3600.0 if unit < 5.5 else 60.0
    return 1.0


@jit
def calendar(time, measure, unit, year, month, day):
    """Return one measure of the date that is `time` units after a base date (Vensim's GET TIME VALUE).

    For units of a month or longer, a year has 360 days. For shorter units, the Gregorian calendar applies. The
    measures:

    - 1 year, 2 quarter, 3 month, 4 day of the month, 5 day of the week (Sunday is 0);
    - 6 days since January 1 of year 0;
    - 7 hour, 8 minute, 9 second;
    - 10 seconds since the base date, modulo 500,000.
    """
    kind = int(measure + 0.5) if 0.5 <= measure < 10.5 else -1
    elapsed = time * seconds_of(unit)
    if kind < 0 or not -1e15 < elapsed < 1e15:
        return NAN
    whole = floor_of(elapsed + 0.5)
    if abs(elapsed - whole) < 1e-3:
        elapsed = whole  # the sum of many time steps may miss a whole second by a rounding error
    if kind == 10:
        return floor_of(elapsed) - 500000.0 * floor_of(elapsed / 500000.0)
    passed = floor_of(elapsed / 86400.0)
    rest = elapsed - 86400.0 * passed
    if kind == 7:
        return floor_of(rest / 3600.0)
    if kind == 8:
        return floor_of(rest / 60.0) - 60.0 * floor_of(rest / 3600.0)
    if kind == 9:
        return rest - 60.0 * floor_of(rest / 60.0)
    if unit < 2.5:
        days = 360.0 * year + 30.0 * (month - 1.0) + min(day, 30.0) - 1.0 + passed
        y = floor_of(days / 360.0)
        m = floor_of((days - 360.0 * y) / 30.0) + 1.0
        d = days - 360.0 * y - 30.0 * (m - 1.0) + 1.0
    else:
        days = days_before(year, month, day) + passed
        y = date_part(days, 1)
        m = date_part(days, 3)
        d = date_part(days, 4)
    if kind == 5:
        weekday = days_before(y, m, d) + 6.0  # January 1 of the year 0 was a Saturday
        return weekday - 7.0 * floor_of(weekday / 7.0)
    if kind == 6:
        return days
    if kind == 2:
        return floor_of((m - 1.0) / 3.0) + 1.0
    return y if kind == 1 else m if kind == 3 else d
