"""Time of a run of `cluster` in every form of the compiled kernel, compared with C.

The forms compute one run, or several runs at a time in lanes, or a run in WebAssembly. ``python benchmarks/kernel.py
[--model PATH] [--constant NAME] [--rounds 60]``; `make bench` runs it. It writes the second table in
docs/evidence/speed.md and benchmarks/results/kernel.json. The table shows the milliseconds of a run on one core, once
with all variables saved at every step and once without saving, and whether all forms give the same bits.

Each round measures every form, and the smallest time counts. The C program comes from `c_kernel.py`; gcc may reorder
and approximate its arithmetic. WebAssembly runs in wasmtime, and in V8 if node is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import c_kernel
import numpy as np
import wasmtime
from engine import ROOT, into_page, machine

import sdcluster
from sdcluster.kernel.library.records import Row
from sdcluster.kernel.targets.native import objects
from sdcluster.kernel.targets.wasm import imports, wasm_module
from sdcluster.run.grid import Grid
from sdcluster.run.plan import Setup

RESULTS = ROOT / "benchmarks" / "results" / "kernel.json"
NODE = Path(__file__).with_name("kernel_in_node.mjs")
_TITLES = {"one": "one run at a time"}
WIDTHS = (4, 8, 16, 64)  # runs at a time in C; the fastest of these programs counts
ALIGNED = 64  # bytes


def room(*shape: int) -> np.ndarray:
    """Return zeros of this shape at an address that is a multiple of `ALIGNED`, as vector instructions need."""
    size = 8 * int(np.prod(shape))
    raw = np.zeros(size + ALIGNED, dtype=np.uint8)
    first = -raw.ctypes.data % ALIGNED
    return raw[first : first + size].view(np.float64).reshape(shape)


class Native:
    """A kernel compiled to machine code for some number of lanes."""

    def __init__(self, setup: Setup, method: str, lanes: int) -> None:
        name, features = objects.host()
        wide = objects.Processor(name, features + ",-prefer-256-bit")
        self.functions = objects.callables(
            objects.complete(setup.kernel.module), lanes, processor=wide
        )
        self.setup, self.method, self.lanes = setup, method, lanes
        self.tables: dict[int, np.ndarray] = {}
        source = setup.kernel.source
        self.width, self.columns = source.width, source.columns
        self.p = self.room(len(setup.p))
        self.y, self.work = self.room(self.width), self.room(5, self.width)

    def room(self, *shape: int) -> np.ndarray:
        """Return an array of zeros of this shape; with several lanes, the lanes are its last axis."""
        return room(*shape, *([self.lanes] if self.lanes > 1 else []))

    def run(self, steps: int, every: int, dt: float) -> np.ndarray:
        """Return the saved values, shape (columns, rows, lanes), without the values at the stop time."""
        given = np.asarray(self.setup.p)
        self.p[:] = given if self.lanes == 1 else given[:, np.newaxis]
        rows = -(-steps // every)
        if rows not in self.tables:  # allocating a table takes longer than a run
            self.tables[rows] = self.room(self.columns * rows)
        out, o = self.tables[rows], self.room(Row.count, self.columns)
        kept = np.repeat(np.arange(self.columns, dtype=np.int64), 2)
        self.functions.derive(self.p)
        self.functions.initial(self.p, self.y)
        loop = getattr(self.functions, self.method)
        loop(0, steps, every, dt, self.y, self.p, self.work, o, kept, out, rows)
        return out.reshape(self.columns, rows, self.lanes)


class Wasm:
    """A kernel compiled to WebAssembly, run by wasmtime."""

    def __init__(self, setup: Setup, method: str) -> None:
        module = wasm_module(setup.kernel.module, method)
        self.base = module.tables + 2**20
        self.store = wasmtime.Store()
        self.memory = wasmtime.Memory(self.store, wasmtime.MemoryType(wasmtime.Limits(600, None)))
        pointer = wasmtime.GlobalType(wasmtime.ValType.i32(), True)
        given = {
            "__linear_memory": self.memory,
            "__stack_pointer": wasmtime.Global(self.store, pointer, wasmtime.Val.i32(self.base)),
        }
        compiled = wasmtime.Module(self.store.engine, module.code)
        wanted = [given[name] for _, name, _ in imports(module.code)]
        self.exports = wasmtime.Instance(self.store, compiled, wanted).exports(self.store)
        self.setup, self.method, self.size = setup, method, len(module.code)

    def run(self, steps: int, every: int, dt: float) -> np.ndarray:
        """Return the saved values, shape (columns, rows, 1)."""
        source, p = self.setup.kernel.source, np.asarray(self.setup.p, dtype=float)
        rows = -(-steps // every)
        columns = source.columns
        sizes = (
            len(p),
            source.width,
            5 * source.width,
            Row.count * columns,
            2 * columns,
            rows * columns,
        )
        starts = np.cumsum([self.base, *(8 * s for s in sizes)]).tolist()
        self.memory.write(self.store, p.tobytes(), starts[0])
        kept = np.repeat(np.arange(columns, dtype=np.int64), 2)
        self.memory.write(self.store, kept.tobytes(), starts[4])
        vectors = (starts[0], len(p)), (starts[1], source.width)
        self.exports["sd_derive"](self.store, *vectors[0])
        self.exports["sd_initial"](self.store, *vectors[0], *vectors[1])
        self.exports[f"sd_{self.method}"](
            self.store, 0, steps, every, dt, *vectors[1], *vectors[0],
            starts[2], source.width, starts[3], columns, starts[4], 2 * columns, starts[5], rows * columns, rows,
        )  # fmt: skip
        found = self.memory.read(self.store, starts[5], starts[5] + 8 * rows * columns)
        return np.frombuffer(found).reshape(columns, rows, 1)


def seconds(work: Callable[[], object]) -> float:
    """Call a function and return the seconds it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class C:
    """The same equations as C programs, compiled by gcc."""

    def __init__(self, setup: Setup, grid: Grid, constant: str, folder: Path) -> None:
        fast = ("-march=native", "-ffast-math")
        self.programs = {}
        for width in WIDTHS:
            inner = folder / str(width)
            inner.mkdir()
            text = c_kernel.c_program(setup, grid, constant, width)
            self.programs[f"C, {width} side by side"] = c_kernel.compiled(text, inner, fast)
        inner = folder / "one"
        inner.mkdir()
        text = c_kernel.c_program(setup, grid, constant, 1)
        self.programs["C, one at a time"] = c_kernel.compiled(text, inner, fast)
        self.programs["C, one at a time, strict"] = c_kernel.compiled(text, inner, fast[:1])

    def milliseconds(self, name: str) -> float:
        """Return the milliseconds of a run with the program `name`."""
        words = [str(self.programs[name]), "128", "2"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
        return float(done.stdout.split()[0])


class Node:
    """The exported module and its WebAssembly, run by V8."""

    def __init__(self, model: Path, constant: str, folder: Path) -> None:
        node = shutil.which("node")
        if node is None:
            raise OSError("there is no node")
        code, script, _ = sdcluster.export(model, folder / "model.wasm")
        self.words = [node, str(NODE), str(script), str(code), constant, "300"]

    def measured(self) -> dict[str, Any]:
        """Return the smallest and the median milliseconds of a run, and a hash of all curves."""
        done = subprocess.run(self.words, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)  # type: ignore[no-any-return]


def measured(model: Path, constant: str, rounds: int, folder: Path) -> dict[str, dict[str, Any]]:
    """Return for each form the milliseconds of a run, with and without saving, and whether the bits are equal."""
    simulator = sdcluster.Simulator(model, backend="native")
    setup, grid = simulator.prepared()
    inside: dict[str, tuple[int, Native | Wasm]] = {
        f"{lanes} in lanes" if lanes > 1 else "one": (lanes, Native(setup, simulator.method, lanes))
        for lanes in (1, 2, 4, 8, 16)
    }
    wasm = Wasm(setup, simulator.method)
    inside[f"WebAssembly ({wasm.size / 1000:.1f} kB) in wasmtime"] = (1, wasm)
    curves = simulator.run()
    first = inside["one"][1].run(grid.steps, 1, grid.dt)
    found: dict[str, dict[str, Any]] = {}
    for name, (lanes, form) in inside.items():
        table = form.run(grid.steps, 1, grid.dt)
        same = all(
            np.array_equal(table[..., j], first[..., 0], equal_nan=True) for j in range(lanes)
        )
        found[name] = {"all": 1e9, "none": 1e9, "same bits": same}
    found["Simulator.run in Python"] = {"all": 1e9}
    c = C(setup, grid, constant, folder)
    found |= {name: {"none": 1e9} for name in c.programs}
    try:
        node = Node(model, constant, folder)
        digest = hashlib.sha256(np.ascontiguousarray(curves).tobytes()).hexdigest()
        found["WebAssembly in V8, `run` of the exported module"] = {"all": 1e9}
    except OSError:
        node = None
    for turn in range(rounds):
        for name, (lanes, form) in inside.items():
            for kind, every in (("all", 1), ("none", grid.steps)):
                took = 1e3 * seconds(lambda f=form, e=every: f.run(grid.steps, e, grid.dt)) / lanes
                found[name][kind] = min(found[name][kind], took)
        took = 1e3 * seconds(simulator.run)
        found["Simulator.run in Python"]["all"] = min(found["Simulator.run in Python"]["all"], took)
        if turn % 10 == 0:
            for name in c.programs:
                found[name]["none"] = min(found[name]["none"], c.milliseconds(name))
            if node is not None:
                own, answer = (
                    found["WebAssembly in V8, `run` of the exported module"],
                    node.measured(),
                )
                own["all"] = min(own["all"], answer["least"])
                own["same bits"] = answer["hash"] == digest
    best = min((found[f"C, {w} side by side"]["none"], w) for w in WIDTHS)[1]
    for width in set(WIDTHS) - {best}:
        del found[f"C, {width} side by side"]
    return found


def table(found: dict[str, dict[str, Any]], model: str, steps: int) -> str:
    """Return the table for the page, and the sentence below it."""
    beside = min(v["none"] for k, v in found.items() if "side by side" in k)
    lines = [
        "| form | all variables saved | nothing saved | time / time of C, 8 runs at a time | bits of the results |",
        "|---|---:|---:|---:|---|",
    ]
    for name, own in found.items():
        times = [f"{own[k]:.3f} ms" if k in own else "" for k in ("all", "none")]
        ratio = f"{own['none'] / beside:.2f}" if "none" in own else ""
        bits = {True: "the same", False: "**others**", None: ""}[own.get("same bits")]
        title = _TITLES.get(name, name).replace("in lanes", "runs at a time, in lanes")
        title = title.replace("side by side", "runs at a time").replace("one at", "one run at")
        if name[0] == "C":
            title += f", gcc -O3 -march=native{'' if 'strict' in name else ' -ffast-math'}"
        lines.append(f"| {title} | {' | '.join(times)} | {ratio} | {bits} |")
    here = machine()
    return "\n".join(
        [
            *lines,
            "",
            f"The table gives the milliseconds of a run of `{model}` ({steps:,} steps of RK4) on one of "
            f"{here['cores']} cores, as the least of many rounds ({here['system']}). *Strict* means that gcc keeps "
            "to the arithmetic of IEEE 754, as sdcluster does.",
        ]
    )


def main() -> None:
    """Measure all forms, print the table and, with ``--write``, write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "cluster")
    parser.add_argument("--constant", default="openness", help="constant that varies in C")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument(
        "--write", action="store_true", help="write docs/evidence/speed.md and the results"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(chosen.model, chosen.constant, chosen.rounds, Path(folder))
    steps = sdcluster.Simulator(chosen.model).grid.steps
    text = table(found, chosen.model.name, steps)
    if chosen.write:
        RESULTS.write_text(json.dumps({"machine": machine(), "forms": found}, indent=1) + "\n")
        into_page(text, "kernel")
    print(text)


if __name__ == "__main__":
    main()
