"""Statements and whole functions of a printed kernel as LLVM's language.

Crosses the border: `FunctionPrinter(module, name, kinds).text`. A function of very many statements is cut into parts
that hand variables on through a frame in memory: compilers take far more than twice as long for a function twice as
long.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from sdcluster.kernel.targets.native.expressions import Expressions
from sdcluster.kernel.targets.native.inference import Inference
from sdcluster.kernel.targets.native.instructions import Module
from sdcluster.kernel.targets.native.values import MACHINE, NUMBERS, Unsupported, Value, parameter

PART = 250  # statements of a part
LONG = 600  # statements from which on a function is cut
ON_STACK = 400  # values; a larger frame is taken from the heap
_APART = frozenset({"y", "p", "dy", "o", "out", "work"})  # vectors that never overlap


def function(
    module: Module, node: ast.FunctionDef, machine: str, kinds: tuple[str, ...], *, entry: bool
) -> tuple[str, str]:
    """Return the text of a function for arguments of these kinds, and the kind of its result.

    Parameters
    ----------
    module : Module
    node : ast.FunctionDef
    machine : str
        Its name in the text.
    kinds : tuple of str
    entry : bool
        Whether it is called from outside; its vectors do not overlap then.
    """
    names = [a.arg for a in node.args.args]
    if len(names) != len(kinds):
        raise Unsupported(f"{node.name} called with {len(kinds)} arguments")
    parameters = dict(zip(names, kinds, strict=True))
    body = [s for s in node.body if not _is_words(s)]
    inference = Inference(module, parameters, body)
    head = _head(parameters, entry)
    if len(body) > LONG and inference.result == "n":
        return _in_parts(module, machine, parameters, head, body, inference), "n"
    printer = FunctionPrinter(module, inference, parameters)
    printer.locals(_stored(body))
    printer.body(body)
    result = MACHINE[inference.result]
    linkage = "" if entry else "internal "
    return printer.text(f"define {linkage}{result} @{machine}({head})"), inference.result


def _head(parameters: Mapping[str, str], entry: bool) -> str:
    machine = [
        (t, n, entry and name in _APART)
        for name, kind in parameters.items()
        for t, n in parameter(kind, name)
    ]
    return ", ".join(
        f"{t}{' noalias' if apart and t == 'ptr' else ''} {n}" for t, n, apart in machine
    )


def _is_words(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _stored(body: Sequence[ast.stmt]) -> dict[str, None]:
    """Return the names that are assigned to, in order."""
    return dict.fromkeys(
        n.id
        for s in body
        for n in ast.walk(s)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    )


def _used(body: Sequence[ast.stmt]) -> set[str]:
    return {n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name)}


def _in_parts(
    module: Module,
    machine: str,
    parameters: Mapping[str, str],
    head: str,
    body: Sequence[ast.stmt],
    inference: Inference,
) -> str:
    """Return a function that calls its parts one after the other."""
    chunks = [body[i : i + PART] for i in range(0, len(body), PART)]
    uses = [_used(chunk) for chunk in chunks]
    seen: dict[str, int] = {}
    for used in uses:
        for name in used:
            seen[name] = seen.get(name, 0) + 1
    stored = _stored(body)
    shared = {name: i for i, name in enumerate(n for n in stored if seen[n] > 1)}
    if any(inference.kinds[name] not in NUMBERS for name in shared):
        raise Unsupported("a long function with vectors of its own")
    texts = []
    for number, (chunk, used) in enumerate(zip(chunks, uses, strict=True)):
        printer = FunctionPrinter(module, inference, parameters)
        printer.locals(dict.fromkeys(n for n in _stored(chunk) if n not in shared))
        for name in sorted(used & shared.keys(), key=shared.__getitem__):
            printer.at(name, f"%frame, i64 {shared[name]}")
        printer.body(chunk)
        frame = f"{head}, ptr noalias %frame"
        texts.append(printer.text(f"define internal void @{machine}.{number}({frame}) #1"))
    given = head.replace(" noalias", "")
    if len(shared) > ON_STACK:
        module.declare("declare noalias ptr @malloc(i64)")
        module.declare("declare void @free(ptr)")
        frame, end = f"call ptr @malloc(i64 {8 * len(shared)})", ["  call void @free(ptr %frame)"]
    else:
        frame, end = f"alloca [{max(len(shared), 1)} x i64]", []
    calls = [f"  call void @{machine}.{i}({given}, ptr %frame)" for i in range(len(chunks))]
    texts.append("\n".join([f"define void @{machine}({head}) {{", "entry:", f"  %frame = {frame}", *calls, *end,
                            "  ret void", "}"]))  # fmt: skip
    return "\n".join(texts)


class FunctionPrinter(Expressions):
    """Prints the statements of one function.

    Parameters
    ----------
    module : Module
    inference : Inference
    parameters : dict of str to str
        Kinds of the parameters.
    """

    def __init__(self, module: Module, inference: Inference, parameters: Mapping[str, str]) -> None:
        super().__init__(module, inference, {}, {})
        self.heading: list[str] = []
        self.loops: list[tuple[str, str]] = []  # labels of "go on" and "leave"
        for name, kind in parameters.items():
            first = f"%{name}"
            if kind in "vm":
                self.bound[name] = Value(kind, first, f"{first}.n")
            elif kind in NUMBERS:
                self._room(name, inference.kinds[name])
                value = self.converted(Value(kind, first), inference.kinds[name])
                self._store(name, value.text)
            else:
                self.bound[name] = Value(kind, first)

    def locals(self, names: Mapping[str, None]) -> None:
        """Make room for variables."""
        for name in names:
            kind = self.inference.kinds.get(name)
            if kind in NUMBERS and name not in self.places:
                self._room(name, kind)
            elif kind in ("m", None):
                raise Unsupported(f"a variable of kind {kind}")

    def at(self, name: str, place: str) -> None:
        """Let a variable live at a place of the frame."""
        self.heading.append(f"  %f.{name} = getelementptr inbounds i64, ptr {place}")
        self.places[name] = f"%f.{name}"

    def _room(self, name: str, kind: str) -> None:
        self.heading.append(f"  %v.{name} = alloca {MACHINE[kind]}")
        self.places[name] = f"%v.{name}"

    def _store(self, name: str, text: str) -> None:
        machine = MACHINE[self.inference.kinds[name]]
        self.lines.append(f"  store {machine} {text}, ptr {self.places[name]}")

    def text(self, signature: str) -> str:
        """Return the whole function."""
        if self.inference.result == "n":
            self.end("ret void")
        else:
            self.end("unreachable")
        return "\n".join([f"{signature} {{", "entry:", *self.heading, *self.lines, "}"])

    # ---- statements

    def body(self, statements: Sequence[ast.stmt]) -> None:
        """Print statements; what follows a jump is left out."""
        for statement in statements:
            if not self.open:
                return
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        """Print one statement."""
        match node:
            case ast.Assign(targets, value):
                self._assignment(targets, value)
            case ast.AugAssign(target, operator, value):
                self._changed(target, operator, value)
            case ast.Expr(ast.Call() as call):
                self.value(call)
            case ast.Expr(ast.Constant()) | ast.Pass():
                pass
            case ast.If(test, body, orelse):
                self._if(test, body, orelse)
            case ast.For(ast.Name(name), ast.Call(ast.Name("range"), bounds), body, []):
                self._for(name, bounds, body)
            case ast.While(test, body, []):
                self._while(test, body)
            case ast.Return(value):
                self._return(value)
            case ast.Break() if self.loops:
                self.end(f"br label %{self.loops[-1][1]}")
            case ast.Continue() if self.loops:
                self.end(f"br label %{self.loops[-1][0]}")
            case _:
                raise Unsupported(f"the statement {type(node).__name__}")

    def _assignment(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        if isinstance(value, ast.Tuple):
            for target in targets:
                if not isinstance(target, ast.Tuple) or len(target.elts) != len(value.elts):
                    raise Unsupported("an assignment of several values")
                values = [self.value(v) for v in value.elts]
                for one, found in zip(target.elts, values, strict=True):
                    self._assign(one, found)
            return
        found = self.value(value)
        for target in targets:
            self._assign(target, found)

    def _assign(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Subscript):
            kind, address = self.place(target)
            self.lines.append(
                f"  store {MACHINE[kind]} {self.converted(value, kind).text}, ptr {address}"
            )
        elif not isinstance(target, ast.Name):
            raise Unsupported("an assignment to something else than a name or an element")
        elif value.kind in NUMBERS:
            kind = self.inference.kinds[target.id]
            self._store(target.id, self.converted(value, kind).text)
        elif value.kind == "v" and self.block == "entry" and target.id not in self.bound:
            self.bound[target.id] = value
        else:
            raise Unsupported("a vector that is named inside a loop or twice")

    def _changed(self, target: ast.expr, operator: ast.operator, value: ast.expr) -> None:
        if isinstance(target, ast.Subscript):
            kind, address = self.place(target)
            before = Value(kind, self.put(f"load {MACHINE[kind]}, ptr {address}"))
            after = self.combined(before, type(operator), self.value(value))
            self.lines.append(
                f"  store {MACHINE[kind]} {self.converted(after, kind).text}, ptr {address}"
            )
            return
        if not isinstance(target, ast.Name):
            raise Unsupported("a change of something else than a name or an element")
        before = self._name(ast.Name(target.id, ast.Load()))
        self._assign(target, self.combined(before, type(operator), self.value(value)))

    def _if(self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt]) -> None:
        yes, no, done = self.label(), self.label(), self.label()
        self.branch(self.truth(test), yes, no if orelse else done)
        ended = True
        for label, side in ((yes, body), (no, orelse)):
            if not side:
                ended = False
                continue
            self.open = False
            self.start(label)
            self.body(side)
            ended &= not self.open
            self.end(f"br label %{done}")
        self.open = False
        if not ended:
            self.start(done)

    def _for(self, name: str, bounds: Sequence[ast.expr], body: Sequence[ast.stmt]) -> None:
        values = [self.as_whole(self.value(b)) for b in bounds]
        first, last, step = ("0", *values, "1") if len(values) == 1 else (*values, "1")[:3]
        if step.startswith("%") or step == "0":
            raise Unsupported("a loop whose step is no number")
        self.count += 1
        counter = f"%c{self.count}"
        self.heading.append(f"  {counter} = alloca i64")
        self.lines.append(f"  store i64 {first}, ptr {counter}")
        head, inside, following, done = (self.label() for _ in range(4))
        self.start(head)
        now = self.put(f"load i64, ptr {counter}")
        test = self.put(f"icmp {'sgt' if step.startswith('-') else 'slt'} i64 {now}, {last}")
        self.branch(test, inside, done)
        self.start(inside)
        self._store(name, self.converted(Value("i", now), self.inference.kinds[name]).text)
        self.loops.append((following, done))
        self.body(body)
        self.loops.pop()
        self.start(following)
        after = self.put(f"load i64, ptr {counter}")
        moved = self.put(f"add nsw i64 {after}, {step}")
        self.lines.append(f"  store i64 {moved}, ptr {counter}")
        self.end(f"br label %{head}")
        self.start(done)

    def _while(self, test: ast.expr, body: Sequence[ast.stmt]) -> None:
        head, inside, done = self.label(), self.label(), self.label()
        self.start(head)
        self.branch(self.truth(test), inside, done)
        self.start(inside)
        self.loops.append((head, done))
        self.body(body)
        self.loops.pop()
        self.end(f"br label %{head}")
        self.start(done)

    def _return(self, value: ast.expr | None) -> None:
        kind = self.inference.result
        if value is None:
            if kind != "n":
                raise Unsupported("a function that returns a value only sometimes")
            self.end("ret void")
            return
        self.end(f"ret {MACHINE[kind]} {self.converted(self.value(value), kind).text}")
