"""Machine code by LLVM says what plain Python says: operation by operation, function by function, model by model."""

from __future__ import annotations

import os
import pickle
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import sdcluster
from sdcluster.functions.table import FUNCTIONS
from sdcluster.kernel import child, compile_model, ir, kernel
from sdcluster.kernel.library import elementary
from sdcluster.kernel.lower.templates import filled, step_times, times_in
from sdcluster.kernel.parse import Unsupported, expressions, parse
from sdcluster.kernel.targets.llvm import long_functions, translate
from sdcluster.kernel.targets.native import build, objects
from sdcluster.kernel.targets.python import expression
from sdcluster.kernel.warming import started

MODELS = Path(__file__).resolve().parents[2] / "models"

pytest.importorskip("llvmlite")


def text_of(*statements: str, more: str = "") -> str:
    """Return a kernel whose ``derive(p)`` holds these statements, and whose other functions do nothing."""
    derive = "\n".join(["@jit", "def derive(p):", *(f"    {s}" for s in statements)])
    rest = (("initial", "p, y"), ("rhs", "t, y, p, dy"), ("observe", "t, y, p, dy, o"), ("advance", "t, y, p"),
            ("clamp", "y"))  # fmt: skip
    empty = "\n\n".join(f"@jit\ndef {name}({words}):\n    pass" for name, words in rest)
    return kernel._module("\n\n".join([more, derive, empty]))


def complete(text: str) -> ir.Module:
    """Return a kernel with the elementary functions, as it is compiled."""
    return parse(text).with_library(elementary.module())


def both(text: str, numbers: list[float]) -> tuple[list[float], list[float]]:
    """Return `p` after ``derive`` in plain Python and in machine code."""
    plain = list(numbers)
    kernel._execute(text).derive(plain)
    fast = np.array(numbers)
    objects.load(objects.compiled(parse(text))).derive(fast)
    return plain, fast.tolist()


def undefined(data: bytes) -> set[str]:
    """Return the names that an ELF object takes from elsewhere (System V ABI, "Symbol Table")."""
    (start,) = struct.unpack_from("<Q", data, 40)
    size, count = struct.unpack_from("<HH", data, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, start + i * size) for i in range(count)]
    found = set()
    for _, kind, _, _, at, length, link, *_ in headers:
        if kind == 2:  # symbols; `link` is the section of their names
            names = headers[link][4]
            for place in range(at + 24, at + length, 24):
                name, _, _, section = struct.unpack_from("<IBBH", data, place)
                if section == 0:
                    found.add(data[names + name : data.index(b"\0", names + name)].decode())
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads object files of Linux")
def test_machine_code_calls_no_mathematical_library() -> None:
    """Its functions differ from system to system in the last place; those for memory copy bits."""
    functions = ("exp(a)", "log(a)", "a % 3.7", "pow(a, 1.3)", "tan(a)", "erfc(a)", "lgamma(a)", "sqrt(a)", "sinh(a)",
                 "acos(a)", "log10(a)", "tanh(a)")  # fmt: skip
    texts = [text_of("a = p[0]", *(f"p[{i}] = {f}" for i, f in enumerate(functions)))]
    texts += [
        compile_model(sdcluster.load(MODELS / name)).text for name in ("cluster", "value_chain")
    ]
    for text in texts:
        assert undefined(objects.compiled(parse(text))) <= {
            "malloc",
            "free",
            "memset",
            "memcpy",
            "memmove",
        }


STATEMENTS = (
    "p[2] = p[0] % p[1]",
    "p[2] = int(p[0]) % 7 + int(p[1]) // 3 - (-7) // 2 + (-7) % 2",
    "p[2] = min(p[0], p[1], 2) - max(p[0], 3, p[1])",
    "p[2] = abs(p[0]) + abs(int(p[1])) + (p[0] + 0.5) ** 2",
    "p[2] = 1.0 if p[0] < p[1] <= 4.0 else -1.0",
    "p[2] = (p[0] if p[0] > 0.0 and p[1] > 0.0 else p[1] if not p[0] > 1.0 or p[1] < 0.0 else 3.0)",
    "p[2] = exp(p[0] / 1e5) if p[1] > 0.0 and exp(p[1] / 1e5) > 1.1 else sqrt(abs(p[1]))",
    "p[2] = (p[0] != p[1]) + (1.0 if int(p[0]) in (1, 2, 5) else 0.0) + (1.0 if int(p[1]) not in (0, 1) else 0.0)",
    "a, b = p[0], p[1]\n    a, b = b, a\n    p[2] = a - 2.0 * b",
    "x = 0\n    for i in range(9):\n        if i == 5:\n            continue\n        x += i * p[0]\n    p[2] = x",
    "n = 0\n    for i in range(9, 2, -2):\n        n += i\n    p[2] = n + i",
    "n = 0\n    while True:\n        n += 1\n        if n > 9 or n > p[0]:\n            break\n    p[2] = n",
    "for i in range(len(p)):\n        if i > 2:\n            break\n        p[i] += i",
    "p[2] = float(int(p[0])) + bool(p[1]) - (-p[0]) + (+p[1])",
)  # fmt: skip
NUMBERS = st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-3)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_statements_mean_what_python_means(statement: str) -> None:
    text = text_of(statement)
    fast = objects.load(objects.compiled(parse(text)))
    plain = kernel._execute(text)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(NUMBERS, NUMBERS)
    @example(5.0, -3.0)
    @example(-6.0, 3.0)
    @example(2.5, 2.5)
    def agree(a: float, b: float) -> None:
        ours, theirs = np.array([a, b, 0.0]), [a, b, 0.0]
        fast.derive(ours)
        plain.derive(theirs)
        # Python asks the C library for powers and exponentials, which may round the last bit another way.
        rounded = "**" in statement or "exp" in statement
        np.testing.assert_allclose(ours, theirs, rtol=1e-15 if rounded else 0.0, atol=0)

    agree()


def test_what_raises_in_python_gives_infinity_or_nan() -> None:
    text = text_of(
        "p[2] = p[0] / p[1]", "p[3] = log(p[1])", "p[4] = exp(p[0] * 1e6)", "p[5] = sqrt(-p[0])"
    )
    p = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    objects.load(objects.compiled(parse(text))).derive(p)
    assert p[2:5].tolist() == [np.inf, -np.inf, np.inf]
    assert np.isnan(p[5])


@pytest.mark.parametrize(
    "statement",
    [
        "p[0] = [1.0, 2.0][0]",
        "p[0] = open(0)",
        "import os",
        "p[0] = p.shape",
        "p[0] = (lambda: 1.0)()",
        "p[0] = 'x'",
        "del p",
    ],
)
def test_other_python_is_refused(statement: str) -> None:
    with pytest.raises(Unsupported):
        translate(complete(text_of(statement)))


# Rows without a spelling are made by rewriting, and take more than numbers.
TEMPLATES = {
    name: row
    for name, row in FUNCTIONS.items()
    if row.template and row.template != "if" and (row.xmile or row.vensim)
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_function_of_numbers_is_known(name: str) -> None:
    """What is not known here runs in plain Python alone."""
    row = TEMPLATES[name]
    numbers = [expressions(f"p[{10 + i}]") for i in range(row.arity[1] - row.courses)]
    (value,) = filled(row.template, [*numbers, *[expressions("p, 20, 30")] * row.courses])
    times = (f"{n} = {expression(v)}" for n, v in step_times(times_in(row.template)))
    translate(complete(text_of("t = p[1]", *times, f"p[2] = {expression(value)}")))


@pytest.mark.parametrize("name", sorted(p.parent.name for p in MODELS.glob("*/*.xmile")))
@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_our_models_agree_with_plain_python(name: str, method: str) -> None:
    model = sdcluster.load(MODELS / name)
    plain = sdcluster.Simulator(model, method=method, backend="python").run()
    fast = sdcluster.Simulator(model, method=method, backend="native").run()
    np.testing.assert_allclose(fast, plain, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("on_stack", [0, 400])
def test_a_long_function_is_cut_into_parts_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch, on_stack: int
) -> None:
    model = sdcluster.load(MODELS / "value_chain")
    monkeypatch.setattr(long_functions, "LONG", 20)
    monkeypatch.setattr(long_functions, "PART", 7)
    monkeypatch.setattr(long_functions, "ON_STACK", on_stack)
    text = compile_model(model).text
    translation = translate(complete(text))
    assert "@sd_observe.5(" in translation.text
    assert ("@malloc" in translation.text) == (on_stack == 0)
    simulator = sdcluster.Simulator(model)
    plain = simulator.run()
    compiled = objects.load(objects.compiled(parse(text)))
    monkeypatch.setattr(simulator._backend, "functions", lambda kernel: (compiled, True))
    np.testing.assert_allclose(simulator.run(), plain, rtol=1e-12, atol=1e-300)


def test_observe_calls_the_parts_of_rhs_where_both_do_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long_functions, "LONG", 20)
    monkeypatch.setattr(long_functions, "PART", 7)
    text = translate(
        objects.complete(compile_model(sdcluster.load(MODELS / "cluster")).module)
    ).text
    rhs, observe = (
        re.findall(
            r"call void @sd_\w+\.\d+", re.split(rf"define void @sd_{name}\(", text)[1].split("}")[0]
        )
        for name in ("rhs", "observe")
    )
    assert len(observe) > len(rhs) > 5
    assert observe[: len(rhs) - 1] == rhs[: len(rhs) - 1]


def test_compiled_functions_take_nothing_but_contiguous_doubles() -> None:
    compiled = objects.load(objects.compiled(parse(text_of("p[0] = 1.0"))))
    for wrong in (np.zeros(4, dtype=np.float32), np.zeros(8)[::2]):
        with pytest.raises(TypeError, match="contiguous arrays of numbers"):
            compiled.derive(wrong)


def test_several_processes_compile_the_same_kernel_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import sys, sdcluster\n"
        "s = sdcluster.Simulator(sys.argv[1], backend='native')\n"
        "print(repr(float(s.run()[0, -1])))\n"
    )
    monkeypatch.setenv("SDCLUSTER_CACHE", str(tmp_path))
    words = [sys.executable, "-c", code, str(MODELS / "upgrading_cycle")]
    started = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert len({out for out, _ in said}) == 1
    kept = sorted(p.suffix for p in (tmp_path / "kernels").iterdir())
    assert kept == [".o"]  # one object, and nothing half-written


def test_a_damaged_object_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDCLUSTER_CACHE", str(tmp_path))
    text = text_of("p[0] = 3.0")
    place = build.place(text)
    build.functions(text)
    whole = place.read_bytes()
    for damaged in (b"", b"no object", whole[:-1], whole[:99] + b"?" + whole[100:]):
        place.write_bytes(damaged)
        p = np.zeros(1)
        build.functions(text).derive(p)
        assert p[0] == 3.0
        assert place.read_bytes() == whole


@pytest.mark.parametrize("failure", [Unsupported("a thing"), RuntimeError("LLVM said no")])
def test_plain_python_goes_on_where_nothing_can_be_compiled(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise failure

    monkeypatch.setattr(build, "functions", refuse)
    started.cache_clear()
    model = MODELS / "wenzhou_firms"
    simulator = sdcluster.Simulator(model)
    simulator.warm(wait=True)
    assert simulator.backend == "python"
    plain = sdcluster.Simulator(model, backend="python").run()
    assert np.array_equal(simulator.run(), plain)
    with pytest.raises(type(failure)):
        sdcluster.Simulator(model, backend="native").run()
    started.cache_clear()


def test_the_backend_of_before_is_machine_code_now() -> None:
    model = MODELS / "wenzhou_firms"
    with pytest.warns(DeprecationWarning, match='"native"'):
        simulator = sdcluster.Simulator(model, backend="numba")
    assert simulator.backend == "native"
    assert np.array_equal(simulator.run(), sdcluster.Simulator(model, backend="native").run())


def test_only_large_kernels_need_a_process_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDCLUSTER_CACHE", str(tmp_path))
    asked: list[str] = []

    def beside(_module: str, _arguments: object, data: bytes) -> child.Answer:
        asked.append(pickle.loads(data))
        return child.Answer(0, objects.compiled(parse(asked[-1])), "")

    monkeypatch.setattr(child, "run", beside)
    small = text_of("p[0] = 5.0")
    large = text_of("p[0] = 5.0", *["p[1] = p[0]"] * build.SMALL)
    for text in (small, large):
        p = np.zeros(2)
        build.functions(text).derive(p)
        assert p[0] == 5.0
    assert asked == [large]


ENDS_WHILE_COMPILING = """
import sys, sdcluster
sdcluster.Simulator(sys.argv[1]).warm()
"""
FORKS_WHILE_COMPILING = """
import os, sys, sdcluster
import numpy as np
from sdcluster.kernel.targets.native import build
simulator = sdcluster.Simulator(sys.argv[1])
simulator.warm()
text = simulator.prepared()[0].kernel.text
if os.fork() == 0:
    build.functions(text)
    os._exit(7)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 7
"""


@pytest.mark.parametrize(
    "program",
    [
        ENDS_WHILE_COMPILING,
        pytest.param(
            FORKS_WHILE_COMPILING,
            marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
        ),
    ],
    ids=["ends", "forks"],
)
def test_a_program_that_ends_or_forks_while_it_compiles_ends_well(
    program: str, tmp_path: Path
) -> None:
    environment = os.environ | {"SDCLUSTER_CACHE": str(tmp_path)}
    words = [sys.executable, "-c", program, str(MODELS / "wenzhou_firms")]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
