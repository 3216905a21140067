"""A Vensim model of any size, written in the ways of large public climate and energy models.

`large_model(gases, points, vintages, views)` gives the text. Its equations are made up; what they have in common with
C-LEARN and the Energy Policy Simulator is how they are written: a lookup for each region, targets that follow from the
last one set, aggregates by VECTOR SELECT, exceptions, mapped and shifted subscripts, macros, samples, initial values,
delays, allocation by priority, a sum over other elements of the same variable, a sketch.
"""

from __future__ import annotations

from collections.abc import Iterator

COP = (
    "OECD US",
    "OECD EU",
    "Remaining Developed",
    "COP China",
    "COP India",
    "Developing A",
    "Developing B",
)

SUBSCRIPTS = f"""
COP: {", ".join(COP)} ~~|
COP Developed: OECD US, OECD EU, Remaining Developed ~~|
COP Developing: COP China, COP India, Developing A, Developing B ~~|
Semi Agg: US, EU, Other Developed, China, India, Other Developing ~~|
target: (t1-t3) ~~|
set targets: (t1-t2) ~~|
later target: (t2-t3) -> earlier target ~~|
earlier target: (t1-t2) ~~|
layer: (layer1-layer5) ~~|
upper: (layer1-layer4) -> lower ~~|
lower: (layer2-layer5) ~~|
bottom: layer5 ~~|
fuel: coal, gas, oil, wind, solar, nuclear ~~|
fossil: coal, gas, oil ~~|
clean: wind, solar ~~|
ptype: priority kind, priority, priority width, priority extra ~~|
"""

MACROS = """
:MACRO: SAMPLE UNTIL(lastTime, input, initval)
SAMPLE UNTIL = INTEG((1 - STEP(1, lastTime)) * (input - SAMPLE UNTIL) / TIME STEP$, initval) ~ input ~ |
:END OF MACRO:
:MACRO: SSHAPE(xin, profile)
SSHAPE = IF THEN ELSE(input > 0.5, 1 - (1 - input)^profile * 0.5 / 0.5^profile, input^profile * 0.5 / 0.5^profile)
\t~ dmnl ~ |
input = MIN(1, MAX(0, xin)) ~ xin ~ |
:END OF MACRO:
:MACRO: RAMP FROM TO(xfrom, xto, tstart, tend, islinear)
RAMP FROM TO = IF THEN ELSE(linear, linear ramp, exp ramp) ~ xfrom ~ |
linear = IF THEN ELSE(xfrom > 0 :AND: xto > 0, islinear, 1) ~ dmnl ~ |
linear ramp = xfrom + RAMP(slope, tstart, tend) ~ xfrom ~ |
exp ramp = IF THEN ELSE(Time$ <= tstart, xfrom, IF THEN ELSE(Time$ > tend, xto, xfrom * EXP(rate * (Time$ - tstart))))
\t~ xfrom ~ |
slope = (xto - xfrom) / interval ~ xfrom/tstart ~ |
rate = IF THEN ELSE(xfrom > 0 :AND: xto > 0, LN(xto / xfrom) / interval, :NA:) ~ 1/tstart ~ |
interval = MAX(tend - tstart, TIME STEP$) ~ tstart ~ |
:END OF MACRO:
"""

COMMON = """
One year = 1 ~ year ~ |
VSSUM = 0 ~ dmnl ~ |
VSMAX = 3 ~ dmnl ~ |
VSERRATLEASTONE = 0 ~ dmnl ~ |
Semi Agg Definition[COP, Semi Agg] = 0 ~~|
Population[COP] = INTEG(Population[COP] * 0.01 * (1 - Population[COP] / 40), 5 + COP) ~ people ~ |
GDP[COP] = Population[COP] * RAMP FROM TO(5, 20, 2020, 2080, 0) ~ dollars ~ |
Global GDP = SUM(GDP[COP!]) ~ dollars ~ |
Share of GDP[COP] = ZIDZ(GDP[COP], Global GDP) ~ dmnl ~ |
Heat[layer1] = INTEG(Warming - Flux[layer1], 0) ~~|
Heat[lower] = INTEG(Flux in[lower], 0) ~ W ~ |
Flux in[layer2] = Flux[layer1] - Flux[layer2] ~~|
Flux in[layer3] = Flux[layer2] - Flux[layer3] ~~|
Flux in[layer4] = Flux[layer3] - Flux[layer4] ~~|
Flux in[bottom] = Flux[layer4] ~ W ~ |
Flux[upper] = (Heat[upper] - Heat[lower]) * 0.1 ~~|
Flux[bottom] = 0 ~ W ~ |
Depth[layer1] = 100 ~~|
Depth[lower] = 300 ~ m ~ |
Bottom depth[layer1] = Depth[layer1] ~~|
Bottom depth[layer2] = Bottom depth[layer1] + Depth[layer2] ~~|
Bottom depth[layer3] = Bottom depth[layer2] + Depth[layer3] ~~|
Bottom depth[layer4] = Bottom depth[layer3] + Depth[layer4] ~~|
Bottom depth[layer5] = Bottom depth[layer4] + Depth[layer5] ~ m ~ |
"""

# One for each gas; {g} is its name.
GAS = """
{g} switch = 1 ~ dmnl [0,1,1] ~ Whether {g} follows its targets. |
{g} reference[COP] = {g} table[COP](Time / One year) ~ ton/year ~ Reference emissions. |
{g} first type[COP Developed] = 1 ~~|
{g} first type[COP Developing] = 0 ~ dmnl ~ |
{g} target year[COP, t1] = 2020 ~~|
{g} target year[COP, t2] = 2030 ~~|
{g} target year[COP, t3] = 2050 ~ year ~ |
{g} target type[COP, t1] = {g} first type[COP] ~~|
{g} target type[COP, t2] = 1 ~~|
{g} target type[COP, t3] = IF THEN ELSE({g} last set year[COP] > 2025, 1, 0) ~ dmnl ~ |
{g} active[COP, target] = IF THEN ELSE({g} target type[COP, target] > 0, {g} switch, 0) ~ dmnl ~ |
{g} effective year[COP, target] = IF THEN ELSE({g} active[COP, target] = 1, {g} target year[COP, target], 4000)
\t~ year ~ |
{g} last set year[COP] = VECTOR SELECT({g} active[COP, set targets!], {g} effective year[COP, set targets!], 0, VSMAX,
\tVSERRATLEASTONE) ~ year ~ |
{g} goal[COP, t1] = {g} at start[COP] * 0.9 ~~|
{g} goal[COP, later target] = {g} goal[COP, earlier target] * 0.8 ~ ton/year ~ |
{g} at start[COP] = INITIAL({g} reference[COP]) ~ ton/year ~ |
{g} at target year[COP, target] = SAMPLE IF TRUE(Time <= {g} target year[COP, target], {g} reference[COP],
\t{g} at start[COP]) ~ ton/year ~ |
{g} path[COP] = RAMP FROM TO({g} at start[COP], {g} goal[COP, t3], 2015, 2050, 1) ~ ton/year ~ |
{g} effort[COP] = SSHAPE((Time - 2010) / 50, 2) ~ dmnl ~ |
{g} emissions[COP] = IF THEN ELSE(Time > {g} last set year[COP], {g} path[COP], {g} reference[COP]) *
\t(1 - {g} effort[COP] * 0.1) ~ ton/year ~ Emissions by bloc. |
{g} emissions by semi agg[Semi Agg] = VECTOR SELECT(Semi Agg Definition[COP!, Semi Agg], {g} emissions[COP!] *
\tSemi Agg Definition[COP!, Semi Agg], 0, VSSUM, VSERRATLEASTONE) ~ ton/year ~ |
{g} total = SUM({g} emissions[COP!]) ~ ton/year ~ |
{g} share[COP] :EXCEPT: [Developing B] = ZIDZ({g} emissions[COP], {g} total) ~~|
{g} share[Developing B] = 1 - SUM({g} share[COP Developed!]) - {g} share[COP China] - {g} share[COP India]
\t- {g} share[Developing A] ~ dmnl ~ |
{g} in air = INTEG({g} total - {g} uptake, 100) ~ ton ~ |
{g} uptake = {g} in air / {g} lifetime ~ ton/year ~ |
{g} lifetime = 12 * (1 + Heat[layer1] * 0.001) ~ year ~ |
{g} perceived[COP] = SMOOTH3({g} emissions[COP], 5) ~ ton/year ~ |
{g} arriving[COP] = DELAY3({g} emissions[COP], 8) ~ ton/year ~ |
{g} kept = SAMPLE UNTIL(2030, {g} total, 1) ~ ton/year ~ |
{g} fuel share[coal] = 0.3 ~~|
{g} fuel share[gas] = MAX({g} fuel share[coal] * 0.9, 0.1) ~~|
{g} fuel share[oil] = MAX({g} fuel share[gas] * 0.9, 0.1) ~~|
{g} fuel share[clean] = (1 - SUM({g} fuel share[fossil!])) * 0.4 ~~|
{g} fuel share[nuclear] = 1 - SUM({g} fuel share[fossil!]) - SUM({g} fuel share[clean!]) ~ dmnl ~ |
{g} priorities[fuel, ptype] = 1 ~~|
{g} wanted[fuel] = {g} fuel share[fuel] * 10 ~ GW ~ |
{g} dispatched[fuel] = ALLOCATE AVAILABLE({g} wanted[fuel], {g} priorities[fuel, ptype], 8) ~ GW ~ |
{g} fleet[COP, vintage] = INTEG({g} fleet in[COP, vintage] - {g} fleet out[COP, vintage], 1) ~ GW ~ |
{g} fleet out[COP, vintage] = {g} fleet[COP, vintage] / One year ~ GW/year ~ |
{g} fleet in[COP, v1] = {g} emissions[COP] * 0.01 ~~|
{g} fleet in[COP, older] = {g} fleet out[COP, younger] * 0.95 ~ GW/year ~ |
{g} cumulated[COP, v1] = {g} fleet[COP, v1] ~~|
{g} cumulated[COP, older] = {g} cumulated[COP, younger] + {g} worn[COP, younger] ~ GW ~ |
{g} worn[COP, vintage] = {g} cumulated[COP, vintage] * 0.01 + {g} fleet[COP, vintage] ~ GW ~ |
"""

CONTROL = """
INITIAL TIME = 2000 ~ year ~ |
FINAL TIME = 2050 ~ year ~ |
TIME STEP = 0.25 ~ year ~ |
SAVEPER = 1 ~ year ~ |
"""


def large_model(gases: int = 2, points: int = 20, vintages: int = 6, views: bool = True) -> str:
    """Return the text of a model: some 45 variables for each gas, 7 lookups of so many points for each gas."""
    names = [f"Gas {i + 1}" for i in range(gases)]
    parts = ["{UTF-8}", MACROS, SUBSCRIPTS, _vintages(vintages), COMMON]
    for name in names:
        parts += [GAS.format(g=name), *_tables(name, points)]
    parts.append(
        f"Warming = 0.01 * ({' + '.join(f'{n} in air' for n in names)}) / {gases} ~ W ~ |\n"
    )
    parts.append(CONTROL)
    if views:
        parts += [_view(name, i) for i, name in enumerate(names)]
        parts.append("///---\\\\\\\n:L<%^E!@\n9:Current\n")
    return "".join(parts)


def _vintages(count: int) -> str:
    return f"\nvintage: (v1-v{count}) ~~|\nolder: (v2-v{count}) -> younger ~~|\nyounger: (v1-v{count - 1}) ~~|\n"


def _tables(gas: str, points: int) -> Iterator[str]:
    for i, region in enumerate(COP):
        rows = ",\n".join(
            f"\t(\t{2000 + 60 * k / points:.4g}\t,\t{(i + 1) * (1 + 0.01 * k):.6g}\t)"
            for k in range(points)
        )
        yield f"{gas} table[{region}](\n{rows}\n\t) {'~ ton/year ~ |' if i == len(COP) - 1 else '~~|'}\n"


def _view(gas: str, number: int) -> str:
    names = [
        "emissions",
        "reference",
        "path",
        "effort",
        "total",
        "in air",
        "uptake",
        "lifetime",
        "share",
        "perceived",
    ]
    head = (
        ("\\\\\\---/// Sketch information - do not modify anything except names\n")
        + f"V300  Do not put anything below this section - it will be ignored\n*{gas}\n"
        + "$192-192-192,0,Times New Roman|12||0-0-0|0-0-0|0-0-255|-1--1--1|-1--1--1|96,96,5,2\n"
    )
    boxes = [
        f"10,{i + 1},{gas} {name},{100 + 90 * i},{100 + 40 * (i % 5)},50,19,8,3,0,0,0,0,0,0"
        for i, name in enumerate(names)
    ]
    arrows = [
        f"1,{len(names) + i},{i},{i + 1},0,0,0,0,0,64,0,-1--1--1,,1|({100 + 80 * i},{200 + number})|"
        for i in range(1, len(names))
    ]
    return head + "\n".join([*boxes, *arrows]) + "\n"
