"""Functions that only Vensim has keep their meaning when a model is written as XMILE and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import sdcluster

MODEL = """{UTF-8}
part: y1, y2, y3 ~~|
profile: ptype, ppriority, pwidth, pextra ~~|
share[part] = 50, 30, 20 ~~|
curve[part, ptype] = 3 ~~|
curve[part, ppriority] = 1, 2, 3 ~~|
curve[part, pwidth] = 1 ~~|
curve[part, pextra] = 0 ~~|
g((0,1),(1,3),(3,0)) ~~|
h := GET DIRECT DATA('t.csv', ',', 'A', 'B2') ~~|
x = 5 + Time ~~|
long = 2 + STEP(1, 4) ~~|
none = 0 ~~|
want[part] = share[part] * Time / 10 ~~|
price = FIND MARKET PRICE(want[y1], curve[y1, ptype], share[y1], curve[y1, ptype]) ~~|
sold[part] = SUPPLY AT PRICE(share[part], curve[part, ptype], price) ~~|
bought[part] = DEMAND AT PRICE(want[part], curve[part, ptype], price) ~~|
cut = MARKETP(want[y1], share[y1], ELMCOUNT(part), 5, 40) ~~|
got[part] = ALLOC P(want[part], share[part], 5, cut) ~~|
vector = VECTOR LOOKUP(share[y1], Time, 0, 8, 0) ~~|
area = LOOKUP AREA(g, 0, Time / 3) ~~|
slope = LOOKUP SLOPE(g, Time / 3, 1) ~~|
inverse = LOOKUP INVERT(g, 3 - Time / 3) ~~|
message = MESSAGE('now', Time - 4) ~~|
shifted := TIME SHIFT(h, 1) ~~|
summed := CUMULATE(h) ~~|
mean = GET DATA MEAN(h, 0, 4) ~~|
material = DELAY MATERIAL(x, long, 7, 0) ~~|
information = DELAY INFORMATION(x, long, 7) ~~|
pipe = DELAYP(x, 3 : on the way) ~~|
way = on the way * 2 ~~|
line = DEPRECIATE STRAIGHTLINE(x, 4, 1, 0) ~~|
schedule = DEPRECIATE BY SCHEDULE(x, share[y1], none, 3, INITIAL TIME) ~~|
rate = INTERNAL RATE OF RETURN(x, 1, -20, 0) ~~|
worth = NPV(x, 0.1, 0, 2) + NPVE(x, 0.1, 0, 1) ~~|
dice = RANDOM LOOKUP(g, 0, 9, 0, 1, 1) + RANDOM BETA(0, 1, 2, 3, 0, 1, 2) ~~|
noise = RANDOM PINK NOISE(0, 1, 4, 3) ~~|
early = PULSE(2, 0) + RAMP(1, 3, 0) + GAMMA LN(x) + SSHAPE(x / 9, 0, 1) ~~|
FINAL TIME = 8 ~~|
INITIAL TIME = 0 ~~|
SAVEPER = TIME STEP ~~|
TIME STEP = 1 ~~|
"""


def test_functions_of_vensim_survive_xmile(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("time,a\n0,1\n1,5\n3,2\n6,4\n")
    (tmp_path / "m.mdl").write_text(MODEL)
    model = sdcluster.load(tmp_path / "m.mdl")
    again = sdcluster.load(model.to_xmile(tmp_path / "m.xmile"))
    before, after = (
        sdcluster.simulate(m, method="euler", backend="python", seed=3) for m in (model, again)
    )
    names = [n for n in before.data_vars if not str(n).isupper()]
    assert len(names) >= 30
    random = {"dice", "noise"}  # each call has a stream of its own, which depends on its place
    for name in names:
        if name not in random:
            np.testing.assert_allclose(
                after[name].values, before[name].values, rtol=1e-12, err_msg=str(name)
            )
    assert np.isfinite(after["dice"]).all()
    assert after["noise"].std() > 0
