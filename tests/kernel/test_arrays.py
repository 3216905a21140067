"""Arrays: subscripts, parts, sums, wildcards, modules, and statefuls over elements."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gamma

import sdcluster

DIMENSIONS = (
    '<dimensions><dim name="region"><elem name="north"/><elem name="south"/><elem name="west"/></dim>'
    '<dim name="good"><elem name="cars"/><elem name="shoes"/></dim><dim name="rank" size="3"/></dimensions>\n'
)
REGION = '<dimensions><dim name="region"/></dimensions>'
BOTH = '<dimensions><dim name="region"/><dim name="good"/></dimensions>'


def element(subscript: str, equation: str) -> str:
    return f'<element subscript="{subscript}"><eqn>{equation}</eqn></element>'


def parts(*equations: str) -> str:
    names = ("north", "south", "west")
    return "".join(element(n, e) for n, e in zip(names, equations, strict=True))


@pytest.fixture
def run(workshop):
    def simulate(*written: str, **options):
        time = {k: options.pop(k) for k in ("start", "stop", "dt") if k in options}
        path = workshop.write(*written, extra=DIMENSIONS, **time)
        return sdcluster.simulate(path, **options)

    return simulate


_PRICES = (
    "north, cars",
    "north, shoes",
    "south, cars",
    "south, shoes",
    "west, cars",
    "west, shoes",
)
PRICE = "".join(
    [f'<aux name="price">{BOTH}', *(element(s, str(i)) for i, s in enumerate(_PRICES, 1)), "</aux>"]
)


def test_apply_to_all_and_parts(run, workshop) -> None:
    result = run(
        PRICE,
        f'<aux name="size">{REGION}<eqn>10, 20, 30</eqn></aux>',
        f'<aux name="worth">{BOTH}<eqn>price * size[region] + TIME</eqn></aux>',
        f'<aux name="of south">{REGION}<eqn>price[south, cars] + size</eqn></aux>',
        workshop.aux("one", "worth[west, shoes]"),
        workshop.aux("second", "size[2]"),
    )
    assert result["worth"].dims == ("time", "region", "good")
    assert list(result["region"].values) == ["north", "south", "west"]
    np.testing.assert_allclose(result["worth"][0], [[10, 20], [60, 80], [150, 180]])
    np.testing.assert_allclose(result["of south"][0], 3 + np.array([10, 20, 30]))
    assert float(result["one"][-1]) == 190
    assert float(result["second"][0]) == 20


def test_sums_and_wildcards(run, workshop) -> None:
    result = run(
        PRICE,
        workshop.aux("total", "SUM(price)"),
        workshop.aux("cars", "SUM(price[*, cars])"),
        workshop.aux("dearest", "MAX(price[south, *])"),
        workshop.aux("cheapest", "MIN(price)"),
        workshop.aux("product", "PROD(price[north, *])"),
        workshop.aux("average", "MEAN(price[*, shoes])"),
        workshop.aux("weighted", "SUM(price[*, cars] * price[*, shoes]) / SUM(price)"),
        f'<aux name="by region">{REGION}<eqn>SUM(price[region, *])</eqn></aux>',
    )
    values = {n: result[n].values.ravel()[0] for n in result if "region" not in result[n].dims}
    assert values["total"] == 21
    assert values["cars"] == 9
    assert values["dearest"] == 4
    assert values["cheapest"] == 1
    assert values["product"] == 2
    assert values["average"] == 4
    assert values["weighted"] == pytest.approx((2 + 12 + 30) / 21)
    np.testing.assert_allclose(result["by region"][0], [3, 7, 11])


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("method", ["euler", "rk4", "LSODA"])
def test_stocks_and_flows_over_elements(run, backend: str, method: str) -> None:
    result = run(
        f'<stock name="people">{REGION}<outflow>leaving</outflow>{parts("10", "20", "30")}</stock>',
        f'<flow name="leaving">{REGION}<eqn>people / stay</eqn></flow>',
        f'<aux name="stay">{REGION}<eqn>2, 4, 8</eqn></aux>',
        method=method,
        backend=backend,
        dt=0.01,
        stop=4,
    )
    t = result["time"].values[:, None]
    expected = np.array([10, 20, 30]) * np.exp(-t / np.array([2, 4, 8]))
    np.testing.assert_allclose(result["people"], expected, rtol=0.02 if method == "euler" else 1e-6)


def test_settings_of_whole_arrays_and_of_elements(workshop) -> None:
    path = workshop.write(
        f'<stock name="people">{REGION}<eqn>10</eqn><outflow>leaving</outflow></stock>',
        f'<flow name="leaving">{REGION}<eqn>people * rate</eqn></flow>',
        f'<aux name="rate">{REGION}<eqn>0.1</eqn></aux>',
        extra=DIMENSIONS,
    )
    result = sdcluster.simulate(
        path, settings={"rate": 0.0, "rate[south]": 0.2, "people[West]": 50}
    )
    np.testing.assert_allclose(result["people"][-1], [10, 10 * np.exp(-2), 50], rtol=1e-5)
    assert "people[west]" in sdcluster.Simulator(path).names
    with pytest.raises(sdcluster.ModelError, match='no element "est"; did you mean "west"'):
        sdcluster.simulate(path, settings={"rate[est]": 1})
    with pytest.raises(sdcluster.ModelError, match="has 1 dimension"):
        sdcluster.simulate(path, settings={"rate[west, east]": 1})


def test_statefuls_over_elements(run) -> None:
    result = run(
        f'<aux name="pull">{REGION}<eqn>1, 2, 3</eqn></aux>',
        f'<aux name="late">{REGION}<eqn>DELAY3(STEP(pull, 0), pull, 0)</eqn></aux>',
        f'<aux name="slow">{REGION}<eqn>SMTH1(pull * STEP(1, 0), 2, 0)</eqn></aux>',
        f'<aux name="before">{REGION}<eqn>PREVIOUS(pull + TIME, -pull)</eqn></aux>',
        f'<aux name="first">{REGION}<eqn>INIT(pull + TIME)</eqn></aux>',
        f'<aux name="piped">{REGION}<eqn>DELAY(pull + TIME, pull, -1)</eqn></aux>',
        stop=6,
    )
    t = result["time"].values[:, None]
    pull = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(result["late"], pull * gamma.cdf(t, 3, scale=pull / 3), atol=2e-3)
    np.testing.assert_allclose(result["slow"], pull * (1 - np.exp(-t / 2)), atol=1e-5)
    np.testing.assert_allclose(result["before"][0], -pull)
    np.testing.assert_allclose(result["before"][5], pull + t[4])
    np.testing.assert_allclose(result["first"], np.tile(pull, (len(t), 1)))
    np.testing.assert_allclose(result["piped"], np.where(t < pull - 1e-9, -1, t), atol=1e-12)


def test_elements_may_depend_on_each_other_where_variables_would_be_circular(run) -> None:
    result = run(
        f'<aux name="chain">{REGION}'
        f"{parts('TIME + 1', 'chain[north] * 2', 'chain[south] + chain[north]')}</aux>"
    )
    np.testing.assert_allclose(result["chain"][0], [1, 2, 3])


def test_a_circle_of_elements_is_still_a_circle(run) -> None:
    with pytest.raises(sdcluster.ModelError, match="cycle"):
        run(
            f'<aux name="chain">{REGION}'
            f"{parts('chain[west]', 'chain[north] * 2', 'chain[south]')}</aux>"
        )


def test_graphical_functions_of_elements(run) -> None:
    curves = "".join(
        f'<element subscript="{e}"><eqn>TIME</eqn><gf><xscale min="0" max="10"/><ypts>0,{y}</ypts></gf></element>'
        for e, y in (("north", 10), ("south", 20), ("west", 30))
    )
    tables = "".join(
        f'<element subscript="{e}"><gf><xscale min="0" max="10"/><ypts>0,{y}</ypts></gf></element>'
        for e, y in (("north", 10), ("south", 20), ("west", 30))
    )
    result = run(
        f'<aux name="growth">{REGION}{curves}</aux>',
        f'<gf name="table">{REGION}{tables}</gf>',
        f'<aux name="called">{REGION}<eqn>LOOKUP(table[region], TIME)</eqn></aux>',
    )
    t = result["time"].values[:, None]
    for name in ("growth", "called"):
        np.testing.assert_allclose(result[name], t * [1, 2, 3], err_msg=name)


def test_subscripts_as_values(run) -> None:
    result = run(f'<aux name="flag">{REGION}<eqn>IF region = south THEN 5 ELSE region</eqn></aux>')
    np.testing.assert_allclose(result["flag"][0], [1, 5, 3])


@pytest.mark.parametrize(
    ("part", "word"),
    [
        (f'<aux name="a">{REGION}<eqn>1, 2</eqn></aux>', "need 3; write that many"),
        (f'<aux name="a">{REGION}<eqn>c[east]</eqn></aux><aux name="c">{REGION}<eqn>1</eqn></aux>', "neither an element nor a dimension"),  # noqa: E501
        (f'<aux name="a">{REGION}{element("east", "1")}</aux>', "not an element"),
        ('<aux name="a"><dimensions><dim name="regoin"/></dimensions><eqn>1</eqn></aux>', 'did you mean "region"'),
        (f'<aux name="a">{REGION}<eqn>c[north, cars]</eqn></aux><aux name="c">{REGION}<eqn>1</eqn></aux>', "1 dimension"),  # noqa: E501
        (f'<aux name="a"><eqn>c + 1</eqn></aux><aux name="c">{REGION}<eqn>1</eqn></aux>', "used on the right side but not on the left"),  # noqa: E501
    ],
)  # fmt: skip
def test_bad_subscripts(run, part: str, word: str) -> None:
    with pytest.raises(sdcluster.ModelError, match=word):
        run(part)


def test_modules_are_laid_flat(workshop) -> None:
    text = workshop.xmile(
        '<module name="shop"><connect to="demand" from=".wish"/></module>'
        + workshop.aux("wish", "7")
        + workshop.aux("answer", "shop.sold + 1")
    ).replace(
        "</xmile>",
        '<model name="shop"><variables><aux name="demand"><eqn>0</eqn></aux>'
        '<aux name="sold"><eqn>demand * 2</eqn></aux></variables></model></xmile>',
    )
    result = sdcluster.simulate(workshop.raw(text))
    assert float(result["answer"][0]) == 15
    assert float(result["shop.sold"][0]) == 14


def test_macros_become_hidden_variables(workshop) -> None:
    macros = (
        '<macro name="double plus"><parm>x</parm><parm>more</parm><eqn>x * 2 + inner</eqn>'
        '<variables><aux name="inner"><eqn>more + TIME * 0</eqn></aux></variables></macro>'
        '<macro name="filled"><parm>rate</parm><eqn>tank</eqn><variables><stock name="tank"><eqn>0</eqn>'
        '<inflow>tap</inflow></stock><flow name="tap"><eqn>rate</eqn></flow></variables></macro>'
    )
    path = workshop.write(
        workshop.aux("a", "3"),
        workshop.aux("b", "DOUBLE_PLUS(a + 1, double_plus(1, 1)) + 1"),
        workshop.aux("c", "filled(a) + filled(1)"),
        extra=macros,
    )
    result = sdcluster.simulate(path)
    assert float(result["b"][0]) == 8 + 3 + 1
    np.testing.assert_allclose(result["c"], 4 * result["time"])
    endless = '<macro name="again"><parm>x</parm><eqn>again(x)</eqn></macro>'
    with pytest.raises(sdcluster.ModelError, match="calls itself"):
        sdcluster.load(workshop.write(workshop.aux("a", "again(1)"), extra=endless))


def test_random_numbers_have_a_seed_and_the_right_distribution(workshop) -> None:
    path = workshop.write(
        '<aux name="u"><dimensions><dim name="rank"/></dimensions><eqn>RANDOM_UNIFORM(2, 4)</eqn></aux>',
        workshop.aux("n", "RANDOM_NORMAL(-9, 9, 1, 2)"),
        workshop.aux("bell", "NORMAL(5, 0.5)"),
        workshop.aux("waiting", "EXPRND(3)"),
        workshop.aux("even", "UNIFORM(0, 2, 7) + 0 * RANDOM(1, 2) + 0 * RANDOM_0_1()"),
        extra=DIMENSIONS,
        stop=4000,
        dt=1,
    )
    first = sdcluster.simulate(path, method="euler", seed=1)
    again = sdcluster.simulate(path, method="euler", seed=1)
    other = sdcluster.simulate(path, method="euler", seed=2)
    np.testing.assert_array_equal(first["u"], again["u"])
    assert not np.allclose(first["u"], other["u"])
    u, n = first["u"].values, first["n"].values
    assert 2 <= u.min() < u.max() <= 4
    np.testing.assert_allclose(u.mean(axis=0), 3, atol=0.05)
    assert abs(np.corrcoef(u.T)[0, 1]) < 0.06
    assert n.mean() == pytest.approx(1, abs=0.15)
    assert n.std() == pytest.approx(2, abs=0.15)
    assert first["bell"].std() == pytest.approx(0.5, abs=0.03)
    assert first["bell"].mean() == pytest.approx(5, abs=0.03)
    assert first["waiting"].mean() == pytest.approx(3, abs=0.2)
    assert first["even"].mean() == pytest.approx(1, abs=0.05)


def test_text_of_the_kernel_does_not_grow_with_the_number_of_elements(workshop) -> None:
    from sdcluster.kernel import compile_model

    texts = []
    for size in (10, 20_000):
        path = workshop.write(
            '<stock name="s"><dimensions><dim name="big"/></dimensions><eqn>big</eqn><outflow>f</outflow></stock>',
            '<flow name="f"><dimensions><dim name="big"/></dimensions><eqn>s / 4 + DELAY3(s, 2)</eqn></flow>',
            extra=f'<dimensions><dim name="big" size="{size}"/></dimensions>',
            stop=1,
            dt=0.25,
        )
        texts.append(len(compile_model(sdcluster.load(path)).text))
    assert texts[1] < 1.2 * texts[0]
    result = sdcluster.simulate(path)
    assert result["s"].shape == (5, 20_000)
