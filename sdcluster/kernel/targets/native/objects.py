"""Machine code of printed kernels: LLVM's text compiled to an object, the object loaded and called.

Crosses the border: `compiled(text)` gives the bytes of an object file; `load(data)` gives the callables. Both need
llvmlite, which comes with numba. An object holds for one processor, one version of LLVM and one text: `machine()` names
the first two.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from sdcluster.kernel.library import elementary
from sdcluster.kernel.parse import parse
from sdcluster.kernel.targets.llvm import ENTRIES, OPTIONAL, translate

# Statements up to which a kernel gets this level of optimisation and of code generation: LLVM's time grows faster than
# its input, and what it saves does not.
LEVELS = ((3_000, 3, 3), (30_000, 1, 1), (10**9, 1, 0))
WHOLE = 30_000  # statements up to which LLVM looks at the whole kernel, and not at one function after the other
_TYPES: dict[str, list[Any]] = {
    "f": [ctypes.c_double],
    "i": [ctypes.c_int64],
    "p": [ctypes.POINTER(ctypes.c_double), ctypes.c_int64],
    "v": [ctypes.POINTER(ctypes.c_double), ctypes.c_int64],
    "m": [ctypes.POINTER(ctypes.c_double), ctypes.c_int64],
    "k": [ctypes.POINTER(ctypes.c_int64), ctypes.c_int64],
}
_WHOLE_NUMBERS = ctypes.POINTER(ctypes.c_int64)
_DOUBLE = np.dtype(np.float64)
_NOTHING = ctypes.c_double()  # stands for a vector without elements


@cache
def _llvm() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def machine() -> str:
    """Return what compiled code depends on besides its text."""
    llvm = _llvm()
    version = ".".join(map(str, llvm.llvm_version_info))
    features = llvm.get_host_cpu_features().flatten()
    return f"{llvm.get_default_triple()} {llvm.get_host_cpu_name()} {features} LLVM {version}"


def _target(level: int) -> Any:
    llvm = _llvm()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=level,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )


def compiled(text: str) -> bytes:
    """Return the object file of a printed kernel.

    Raises
    ------
    Unsupported
        For a text that holds something unknown.
    RuntimeError
        If LLVM does not take it.
    """
    llvm = _llvm()
    translation = translate(parse(text).with_library(elementary.module()))
    level, generation = next((o, g) for most, o, g in LEVELS if translation.statements <= most)
    module = llvm.parse_assembly(translation.text)
    module.verify()
    target = _target(generation)
    tuning = llvm.create_pipeline_tuning_options(speed_level=level)
    tuning.loop_vectorization = True
    tuning.slp_vectorization = level > 1
    builder = llvm.create_pass_builder(target, tuning)
    if translation.statements > WHOLE:
        _each_alone(module, builder)
    else:
        builder.getModulePassManager().run(module, builder)
    return bytes(target.emit_object(module))


def _each_alone(module: Any, builder: Any) -> None:
    """Optimise the functions of a very large kernel one by one, the parts of long ones (``sd_rhs.7``) only lightly."""
    llvm = _llvm()
    light, thorough = (llvm.create_new_function_pass_manager() for _ in range(2))
    light.add_sroa_pass()
    thorough.add_sroa_pass()
    thorough.add_simplify_cfg_pass()
    thorough.add_instruction_combine_pass()
    thorough.add_new_gvn_pass()
    for function in module.functions:
        if not function.is_declaration:
            is_part = function.name.startswith("sd_") and "." in function.name
            (light if is_part else thorough).run(function, builder)


def load(data: bytes) -> SimpleNamespace:
    """Return the callables ``derive initial rhs observe advance clamp euler rk4`` of an object file.

    They take doubles, whole numbers and C-contiguous arrays of doubles, and release the interpreter's lock.

    Raises
    ------
    RuntimeError
        If the data are no object file for this machine.
    """
    llvm = _llvm()
    target = _target(3)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
    engine.add_object_file(llvm.ObjectFileRef.from_data(data))
    engine.finalize_object()
    functions = {}
    for name, kinds in (ENTRIES | OPTIONAL).items():
        address = engine.get_function_address(f"sd_{name}")
        if not address and name in OPTIONAL:
            continue
        if not address:
            raise RuntimeError(f"the object file has no function {name}")
        prototype = ctypes.CFUNCTYPE(None, *(t for kind in kinds for t in _TYPES[kind]))
        functions[name] = _callable(prototype(address), kinds, engine)
    return SimpleNamespace(**functions)


def _callable(native: Callable[..., None], kinds: str, engine: object) -> Callable[..., None]:
    """Return a function of arrays that calls a function of addresses; it keeps the engine alive."""

    def call(*arguments: Any, _engine: object = engine) -> None:
        given: list[Any] = []
        for kind, argument in zip(kinds, arguments, strict=True):
            if kind in "pvm":
                given += (_first(argument), argument.shape[-1])
            elif kind == "k":
                given += (argument.ctypes.data_as(_WHOLE_NUMBERS), len(argument))
            else:
                given.append(argument)
        native(*given)

    return call


def _first(array: np.ndarray) -> ctypes.c_double:
    """Return the first element of an array, by which it is passed on; the array must hold contiguous doubles."""
    try:
        if array.dtype is _DOUBLE or array.dtype == _DOUBLE:
            return ctypes.c_double.from_buffer(array) if array.size else _NOTHING
    except TypeError:
        pass
    raise TypeError("compiled kernels take contiguous arrays of doubles that may be written")
