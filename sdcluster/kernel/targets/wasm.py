"""Generate WebAssembly modules with llvmlite. Neither a linker nor another program is needed.

Exports `wasm_module(kernel, method)`, which returns a module for any browser. Its results have the same bits as those
of machine code. The module imports its memory as ``env.__linear_memory`` and, if it needs a stack,
``env.__stack_pointer``. It exports the entries of the kernel as ``sd_…``.

LLVM writes an object file. The file is a valid module, with its constant tables at the start of the memory, except that
the section with the list of exports is missing. The names for this section are taken from the section for linkers
(WebAssembly tool conventions, "Linking", 2023).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sdcluster.kernel import ir
from sdcluster.kernel.library import elementary
from sdcluster.kernel.targets.llvm import ENTRIES, OPTIONAL, translate

if TYPE_CHECKING:
    from sdcluster.kernel.kernel import Kernel

_TRIPLE = "wasm32-unknown-unknown"
_FEATURES = "+nontrapping-fptoint,+bulk-memory,+sign-ext"
_VECTORS = _FEATURES + ",+simd128"  # for several runs at once; added to browsers from 2021 to 2023
_CUSTOM, _IMPORT, _EXPORT, _TAGS = 0, 2, 7, 13  # numbers of sections
_SYMBOLS = 8  # number of the subsection with symbols
_FUNCTION, _DATA, _SECTION = 0, 1, 3  # kinds of symbols
_UNDEFINED, _NAMED = 0x10, 0x40  # flags of symbols
_IMPORTED_FUNCTION, _IMPORTED_TABLE, _IMPORTED_MEMORY, _IMPORTED_GLOBAL = range(4)
PAGE = 65_536


@dataclass(frozen=True)
class WasmModule:
    """A WebAssembly module.

    Parameters
    ----------
    code : bytes
        The module in binary format.
    tables : int
        Number of bytes at the start of the memory that its constant tables take.
    exports : tuple of str
        Names of the exported functions.
    """

    code: bytes
    tables: int
    exports: tuple[str, ...]


def code(kernel: Kernel, method: str) -> bytes:
    """Return the bytes of a kernel's WebAssembly module; see `Kernel.code`."""
    return wasm_module(kernel.module, method).code


def wasm_module(kernel: ir.Module, method: str, lanes: int = 1) -> WasmModule:
    """Return a kernel as a WebAssembly module.

    Parameters
    ----------
    kernel : ir.Module
        `Kernel.module`.
    method : {"euler", "rk2", "rk4"}
        Integration loop to include.
    lanes : int
        Number of runs that the module performs at once. Vectors hold `lanes` consecutive numbers for each index. With
        more than one lane, the browser must support SIMD instructions of 128 bits.

    Raises
    ------
    Unsupported
        If a function cannot be translated.
    """
    entries = {
        name: kinds
        for name, kinds in (ENTRIES | OPTIONAL).items()
        if name in ("derive", "initial", "observe", method)
        or (name in OPTIONAL and name in kernel.functions)
    }
    translation = translate(kernel.with_library(elementary.module()), lanes, entries, heap=False)
    return _compiled(translation.text, _FEATURES if lanes == 1 else _VECTORS)


@lru_cache(maxsize=16)
def _compiled(text: str, features: str) -> WasmModule:
    """Compile LLVM IR to a module. Results are cached, because users who edit a model often undo a change."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    module = llvm.parse_assembly(f'target triple = "{_TRIPLE}"\n{text}')
    module.verify()
    target = llvm.Target.from_triple(_TRIPLE).create_target_machine(
        cpu="generic", features=features, opt=3, reloc="static"
    )
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    tuning.loop_vectorization = tuning.slp_vectorization = False
    builder = llvm.create_pass_builder(target, tuning)
    builder.getModulePassManager().run(module, builder)
    return _loadable(bytes(target.emit_object(module)))


def _loadable(data: bytes) -> WasmModule:
    """Turn an object file into a module: add exports, drop the linker sections."""
    sections = list(_sections(data))
    symbols = next((_symbols(body) for kind, body in sections if _is_linking(kind, body)), {})
    exported = {name: i for name, i in symbols.items() if name.startswith("sd_")}
    body = _number(len(exported)) + b"".join(
        _text(name) + b"\0" + _number(index) for name, index in exported.items()
    )
    out, done = bytearray(data[:8]), False
    for kind, section in sections:
        if kind == _CUSTOM:
            continue
        if kind > _EXPORT and kind != _TAGS and not done:
            out += bytes([_EXPORT]) + _number(len(body)) + body
            done = True
        out += bytes([kind]) + _number(len(section)) + section
    pages = sum(pages for _, _, pages in imports(data))
    return WasmModule(bytes(out), pages * PAGE, tuple(exported))


# ---- the binary format (WebAssembly core specification 2.0, chapter 5)


def _read(data: bytes, at: int) -> tuple[int, int]:
    """Return an unsigned number (LEB128) and the offset after it."""
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return result, at


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _text(value: str) -> bytes:
    return _number(len(value.encode())) + value.encode()


def _read_text(data: bytes, at: int) -> tuple[str, int]:
    size, at = _read(data, at)
    return data[at : at + size].decode(), at + size


def _sections(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 8
    while at < len(data):
        kind = data[at]
        size, at = _read(data, at + 1)
        yield kind, data[at : at + size]
        at += size


def _is_linking(kind: int, body: bytes) -> bool:
    return kind == _CUSTOM and _read_text(body, 0)[0] == "linking"


def _symbols(body: bytes) -> dict[str, int]:
    """Return the functions that an object file defines, with their indices."""
    found: dict[str, int] = {}
    _, at = _read_text(body, 0)
    _, at = _read(body, at)  # version
    while at < len(body):
        kind = body[at]
        size, inner = _read(body, at + 1)
        at = inner + size
        if kind == _SYMBOLS:
            found |= _functions(body, inner)
    return found


def _functions(body: bytes, at: int) -> dict[str, int]:
    found: dict[str, int] = {}
    count, at = _read(body, at)
    for _ in range(count):
        kind = body[at]
        flags, at = _read(body, at + 1)
        if kind == _SECTION:
            _, at = _read(body, at)
        elif kind == _DATA:
            _, at = _read_text(body, at)
            for _ in range(0 if flags & _UNDEFINED else 3):
                _, at = _read(body, at)
        else:
            index, at = _read(body, at)
            if not flags & _UNDEFINED or flags & _NAMED:
                name, at = _read_text(body, at)
                if kind == _FUNCTION and not flags & _UNDEFINED:
                    found[name] = index
    return found


def imports(code: bytes) -> list[tuple[str, str, int]]:
    """Return for each import of a module: module name, field name, and (for a memory, otherwise 0) minimum pages."""
    found = []
    for section in (body for kind, body in _sections(code) if kind == _IMPORT):
        count, at = _read(section, 0)
        for _ in range(count):
            module, at = _read_text(section, at)
            name, at = _read_text(section, at)
            kind, least = section[at], 0
            at += 1
            if kind == _IMPORTED_FUNCTION:
                _, at = _read(section, at)
            elif kind == _IMPORTED_GLOBAL:
                at += 2  # type and mutability
            else:
                at += kind == _IMPORTED_TABLE  # type of the elements
                limits = section[at]
                least, at = _read(section, at + 1)
                if limits & 1:
                    _, at = _read(section, at)
            found.append((module, name, least if kind == _IMPORTED_MEMORY else 0))
    return found
