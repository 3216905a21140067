"""A file as Stella writes the models of isee systems: settings, groups, names with line ends, odd comments, modules."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster

STELLA = r"""<?xml version="1.0" encoding="utf-8" ?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" xmlns:isee="http://iseesystems.com/XMILE">
	<header>
		<smile version="1.0" namespace="std, isee"/>
		<name>economy</name>
		<uuid>4d9c9c0e</uuid>
		<vendor>isee systems, inc.</vendor>
		<product version="1.9.4" isee:build_number="1954" isee:saved_by_v1="true" lang="en">Stella Architect</product>
		<options><uses_arrays maximum_dimensions="1"/><uses_outputs/></options>
	</header>
	<sim_specs isee:sim_duration="1.5" isee:simulation_delay="0.0015" isee:restore_on_start="false"
		method="Euler" time_units="Years" isee:instantaneous_flows="false">
		<start>1</start><stop>4</stop><dt reciprocal="true">4</dt>
	</sim_specs>
	<isee:prefs show_module_prefix="true" live_update_on_drag="true" layer="model"><odd/></isee:prefs>
	<isee:equation_prefs order_by="ASCENDING" show_docs="true"/>
	<dimensions><dim name="Sector" size="2"><elem name="Goods"/><elem name="Services"/></dim></dimensions>
	<model>
		<variables>
			<stock name="Household\nSavings">
				<doc>&lt;b&gt;Savings&lt;/b&gt; of households — 100% of "them" {in braces}</doc>
				<eqn>100 {initial; see note}</eqn>
				<inflow>saving</inflow>
				<outflow>"dis-saving"</outflow>
				<non_negative/>
				<units>$</units>
				<isee:summing/>
			</stock>
			<flow name="saving"><eqn>IF TIME &gt;= 2 AND NOT (switch = 0)
				THEN income_per_household * .1
				ELSE 0</eqn><non_negative/><units>$/yr</units></flow>
			<flow name='"dis-saving"'><eqn>Household_Savings
/ 50</eqn></flow>
			<aux name="income per\nhousehold"><eqn><![CDATA[ IF 1 < 2 THEN 40 ELSE 0 ]]></eqn>
				<units>$/(year*household)</units>
				<range min="0" max="100"/><scale min="0" max="10"/><format precision="0.01"/></aux>
			<aux name="switch"><eqn>1</eqn></aux>
			<aux name="output"><dimensions><dim name="Sector"/></dimensions>
				<element subscript="Goods"><eqn>3</eqn></element>
				<element subscript="Services"><eqn>4</eqn></element></aux>
			<aux name="GDP %"><eqn>SUM(output) * effect</eqn></aux>
			<aux name="effect"><eqn>TIME</eqn><gf><xscale min="0" max="4"/><yscale min="0" max="2"/>
				<ypts>0,0.5,1.0,1.5,2.0</ypts></gf></aux>
			<isee:dependencies><odd/></isee:dependencies>
			<group name="Households" owner="economy" run="true"/>
		</variables>
		<views><style color="black"/><view isee:page_rows="1" type="stock_flow"><odd/>
			<stock x="100" y="100" name="Household\nSavings"/></view></views>
	</model>
</xmile>
"""


def test_a_model_as_stella_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "economy.stmx"
    file.write_text(STELLA, encoding="utf-8")
    model = sdcluster.load(file)
    assert not model.remarks
    assert model.time.dt == 0.25
    assert model["household savings"].doc.startswith("<b>Savings</b>")
    run = sdcluster.simulate(model, method="euler", saveper=1)
    assert run["GDP %"].values.tolist() == [3.5, 7, 10.5, 14]
    assert run["saving"].values.tolist() == [0, 4, 4, 4]
    assert run["Household Savings"].values[1] == pytest.approx(100 * (1 - 0.25 / 50) ** 4)
