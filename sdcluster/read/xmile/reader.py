"""XMILE files: a strict XML walk, the equations parsed and translated, our `Model`.

Crosses the border: `read_xmile(file, data)`. Everything in the file that matters is taken in one
walk: equations, units, documentation, ranges, flows of stocks, the view, and the marks of our own
namespace (slider constants, Chinese wording).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from math import prod
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model import Dimension, Model, Remark, TimeSettings, Variable
from sdcluster.model.expression import (
    Call,
    Expression,
    Lookup,
    Reference,
    walk,
)
from sdcluster.model.names import canonical, spellings
from sdcluster.progress import counted
from sdcluster.read.tables.external import ExternalFiles
from sdcluster.read.unwritten import with_causes
from sdcluster.read.xmile.discrete import Discrete
from sdcluster.read.xmile.equations import Equations
from sdcluster.read.xmile.linked import link
from sdcluster.read.xmile.macros import Macros
from sdcluster.read.xmile.modules import Definition, definitions, main_model
from sdcluster.read.xmile.nodes import SDC, check_root, finite, is_positive
from sdcluster.read.xmile.reality import with_statements
from sdcluster.read.xmile.unknown import read_synonyms, unknown
from sdcluster.read.xmile.view import read_views
from sdcluster.read.xmile.xml import local_name, parse_xml

MAX_ELEMENTS = 1_000_000
_FIXED_DELAY = re.compile(r"[^=<>()]+=\s*(DELAY_FIXED\s*\(.*\))\s*\Z", re.IGNORECASE | re.DOTALL)
_REFUSED = {
    "oven": "ovens are not supported, since their behaviour is documented nowhere in full; use a discrete conveyor",
}


def read_xmile(file: Path, data: bytes) -> tuple[Model, dict[Path, str]]:
    """Read an XMILE file.

    Parameters
    ----------
    file : path
        For messages and for `Model.path`.
    data : bytes
        The content.

    Returns
    -------
    Model
    dict of Path to str
        The linked files that were read, with their SHA-256, and those that were looked for; see `ExternalFiles`.

    Raises
    ------
    ModelError
        With file, line and variable.
    """
    root, mended = parse_xml(file, data)
    check_root(file, root)
    external = ExternalFiles(file)
    linked = link(file, root, external)
    reader = _Reader(file, root, linked)
    reader.remarks += [*mended, *linked.remarks, *external.remarks]
    digest = hashlib.sha256(data)
    for path in sorted(external.digests):
        digest.update(external.digests[path].encode())
    model = with_statements(reader.read(digest.hexdigest()), root)
    return model, external.watched | external.digests


class _Reader(Equations):
    """Reads a whole file."""

    def read(self, digest: str) -> Model:
        for tag, sentence in _REFUSED.items():
            for node in self.root.iter(self.tag(tag)):
                if node.getparent() is not None and not self._in_view(node):
                    raise self.fail(sentence, node)
        models = self.root.findall(self.tag("model"))
        if not models:
            raise self.fail("the file has no <model>", self.root)
        self.remarks += read_synonyms(self.root, self.tag, self.linked)
        self.remarks += unknown(self.root, self.namespace, self.fail, self.linked)
        self.mend_fixed_delays()
        defined = definitions(models, self.tag, self.fail, self.linked.roots)
        self.from_vensim = "vensim" in self.text(self.root, "header/product").lower()
        self.dimensions = self.read_dimensions()
        self.axes = {key: self.axes_of(d) for key, d in defined.items()}
        self.defined = defined
        self.connect(defined)
        self.lookups = {
            k: self.shared_table(d) for k, d in defined.items() if self.has_points(d.node)
        }
        self.points = {}
        tables = self.point_arrays()
        self.behaviour = self.default_non_negative()
        self.tell_unused()
        named: dict[str, list[etree._Element]] = {}
        for node in self.root.findall(self.tag("macro")):
            named.setdefault(canonical(node.get("name", "")), []).append(node)
        self.macros = Macros(self, named)
        self.discrete = Discrete(self)
        self.discrete.collect(defined)
        items = counted(list(defined.items()), "reading", "variables")
        variables = {
            key: replace(self.variable(d), missing=self.linked.missing(d.node)) for key, d in items
        }
        variables |= self.macros.hidden | self.discrete.hidden | tables
        variables, unwritten = with_causes(variables)
        self.remarks += unwritten
        self.check_references(variables)
        return Model(
            name=self.text(self.root, "header/name") or self.file.stem,
            doc=self.text(self.root, "header/doc"),
            path=self.file,
            hash=digest,
            variables=MappingProxyType(variables),
            time=self.time(),
            dimensions=tuple(self.dimensions.values()),
            spellings=self.spellings(),
            views=read_views(main_model(models), defined, self.namespace),
            remarks=tuple(dict.fromkeys(self.remarks)),
            unit_aliases=self.unit_aliases(),
        )

    def capacity_of(self, key: str) -> str | None:
        """Return the variable that limits a conveyor, empty if nothing does; None if `key` is not a conveyor."""
        return self.discrete.capacity(key)

    def mend_fixed_delays(self) -> None:
        """Read a stock with the equation ``y = DELAY_FIXED(…)`` as an auxiliary: so Vensim exports fixed delays."""
        for node in self.root.iter(self.tag("stock")):
            equation = self.find(node, "eqn")
            found = equation is not None and _FIXED_DELAY.match("".join(equation.itertext()))
            if equation is None or not found or self.find(node, "inflow") is not None:
                continue
            node.tag, equation.text = self.tag("aux"), found.group(1)
            sentence = (
                f'the stock "{node.get("name", "")}" holds an equation with DELAY_FIXED instead of an initial value; '
                "it was read as an auxiliary"
            )
            self.remarks.append(Remark(sentence, node.sourceline, node.get("name", "")))

    def unit_aliases(self) -> tuple[tuple[str, str], ...]:
        """Return the words of ``<model_units>`` and what they stand for."""
        found = []
        for node in self.root.iterfind(f"{self.tag('model_units')}/{self.tag('unit')}"):
            name, text = node.get("name", ""), self.text(node, "eqn")
            aliases = ["".join(a.itertext()).strip() for a in node.findall(self.tag("alias"))]
            found += [(alias, name) for alias in aliases if alias and name]
            if name and text:
                found.append((name, text))
        return tuple(found)

    def _in_view(self, node: etree._Element) -> bool:
        return any(local_name(a) in ("view", "views") for a in node.iterancestors())

    def time(self) -> TimeSettings:
        specs = self.find(self.root, "sim_specs")
        if specs is None:
            specs = self.find(self.root, "model/sim_specs")
        if specs is None:
            raise self.fail("the file has no <sim_specs> with start, stop and dt", self.root)
        node = self.find(specs, "dt")
        start, stop = (self.number(specs, name) for name in ("start", "stop"))
        dt = 1.0 if node is None else self.number(specs, "dt")
        if node is not None and node.get("reciprocal", "").lower() == "true":
            dt = 1 / dt if dt else 0.0
        if not dt > 0:
            raise self.fail(
                f"the time step is {dt:g}; it must be above 0", specs if node is None else node
            )
        if not stop > start:
            raise self.fail(
                f"the simulation stops at {stop:g}, not after its start at {start:g}", specs
            )
        if (stop - start) / dt > 1e8:
            raise self.fail(
                f"the simulation would take {(stop - start) / dt:.3g} steps; use a larger <dt>",
                specs,
            )
        written = [v for k, v in specs.attrib.items() if k.endswith("save_interval")]
        written += [self.text(specs, name) for name in ("savestep", "save_step")]
        below = next((v for v in written if (finite(v) or 0.0) < 0), None)
        if below is not None:
            raise self.fail(
                f"the interval of saving is {below.strip()}; it must be above 0, or leave it out to keep every step",
                specs,
            )
        given = next((float(v) for v in written if is_positive(v)), None)
        saveper = dt if given is None else given
        formulas = (("saveper", Call("dt", ())),) if given is None else ()
        method = specs.get("method", "euler").split(",")[0].strip().lower()
        return TimeSettings(
            start, stop, dt, max(saveper, dt), specs.get("time_units", ""), method, formulas
        )

    def read_dimensions(self) -> dict[str, Dimension]:
        found = {}
        for node in self.root.iterfind(f"{self.tag('dimensions')}/{self.tag('dim')}"):
            name = canonical(node.get("name", ""))
            elements = tuple(canonical(e.get("name", "")) for e in node.findall(self.tag("elem")))
            size = node.get("size", "")
            if not elements and size.isdigit():
                if not 1 <= int(size) <= MAX_ELEMENTS:
                    raise self.fail(
                        f'the dimension "{name}" has {size} elements; 1 to {MAX_ELEMENTS:,} are read',
                        node,
                    )
                elements = tuple(str(i + 1) for i in range(int(size)))
            if not name or not elements:
                raise self.fail("a <dim> needs a name, and elements or a size", node)
            if len(set(elements)) < len(elements):
                raise self.fail(f'the dimension "{name}" names an element twice', node)
            texts = (self.by_language(e, "label") for e in node.findall(self.tag("elem")))
            labels = {e: text for e, text in zip(elements, texts, strict=False) if text}
            found[name] = Dimension(name, elements, self.mappings(node, elements), labels)
        return found

    def spellings(self) -> dict[str, str]:
        """Return subscript ranges and their elements as the file writes them, by canonical name."""
        dims = self.root.findall(f"{self.tag('dimensions')}/{self.tag('dim')}")
        elements = (e for dim in dims for e in dim.findall(self.tag("elem")))
        return spellings(node.get("name", "") for node in (*dims, *elements))

    def mappings(
        self, node: etree._Element, elements: tuple[str, ...]
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return what a dimension maps to: a mark of ours, for models that come from Vensim."""
        found = []
        for mapping in node.findall(SDC + "mapping"):
            there = tuple(canonical(e.get("name", "")) for e in mapping.findall(self.tag("elem")))
            if len(there) != len(elements):
                raise self.fail(
                    f"the mapping has {len(there)} elements, but {len(elements)} are needed",
                    mapping,
                )
            found.append((canonical(mapping.get("dimension", "")), there))
        return tuple(found)

    def axes_of(self, definition: Definition) -> tuple[str, ...]:
        """Return the dimensions of a variable."""
        holder = self.find(definition.node, "dimensions")
        if holder is None:
            return ()
        axes = [canonical(n.get("name", "")) for n in holder.findall(self.tag("dim"))]
        for at, axis in enumerate(axes):
            if axis not in self.dimensions:
                hint = did_you_mean(axis, self.dimensions) or "; define it in <dimensions>"
                raise self.fail(
                    f'variable "{definition.name}" has the unknown dimension "{axis}"{hint}',
                    definition.node,
                )
            if axis in axes[:at]:
                axes[at] = self.twin(axis, axes[:at].count(axis) + 1)
        total = prod(len(self.dimensions[a].elements) for a in axes)
        if total > MAX_ELEMENTS:
            raise self.fail(
                f'variable "{definition.name}" has {total:,} elements; more than {MAX_ELEMENTS:,} are not read',
                definition.node,
            )
        return tuple(axes)

    def connect(self, defined: dict[str, Definition]) -> None:
        """Give inputs of modules the dimensions of their sources; one that is a graphical function is the source."""
        for key, definition in list(defined.items()):
            source, steps = definition.source, 0
            while source in defined and defined[source].source and steps < len(defined):
                source, steps = defined[source].source, steps + 1
            if not definition.source or source not in defined:
                continue
            self.axes[key] = self.axes[source]
            if self.is_lookup(defined[source].node):
                names = {n: source for n, k in definition.names.items() if k == key}
                definition.names.update(names)
                del defined[key]

    def tell_unused(self) -> None:
        """Remember what is not used: tables to import, as the file holds numbers itself, and settings of modules."""
        for node in self.root.iterfind(f"{self.tag('model')}/{self.tag('sim_specs')}"):
            if self.find(self.root, "sim_specs") is not None:
                sentence = (
                    f'the model "{node.getparent().get("name", "")}" has simulation settings of its own, which are not '
                    "used; all modules run with those of the file"
                )
                self.remarks.append(Remark(sentence, node.sourceline, mended=True))
        for node in self.root.iterfind(f"{self.tag('data')}/{self.tag('import')}"):
            sentence = (
                f'the file imports numbers from "{node.get("resource", "")}", which is not read; its own numbers are '
                "used, as they were when it was saved"
            )
            self.remarks.append(Remark(sentence, node.sourceline, mended=True))

    def twin(self, name: str, number: int) -> str:
        """Return a second dimension with the same elements, for arrays that have a dimension twice."""
        twin = f"{name} {number}"
        known = self.dimensions.setdefault(twin, replace(self.dimensions[name], name=twin))
        if known.elements != self.dimensions[name].elements:
            raise ModelError(
                f'an array has the dimension "{name}" twice; the second one is called "{twin}", but another dimension '
                "has that name; rename it",
                file=self.file,
            )
        return twin

    def default_non_negative(self) -> dict[str, bool]:
        behaviour = self.find(self.root, "behavior")
        if behaviour is None:
            return {"stock": False, "flow": False}
        everywhere = self.switched(behaviour, "non_negative", False)
        return {
            kind: self.switched(behaviour, f"{kind}/non_negative", everywhere)
            for kind in ("stock", "flow")
        }

    def check_references(self, variables: dict[str, Variable]) -> None:
        for key, variable in variables.items():
            with self.at(self.defined[key].node if key in self.defined else self.root):
                for equation in variable.equations:
                    self.check_expression(variable, equation.expression, variables)
                    if equation.initial is not None:
                        self.check_expression(variable, equation.initial, variables)

    def check_expression(
        self, variable: Variable, expression: Expression, variables: dict[str, Variable]
    ) -> None:
        nodes = list(walk(expression))
        tables = {id(n.table) for n in nodes if isinstance(n, Lookup)}
        for node in nodes:
            if not isinstance(node, Reference):
                continue
            if node.name not in variables:
                names = [v.name for v in variables.values()]
                hint = did_you_mean(node.name, names) or "; define it or correct the name"
                raise ModelError(
                    f'{variable.kind} "{variable.name}" uses "{node.name}", which no equation defines{hint}',
                    line=variable.line,
                    variable=variable.name,
                )
            if variables[node.name].kind == "lookup" and id(node) not in tables:
                raise ModelError(
                    f'{variable.kind} "{variable.name}" uses the graphical function "{node.name}" without an argument; '
                    f"write {node.name.replace(' ', '_')}(x)"
                )
