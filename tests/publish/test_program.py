"""Exported programs: WebAssembly gives the bits of machine code, the script those of plain Python."""

from __future__ import annotations

import ctypes
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.kernel.library import elementary
from sdcluster.kernel.parse import parse
from sdcluster.kernel.targets.llvm import ENTRIES, OPTIONAL, translate
from sdcluster.kernel.targets.wasm import imports
from sdcluster.publish.program import describe, export

ROOT = Path(__file__).parents[2]
SUITE = Path(os.environ.get("SDX_TEST_MODELS", ROOT.parent / "shared" / "test-models"))
MODELS = sorted(p.parent for p in ROOT.glob("models/*/*.xmile"))
# One in six of the public suite: arrays, lookups, delays, macros, random numbers.
PUBLIC = sorted(SUITE.glob("tests/*/test_*.mdl"))[::6]
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


class Wasm:
    """An exported module, driven as its JavaScript module drives it."""

    def __init__(self, path: Path, described: Mapping[str, Any]) -> None:
        wasmtime = pytest.importorskip("wasmtime")
        self.store, self.model = wasmtime.Store(), described
        self.memory = wasmtime.Memory(self.store, wasmtime.MemoryType(wasmtime.Limits(600, None)))
        pointer = wasmtime.GlobalType(wasmtime.ValType.i32(), True)
        given = {
            "__linear_memory": self.memory,
            "__stack_pointer": wasmtime.Global(self.store, pointer, wasmtime.Val.i32(2**21)),
        }
        module = wasmtime.Module(self.store.engine, path.read_bytes())
        wanted = [given[name] for _, name, _ in imports(path.read_bytes())]
        self.exports = wasmtime.Instance(self.store, module, wanted).exports(self.store)

    def run(self, p: np.ndarray) -> np.ndarray:
        """Return the observed rows of a run with these parameters, shape (rows, columns)."""
        width, columns, times = self.model["width"], self.model["columns"], self.model["times"]
        rows = -(-times["steps"] // times["every"]) + 1
        sizes = [p.size, width, 5 * width, columns, 2 * columns, rows * columns]
        starts = np.cumsum([2**21, *(8 * s for s in sizes)]).tolist()
        self.memory.write(self.store, p.tobytes(), starts[0])
        self.memory.write(self.store, bytes(8 * width), starts[1])
        self.memory.write(self.store, kept(columns).tobytes(), starts[4])
        sizes[2] = width
        step_by_step(self.call, self.model, *zip(starts, sizes, strict=False), span=rows)
        found = self.memory.read(self.store, starts[5], starts[5] + 8 * rows * columns)
        table = np.frombuffer(found, dtype=float).reshape(columns, rows).copy()
        last = self.memory.read(self.store, starts[3], starts[3] + 8 * columns)
        table[:, -1] = np.frombuffer(last, dtype=float)
        return table.T

    def call(self, name: str, *arguments: float) -> None:
        self.exports[f"sd_{name}"](self.store, *arguments)


class Machine:
    """The same text as machine code of this computer."""

    def __init__(self, text: str, described: Mapping[str, Any]) -> None:
        llvm = pytest.importorskip("llvmlite.binding")
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        kernel = parse(text).with_library(elementary.module())
        module = llvm.parse_assembly(translate(kernel).text)
        target = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(),
            features=llvm.get_host_cpu_features().flatten(),
            opt=3,
            jit=True,
        )
        tuning = llvm.create_pipeline_tuning_options(speed_level=3)
        builder = llvm.create_pass_builder(target, tuning)
        builder.getModulePassManager().run(module, builder)
        self.engine, self.model = llvm.create_mcjit_compiler(module, target), described
        self.engine.finalize_object()

    def run(self, p: np.ndarray) -> np.ndarray:
        """Return the observed rows of a run with these parameters, shape (rows, columns)."""
        width, columns, times = self.model["width"], self.model["columns"], self.model["times"]
        rows = -(-times["steps"] // times["every"]) + 1
        p, o, pairs = p.copy(), np.zeros(columns), kept(columns)
        table = np.zeros((columns, rows))
        y, work = np.zeros(max(width, 1)), np.zeros((5, max(width, 1)))
        vectors = [
            (a.ctypes.data, n)
            for a, n in zip(
                (p, y, work, o, pairs, table),
                (p.size, width, width, columns, pairs.size, table.size),
                strict=True,
            )
        ]
        step_by_step(self.call, self.model, *vectors, span=rows)
        table[:, -1] = o
        return table.T

    def call(self, name: str, *arguments: float) -> None:
        kinds: list[Any] = []
        for kind in (ENTRIES | OPTIONAL)[name]:
            number = {"f": ctypes.c_double, "i": ctypes.c_int64}.get(kind)
            kinds += [number] if number else [ctypes.c_void_p, ctypes.c_int64]
        address = self.engine.get_function_address(f"sd_{name}")
        ctypes.CFUNCTYPE(None, *kinds)(address)(*arguments)


def kept(columns: int) -> np.ndarray:
    """Return what keeps each observed value in the row of its number."""
    return np.repeat(np.arange(columns, dtype=np.int64), 2)


def step_by_step(
    call: Any,
    model: Mapping[str, Any],
    p: Any,
    y: Any,
    work: Any,
    o: Any,
    pairs: Any,
    out: Any,
    *,
    span: int,
) -> None:
    """Make a run: what derives from constants, initial values, the steps; `o` holds the last point."""
    times = model["times"]
    call("derive", *p)
    call("initial", *p, *y)
    steps = (0, times["steps"], times["every"], times["dt"])
    call(model["method"], *steps, *y, *p, *work, *o, *pairs, *out, span)
    stop = (times["origin"] + times["steps"] * times["stride"]) / times["parts"]
    if model["devices"]:
        call("begin", stop, *y, *p)
    call("observe", stop, *y, *p, *work, *o)


@pytest.mark.parametrize("path", [*MODELS, *PUBLIC], ids=lambda p: p.stem)
@pytest.mark.filterwarnings("ignore::sdcluster.errors.ModelWarning")
def test_webassembly_gives_the_bits_of_machine_code(path: Path, tmp_path: Path) -> None:
    simulator = sdcluster.Simulator(path, backend="python")
    try:
        written = export(path, tmp_path / "m.wasm")[0]
    except ModelError as error:
        if "data.csv" in str(error):
            pytest.skip("the model's data file is not in the public suite")
        raise
    described, setup = describe(simulator)
    p = np.array(setup.p, dtype=float)
    exported = Wasm(written, described).run(p)
    assert np.array_equal(exported, Machine(setup.kernel.text, described).run(p), equal_nan=True)
    curves = simulator.run()
    moving = [
        (i, v["column"]) for i, v in enumerate(described["variables"]) if v["column"] is not None
    ]
    kept = described["times"]["kept"] or slice(None)
    for row, column in moving:
        found = np.where(
            exported[kept, column] == described["missing"], np.nan, exported[kept, column]
        )
        scale = np.nanmax(np.abs(curves[row]), initial=1e-300)
        np.testing.assert_allclose(found, curves[row], rtol=1e-9, atol=1e-11 * scale)


def test_public_models_are_there() -> None:
    if not SUITE.is_dir():
        pytest.skip("set SDX_TEST_MODELS to a copy of github.com/SDXorg/test-models")
    assert len(PUBLIC) > 15


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
def test_a_page_runs_an_exported_model(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    from tests.chromium import running

    (tmp_path / "m.xmile").write_text(EMBEDDED)
    code, script, _ = export(tmp_path / "m.xmile", tmp_path / "m.wasm")
    page = running(request.config).new_page()
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
            const curves = Object.fromEntries(Object.entries(values).map(([n, v]) => [n, [...v]]));
            return { time: [...time], curves, told, names: description.settings.map((s) => s.name) };
        }""",
        [
            script.read_text().replace("new URL(FILE, import.meta.url)", "undefined"),
            list(code.read_bytes()),
            {"gain[north]": 2, STOCK: 5},
        ],
    )
    page.close()
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
    with pytest.raises(ModelError, match=r"\.wasm or \.py"):
        export(ROOT / "models" / "cluster", tmp_path / "m.exe")


def test_changes_during_the_run_and_adaptive_methods_are_refused(tmp_path: Path) -> None:
    scenarios = sdcluster.scenarios(ROOT / "models" / "cluster")
    changing = next(name for name, scenario in scenarios.items() if scenario.changes)
    with pytest.raises(ModelError, match="during the run"):
        export(ROOT / "models" / "cluster", tmp_path / "m.wasm", changing)


def test_files_that_are_there_are_kept(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from sdcluster.cli import app

    (tmp_path / "m.xmile").write_text(EMBEDDED)
    out = tmp_path / "m.wasm"
    (tmp_path / "m.js").write_text("mine")
    call = ["export", str(tmp_path / "m.xmile"), "--out", str(out)]
    assert CliRunner().invoke(app, call).exit_code == 2
    assert (tmp_path / "m.js").read_text() == "mine"
    assert CliRunner().invoke(app, [*call, "--force"]).exit_code == 0
    assert (tmp_path / "m.d.ts").exists()
