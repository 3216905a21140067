"""Damaged model files, and an audit hook that watches how they are read: for tests/fuzz and `benchmarks/fuzz.py`.

`Mutator(seeds)` makes inputs from random numbers. `attempt(path, content, watch)` reads and runs one input and returns
the outcome. `Watch` is an audit hook of the interpreter that records every action that reading a model must not cause.
"""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import sys
import traceback
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 10
MEMORY = 6 * 1024**3
LARGEST_RUN = 20_000  # values; larger models are read and compiled, but not run
LARGEST_SEED = 12_000  # bytes

XMILE = """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<sim_specs><start>0</start><stop>4</stop><dt>1</dt></sim_specs>
<dimensions><dim name="d"><elem name="p"/><elem name="q"/></dim></dimensions><model><variables>
<aux name="a"><eqn>3</eqn></aux><aux name="b"><eqn>a * TIME</eqn></aux>
<aux name="c"><dimensions><dim name="d"/></dimensions><eqn>b</eqn></aux>
<stock name="s"><eqn>1</eqn><inflow>f</inflow></stock><flow name="f"><eqn>s / 9</eqn></flow>
<gf name="g"><xpts>0,1,2</xpts><ypts>0,3,5</ypts></gf><aux name="x"><eqn>{}</eqn></aux>
</variables></model></xmile>"""
VENSIM = (
    "{{UTF-8}}\nd: p, q ~~|\na = 3 ~ firm ~ |\nb = a * Time ~~|\nc[d] = b ~~|\ns = INTEG(f, 1) ~~|\nf = s / 9 ~~|\n"
    "g((0,0),(1,3),(2,5)) ~~|\nx = {} ~~|\nFINAL TIME = 4 ~~|\nINITIAL TIME = 0 ~~|\nSAVEPER = TIME STEP ~~|\n"
    "TIME STEP = 1 ~~|\n"
)

SOUND = (
    "IF a > 1 THEN b ELSE 0", "IF THEN ELSE(a > 1, b, 0)", "SMTH1(b, 2)", "SMOOTH N(b, 2, 1, 3)",
    "DELAY3(b, 2)", "DELAY(b, 1)", "DELAY FIXED(b, 2, 0)", "STEP(3, 1)", "RAMP(1, 0, 5)",
    "PULSE(1, 2)", "PULSE TRAIN(0, 1, 2, 9)", "SUM(c[*])", "SUM(c[d!])", "VMIN(c[d!])",
    "VECTOR SELECT(c[d!], c[d!], 0, 0, 0)", "ALLOCATE AVAILABLE(c[d], c[d], 1)",
    "RANDOM UNIFORM(0, 1, 0)", "INVERT MATRIX(c[d, d], 2)", "INTEG(a, b)",
    "WITH LOOKUP(b, ((0,0),(1,1)))", "LOOKUP(g, b)", "g(b)", "PREVIOUS(x, 0)", "INIT(x)",
    "ACTIVE INITIAL(b, 1)", "SAMPLE IF TRUE(a > 1, b, 0)",
    "GET XLS DATA('/etc/passwd', 'A', 'B', 'C2')",
    "GET DIRECT CONSTANTS('../../x.csv', ',', 'B2')", "TREND(b, 2, 0)", "FORECAST(b, 2, 1)",
    "NPV(a, b, 1, 2)", "MAX(a, b)", "a[p]", "c[p]", "c[d]", "c", "x", "s", "f", "TIME", "Time",
    "PI", "INF", ":NA:", ":AND:", ":OR:", ":NOT:", "AND", "OR", "NOT",
)  # fmt: skip
ODD = (
    "MOD", "+", "-", "*", "/", "^", "<", "<=", "<>", "=", "(", ")", "[", "]", "{", "}", ",", ";",
    ":", "!", "~", "|", "'", "\"", "\\", "&", "1e308", "1e999", "-1e-320", "0x1F", "1_000", "007",
    "1e", ".", "1.2.3", "nan", "inf", "9" * 400, "\x00", "\ufeff", "\u202e", "٣", "𝟙", "é", "知识",
    "__import__('os').system('touch canary')", "().__class__.__bases__[0].__subclasses__()",
    "open('canary','w').write('x')", "eval('1')", "exec('1')", "lambda: 0", "{0.__class__}",
    "%s%n", "${HOME}", "$(touch canary)", "`touch canary`", "<![CDATA[", "]]>", "<!ENTITY a 'b'>",
    "<!DOCTYPE x>", "&lt;", "&#0;", "&#x110000;", "<eqn>", "</eqn>", "<gf>",
    "<element subscript='p'>", "<dimensions>", "<non_negative/>", ":EXCEPT:[p]", ":MACRO: m(a)\n",
    ":END OF MACRO:", ":INTERPOLATE:", "d <-> d", "(p1-p99999999)", "->", "{UTF-8}",
    "\\\\\\---/// Sketch", "\n", "\r", "\t", " ",
)  # fmt: skip
WORDS = SOUND + ODD
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_EXTREMES = (
    "0",
    "-1",
    "1e308",
    "1e-308",
    "99999999999",
    "1000000",
    "0.0000001",
    "nan",
    "inf",
    "1e5",
    "4294967296",
    "-0",
)


@dataclass
class Mutator:
    """Makes damaged inputs from real model files.

    Parameters
    ----------
    seeds : sequence of (str, str)
        Suffix and text of the model files.
    """

    seeds: Sequence[tuple[str, str]]

    @classmethod
    def of_folders(cls, *folders: Path) -> Mutator:
        """Return a mutator whose seeds are all model files below `folders` that are smaller than `LARGEST_SEED`."""
        seeds = []
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                if (
                    path.suffix.lower() in (".xmile", ".stmx", ".mdl")
                    and path.stat().st_size < LARGEST_SEED
                ):
                    seeds.append(
                        (path.suffix.lower(), path.read_bytes().decode("utf-8", "replace"))
                    )
        return cls(seeds or [(".xmile", XMILE.format("a")), (".mdl", VENSIM.format("a"))])

    def make(self, chance: random.Random) -> tuple[str, bytes]:
        """Return the file suffix and the content of a new input."""
        if chance.random() < 0.7:
            suffix, frame = chance.choice(((".xmile", XMILE), (".mdl", VENSIM)))
            text = self.equation(chance)
            if suffix == ".xmile" and chance.random() < 0.9:
                text = text.replace("&", "&amp;").replace("<", "&lt;")
            text = frame.format(text)
        else:
            suffix, text = chance.choice(self.seeds)
            for _ in range(chance.choice((1, 1, 2, 3, 8))):
                text = self.damaged(text, chance)
        content = text.encode("utf-8", "surrogatepass")
        if chance.random() < 0.03 and content:
            at = chance.randrange(len(content))
            content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
        return suffix, content

    def equation(self, chance: random.Random) -> str:
        """Return the text of a random equation, which may or may not be valid."""
        if chance.random() < 0.5:
            sound = [chance.choice(SOUND) for _ in range(chance.choice((1, 1, 2, 3)))]
            text = chance.choice((" + ", " * ", " - ", " / ", " > ", " ^ ")).join(sound)
            return text if chance.random() < 0.7 else self.damaged(text, chance)
        parts = [chance.choice(WORDS) for _ in range(chance.choice((1, 2, 3, 3, 5, 9)))]
        text = chance.choice(("", " ", " + ")).join(parts)
        draw = chance.random()
        if draw < 0.05:
            text = "(" * chance.choice((5, 99, 101, 3000)) + text
        elif draw < 0.1:
            text = text * chance.choice((2, 20, 400))
        elif draw < 0.3:
            text = self.damaged(text, chance)
        return text

    def damaged(self, text: str, chance: random.Random) -> str:
        """Return `text` with one random change."""
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((1, 1, 3, 10, 60, 400)))
        match chance.randrange(9):
            case 0:
                return text[:at] + text[end:]
            case 1:
                return text[:end] + text[at:end] * chance.choice((1, 1, 2, 30)) + text[end:]
            case 2 | 3:
                return text[:at] + chance.choice(WORDS) + text[at:]
            case 4:
                return text[:at] + chance.choice(WORDS) + text[end:]
            case 5:
                numbers = list(_NUMBER.finditer(text))
                if not numbers:
                    return text
                found = chance.choice(numbers)
                return text[: found.start()] + chance.choice(_EXTREMES) + text[found.end() :]
            case 6:
                _, other = chance.choice(self.seeds)
                begin = chance.randrange(len(other) + 1)
                return text[:at] + other[begin : begin + chance.choice((20, 200, 1000))] + text[at:]
            case 7:
                return text[:at]
            case _:
                swapped = list(text[at:end])
                chance.shuffle(swapped)
                return text[:at] + "".join(swapped) + text[end:]


# ---- the watch

KERNEL = "<kernel printed by sdcluster>"
KERNEL_NAMES = (
    "advance",
    "clamp",
    "derive",
    "divide",
    "euler",
    "initial",
    "math",
    "observe",
    "rhs",
    "rk2",
    "rk4",
)
_TABLES = re.compile(r"[A-Z]+\d*\Z")  # a kernel's own arrays
_DANGEROUS = frozenset(
    {"__builtins__", "__loader__", "__import__", "eval", "exec", "open", "getattr"}
)
_RUNS = (
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.fork", "os.forkpty",
    "subprocess.Popen", "pty.spawn", "socket.connect", "socket.bind", "socket.getaddrinfo",
    "socket.sendto", "urllib.Request", "ftplib.connect", "smtplib.connect", "webbrowser.open",
    "shutil.rmtree", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.symlink", "os.link",
    "os.chmod", "os.chown", "os.putenv", "os.kill", "signal.pthread_kill",
)  # fmt: skip


@dataclass
class Watch:
    """An audit hook that, while it is active, records started programs, executed code and access to files elsewhere.

    Parameters
    ----------
    free : tuple of Path
        Folders in which files may be written and from which code may run, such as the cache.
    """

    free: tuple[Path, ...]
    active: bool = False
    noted: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        libraries = {sys.prefix, sys.base_prefix, str(ROOT), str(Path(os.__file__).parent)}
        self.readable = (
            tuple(libraries)
            + tuple(map(str, self.free))
            + ("/proc/", "/sys/", "/usr/lib", "/usr/share/zoneinfo")
        )
        self.writable = tuple(map(str, self.free))
        self.arithmetic = allowed_names()
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Check an audit event of the interpreter, and record it if it is forbidden."""
        if not self.active:
            return
        if event == "open":
            self.opened(*arguments)
        elif event == "exec":
            self.executed(arguments[0])
        elif event in _RUNS and not str(arguments[:1]).strip("(',)").startswith(self.writable):
            self.noted.append(f"{event}{arguments!r}"[:200])

    def executed(self, code: Any) -> None:
        """Check code that is about to run: allowed are installed packages, and kernels that use only arithmetic."""
        name = getattr(code, "co_filename", "?")
        if name == KERNEL:
            other = {n for n in _names(code) - self.arithmetic if not _TABLES.match(n)}
            if other:
                self.noted.append(f"the kernel uses {sorted(other)}")
        elif name == "<string>" and _importing():
            pass  # named tuples and data classes of a library that is imported just now
        elif not name.startswith((*self.readable, "<frozen", "<class 'networkx")):
            self.noted.append(f"code of {name} was run")

    def opened(self, path: Any, mode: Any, flags: int) -> None:
        """Check a file that is about to be opened, and record it if this is forbidden."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        name = os.path.abspath(os.fsdecode(path))
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        if (
            writes
            and not name.startswith(self.writable)
            and name != os.devnull
            and "__pycache__" not in name
        ):
            self.noted.append(f"{name} was opened for writing")
        elif not name.startswith(self.readable):
            self.noted.append(f"{name} was read")


def _importing() -> bool:
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _names(code: types.CodeType) -> set[str]:
    """Return the global names and attributes that a code object uses, including those in its inner functions."""
    inner = [_names(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    return set(code.co_names).union(*inner)


def allowed_names() -> frozenset[str]:
    """Return the names that a generated kernel may use: those of the kernel library, of `math`, and a few builtins."""
    import math

    from sdcluster.kernel import library as prelude

    builtins = {"abs", "min", "max", "int", "float", "bool", "range", "len"}
    own = {"INF", "NAN", "jit", "keep", "keep_all", "power", *prelude.functions()}
    return frozenset({*vars(math), *own, *builtins, *KERNEL_NAMES}) - _DANGEROUS


class TooSlow(BaseException):
    """An input took longer than `SECONDS`. This is not an `Exception`, so that no ``except Exception`` can catch it."""


@contextmanager
def limit(seconds: int) -> Iterator[None]:
    """Raise `TooSlow` in the block after `seconds` of processor time, or after twenty times as many elapsed seconds."""

    def ring(*_: object) -> None:
        raise TooSlow

    before = [signal.signal(number, ring) for number in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(20 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for number, handler in zip((signal.SIGPROF, signal.SIGALRM), before, strict=True):
            signal.signal(number, handler)


def limit_memory() -> None:
    """Limit the memory of this process to `MEMORY` bytes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def attempt(path: Path, content: bytes, watch: Watch) -> tuple[str, str]:
    """Write an input to a file, then read it, compile it and, if it is small, run it.

    Returns
    -------
    (str, str)
        ``refused`` (a ModelError), ``stopped`` (a SimulationError) or ``ran``, with the message; or ``crash``, ``slow``
        or ``acted``, with a description of what happened.
    """
    import sdcluster

    path.write_bytes(content)
    watch.noted.clear()
    watch.active = True
    try:
        with limit(SECONDS):
            outcome = _read_and_run(path)
    except sdcluster.ModelError as error:
        outcome = ("refused", str(error))
    except sdcluster.SimulationError as error:
        outcome = ("stopped", str(error))
    except TooSlow:
        outcome = ("slow", f"more than {SECONDS} s")
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        outcome = (
            "crash",
            f"{type(error).__name__}: {str(error)[:200]} at {Path(place.filename).name}:{place.lineno}",
        )
    finally:
        watch.active = False
    return ("acted", "; ".join(watch.noted[:3])) if watch.noted else outcome


def _read_and_run(path: Path) -> tuple[str, str]:
    import sdcluster

    model = sdcluster.load(path)
    clock = model.time
    lengths = {d.name: len(d.elements) for d in model.dimensions}
    elements = 0
    for variable in model.variables.values():
        size = 1
        for name in variable.dimensions:
            size *= lengths.get(name, 1)
        elements += size
    if (clock.stop - clock.start) / clock.dt * elements > LARGEST_RUN:
        return "read", "too large to run"
    sdcluster.simulate(model, method="euler", backend="python")
    return "ran", ""
