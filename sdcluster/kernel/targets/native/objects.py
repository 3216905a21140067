"""Compile kernels to object files, load object files, and call their functions.

Exports `compiled(kernel)`, which returns the bytes of an object file for this machine; `load(data)`, which returns the
callables of an object file; and `callables(module, lanes, entries, processor)`, which compiles and loads. An object
file is valid for one processor, one version of LLVM and one kernel; `machine()` identifies the processor and version.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from sdcluster.kernel import ir
from sdcluster.kernel.library import elementary
from sdcluster.kernel.targets.llvm import ENTRIES, OPTIONAL, Translation, translate

# Largest number of statements, level of optimisation and level of code generation. Larger kernels get lower levels,
# because LLVM's time grows faster than the size of the kernel, and the time that runs save does not.
LEVELS = ((3_000, 3, 3), (30_000, 1, 1), (10**9, 1, 0))
WHOLE = 30_000  # statements; the functions of a larger kernel are optimised one by one
_WHOLE_NUMBERS = ctypes.POINTER(ctypes.c_int64)
_VECTOR = [ctypes.POINTER(ctypes.c_double), ctypes.c_int64]
_TYPES: dict[str, list[Any]] = {
    "f": [ctypes.c_double],
    "i": [ctypes.c_int64],
    "k": [_WHOLE_NUMBERS, ctypes.c_int64],
}
_DOUBLE, _WHOLE = np.dtype(np.float64), np.dtype(np.int64)


class Processor(NamedTuple):
    """The processor that code is compiled for.

    Parameters
    ----------
    name : str
        Name of the processor in LLVM, such as ``x86-64-v2``.
    features : str
        Features to add or to remove, such as ``+avx,-fma``.
    """

    name: str
    features: str = ""


@cache
def _llvm() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def host() -> Processor:
    """Return the processor of this machine."""
    llvm = _llvm()
    return Processor(llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())


@cache
def machine() -> str:
    """Return a text that identifies the processor and the LLVM version for which code is compiled."""
    llvm = _llvm()
    version = ".".join(map(str, llvm.llvm_version_info))
    return f"{llvm.get_default_triple()} {' '.join(host())} LLVM {version}"


def complete(kernel: ir.Module) -> ir.Module:
    """Return a kernel together with the elementary functions that it calls."""
    return kernel.with_library(elementary.module())


def compiled(kernel: ir.Module, entries: Mapping[str, str] | None = None, lanes: int = 1) -> bytes:
    """Return the object file of a kernel for this machine.

    Parameters
    ----------
    kernel : ir.Module
    entries, lanes
        As for `callables`.

    Raises
    ------
    Unsupported
        If the kernel contains an unsupported construct.
    RuntimeError
        If LLVM rejects the generated code.
    """
    return object_code(translate(complete(kernel), lanes, entries))


def callables(
    module: ir.Module,
    lanes: int = 1,
    entries: Mapping[str, str] | None = None,
    processor: Processor | None = None,
    levels: tuple[int, int] | None = None,
) -> SimpleNamespace:
    """Compile a module and load it.

    Parameters
    ----------
    module : ir.Module
        A module with all functions that it calls; see `complete`.
    lanes : int
        Number of runs that are performed at once.
    entries : mapping of str to str, optional
        Functions that are called from outside and the types of their arguments (`sdcluster.kernel.kinds`). By default,
        the entries of a kernel.
    processor : Processor, optional
        The processor to compile for, by default that of this machine. This machine must be able to run the code.
    levels : (int, int), optional
        Levels of optimisation and of code generation, from 0 to 3. Level 3 of optimisation vectorises loops. By
        default, the levels depend on the size of the module.

    Returns
    -------
    namespace
        A function for each entry; see `load`.

    Raises
    ------
    Unsupported
        If the module contains an unsupported construct.
    RuntimeError
        If LLVM rejects the generated code.
    """
    translation = translate(module, lanes, entries)
    return load(object_code(translation, processor, levels), entries, lanes)


def object_code(
    translation: Translation,
    processor: Processor | None = None,
    levels: tuple[int, int] | None = None,
) -> bytes:
    """Compile LLVM IR to an object file, for this processor or another one of the same architecture."""
    llvm = _llvm()
    size = translation.statements
    level, generation = levels or next((o, g) for most, o, g in LEVELS if size <= most)
    module = llvm.parse_assembly(translation.text)
    module.verify()
    processor = processor or host()
    if translation.scalar and "+sse2" in processor.features:
        # Four equations in one vector cost more for shuffling than they save, so limit vectors to two.
        processor = processor._replace(features=processor.features + ",+prefer-128-bit")
    target = _target(generation, processor)
    tuning = llvm.create_pipeline_tuning_options(speed_level=level)
    tuning.loop_vectorization = tuning.slp_vectorization = level > 2
    builder = llvm.create_pass_builder(target, tuning)
    if size > WHOLE:
        _each_alone(module, builder)
    else:
        builder.getModulePassManager().run(module, builder)
    return bytes(target.emit_object(module))


def _each_alone(module: Any, builder: Any) -> None:
    """Optimise the functions of a large kernel one by one.

    Parts of a long function (``sd_rhs.7``) are optimised less.
    """
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


def _target(level: int, processor: Processor) -> Any:
    return (
        _llvm()
        .Target.from_default_triple()
        .create_target_machine(
            cpu=processor.name,
            features=processor.features,
            opt=level,
            reloc="default",
            codemodel="jitdefault",
            jit=True,
        )
    )


def load(data: bytes, entries: Mapping[str, str] | None = None, lanes: int = 1) -> SimpleNamespace:
    """Return the callables of an object file, by default ``derive initial rhs observe advance clamp euler rk2 rk4``.

    The callables take doubles, integers and C-contiguous arrays of doubles or 64-bit integers, and release the
    interpreter's lock. With several lanes, the last axis of an array is that of the lanes, except for vectors that all
    lanes share.

    Raises
    ------
    RuntimeError
        If the data are not an object file for this machine.
    """
    llvm = _llvm()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target(3, host()))
    engine.add_object_file(llvm.ObjectFileRef.from_data(data))
    engine.finalize_object()
    functions = {}
    for name, kinds in (ENTRIES | OPTIONAL if entries is None else entries).items():
        address = engine.get_function_address(f"sd_{name}")
        if not address and name in OPTIONAL:
            continue
        if not address:
            raise RuntimeError(f"the object file has no function {name}")
        prototype = ctypes.CFUNCTYPE(
            None, *(t for kind in kinds for t in _TYPES.get(kind, _VECTOR))
        )
        functions[name] = _callable(prototype(address), kinds, lanes, engine)
    return SimpleNamespace(**functions)


def _callable(
    native: Callable[..., None], kinds: str, lanes: int, engine: object
) -> Callable[..., None]:
    """Wrap a native function, which takes addresses, as a function of arrays that keeps the LLVM engine alive."""
    # The axis whose length is the number of elements.
    axes = [-1 if lanes == 1 or kind == "u" else -2 for kind in kinds]

    def addressed(arguments: tuple[Any, ...]) -> list[Any]:
        given: list[Any] = []
        for kind, axis, argument in zip(kinds, axes, arguments, strict=True):
            if kind in "fi":
                given.append(argument)
            elif kind == "k":
                given += (_first(argument, _WHOLE, ctypes.c_int64), len(argument))
            else:
                given += (_first(argument, _DOUBLE, ctypes.c_double), argument.shape[axis])
        return given

    def call(*arguments: Any, _engine: object = engine) -> None:
        native(*addressed(arguments))

    def bound(*arguments: Any) -> Callable[[], None]:
        """Return a function that repeats this call, with the values that the same arrays then contain."""
        given = addressed(arguments)

        def again(_engine: object = engine) -> None:
            native(*given)

        return again

    call.bound = bound  # type: ignore[attr-defined]
    return call


def _first(array: np.ndarray, kind: np.dtype[Any], machine: Any) -> Any:
    """Return a ctypes object for the first element of a contiguous array; passing its address passes the array."""
    try:
        if array.dtype is kind or array.dtype == kind:
            return machine.from_buffer(array) if array.size else machine()
    except TypeError:
        pass
    raise TypeError("compiled kernels take contiguous arrays of numbers that may be written")
