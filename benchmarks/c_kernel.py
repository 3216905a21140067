"""Write a model as a C program and compile it with gcc, to show the speed of careful hand-written C.

`c_program(setup, grid, lever, width)` returns the text of a program that computes many runs with RK4, `width` runs at a
time, with another value of one constant in each run. `compiled(text, folder, flags)` compiles the text. The caller
chooses the flags. With ``-ffast-math``, gcc may reorder, fuse and approximate operations, which sdcluster never does.

Only models of scalars without delays and other devices can be written, because their right-hand side has no loops.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

from sdcluster.kernel import ir
from sdcluster.kernel.parse import parse
from sdcluster.run.grid import Grid
from sdcluster.run.plan import Setup

_IN_C = {"max": "fmax", "min": "fmin", "power": "pow", "abs": "fabs"}
_PROGRAM = """\
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define N {states}
#define P {parameters}
#define W {width}
#define INF INFINITY
{functions}
static inline void rhs(double t, const double *restrict y, const double *restrict p, double *restrict dy) {{
#pragma omp simd
  for (int j = 0; j < W; j++) {{
    {body}
  }}
}}
static const double P0[P] = {{{p}}}, Y0[N] = {{{y}}};
int main(int count, char **words) {{
  int runs = atoi(words[1]), rounds = atoi(words[2]), steps = {steps};
  double dt = {dt}, best = 1e9, sum = 0;
  for (int round = 0; round < rounds; round++) {{
    double begun = omp_get_wtime();
    sum = 0;
#pragma omp parallel for schedule(dynamic) reduction(+ : sum)
    for (int b = 0; b < runs / W; b++) {{
      double *p = aligned_alloc(64, 8 * W * (P + 6 * N) + 64 & ~63), *y = p + P * W, *k1 = y + N * W, *k2 = k1 + N * W,
             *k3 = k2 + N * W, *k4 = k3 + N * W;
      double w[N * W] __attribute__((aligned(64)));
      for (int i = 0; i < P; i++) for (int j = 0; j < W; j++) p[i * W + j] = P0[i];
      for (int j = 0; j < W; j++) p[{lever} * W + j] += 1e-5 * (b * W + j);
      for (int i = 0; i < N; i++) for (int j = 0; j < W; j++) y[i * W + j] = Y0[i];
      for (int s = 0; s < steps; s++) {{
        double t = s * dt;
        rhs(t, y, p, k1); for (int i = 0; i < N * W; i++) w[i] = y[i] + .5 * dt * k1[i];
        rhs(t + .5 * dt, w, p, k2); for (int i = 0; i < N * W; i++) w[i] = y[i] + .5 * dt * k2[i];
        rhs(t + .5 * dt, w, p, k3); for (int i = 0; i < N * W; i++) w[i] = y[i] + dt * k3[i];
        rhs(t + dt, w, p, k4); for (int i = 0; i < N * W; i++) y[i] += dt / 6 * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i]);
      }}
      for (int j = 0; j < W; j++) sum += y[j];
      free(p);
    }}
    double took = omp_get_wtime() - begun;
    if (took < best) best = took;
  }}
  printf("%.9g %.17g\\n", best * 1e3 / runs, sum / runs);
}}
"""


def c_program(setup: Setup, grid: Grid, lever: str, width: int) -> str:
    """Return a C program that prints the milliseconds per run and the mean of the first stock at the end."""
    source = setup.kernel.source
    p, y = np.array(setup.p), np.zeros(source.width)
    functions = setup.kernel.functions("careful")
    p_list, y_list = p.tolist(), y.tolist()
    functions.derive(p_list)
    functions.initial(p_list, y_list)
    module = parse(setup.kernel.text)
    rhs = module.functions["rhs"]()
    called = {}
    for statement in rhs.body:
        for node in ir.expressions(statement):
            _collect(module, node, called)
    return _PROGRAM.format(
        states=source.width,
        parameters=len(p_list),
        width=width,
        functions="\n".join(called.values()),
        body="\n    ".join(map(_statement, rhs.body)),
        p=", ".join("NAN" if x != x else repr(float(x)) for x in p_list),
        y=", ".join(map(repr, y_list)),
        steps=grid.steps,
        dt=repr(grid.dt),
        lever=source.parameters[lever],
    )


def compiled(text: str, folder: Path, flags: tuple[str, ...]) -> Path:
    """Compile C text with gcc and return the path of the program.

    Raises
    ------
    OSError
        If gcc is not installed.
    """
    source = folder / "kernel.c"
    source.write_text(text)
    program = folder / f"kernel{'-'.join(f.strip('-') for f in flags)}"
    command = ["gcc", "-O3", *flags, "-fopenmp", str(source), "-o", str(program), "-lm"]
    subprocess.run(command, check=True, capture_output=True)
    return program


def _collect(module: ir.Module, node: ir.Expression, found: dict[str, str]) -> None:
    if (
        isinstance(node, ir.Call)
        and node.function in module.functions
        and node.function not in found
    ):
        function = module.functions[node.function]()
        given = ", ".join(f"double {name}" for name in function.parameters)
        body = " ".join(map(_statement, function.body))
        found[node.function] = f"static inline double {node.function}({given}) {{ {body} }}"
    for child in ir.children(node):
        _collect(module, child, found)


def _statement(node: ir.Statement) -> str:
    match node:
        case ir.Assign(name, value):
            return f"double {name} = {_text(value)};"
        case ir.Store(vector, index, value):
            return f"{_text(vector)}[{_text(index)} * W + j] = {_text(value)};"
        case ir.If(test, body, otherwise):
            sides = [" ".join(_statement(s) for s in side) for side in (body, otherwise)]
            return f"if ({_text(test)}) {{ {sides[0]} }} else {{ {sides[1]} }}"
        case ir.Return(value) if value is not None:
            return f"return {_text(value)};"
    raise SystemExit(
        f"C of a {type(node).__name__} is not written here; the model needs scalars alone"
    )


def _text(node: ir.Expression) -> str:
    match node:
        case ir.Number(value):
            return repr(value)
        case ir.Name(name):
            return name
        case ir.Unary("not", operand):
            return f"(!{_text(operand)})"
        case ir.Unary(operator, operand):
            return f"({operator}{_text(operand)})"
        case ir.Binary(operator, left, right) | ir.Compare(operator, left, right):
            return f"({_text(left)} {operator} {_text(right)})"
        case ir.Logic(operator, left, right):
            return f"({_text(left)} {'&&' if operator == 'and' else '||'} {_text(right)})"
        case ir.Choice(condition, yes, no):
            return f"({_text(condition)} ? {_text(yes)} : {_text(no)})"
        case ir.Element(vector, at):
            return f"{_text(vector)}[{_text(at)} * W + j]"
        case ir.Call(function, arguments):
            return f"{_IN_C.get(function, function)}({', '.join(map(_text, arguments))})"
    raise AssertionError(node)
