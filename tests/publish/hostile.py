"""A model whose names, comments, units and elements would run, were they anything but text."""

from __future__ import annotations

from html import escape

TAG = '</script><img src=x onerror="window.hacked=1">'
NAME = TAG + "`${1}"
HOSTILE = f"""
<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" version="1.0">
<header><vendor>v</vendor><product version="1">p</product><name>{escape(TAG)}</name></header>
<sim_specs method="euler"><start>0</start><stop>4</stop><dt>0.5</dt></sim_specs>
<dimensions><dim name="place"><elem name="north"/><elem name="south"/></dim></dimensions>
<model><variables>
<stock name="{escape(NAME)}"><eqn>10</eqn><inflow>in</inflow>
<doc>{escape(TAG)}</doc><units>{escape(TAG)}</units></stock>
<flow name="in"><eqn>gain[north] + gain[south] / unity</eqn></flow>
<aux name="gain"><dimensions><dim name="place"/></dimensions><eqn>1</eqn><doc>{escape(TAG)}</doc></aux>
<aux name="unity"><eqn>1</eqn></aux>
</variables></model></xmile>
"""
