"""Exported programs: WebAssembly gives the bits of machine code, the script those of plain Python."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.publish.program import describe, export
from sdcluster.run.fixed import run_fixed
from tests.kernel.calls import webassembly

ROOT = Path(__file__).parents[2]
MODELS = sorted(p.parent for p in ROOT.glob("models/*/*.xmile"))
EMBEDDED = """
<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" version="1.0">
<header><vendor>v</vendor><product version="1">p</product></header>
<sim_specs method="euler"><start>0</start><stop>4</stop><dt>0.5</dt></sim_specs>
<dimensions><dim name="place"><elem name="north"/><elem name="south"/></dim></dimensions>
<model><variables>
<stock name="&lt;/script&gt;&quot;`${}"><eqn>10</eqn><inflow>in</inflow></stock>
<flow name="in"><eqn>gain[north] + gain[south] / unity</eqn></flow>
<aux name="gain"><dimensions><dim name="place"/></dimensions><eqn>1</eqn></aux>
<aux name="unity"><eqn>1</eqn></aux>
</variables></model></xmile>
"""
STOCK = '</script>"`${}'


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_webassembly_gives_the_curves_of_the_model(path: Path, tmp_path: Path) -> None:
    simulator = sdcluster.Simulator(path, backend="native")
    written = export(path, tmp_path / "m.wasm")[0]
    described, setup = describe(simulator)
    functions = webassembly(written.read_bytes())
    grid = simulator.prepared()[1]
    exported = next(run_fixed(setup, grid, simulator.method, functions, True)).table
    curves = simulator.run()
    kept = described["times"]["kept"] or slice(None)
    moving = [
        (i, v["column"]) for i, v in enumerate(described["variables"]) if v["column"] is not None
    ]
    assert moving
    for row, column in moving:
        assert np.array_equal(exported[column, kept], curves[row])


def test_the_script_gives_what_plain_python_gives(tmp_path: Path) -> None:
    path = ROOT / "models" / "wenzhou_firms"
    script = export(path, tmp_path / "m.py")[0]
    space = runpy.run_path(str(script))
    setting = next(s for s in space["DESCRIPTION"]["settings"] if s["minimum"] is not None)
    value = 0.5 * (setting["minimum"] + setting["maximum"])
    found = space["run"]({setting["name"]: value})
    simulator = sdcluster.Simulator(path, backend="python")
    expected = simulator.run({setting["name"]: value})
    assert np.array_equal(found["time"], simulator.time)
    assert np.array_equal(list(found["values"].values()), expected, equal_nan=True)
    with pytest.raises(KeyError, match="no setting"):
        space["run"]({"nothing": 1.0})


def test_the_script_prints_a_table_without_any_package(tmp_path: Path) -> None:
    (tmp_path / "m.xmile").write_text(EMBEDDED)
    script = export(tmp_path / "m.xmile", tmp_path / "m.py")[0]
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(script), "gain[south]=3"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = run.stdout.splitlines()
    assert rows[0].startswith("time,")
    assert [float(row.split(",")[1]) for row in rows[1:4]] == [10.0, 12.0, 14.0]


PARTIAL = """{UTF-8}
place: north, south ~~|
price[north] = 5 * Time ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = 2 ~~|
TIME STEP = 1 ~~|
SAVEPER = 1 ~~|
"""


def test_an_element_without_an_equation_is_missing_and_no_failure(tmp_path: Path) -> None:
    (tmp_path / "m.mdl").write_text(PARTIAL)
    values = runpy.run_path(str(export(tmp_path / "m.mdl", tmp_path / "m.py")[0]))["run"]()[
        "values"
    ]
    assert list(values["price[north]"]) == [0.0, 5.0, 10.0]
    assert np.isnan(values["price[south]"]).all()


@pytest.mark.parametrize("given", ["unity=0", "nothing=1", "gain=x"])
def test_the_script_says_in_one_sentence_what_is_wrong(tmp_path: Path, given: str) -> None:
    (tmp_path / "m.xmile").write_text(EMBEDDED)
    script = export(tmp_path / "m.xmile", tmp_path / "m.py")[0]
    run = subprocess.run([sys.executable, str(script), given], capture_output=True, text=True)
    assert run.returncode == 1
    assert not run.stdout
    assert len(run.stderr.splitlines()) == 1


def test_names_of_a_file_stay_data(tmp_path: Path) -> None:
    (tmp_path / "m.xmile").write_text(EMBEDDED)
    script = export(tmp_path / "m.xmile", tmp_path / "m.wasm")[1].read_text()
    line = next(x for x in script.splitlines() if x.startswith("const MODEL = "))
    model = json.loads(line.removeprefix("const MODEL = ").removesuffix(";"))
    assert model["variables"][0]["name"] == STOCK
    assert "</script" not in script


@pytest.mark.browser
def test_a_page_runs_an_exported_model(tmp_path: Path, page: Any) -> None:
    (tmp_path / "m.xmile").write_text(EMBEDDED)
    code, script, _ = export(tmp_path / "m.xmile", tmp_path / "m.wasm")
    found = page.evaluate(
        """async ([script, bytes, settings]) => {
            const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
            const { load, description } = await import(address);
            const model = await load(new Uint8Array(bytes));
            const told = [];
            for (const wrong of [{ nothing: 1 }, { gain: [1, 2, 3] }, { gain: NaN }, { unity: 0 }]) {
                try { model.run(wrong); } catch (error) { told.push(error.message); }
            }
            const { time, values } = model.run(settings);
            const before = JSON.stringify(values.unity && [...values["gain[north]"]]);
            const other = model.run({ ...settings, "gain[north]": 7 }).values;
            if (JSON.stringify([...values["gain[north]"]]) !== before) throw new Error("a run changed an earlier one");
            if (other["gain[north]"].some((value) => value !== 7)) throw new Error("a constant kept its curve");
            const curves = Object.fromEntries(Object.entries(values).map(([n, v]) => [n, [...v]]));
            return { time: [...time], curves, told, names: description.settings.map((s) => s.name) };
        }""",
        [
            script.read_text().replace("new URL(FILE, import.meta.url)", "undefined"),
            list(code.read_bytes()),
            {"gain[north]": 2, STOCK: 5},
        ],
    )
    simulator = sdcluster.Simulator(tmp_path / "m.xmile")
    expected = simulator.run({"gain[north]": 2, STOCK: 5})
    assert np.array_equal(found["time"], simulator.time)
    assert np.array_equal([found["curves"][n] for n in simulator.names], expected)
    assert found["names"] == ["gain", "unity", STOCK]
    assert [told.split('"')[1] for told in found["told"]] == [
        "nothing",
        "gain",
        "gain",
        STOCK.split('"')[0],
    ]


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"one of the endings \.wasm, \.py, \.ptx"):
        export(ROOT / "models" / "cluster", tmp_path / "m.exe")


def test_changes_during_the_run_and_adaptive_methods_are_refused(tmp_path: Path) -> None:
    scenarios = sdcluster.scenarios(ROOT / "models" / "cluster")
    changing = next(name for name, scenario in scenarios.items() if scenario.changes)
    with pytest.raises(ModelError, match="during the run"):
        export(ROOT / "models" / "cluster", tmp_path / "m.wasm", changing)


def test_files_that_are_there_are_kept(tmp_path: Path) -> None:
    from sdcluster.cli import app
    from tests.command import CliRunner

    (tmp_path / "m.xmile").write_text(EMBEDDED)
    out = tmp_path / "m.wasm"
    (tmp_path / "m.js").write_text("mine")
    call = ["export", str(tmp_path / "m.xmile"), "--out", str(out)]
    assert CliRunner().invoke(app, call).exit_code == 2
    assert (tmp_path / "m.js").read_text() == "mine"
    assert CliRunner().invoke(app, [*call, "--force"]).exit_code == 0
    assert (tmp_path / "m.d.ts").exists()
