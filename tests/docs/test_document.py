"""A model's page holds what the model's files hold, in both languages, and asks for nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

import sdcluster
from sdcluster import Model
from sdcluster.checks import check
from sdcluster.cli import app
from sdcluster.model.expression import Binary, Call, Expression, Number, Reference, Unary
from sdcluster.project import scenarios_beside
from sdcluster.publish.edition import Edition
from sdcluster.publish.folder import unbroken
from sdcluster.publish.formula import formula
from sdcluster.publish.measured import Measured, measure
from sdcluster.publish.model_page import page
from sdcluster.publish.sentences import translated
from sdcluster.publish.variables import areas
from tests.command import CliRunner
from tests.docs.pages import anchors, equation, shown, tree

ROOT = Path(__file__).resolve().parents[2]
MODELS = sorted(path.parent for path in (ROOT / "models").glob("*/*.xmile"))


def built(model: Model, measured: Measured | None = None) -> html.HtmlElement:
    return tree(page(model, measured or Measured(model)))


@pytest.fixture(scope="module", params=MODELS, ids=lambda path: path.name)
def whole(request: pytest.FixtureRequest) -> tuple[Model, html.HtmlElement]:
    """A model and its page, made without running it."""
    model = sdcluster.load(request.param)
    return model, built(model)


@pytest.fixture(scope="module")
def firms() -> tuple[Model, html.HtmlElement, Measured]:
    """The smallest model of the repository with its page and all that was measured."""
    model = sdcluster.load(ROOT / "models" / "wenzhou_firms")
    shares = {"learning_twice_as_fast": {"within_30": 0.97, "whole": 0.25, "runs": 1000}}
    measured = measure(model, robustness=shares)
    return model, built(model, measured), measured


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_variable_stands_on_the_page_with_unit_source_and_chinese_name(
    whole: tuple[Model, html.HtmlElement], language: str
) -> None:
    model, seen = whole
    found = anchors(seen)
    edition = Edition(model, language, f"{language}-")
    for key, anchor in edition.anchors.items():
        variable, block = model.variables[key], found[anchor]
        words = shown(block)
        assert " ".join(model.doc_of(key, language).split()) in words
        assert block.find_class("unit")[0].text_content() == variable.units
        assert variable.labels["zh"] in words
        assert variable.name in words


@pytest.mark.parametrize("language", ["en", "zh"])
def test_equations_shown_are_those_of_the_file(
    whole: tuple[Model, html.HtmlElement], language: str
) -> None:
    model, seen = whole
    found = anchors(seen)
    edition = Edition(model, language, f"{language}-")
    names = {anchor: key for key, anchor in edition.anchors.items()}
    for key, anchor in edition.anchors.items():
        variable = model.variables[key]
        wanted = [e.expression for e in variable.equations]
        css = "net" if variable.kind == "stock" else "right"
        read = [equation(one, model, names) for one in found[anchor].find_class(css)]
        assert read == wanted, key
        starts = [equation(one, model, names) for one in found[anchor].find_class("initial")]
        assert starts == [e.initial for e in variable.equations if e.initial is not None], key


def test_every_link_on_a_page_leads_somewhere(whole: tuple[Model, html.HtmlElement]) -> None:
    _, seen = whole
    found = anchors(seen)
    inner = [a.get("href") for a in seen.iter("a") if a.get("href", "").startswith("#")]
    assert len(inner) > 100
    assert not [href for href in inner if href[1:] not in found]


def test_a_page_asks_for_nothing(whole: tuple[Model, html.HtmlElement]) -> None:
    _, seen = whole
    for element in seen.iter("img", "script", "link", "iframe", "source", "use", "image"):
        address = element.get("src") or element.get("href") or ""
        assert element.tag != "link"
        assert address == "" or address.startswith("data:")
    assert not re.search(r"url\(|@import", "".join(s.text for s in seen.iter("style")))


def test_every_variable_is_in_one_area(whole: tuple[Model, html.HtmlElement]) -> None:
    model, _ = whole
    listed = [v.key for area in areas(model) for v in area.variables]
    assert sorted(listed) == sorted(model.variables)


def test_verdicts_shown_are_those_of_check(
    firms: tuple[Model, html.HtmlElement, Measured],
) -> None:
    model, seen, _ = firms
    rows = [row for row in check(model.folder).rows if row.kind != "baseline"]
    blocks = seen.xpath('//main[@lang="en"]//li[contains(@class, "assertion ")]')
    assert len(blocks) == len(rows) > 5
    for row, block in zip(rows, blocks, strict=True):
        words = shown(block)
        assert (row.verdict == "passed") == ("✔ holds" in words)
        assert " ".join(row.sentence.split()) in words
        assert row.source in words


def test_a_broken_assertion_shows_as_broken(
    firms: tuple[Model, html.HtmlElement, Measured],
) -> None:
    model, _, _ = firms
    constant = next(v for v in model.constants if not v.lever and v.value > 0)
    changed = model.with_values({constant.name: constant.value * 3})
    measured = measure(changed)
    assert not all(row.ok for _, row in measured.verdicts)
    words = shown(built(changed, measured))
    assert "✘ does not hold" in words
    assert "✘ 不成立" in words


def test_chinese_verdicts_and_shares_of_robust_answers(
    firms: tuple[Model, html.HtmlElement, Measured],
) -> None:
    model, seen, measured = firms
    chinese = shown(seen.xpath('//main[@lang="zh"]')[0])
    known = scenarios_beside(model)
    for assertion, row in measured.verdicts:
        assert assertion.title["zh"] in chinese
        assert translated(row.sentence, model, known, "zh") in chinese
    for outcome in measured.outcomes:
        assert outcome.experiment.question["zh"] in chinese


def test_shares_are_shown_as_long_as_the_model_says_the_same() -> None:
    model = sdcluster.load(ROOT / "models" / "wenzhou_firms")
    measured = measure(model)
    outcome = measured.outcomes[0]
    name = outcome.experiment.name
    assert "97 %" not in shown(built(model, measured))
    one = {"within_30": 0.973, "whole": 0.254, "runs": {"whole": 1000}, "number": outcome.number}
    measured.robustness = {name: one}
    words = shown(built(model, measured))
    assert "97 %" in words
    assert "25 %" in words
    assert "1000 runs" in words
    measured.robustness = {name: {**one, "number": outcome.number * 1.01}}
    assert "97 %" not in shown(built(model, measured))


def test_a_sentence_of_an_unknown_form_is_left_in_english(
    firms: tuple[Model, html.HtmlElement, Measured],
) -> None:
    model, _, _ = firms
    known = scenarios_beside(model)
    assert translated("firms at 2009 is 90; expected about 90 ± 0.5 %", model, known, "zh") == (
        "企业数在 2009 为 90；预期约 90 ± 0.5%。"
    )
    assert translated("firms dance at 2009", model, known, "zh") is None
    assert translated("no such thing at 2009 is 90", model, known, "zh") is None


# Equations of any form

NAMES = ("a", "b c", "profit (net)", "<b>", "x & y")
leaves = st.sampled_from(
    [*map(Reference, NAMES), Number(0.5), Number(2.0), Number(-3.0), Number(1e-9)]
)
operators = st.sampled_from(["+", "-", "*", "/", "^", "=", "<>", "<", "<=", ">", ">=", "and", "or"])
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Binary, operators, inner, inner),
        inner.map(lambda x: Number(-x.value) if isinstance(x, Number) else Unary("-", x)),
        inner.map(lambda x: Unary("not", x)),
        st.builds(lambda *a: Call("if", a), inner, inner, inner),
        st.builds(lambda *a: Call("max", a), inner, inner),
        st.builds(lambda x: Call("exp", (x,)), inner),
        st.builds(lambda *a: Call("remainder", a), inner, inner),
    ),
    max_leaves=14,
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model whose names and texts look like markup."""
    escaped = [n.replace("&", "&amp;").replace("<", "&lt;") for n in NAMES]
    rows = "".join(
        f'<aux name="{n}"><eqn>1</eqn><units>&lt;i&gt;</units>'
        "<doc>&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt;</doc></aux>"
        for n in escaped
    )
    path = tmp_path_factory.mktemp("odd") / "odd.xmile"
    path.write_text(
        '<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header>'
        "<name>&lt;script&gt;odd&lt;/script&gt;</name></header><sim_specs><start>0</start><stop>2</stop>"
        f"<dt>1</dt></sim_specs><model><variables>{rows}</variables></model></xmile>",
        encoding="utf-8",
    )
    return sdcluster.load(path)


@settings(max_examples=300, deadline=None)
@given(expression=expressions)
def test_any_equation_reads_back_as_itself(odd: Model, expression: Expression) -> None:
    edition = Edition(odd)
    names = {anchor: key for key, anchor in edition.anchors.items()}
    element = html.fragment_fromstring(f"<div>{formula(edition, expression)}</div>")
    assert equation(element, odd, names) == expression


def test_text_of_a_file_never_becomes_markup(odd: Model) -> None:
    seen = built(odd, measure(odd))
    assert len(list(seen.iter("script"))) == 1
    assert not list(seen.iter("img"))
    assert not [k for e in seen.iter() for k in e.attrib if k.startswith("on")]
    assert "<script>alert(1)</script>" in shown(anchors(seen)["en-var-a"])
    assert len(set(Edition(odd).anchors.values())) == len(NAMES)


# The command

TEACUP = """{UTF-8}
Teacup Temperature = INTEG(-Heat Loss to Room, 180)
	~	Degrees Fahrenheit
	~	How hot the tea is.
	|
Heat Loss to Room = (Teacup Temperature - Room Temperature) / Characteristic Time
	~	Degrees Fahrenheit/Minute
	~		|
Room Temperature = 70
	~	Degrees Fahrenheit
	~		|
Characteristic Time = 10
	~	Minute [1,20]
	~		|
effect = WITH LOOKUP(Teacup Temperature, ((0,0),(100,1),(200,3)))
	~	Dmnl
	~		|
INITIAL TIME = 0 ~ Minute ~ |
FINAL TIME = 30 ~ Minute ~ |
TIME STEP = 0.125 ~ Minute ~ |
SAVEPER = 1 ~ Minute ~ |
"""


def test_the_command_documents_a_vensim_model_with_curves_and_findings(tmp_path: Path) -> None:
    model, out = tmp_path / "teacup.mdl", tmp_path / "pages" / "teacup.html"
    model.write_text(TEACUP, encoding="utf-8")
    result = CliRunner().invoke(
        app, ["document", str(model), "--out", str(out), "--language", "en"]
    )
    assert result.exit_code == 0, result.output
    seen = tree(out.read_text(encoding="utf-8"))
    found = anchors(seen)
    assert "How hot the tea is." in shown(found["var-teacup-temperature"])
    assert "sensible from 1 to 20" in shown(found["var-characteristic-time"])
    assert "(100, 1)" in shown(found["var-effect"])
    assert "balancing" in shown(seen)
    assert seen.xpath('//h2[@id="scenarios"]/following-sibling::div//figure')
    assert "no documentation" in shown(seen) or "documented" in shown(seen)


REALITY = """colder never:THE CONDITION: Room Temperature = 70 :IMPLIES: Teacup Temperature > 60 ~~|
"""


def test_reality_checks_of_a_vensim_file_are_judged_on_its_page(tmp_path: Path) -> None:
    path = tmp_path / "teacup.mdl"
    path.write_text(TEACUP.replace("INITIAL TIME", REALITY + "INITIAL TIME", 1), encoding="utf-8")
    model = sdcluster.load(path)
    measured = measure(model)
    assert [row.name for row in measured.reality] == ["colder never"]
    assert "✔ holds colder never" in shown(built(model, measured))


CONVEYOR = """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header><name>belt</name></header>
<sim_specs><start>0</start><stop>8</stop><dt>0.5</dt></sim_specs><model><variables>
<stock name="students"><eqn>400</eqn><inflow>entering</inflow><outflow>graduating</outflow>
<conveyor><len>years of study</len><capacity>1000</capacity></conveyor></stock>
<flow name="entering"><eqn>100</eqn></flow><flow name="graduating"/>
<aux name="years of study"><eqn>4</eqn></aux></variables></model></xmile>
"""


def test_a_conveyor_says_what_governs_it(tmp_path: Path) -> None:
    path = tmp_path / "belt.xmile"
    path.write_text(CONVEYOR, encoding="utf-8")
    model = sdcluster.load(path)
    seen = anchors(built(model, measure(model)))
    words = shown(seen["en-var-students"])
    assert "conveyor: transit time" in words
    assert "capacity" in words
    assert "传送带" in shown(seen["zh-var-students"])


def test_without_running_there_are_equations_but_no_curves(tmp_path: Path) -> None:
    model, out = tmp_path / "teacup.mdl", tmp_path / "teacup.html"
    model.write_text(TEACUP, encoding="utf-8")
    result = CliRunner().invoke(app, ["document", str(model), "-o", str(out), "--no-run"])
    assert result.exit_code == 0, result.output
    found = anchors(tree(out.read_text(encoding="utf-8")))
    assert "zh-var-teacup-temperature" in found
    assert "en-scenarios" not in found


def test_another_ending_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["document", str(MODELS[0]), "-o", str(tmp_path / "a.pdf")])
    assert result.exit_code == 2
    assert ".html" in result.output


def test_lines_of_chinese_join_without_a_blank() -> None:
    assert (
        unbroken("直到市场\n饱和；\n1993年\n\n# 题\nand so\non")
        == "直到市场饱和；1993年\n\n# 题\nand so\non"
    )
    assert unbroken("存量，\n`INTEG`，\n**流量**\n- 其一，\n  其二\n- 读取\nVensim") == (
        "存量，`INTEG`，**流量**\n- 其一，其二\n- 读取\nVensim"
    )
    assert unbroken("分三步：\n1. 预测，\n2. 观察") == "分三步：\n1. 预测，\n2. 观察"


def test_a_story_shows_pictures_of_its_folder_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "secret.svg").write_text("<svg/>")
    folder = tmp_path / "cup"
    folder.mkdir()
    (folder / "cup.mdl").write_text(TEACUP, encoding="utf-8")
    (folder / "inside.svg").write_text("<svg/>")
    (folder / "README.md").write_text(
        "# Cup\n\nTea ![in](inside.svg) ![out](../secret.svg) ![far](https://example.org/x.png) "
        "[cup](cup.mdl) [far](https://example.org) <b>raw</b>\n\n## 中文简介\n\n茶会变凉。\n",
        encoding="utf-8",
    )
    seen = built(sdcluster.load(folder / "cup.mdl"))
    english, chinese = seen.iter("main")
    assert [i.get("src")[:18] for i in english.iter("img")] == ["data:image/svg+xml"]
    assert "<b>raw</b>" in shown(english)
    assert [a.get("href") for a in english.iter("a") if "example" in a.get("href", "")] == [
        "https://example.org"
    ]
    assert "茶会变凉" in shown(chinese)
    assert "茶会变凉" not in shown(english)


def test_identities_stand_apart_and_cut_explanations_below_the_answer() -> None:
    model = sdcluster.load(ROOT / "tests" / "study" / "growth_and_policy")
    page = built(model, measure(model))
    english, chinese = (page.xpath(f'//main[@lang="{code}"]')[0] for code in ("en", "zh"))
    hypotheses, identities = english.find_class("experiments")
    assert "✔ with the cause cut: no (1)" in shown(hypotheses)
    assert "✔ with the rival explanation cut (growth): yes (0.6065)" in shown(hypotheses)
    assert "Without policy nothing is lost" in shown(identities)
    assert "Identities: tests of the equations" in shown(english)
    assert "切断竞争性解释（增长）后" in shown(chinese)
