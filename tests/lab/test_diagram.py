"""The diagram shows what the file's view says, in both languages, and lets no text of the file through as markup."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import sdcluster
from sdcluster.lab.diagram_files import write_diagrams
from sdcluster.publish.lesson_loops import write_loops
from sdcluster.view.diagram import diagram_svg
from sdcluster.view.diagram_arrows import Obstacles, arrow, course, shortened
from sdcluster.view.diagram_shapes import Box, text_width, wrap

FOLDER = Path(__file__).parents[2] / "models" / "cluster"
SVG = "{http://www.w3.org/2000/svg}"

SMALL = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
  <header><name>small</name><vendor>v</vendor><product version="1">p</product></header>
  <sim_specs><start>0</start><stop>2</stop><dt>1</dt></sim_specs>
  <model>
    <variables>
      <stock name="tank"><eqn>1</eqn><inflow>filling</inflow></stock>
      <flow name="filling">
        <eqn>0.1 * tank</eqn>
        <doc>&lt;script&gt;alert(1)&lt;/script&gt; &amp; "so on"</doc>
      </flow>
    </variables>
    {view}
  </model>
</xmile>
"""
VIEW = """<views><view>
  <stock name="tank" x="200" y="100"/>
  <flow name="filling" x="120" y="100"><pts><pt x="40" y="100"/><pt x="178" y="100"/></pts></flow>
  <connector angle="90"><from>tank</from><to>filling</to></connector>
</view></views>"""


@pytest.fixture(scope="module")
def cluster() -> Any:
    return sdcluster.load(FOLDER)


def small(folder: Path, view: str = VIEW) -> Any:
    path = folder / "small.xmile"
    path.write_text(SMALL.format(view=view), encoding="utf-8")
    return sdcluster.load(path)


def names(svg: str) -> list[str]:
    return [g.get("data-name") for g in etree.fromstring(svg.encode()).iter(SVG + "g")]


def words(svg: str) -> str:
    return " ".join(
        "".join(t.itertext()) for t in etree.fromstring(svg.encode()).iter(SVG + "text")
    )


def test_every_variable_is_drawn(cluster: Any) -> None:
    drawn = names(diagram_svg(cluster))
    assert set(drawn) == {v.name for v in cluster.variables.values()}


def test_constants_can_be_left_out_but_levers_stay(cluster: Any) -> None:
    drawn = set(names(diagram_svg(cluster, constants=False)))
    assert "openness" in drawn
    assert "innovation rate" not in drawn


def test_names_are_shown_in_chinese(cluster: Any) -> None:
    assert "技术上限" in words(diagram_svg(cluster, "zh"))
    assert "technology" not in words(diagram_svg(cluster, "zh", area="lock in"))


def test_an_area_holds_its_own_symbols(cluster: Any) -> None:
    drawn = set(names(diagram_svg(cluster, area="ties to buyers")))
    assert {"dependence", "margin left", "captured"} <= drawn
    assert "hardening" not in drawn


def test_a_tight_area_shows_the_same_symbols_on_less_paper(cluster: Any) -> None:
    loose, tight = (diagram_svg(cluster, area="Lock in", tight=t) for t in (False, True))
    assert names(tight) == names(loose)
    size = lambda svg: [float(x) for x in etree.fromstring(svg.encode()).get("viewBox").split()][2:]  # noqa: E731
    assert size(tight)[0] * size(tight)[1] < size(loose)[0] * size(loose)[1]


def test_an_unknown_area_is_answered_with_the_areas_there_are(cluster: Any) -> None:
    with pytest.raises(sdcluster.ModelError, match=r'no area "valu chain".*"Knowledge'):
        diagram_svg(cluster, area="valu chain")


def test_highlighting_changes_colour_and_refuses_unknown_names(cluster: Any) -> None:
    plain = diagram_svg(cluster)
    marked = diagram_svg(cluster, highlight=["lock in", "Self_Reinforcement", "hardening"])
    assert "#d55e00" not in plain
    assert marked.count("#d55e00") > 5
    with pytest.raises(sdcluster.ModelError, match="lock out"):
        diagram_svg(cluster, highlight=["lock out"])


def test_text_of_the_file_stays_text(tmp_path: Path) -> None:
    svg = diagram_svg(small(tmp_path))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert set(names(svg)) == {"tank", "filling"}


def test_a_model_without_a_view_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(sdcluster.ModelError, match="has no view, so there is no diagram"):
        diagram_svg(small(tmp_path, view=""))


def test_names_break_at_blanks_and_between_chinese_characters() -> None:
    assert wrap("absorptive gain of knowledge ties", "en") == [
        "absorptive gain",
        "of knowledge ties",
    ]
    assert wrap("知识网络的吸收增益", "zh") == ["知识网络的", "吸收增益"]
    assert wrap("", "en") == [""]
    assert text_width("知识") > text_width("ab")


def test_arrows_leave_a_box_at_its_border() -> None:
    assert Box(0, 0, 40, 20).edge((100, 0)) == (40, 0)
    assert Box(0, 0, 10, 10, round=True).edge((0, -5), 2) == pytest.approx((0, -12))


@pytest.mark.parametrize("name", sorted(f.name for f in FOLDER.parent.iterdir() if f.is_dir()))
def test_committed_pictures_are_those_of_the_file(name: str, tmp_path: Path) -> None:
    folder = FOLDER.parent / name
    diagrams, loops = write_diagrams(sdcluster.load(folder), tmp_path), write_loops(name, tmp_path)
    for maker, pictures in (("lab.diagram_files", diagrams), ("publish.lesson_loops", loops)):
        for picture in pictures:
            committed = folder / picture.relative_to(tmp_path)
            assert committed.read_text(encoding="utf-8") == picture.read_text(encoding="utf-8"), (
                f"{committed} is out of date; run: python -m sdcluster.{maker} models/{name}"
            )


def test_no_two_names_of_the_cluster_diagram_overlap(cluster: Any) -> None:
    for language in ("en", "zh"):
        boxes = []
        root = etree.fromstring(diagram_svg(cluster, language).encode())
        for group in root.iter(SVG + "g"):
            for text in group.iter(SVG + "text"):
                spans = text.findall(SVG + "tspan")
                width = max(text_width(span.text) for span in spans)
                x, anchor = float(spans[0].get("x")), text.get("text-anchor")
                left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
                top, bottom = float(spans[0].get("y")) - 9, float(spans[-1].get("y")) + 2
                boxes.append((left, left + width, top, bottom, "".join(text.itertext())))
        for i, one in enumerate(boxes):
            for other in boxes[i + 1 :]:
                apart = (
                    one[0] >= other[1]
                    or other[0] >= one[1]
                    or one[2] >= other[3]
                    or other[2] >= one[3]
                )
                assert apart, (one[4], other[4], language)


def test_titles_of_areas_are_in_the_language_of_the_picture(cluster: Any) -> None:
    assert "锁定" not in words(diagram_svg(cluster, area="lock in"))
    assert "Lock in" not in words(diagram_svg(cluster, "zh", area="lock in"))


def test_of_a_loop_only_its_own_links_are_drawn_in_colour(cluster: Any) -> None:
    loop = ["lock in", "erosion of knowledge ties", "knowledge ties"]
    links = list(pairwise([*loop, loop[0]]))
    all_between = diagram_svg(cluster, highlight=loop)
    its_own = diagram_svg(cluster, highlight=loop, influences=links)
    # Also between these: knowledge ties → erosion of knowledge ties.
    assert all_between.count('stroke-width="2.2"/><polygon') == 1 + its_own.count(
        'stroke-width="2.2"/><polygon'
    )


@pytest.mark.parametrize("name", ["cluster", "value_chain", "innovation_alliance"])
def test_arrows_stay_on_the_paper(name: str) -> None:
    model = sdcluster.load(FOLDER.parent / name)
    for area in model.view.labels:
        root = etree.fromstring(diagram_svg(model, area=area.text, tight=True).encode())
        left, top, width, height = (float(x) for x in root.get("viewBox").split())
        for path in root.iter(SVG + "path"):
            if path.get("stroke-width") not in ("1.1", "2.2"):
                continue
            numbers = [float(x) for x in re.findall(r"-?\d+\.\d", path.get("d"))]
            if len(numbers) != 6:
                continue
            for t in (0.25, 0.5, 0.75):
                x, y = (
                    (1 - t) ** 2 * numbers[i]
                    + 2 * t * (1 - t) * numbers[i + 2]
                    + t * t * numbers[i + 4]
                    for i in (0, 1)
                )
                assert left <= x <= left + width, area.text
                assert top <= y <= top + height, area.text


def test_an_arrow_passes_by_what_stands_in_its_way() -> None:
    one, other, between = Box(0, 0, 10, 10), Box(200, 0, 10, 10), Box(100, 0, 20, 10)
    obstacles = Obstacles([(1, one), (2, other), (3, between)])
    assert obstacles.crossed(course(one, other, None), (1, 2)) == 1
    assert obstacles.crossed(course(one, other, None, obstacles, (1, 2)), (1, 2)) == 0


def test_an_arrow_ends_before_the_name_of_its_target() -> None:
    name = Box(0, 20, 40, 7)
    curve = course(Box(0, 100, 4, 4), Box(0, 0, 8, 8), None)
    drawn = arrow(shortened(curve, (None, name)), "#000", 1.1)
    assert float(re.search(r'points="[-\d.]+,([-\d.]+)', drawn).group(1)) > 26


MODULES = """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><vendor>v</vendor><product version="1">p</product></header>
<sim_specs method="Euler"><start>0</start><stop>2</stop><dt>1</dt></sim_specs>
<model><variables><module name="The shop"/></variables>
 <views><view type="stock_flow"><module x="10" y="10" name="The shop"/></view>
  <view type="interface"><module x="10" y="10" name="The shop"/></view></views></model>
<model name="The shop"><variables><stock name="cash"><eqn>1</eqn><inflow>sales</inflow></stock>
  <flow name="sales"><eqn>2</eqn></flow></variables>
 <views><view type="stock_flow"><stock x="50" y="50" name="cash"/></view></views></model></xmile>"""


def test_a_model_of_modules_only_has_a_box_for_each_and_a_view_of_what_it_holds(
    tmp_path: Path,
) -> None:
    (tmp_path / "m.xmile").write_text(MODULES, encoding="utf-8")
    model = sdcluster.load(tmp_path / "m.xmile")
    assert [view.title for view in model.views] == ["", "The shop"]
    assert ">The shop<" in diagram_svg(model)
    inside = diagram_svg(model, view=1)
    assert 'data-name="The shop.cash"' in inside
    assert ">cash<" in inside
