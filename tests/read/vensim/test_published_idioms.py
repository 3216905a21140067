"""Files as the big published models are written: groups, broken lines, odd names, units with ranges, odd comments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.lint import lint
from sdcluster.model import Range

CONTROL = """
********************************************************
	.Control
********************************************************~
		Simulation Control Parameters
	|

FINAL TIME  = 1903
	~	Year
	~	The final time for the simulation.
	|

INITIAL TIME  = 1900
	~	Year
	~	The initial time for the simulation.
	|

SAVEPER  =
        TIME STEP
	~	Year [0,?]
	~	The frequency with which output is stored.
	|

TIME STEP  = 1
	~	Year [0,?]
	~	The time step for the simulation.
	|

\\\\\\---/// Sketch information - do not modify anything except names
V300  Do not put anything below this section - it will be ignored
*View 1
$192-192-192,0,Times New Roman|12||0-0-0|0-0-0|0-0-255|-1--1--1|-1--1--1|96,96,100,0
10,1,industrial capital,400,200,40,20,3,3,0,0,0,0,0,0
///---\\\\\\
:L\x7f<%^E!@
9:current
15:0,0,0,0,0,0
22:$,Dollar,Dollars,$s
"""

WORLD = """{UTF-8}
********************************************************
	.Capital
********************************************************~
		The capital sector ("Limits to Growth"), 100% of it; see p. 3, [1] & 'notes' — é ü 中文
	|

industrial capital= INTEG (
	industrial capital investment\\
		-industrial capital depreciation,
		initial industrial capital)
	~	$ [0,?]
	~	Industrial capital (IC#52).\\
		Continued, with {braces} and "quotes".
	|

initial industrial capital=
	2.1e+011
	~	$ [0,1e+012,1e+010]
	~
	|

industrial capital investment=
	industrial capital*IF THEN ELSE(Time>=policy year\\
		:AND:"% invested">0, "% invested"/100, \\
		0.05)
	~	$/Year [?]
	~
	~	:SUPPLEMENTARY
	|

industrial capital depreciation=
	industrial capital/average life
	~	$/Year
	~		|

average life = 14 ~ Year [1,?,1] ~ ~ :SUPPLEMENTARY |
policy year  =	1902
	~	Year
	~	|
"% invested" = 12~dmnl~|
"output per head (a\\"b\\")"=
	industrial capital/population total/life multiplier table(Time/1900)
	~	$/(Year*person) [0,10,1]
	~	:SUPPLEMENTARY
	|
population total=
	INTEG(
		births\\
			-deaths
	,
	1e9
	)
	~	person
	~	|
births = 0 ~ person/Year ~|
deaths	=	births
	~	person/Year
	~	|
life multiplier table(
	[(0,0)-(80,3)],(0,0),(1,1),(20,1.4),\\
		(32,1.8),(40,2))
	~	Year
	~	|
größe_der Welt 变量 = 3~~|
double=2*Größe der_welt 变量~~|
"""

THEIL = """{UTF-8}
:MACRO: SSTATS(historical,simulated:R2,MAPE\\
		,MAE over Mean,RMSE,\\
		Um,Us,Uc,Count)
SSTATS = Sum Xm
	~	simulated
	~	The sum of simulated values where there are data.
	~	:SUPPLEMENTARY
	|

pick=
	IF THEN ELSE(historical=:NA:,0,1)
	~	dmnl
	~		|
dt=
	TIME STEP$
	~	Year
	~		|
Count= INTEG (
	pick/dt,
		1e-009)
	~	dmnl
	~		|
Sum Xm= INTEG (
	simulated*pick/dt,
		0)
	~	simulated
	~		|
R2 = Count ~~|
MAPE = 1 ~~|
MAE over Mean = 2 ~~|
RMSE = SQRT(4) ~~|
Um = 1 ~~|
Us = 1 ~~|
Uc = 1 ~~|
:END OF MACRO:

summary=
	SSTATS(history,model\\
		:r2,mape,mae,rmse\\
		,um,us,uc,n)
	~	dmnl
	~		|
history := WITH LOOKUP (Time, ((1900,1),(1901,2),(1902,3),(1903,4))) ~~|
model = 5 ~~|
"""

REGIONS = """{UTF-8}
COP:
	US,EU,China->Semi
	~
	~		|
Semi: S1,S2,S3
	~	~	|
Developed:
	US,EU
	~	~	|
FUEL: (F1-F4) ~~|
pop[COP]=
	1,2,3
	~	people
	~		|
total[Developed]=
	pop[Developed]*2
	~	people
	~		|
total[China]=
	0
	~	people
	~		|
semi[Semi]=pop[COP]~~|
"CO2 (ppm/yr)"[COP]=
	pop[COP]/SUM(pop[COP!])
	~	ppm/Year
	~		|
limited[COP] :EXCEPT: [China]=
	MIN( pop[COP] , VMAX( pop[COP!] ) - 1 ) ~~|
limited[China]=
	7 ~~|
cost[FUEL]=
	1,2,3,4;
	~	$/GJ
	~		|
share[FUEL]=
	EXP(-cost[FUEL])/SUM(EXP(-cost[FUEL!])) ~~|
matrix[Developed,FUEL]=
	TABBED ARRAY(
	1	2	3	4
	5	6	7	8
	) ~~|
rows[Developed]=SUM(matrix[Developed,FUEL!]) ~~|
"""


def load(folder: Path, text: str, ends: str = "\n") -> sdcluster.model.Model:
    file = folder / "published.mdl"
    file.write_bytes((text + CONTROL).replace("\n", ends).encode("utf-8"))
    return sdcluster.load(file)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_world_model(tmp_path: Path, ends: str) -> None:
    model = load(tmp_path, WORLD, ends)
    run = sdcluster.simulate(model, method="euler")
    growth = 1 + np.array([0.05, 0.05, 0.12]) - 1 / 14
    assert run["industrial capital"].values == pytest.approx(2.1e11 * np.cumprod([1, *growth]))
    assert run["double"].values[0] == 6
    head = run['output per head (a"b")'].values[0]
    assert head == pytest.approx(210)
    assert model["initial industrial capital"].range == Range(0, 1e12, 1e10)
    assert model["industrial capital"].units == "$"
    assert model["industrial capital investment"].units == "$/Year"
    assert model["average life"].range == Range(1, None, 1)
    assert model["industrial capital"].doc.endswith('Continued, with {braces} and "quotes".')
    assert not lint(model, rules=["fixed"])


def test_statistics_by_a_macro_with_many_outputs(tmp_path: Path) -> None:
    run = sdcluster.simulate(load(tmp_path, THEIL), method="euler")
    assert run["summary"].values == pytest.approx([0, 5, 10, 15])
    assert run["n"].values == pytest.approx([0, 1, 2, 3], abs=1e-6)
    assert run["rmse"].values == pytest.approx([2] * 4)


def test_regions_and_fuels(tmp_path: Path) -> None:
    run = sdcluster.simulate(load(tmp_path, REGIONS), method="euler")
    last = {name: run[name].values[-1].tolist() for name in run}
    assert last["total"] == [2, 4, 0]
    assert last["semi"] == [1, 2, 3]
    assert last["CO2 (ppm/yr)"] == pytest.approx([1 / 6, 1 / 3, 1 / 2])
    assert last["limited"] == [1, 2, 7]
    assert sum(last["share"]) == pytest.approx(1)
    assert last["rows"] == [10, 26]


@pytest.mark.parametrize(
    ("equation", "sentence"),
    [
        ("R&D share = 2", 'in quotes: "R&D share"'),
        ("a.b[x] = 2", 'in quotes: "a.b"'),
        ("a/b = 5", 'in quotes: "a/b"'),
        ("a = pop[15 to 44]", 'in quotes: ["15 to 44"]'),
        ("a = pop[x, 15 to 44] + 1", 'in quotes: ["15 to 44"]'),
        ("b = 2\nc = 3", 'another equation starts there, so "~ units ~ comment |" may be missing'),
    ],
)
def test_slips_in_names_and_ends_have_their_remedy(make, equation: str, sentence: str) -> None:
    with pytest.raises(sdcluster.ModelError) as caught:
        make(equation)
    assert sentence in caught.value.sentence
