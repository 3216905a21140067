"""A corpus of hostile files: each gets its own clear error or is harmless, in bounded time and memory."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from benchmarks.mutations import VENSIM, Watch, attempt

SECONDS, MEGABYTES = 8.0, 900
UNITS = 1024**2 if sys.platform == "darwin" else 1024  # of the system's figure, in a megabyte
CODE = '"""\nimport os; os.system("touch canary")\n""" + __import__("os").system("touch canary") #'
MILLION = ",".join(map(str, range(1_000_000)))


def xmile(variables: str, dimensions: str = "", before: str = "") -> str:
    return (
        f'{before}<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">'
        "<sim_specs><start>0</start><stop>4</stop><dt>1</dt></sim_specs>"
        f"<dimensions>{dimensions}</dimensions><model><variables>{variables}</variables></model></xmile>"
    )


def aux(equation: str, inside: str = "", name: str = "a") -> str:
    return f'<aux name="{name}">{inside}<eqn>{escape(equation)}</eqn></aux>'


def array(size: int) -> str:
    return xmile(
        aux("1", '<dimensions><dim name="d"/><dim name="e"/></dimensions>'),
        f'<dim name="d" size="{size}"/><dim name="e" size="{size}"/>',
    )


ENTITIES = '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(10)
)
TEXT = escape(CODE, {'"': "&quot;"})

# Name, ending, content, and words of which one must be in the sentence (none: the file is harmless).
DOCTYPE = "<!DOCTYPE x [{}]>"
PASSWD = '<!ENTITY s SYSTEM "file:///etc/passwd">'
INCLUDE = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'
POINTS = f"<gf name='g'><xpts>{MILLION}</xpts><ypts>{MILLION}</ypts></gf>"
ITSELF = ":MACRO: m(i)\nm = m(i) + 1 ~~|\n:END OF MACRO:\n"
ELSEWHERE = ("folder", "external", "ending", "end in", "read")
FILES: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("code in a doc", ".xmile", xmile(aux("1", f"<doc>{escape(CODE)}</doc>")), ()),
    ("code in units", ".xmile", xmile(aux("1", f"<units>{escape(CODE)}</units>")), ()),
    ("code in a name", ".xmile", xmile(aux("1", name=TEXT)), ()),
    ("code in an equation", ".xmile", xmile(aux(CODE)), ("cannot be understood",)),
    ("code in a dimension", ".xmile", xmile(aux("1"), f'<dim name="{TEXT}"><elem name="{TEXT}"/></dim>'), ()),
    ("code in the clock", ".xmile", xmile(aux("1")).replace("<stop>4", f"<stop>{TEXT}"), ("write a number",)),
    ("code in a table", ".xmile", xmile(f"<gf name='g'><xpts>0,{TEXT}</xpts><ypts>0,1</ypts></gf>"), ("numbers",)),
    ("code in a Vensim doc", ".mdl", VENSIM.format("1").replace("~ firm ~ |", f"~ {CODE} ~ {CODE} |"), ()),
    ("code in a Vensim equation", ".mdl", VENSIM.format(CODE), ("",)),
    ("code in a Vensim name", ".mdl", VENSIM.format("1") + f'"{CODE}" = 3 ~~|\n', ("",)),
    ("dunder walk", ".mdl", VENSIM.format("a.__class__.__mro__"), ("",)),
    ("entity bomb", ".xmile", xmile(aux("1"), before=DOCTYPE.format(ENTITIES)), ("document type",)),
    ("file as entity", ".xmile", xmile(aux("1"), before=DOCTYPE.format(PASSWD)), ("document type",)),
    ("XInclude", ".xmile", xmile(INCLUDE + aux("1")), ()),
    ("deep elements", ".xmile", "<xmile>" + "<a>" * 5000 + "</a>" * 5000 + "</xmile>", ("nested too deeply",)),
    ("many elements", ".xmile", "<xmile>" + "<a/>" * 900_000 + "</xmile>", ("elements",)),
    ("3,000 parentheses", ".xmile", xmile(aux("(" * 3000 + "1" + ")" * 3000)), ("parentheses",)),
    ("3,000 Vensim parentheses", ".mdl", VENSIM.format("(" * 3000 + "1" + ")" * 3000), ("",)),
    ("3,000 signs", ".xmile", xmile(aux("-" * 3000 + "1")), None),
    ("3,000 IFs", ".xmile", xmile(aux("IF a THEN 1 ELSE " * 3000 + "1")), ("",)),
    ("3,000 NOTs", ".xmile", xmile(aux("NOT " * 3000 + "a")), ("",)),
    ("3,000 Vensim calls", ".mdl", VENSIM.format("ABS(" * 3000 + "1" + ")" * 3000), ("",)),
    ("a sum of 99,000 characters", ".xmile", xmile(aux("+".join(["1"] * 49_000))), None),
    ("110,000 characters", ".xmile", xmile(aux("+".join(["1"] * 55_000))), ("characters",)),
    ("110,000 Vensim characters", ".mdl", VENSIM.format("+".join(["1"] * 55_000)), ("",)),
    ("10^6 x 10^6 elements", ".xmile", array(1_000_000), ("elements", "values")),
    ("10^9 elements", ".xmile", array(1_000_000_000), ("elements",)),
    ("3,000 x 3,000 elements", ".xmile", array(3000), ("elements", "values")),
    ("Vensim range of 10^8", ".mdl", VENSIM.format("1") + "r: (r1-r100000000) ~~|\n", ("elements",)),
    ("10^6 points", ".xmile", xmile(POINTS + aux("g(TIME)")), ("points",)),
    ("10^10 steps", ".xmile", xmile(aux("1")).replace("<dt>1", "<dt>1e-10"), ("steps",)),
    ("delay of order 10^9", ".xmile", xmile(aux("DELAYN(TIME, 3, 1000000000)")), ("order",)),
    ("fixed delay of 10^12 steps", ".xmile", xmile(aux("DELAY(TIME, 1000000000000)")), None),
    ("pulse train without end", ".xmile", xmile(aux("PULSE(1, 0, 0.0000000001)")), None),
    ("power tower", ".xmile", xmile(aux("9^9^9^9^9")), None),
    ("external file", ".mdl", VENSIM.format("GET DIRECT CONSTANTS('/etc/passwd', ',', 'A1')"), ELSEWHERE),
    ("external file above", ".mdl", VENSIM.format("GET DIRECT DATA('../../../etc/passwd', ',', 'A', 'B1')"), ("",)),
    ("Excel link", ".mdl", VENSIM.format("GET XLS CONSTANTS('\\\\\\\\host\\\\share\\\\x.xlsx', 'A', 'B1')"), ("",)),
    ("address as file", ".mdl", VENSIM.format("GET XLS DATA('http://localhost/x.xlsx', 'A', 'B', 'C1')"), ("",)),
    ("macro that calls itself", ".mdl", ITSELF + VENSIM.format("m(1)"), ("",)),
    ("macros that double", ".mdl", "".join(
        f":MACRO: m{i}(i)\nm{i} = m{i + 1}(i) + m{i + 1}(i) ~~|\n:END OF MACRO:\n" for i in range(30)
    ) + ":MACRO: m30(i)\nm30 = i ~~|\n:END OF MACRO:\n" + VENSIM.format("m0(1)"), ("",)),
    ("quote without end", ".mdl", VENSIM.format('"' + "a" * 100_000), ("",)),
    ("lines that go on", ".mdl", VENSIM.format("\\\n" * 50_000 + "1"), None),
    ("zero bytes", ".mdl", "\x00" * 100_000, ("",)),
    ("no end of brackets", ".mdl", VENSIM.format("c" + "[" * 50_000), ("",)),
    ("circle", ".xmile", xmile(aux("b") + aux("a", name="b")), ("cycle",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "suffix", "content", "words"), FILES, ids=[f[0].replace(" ", "_") for f in FILES]
)
def test_hostile_file(
    name: str, suffix: str, content: str, words: tuple[str, ...] | None, watch: Watch, folder: Path
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    outcome, what = attempt(folder / f"hostile{suffix}", content.encode(), watch)
    seconds = time.process_time() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / UNITS
    assert outcome in ("refused", "stopped", "ran", "read"), f"{outcome}: {what}"
    if words == ():
        assert outcome == "ran", what
    elif words:
        assert outcome in ("refused", "stopped"), what[:300]
        assert any(word in what for word in words), what[:300]
        assert len(what) < 1000
    assert seconds < SECONDS
    assert grown < MEGABYTES


def test_a_file_that_is_too_large_is_not_read(watch: Watch, folder: Path) -> None:
    outcome, what = attempt(folder / "large.xmile", b" " * (33 * 1024 * 1024), watch)
    assert outcome == "refused"
    assert "bytes" in what


def test_a_poisoned_cache_entry_lies_where_only_the_user_writes(folder: Path) -> None:
    """Pickles can run code; that is safe only because the folder belongs to the user alone."""
    from sdcluster.files import cache_folder

    assert cache_folder("models").stat().st_mode & 0o077 == 0
