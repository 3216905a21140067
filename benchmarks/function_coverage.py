# ruff: noqa: E501 - tables of samples
"""Every function of Vensim and XMILE, tried out: supported, refused with the reason, or unknown. Writes docs/coverage.md.

The lists follow the summary of functions in Vensim's reference guide and XMILE 1.0 (sections 3.5 and 3.7) with the
additions of Stella. Nothing on the page is claimed: each function is read and run in a small model of its language.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "coverage.md"

# Name: how it is tried. `x = …` is added to the model below; several definitions are parted by a line break.
VENSIM = {
    "arithmetic": {
        "ABS": "x = ABS(b)", "EXP": "x = EXP(b)", "LN": "x = LN(a)", "LOG": "x = LOG(a, 2)", "SQRT": "x = SQRT(a)",
        "POWER": "x = POWER(a, 2)", "INTEGER": "x = INTEGER(b)", "MODULO": "x = MODULO(b, 2)", "QUANTUM": "x = QUANTUM(b, 2)",
        "MIN": "x = MIN(a, b)", "MAX": "x = MAX(a, b)", "ZIDZ": "x = ZIDZ(a, b)", "XIDZ": "x = XIDZ(a, b, 1)",
        "SIN": "x = SIN(b)", "COS": "x = COS(b)", "TAN": "x = TAN(b)", "ARCSIN": "x = ARCSIN(0.5)", "ARCCOS": "x = ARCCOS(0.5)",
        "ARCTAN": "x = ARCTAN(b)", "SINH": "x = SINH(b)", "COSH": "x = COSH(b)", "TANH": "x = TANH(b)",
        "GAMMA LN": "x = GAMMA LN(a)", "SSHAPE": "x = SSHAPE(0.5, 0, 1)",
    },
    "logic and control": {
        "IF THEN ELSE": "x = IF THEN ELSE(b > 2, 1, 0)", ":AND: :OR: :NOT:": "x = IF THEN ELSE(:NOT: (b > 2 :AND: a = 3 :OR: a = 1), 1, 0)",
        ":NA:": "x = IF THEN ELSE(a = :NA:, 1, 0)", "INITIAL": "x = INITIAL(b)", "ACTIVE INITIAL": "x = ACTIVE INITIAL(b, 1)",
        "REINITIAL": "x = REINITIAL(b)", "SAMPLE IF TRUE": "x = SAMPLE IF TRUE(b > 2, b, 0)", "SAMPLE UNTIL": "x = SAMPLE UNTIL(2, b, 0)",
        "GAME": "x = GAME(b)", "SIMULTANEOUS": "x = SIMULTANEOUS(b, 1)", "MESSAGE": "x = MESSAGE('hello', 1)", "A FUNCTION OF": "x = A FUNCTION OF(a, b)",
        "COMPARE RUN": "x = COMPARE RUN('base')", "VMSTAT": "x = VMSTAT(b)",
    },
    "time and test inputs": {
        "Time": "x = Time", "TIME STEP": "x = TIME STEP", "INITIAL TIME": "x = INITIAL TIME", "FINAL TIME": "x = FINAL TIME",
        "STEP": "x = STEP(3, 1)", "RAMP": "x = RAMP(1, 0, 3)", "PULSE": "x = PULSE(1, 2)", "PULSE TRAIN": "x = PULSE TRAIN(0, 1, 2, 9)",
        "GET TIME VALUE": "x = GET TIME VALUE(0, 0, 0)", "TIME BASE": "x = TIME BASE(1990, 0.5)", "TIME SHIFT": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx := TIME SHIFT(h, 1)",
    },
    "stocks, delays and smoothing": {
        "INTEG": "x = INTEG(a, 1)", "DELAY1": "x = DELAY1(b, 2)", "DELAY1I": "x = DELAY1I(b, 2, 1)", "DELAY3": "x = DELAY3(b, 2)",
        "DELAY3I": "x = DELAY3I(b, 2, 1)", "DELAY N": "x = DELAY N(b, 2, 1, 3)", "DELAY FIXED": "x = DELAY FIXED(b, 2, 1)",
        "DELAY MATERIAL": "x = DELAY MATERIAL(b, 2, 1, 0)", "DELAY INFORMATION": "x = DELAY INFORMATION(b, 2, 1)",
        "DELAY BATCH": "x = DELAY BATCH(b, 2, 1, 0, 0, 0)", "DELAY CONVEYOR": "x = DELAY CONVEYOR(b, 2, 0, g, 1, 2)",
        "DELAY PROFILE": "x = DELAY PROFILE(g, b, 2, 1, 0)", "DELAYP": "x = DELAYP(b, 2 : y)", "DELAY LOST": "x = DELAY LOST(b)",
        "SMOOTH": "x = SMOOTH(b, 2)", "SMOOTHI": "x = SMOOTHI(b, 2, 1)", "SMOOTH3": "x = SMOOTH3(b, 2)", "SMOOTH3I": "x = SMOOTH3I(b, 2, 1)",
        "SMOOTH N": "x = SMOOTH N(b, 2, 1, 3)", "TREND": "x = TREND(a, 2, 0)", "FORECAST": "x = FORECAST(a, 2, 1)",
        "NPV": "x = NPV(a, 0.1, 0, 1)", "NPVE": "x = NPVE(a, 0.1, 0, 1)", "INTERNAL RATE OF RETURN": "x = INTERNAL RATE OF RETURN(a, 1, -9, 0)",
        "DEPRECIATE STRAIGHTLINE": "x = DEPRECIATE STRAIGHTLINE(a, 4, 1, 0)", "DEPRECIATE BY SCHEDULE": "i = 0\nx = DEPRECIATE BY SCHEDULE(b, k[p], i, 2, INITIAL TIME)\nk[d] = 3, 1",
    },
    "queues": {
        "QUEUE FIFO": "x = QUEUE FIFO(a, b, g, 1, 2)", "QUEUE FIFO ATTRIB": "x = QUEUE FIFO ATTRIB(a, b, 1, 0, g, g, 1, 1, 2)",
        "QUEUE AGE IN RANGE": "q = QUEUE FIFO(a, b, g, 1, 2) ~~|\nx = QUEUE AGE IN RANGE(q, 0, :NA:)", "QUEUE AGE AVERAGE": "q = QUEUE FIFO(a, b, g, 1, 2) ~~|\nx = QUEUE AGE AVERAGE(q, 0)",
        "QUEUE AGE OLDEST": "q = QUEUE FIFO(a, b, g, 1, 2) ~~|\nx = QUEUE AGE OLDEST(q)", "QUEUE ATTRIB AVERAGE": "q = QUEUE FIFO ATTRIB(a, b, 1, 0, g, g, 1, 1, 2) ~~|\nx = QUEUE ATTRIB AVERAGE(q, -1)",
        "QUEUE ATTRIB QUANTITY": "q = QUEUE FIFO ATTRIB(a, b, 1, 0, g, g, 1, 1, 2) ~~|\nx = QUEUE ATTRIB QUANTITY(q, 1)", "QUEUE ATTRIB ADD": "x = QUEUE ATTRIB ADD(s, 1)",
    },
    "lookups and data": {
        "lookup call": "x = g(b)", "WITH LOOKUP": "x = WITH LOOKUP(b, ([(0,0)-(9,9)],(0,0),(4,3)))", "LOOKUP EXTRAPOLATE": "x = LOOKUP EXTRAPOLATE(g, b)",
        "LOOKUP FORWARD": "x = LOOKUP FORWARD(g, b)", "LOOKUP BACKWARD": "x = LOOKUP BACKWARD(g, b)", "LOOKUP INVERT": "x = LOOKUP INVERT(g, 2)",
        "LOOKUP AREA": "x = LOOKUP AREA(g, 0, 1)", "LOOKUP SLOPE": "x = LOOKUP SLOPE(g, b, 0)", "TABLE": "x = TABLE(g, b)",
        "GET DIRECT CONSTANTS": "x = GET DIRECT CONSTANTS('t.csv', ',', 'B2')", "GET DIRECT DATA": "x := GET DIRECT DATA('t.csv', ',', 'A', 'B2')",
        "GET DIRECT LOOKUPS": "h = GET DIRECT LOOKUPS('t.csv', ',', 'A', 'B2')\nx = h(b)", "GET DIRECT SUBSCRIPT": "r: GET DIRECT SUBSCRIPT('n.csv', ',', 'A1', 'A', '')\nx[r] = 1",
        "GET XLS CONSTANTS": "x = GET XLS CONSTANTS('t.xlsx', 'S', 'B2')", "GET XLS DATA": "x := GET XLS DATA('t.xlsx', 'S', 'A', 'B2')",
        "GET XLS LOOKUPS": "h = GET XLS LOOKUPS('t.xlsx', 'S', 'A', 'B2')\nx = h(b)", "GET XLS SUBSCRIPT": "r: GET XLS SUBSCRIPT('t.xlsx', 'S', 'C1', 'C2', '')\nx[r] = 1",
        "GET 123 DATA": "x := GET 123 DATA('t.wk1', 'S', 'A', 'B2')", "GET ODBC DATA": "x := GET ODBC DATA('db', 'q')",
        "GET DATA AT TIME": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = GET DATA AT TIME(h, 1)", "GET DATA BETWEEN TIMES": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = GET DATA BETWEEN TIMES(h, 1, 0)",
        "GET DATA FIRST TIME": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = GET DATA FIRST TIME(h)", "GET DATA LAST TIME": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = GET DATA LAST TIME(h)", "GET DATA MIN": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = GET DATA MIN(h, 0, 1)", "GET DATA MAX": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = GET DATA MAX(h, 0, 1)", "GET DATA STDV": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = GET DATA STDV(h, 0, 1)", "GET DATA MEAN": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = GET DATA MEAN(h, 0, 1)",
        "GET DATA TOTAL POINTS": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = GET DATA TOTAL POINTS(h)", "CUMULATE": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx := CUMULATE(h)", "CUMULATEF": "h := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx := CUMULATEF(h)",
    },
    "arrays": {
        "SUM": "x = SUM(c[d!])", "PROD": "x = PROD(c[d!])", "VMIN": "x = VMIN(c[d!])", "VMAX": "x = VMAX(c[d!])", "ELMCOUNT": "x = ELMCOUNT(d)",
        "VECTOR SELECT": "x = VECTOR SELECT(c[d!], c[d!], 0, 0, 0)", "VECTOR ELM MAP": "x[d] = VECTOR ELM MAP(c[p], d - 1)",
        "VECTOR SORT ORDER": "x[d] = VECTOR SORT ORDER(c[d], 1)", "VECTOR RANK": "x[d] = VECTOR RANK(c[d], 1)", "VECTOR REORDER": "x[d] = VECTOR REORDER(c[d], k[d])\nk[d] = 1, 0",
        "VECTOR LOOKUP": "x = VECTOR LOOKUP(c[p], 1, 0, 0, 0)", "ALLOCATE AVAILABLE": "e: ptype, ppriority, pwidth, pextra\npp[d, e] = 1, 2, 3, 0; 1, 3, 3, 0;\nx[d] = ALLOCATE AVAILABLE(c[d], pp[d, ptype], 3)",
        "ALLOCATE BY PRIORITY": "x[d] = ALLOCATE BY PRIORITY(c[d], k[d], ELMCOUNT(d), 1, 3)\nk[d] = 1, 2", "ALLOC P": "x[d] = ALLOC P(c[d], c[d], 1, 1)",
        "FIND MARKET PRICE": "e: ptype, ppriority, pwidth, pextra\npp[d, e] = 1, 2, 3, 0; 1, 3, 3, 0;\nx = FIND MARKET PRICE(c[p], pp[p, ptype], c[p], pp[p, ptype])", "DEMAND AT PRICE": "e: ptype, ppriority, pwidth, pextra\npp[d, e] = 1, 2, 3, 0; 1, 3, 3, 0;\nx[d] = DEMAND AT PRICE(c[d], pp[d, ptype], 1)", "SUPPLY AT PRICE": "e: ptype, ppriority, pwidth, pextra\npp[d, e] = 1, 2, 3, 0; 1, 3, 3, 0;\nx[d] = SUPPLY AT PRICE(c[d], pp[d, ptype], 1)",
        "MARKETP": "x = MARKETP(c[p], c[p], ELMCOUNT(d), 1, 3)", "INVERT MATRIX": "u: u1, u2\no: o1, o2\nm[u, o] = 1, 2; 3, 4;\nx[u, o] = INVERT MATRIX(m[u, o], 2)",
        "TABBED ARRAY": "m[d] = TABBED ARRAY(1 2)\nx = SUM(m[d!])", ":EXCEPT:": "x[d] :EXCEPT: [p] = 1\nx[p] = 2", "subscript as number": "x[d] = d", "mapping": "t: t1, t2 -> d\nx[t] = 1\nz[d] = x[t]",
    },
    "random numbers": {
        "RANDOM 0 1": "x = RANDOM 0 1()", "RANDOM UNIFORM": "x = RANDOM UNIFORM(0, 1, 1)", "RANDOM NORMAL": "x = RANDOM NORMAL(0, 9, 3, 1, 1)",
        "RANDOM EXPONENTIAL": "x = RANDOM EXPONENTIAL(0, 9, 0, 1, 1)", "RANDOM BETA": "x = RANDOM BETA(0, 1, 2, 2, 0, 1, 1)", "RANDOM BINOMIAL": "x = RANDOM BINOMIAL(0, 9, 0.5, 9, 0, 1, 1)",
        "RANDOM GAMMA": "x = RANDOM GAMMA(0, 9, 2, 0, 1, 1)", "RANDOM LOOKUP": "x = RANDOM LOOKUP(g, 0, 9, 0, 1, 1)", "RANDOM NEGATIVE BINOMIAL": "x = RANDOM NEGATIVE BINOMIAL(0, 9, 0.5, 2, 0, 1, 1)",
        "RANDOM PINK NOISE": "x = RANDOM PINK NOISE(0, 1, 2, 1)", "RANDOM POISSON": "x = RANDOM POISSON(0, 9, 3, 0, 1, 1)", "RANDOM TRIANGULAR": "x = RANDOM TRIANGULAR(0, 9, 0, 3, 9, 1)",
        "RANDOM WEIBULL": "x = RANDOM WEIBULL(0, 9, 2, 0, 1, 1)",
    },
    "other": {
        ":MACRO:": ":MACRO: twice(i)\ntwice = 2 * i\n~~|\n:END OF MACRO:\nx = twice(b)", "FIND ZERO": "x = FIND ZERO(a, 0, 1, 2, 3, 4)",
        ":TEST INPUT:": "z :TEST INPUT: b = 3", ":THE CONDITION: :IMPLIES:": "z :THE CONDITION: b > 3 :IMPLIES: a > 1", ":HOLD BACKWARD:": "h :HOLD BACKWARD: := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = h",
        ":LOOK FORWARD:": "h :LOOK FORWARD: := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = h", ":RAW:": "h :RAW: := GET DIRECT DATA('t.csv', ',', 'A', 'B2')\nx = h",
    },
}  # fmt: skip

XMILE = {
    "arithmetic": {
        "ABS": "ABS(b)", "ARCCOS": "ARCCOS(0.5)", "ARCSIN": "ARCSIN(0.5)", "ARCTAN": "ARCTAN(b)", "COS": "COS(b)", "EXP": "EXP(b)", "INF": "INF",
        "INT": "INT(b)", "LN": "LN(a)", "LOG10": "LOG10(a)", "MAX": "MAX(a, b)", "MIN": "MIN(a, b)", "PI": "PI", "SIN": "SIN(b)", "SQRT": "SQRT(a)",
        "TAN": "TAN(b)", "SINH": "SINH(b)", "COSH": "COSH(b)", "TANH": "TANH(b)", "ROUND": "ROUND(b)", "MOD (operator)": "b MOD 2", "MOD": "MOD(b, 2)", "SAFEDIV": "SAFEDIV(a, b, 1)",
        "POWER": "POWER(a, 2)", "ROOTN": "ROOTN(a, 3)", "LOGN": "LOGN(a)", "PERCENT": "PERCENT(a)", "PCT": "PCT(a)", "SSHAPE": "SSHAPE(0.5, 0, 1)", "SIGN": "SIGN(b)", "CLIP": "CLIP(a, b, TIME, 2)",
    },
    "logic and control": {
        "IF THEN ELSE": "IF b > 2 THEN 1 ELSE 0", "AND OR NOT": "NOT (b > 2 AND a = 3 OR a = 1)", "INIT": "INIT(b)", "PREVIOUS": "PREVIOUS(b, 0)", "DERIVN": "DERIVN(b, 1)", "NAN": "NAN", "RUNCOUNT": "RUNCOUNT", "SENSIRUNCOUNT": "SENSIRUNCOUNT", "SELF": "PREVIOUS(SELF, 0)",
        "ENDVAL": "ENDVAL(b, 0)", "HISTORY": "HISTORY(b, 1)", "COUNTER": "COUNTER(1, 9)", "PAUSE": "PAUSE",
    },
    "time and test inputs": {
        "TIME": "TIME", "DT": "DT", "STARTTIME": "STARTTIME", "STOPTIME": "STOPTIME", "STEP": "STEP(3, 1)", "RAMP": "RAMP(1, 0)", "RAMP with end": "RAMP(1, 0, 3)",
        "PULSE": "PULSE(3, 1)", "PULSE with interval": "PULSE(3, 1, 2)", "SINWAVE": "SINWAVE(1, 4)", "COSWAVE": "COSWAVE(1, 4)",
    },
    "delays and smoothing": {
        "DELAY": "DELAY(b, 2, 0)", "DELAY1": "DELAY1(b, 2, 0)", "DELAY3": "DELAY3(b, 2, 0)", "DELAYN": "DELAYN(b, 2, 3, 0)", "SMTH1": "SMTH1(b, 2, 0)", "SMTH3": "SMTH3(b, 2, 0)",
        "SMTHN": "SMTHN(b, 2, 3, 0)", "TREND": "TREND(a, 2, 0)", "FORCST": "FORCST(a, 2, 1)", "CGROWTH": "CGROWTH(5)",
    },
    "finance": {"NPV": "NPV(a, 0.1, 0)", "IRR": "IRR(a, 0)", "PMT": "PMT(0.1, 9, 9, 0)", "PV": "PV(0.1, 9, 9, 0)", "FV": "FV(0.1, 9, 9, 0)"},
    "random numbers": {
        "UNIFORM": "UNIFORM(0, 1, 1)", "RANDOM": "RANDOM(0, 1, 1)", "NORMAL": "NORMAL(0, 1, 1)", "EXPRND": "EXPRND(1, 1)", "LOGNORMAL": "LOGNORMAL(1, 1, 1)", "POISSON": "POISSON(1, 1)",
        "BETA": "BETA(2, 2, 1)", "BINOMIAL": "BINOMIAL(9, 0.5, 1)", "GAMMA": "GAMMA(2, 1, 1)", "GEOMETRIC": "GEOMETRIC(0.5, 1)", "LOGISTIC": "LOGISTIC(1, 1, 1)", "MONTECARLO": "MONTECARLO(50, 1)",
        "NEGBINOMIAL": "NEGBINOMIAL(2, 0.5, 1)", "PARETO": "PARETO(1, 1, 1)", "TRIANGULAR": "TRIANGULAR(0, 1, 2, 1)", "WEIBULL": "WEIBULL(1, 1, 1)",
        "COMBINATIONS": "COMBINATIONS(5, 3)", "FACTORIAL": "FACTORIAL(5)", "PERMUTATIONS": "PERMUTATIONS(5, 3)", "GAMMALN": "GAMMALN(3)", "INVNORM": "INVNORM(0.5)", "NORMALCDF": "NORMALCDF(0, 1, 0, 1)",
    },
    "arrays": {
        "SUM": "SUM(c[*])", "PROD": "PROD(c[*])", "MIN of an array": "MIN(c[*])", "MAX of an array": "MAX(c[*])", "MEAN": "MEAN(c[*])", "STDDEV": "STDDEV(c[*])", "SIZE": "SIZE(c[*])",
        "RANK": "RANK(c[*], 1)", "ALLOCATE": "x[d] = ALLOCATE(a, d, c, c, 1, 3)", "INTERPOLATE": "INTERPOLATE(c[*], 0.5)", "number as subscript": "c[1]", "variable as subscript": "c[a - 2]",
    },
    "lookups": {
        "graphical function": "g(b)", "LOOKUP": "LOOKUP(g, b)", "LOOKUPINV": "LOOKUPINV(g, 2)", "LOOKUPXY": "LOOKUPXY(c, c, 1)", "LOOKUPAREA": "LOOKUPAREA(g, 0, 1)", "LOOKUPMEAN": "LOOKUPMEAN(g)",
    },
    "conveyors, queues, cycle time": {
        "CYCLETIME": "CYCLETIME(f)", "CTMEAN": "CTMEAN(f)", "THROUGHPUT": "THROUGHPUT(s)", "QELEM": "QELEM(w, 1)", "QLEN": "QLEN(w)", "OSTATE": "OSTATE(s)",
    },
}  # fmt: skip

REASONS = {
    "stamp": "material carries no time stamps from flow to flow",
    "oven": "ovens are described nowhere in full",
    "rare": "no description of it was found",
    "data": "asks for the whole course of a variable before the run is over",
    "game": "belongs to the program's screen, not to the model",
    "market": "solves equations that depend on each other by a search without a known end",
    "outside": "would reach outside the model's folder",
}
WHY = {
    **dict.fromkeys(("DELAY LOST", "QUEUE ATTRIB ADD"), "rare"),
    **dict.fromkeys(("CYCLETIME", "CTMEAN", "THROUGHPUT"), "stamp"),
    "OSTATE": "oven",
    **dict.fromkeys(("COMPARE RUN", "VMSTAT"), "data"),
    **dict.fromkeys(("MESSAGE",), "game"),
    **dict.fromkeys(("FIND ZERO",), "market"),
    **dict.fromkeys(("GET ODBC DATA", "GET 123 DATA"), "outside"),
}  # fmt: skip

MDL = """{{UTF-8}}
{}
~~|
d: p, q ~~|
a = 3 ~~|
b = a * Time ~~|
c[d] = b ~~|
s = INTEG(f, 1) ~~|
f = s / 9 ~~|
g((0,0),(1,3),(2,5)) ~~|
FINAL TIME = 4 ~~|
INITIAL TIME = 0 ~~|
SAVEPER = TIME STEP ~~|
TIME STEP = 1 ~~|
"""
XML = """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<sim_specs><start>0</start><stop>4</stop><dt>1</dt></sim_specs>
<dimensions><dim name="d"><elem name="p"/><elem name="q"/></dim></dimensions><model><variables>
<aux name="a"><eqn>3</eqn></aux><aux name="b"><eqn>a * TIME</eqn></aux>
<aux name="c"><dimensions><dim name="d"/></dimensions><eqn>b + a</eqn></aux>
<stock name="s"><eqn>1</eqn><inflow>f</inflow></stock><stock name="w"><eqn>2</eqn><queue/></stock><flow name="f"><eqn>s / 9</eqn></flow>
<gf name="g"><xpts>0,1,2</xpts><ypts>0,3,5</ypts></gf><aux name="x"><eqn>{}</eqn></aux>
</variables></model></xmile>"""


def tables(folder: Path) -> None:
    """Write the tables that the external functions read."""
    from openpyxl import Workbook

    (folder / "t.csv").write_text("time,value\n0,1\n4,9\n")
    (folder / "n.csv").write_text("one\ntwo\n")
    book = Workbook()
    sheet = book.active
    sheet.title = "S"
    for row in (("time", "value", "one"), (0, 1, "two"), (4, 9, None)):
        sheet.append(row)
    book.save(folder / "t.xlsx")


def tried(folder: Path, suffix: str, text: str) -> str:
    """Return an empty text where the function works, else the sentence."""
    import sdcluster

    file = folder / f"m{suffix}"
    file.write_text(text, encoding="utf-8")
    try:
        sdcluster.simulate(sdcluster.load(file), method="euler", backend="python")
    except (sdcluster.ModelError, sdcluster.SimulationError) as error:
        return getattr(error, "sentence", str(error)) or "refused"
    return ""


def measure() -> dict[str, dict[str, list[tuple[str, str, str]]]]:
    """Try everything; return (name, verdict, reason) by language and group."""
    found: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
    before = os.environ.get("SDCLUSTER_CACHE")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["SDCLUSTER_CACHE"] = str(folder / "cache")
        tables(folder)
        for language, suffix, groups in (("Vensim", ".mdl", VENSIM), ("XMILE", ".xmile", XMILE)):
            for group, samples in groups.items():
                rows = found.setdefault(language, {}).setdefault(group, [])
                for function, sample in samples.items():
                    text = MDL.format(_definitions(sample)) if suffix == ".mdl" else _xmile(sample)
                    sentence = tried(folder, suffix, text)
                    rows.append((function, *_verdict(function, sentence)))
        if before is None:
            del os.environ["SDCLUSTER_CACHE"]
        else:
            os.environ["SDCLUSTER_CACHE"] = before
    return found


def _definitions(sample: str) -> str:
    return sample if ":MACRO:" in sample else "\n~~|\n".join(sample.split("\n"))


def _xmile(sample: str) -> str:
    """Return a model whose x has the sample as its equation; an array, where the sample says so."""
    equation = sample.removeprefix("x[d] = ")
    text = XML.format(escape(equation))
    array = '<aux name="x"><dimensions><dim name="d"/></dimensions>'
    return text if equation == sample else text.replace('<aux name="x">', array)


def _verdict(function: str, sentence: str) -> tuple[str, str]:
    if not sentence:
        return "supported", ""
    if function in WHY:
        return "refused", REASONS[WHY[function]]
    return "unknown", ""


def page(found: dict[str, dict[str, list[tuple[str, str, str]]]]) -> str:
    """Return the page."""
    lines = [
        "# Coverage", "",
        "Written by `benchmarks/function_coverage.py`; do not edit. Each function of Vensim (its reference guide's summary) and XMILE 1.0",
        "with Stella's additions is read and run in a small model. *Supported* ran; *refused* gives a sentence with line and",
        "variable, for the reason told here; *unknown* is not in our table of functions and gives a sentence too.", "",
        "| language | supported | refused | unknown |", "|---|---:|---:|---:|",
    ]  # fmt: skip
    for language, groups in found.items():
        counts = Counter(verdict for rows in groups.values() for _, verdict, _ in rows)
        lines.append(
            f"| {language} | {counts['supported']} | {counts['refused']} | {counts['unknown']} |"
        )
    for language, groups in found.items():
        lines += ["", f"## {language}"]
        for group, rows in groups.items():
            lines += ["", f"### {language}: {group}", "", "| function | | why |", "|---|---|---|"]
            lines += [f"| {name} | {verdict} | {why} |" for name, verdict, why in rows]
    from sdcluster.model.functions import FUNCTIONS

    lines += [
        "",
        "## What each function means here",
        "",
        "| name | XMILE | Vensim | meaning |",
        "|---|---|---|---|",
    ]
    for row in FUNCTIONS.values():
        lines.append(
            f"| {row.name} | {row.xmile} | {row.vensim} | {row.meaning.replace('|', chr(92) + '|')} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = page(measure())
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
