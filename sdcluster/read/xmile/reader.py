"""Read an XMILE file: parse the XML, parse and translate the equations, and build a `Model`.

`read(file, data)` returns the model and the SHA-256 of each other file that was read. The reader collects everything
that affects the model: equations, units, documentation, ranges, the flows of stocks, the views, and the elements of our
own namespace (such as sliders and Chinese texts).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from sdcluster.messages import message
from sdcluster.model import Model, Remark
from sdcluster.model.names import canonical
from sdcluster.progress import counted
from sdcluster.read.names import check_names
from sdcluster.read.tables.external import ExternalFiles
from sdcluster.read.unwritten import with_causes
from sdcluster.read.xmile.dimensions import axes_of, dimension_spellings, read_dimensions
from sdcluster.read.xmile.document import Document, check_root
from sdcluster.read.xmile.equations import Equations
from sdcluster.read.xmile.flat_model import FlatModel
from sdcluster.read.xmile.linked import link
from sdcluster.read.xmile.modules import definitions, main_model
from sdcluster.read.xmile.reality import with_statements
from sdcluster.read.xmile.sim_specs import time_settings
from sdcluster.read.xmile.unknown import read_synonyms, unknown
from sdcluster.read.xmile.view import read_views
from sdcluster.read.xmile.xml import local_name, parse_xml

_FIXED_DELAY = re.compile(r"[^=<>()]+=\s*(DELAY_FIXED\s*\(.*\))\s*\Z", re.IGNORECASE | re.DOTALL)
_REFUSED = {"oven": message("read.xmile.ovens_not_supported")}


def read(
    file: Path, data: bytes, tables: Sequence[str | Path] = ()
) -> tuple[Model, dict[Path, str]]:
    """Read an XMILE file.

    Parameters
    ----------
    file : path
        Path for messages and for `Model.path`.
    data : bytes
        Content of the file.
    tables : sequence of paths
        Ignored, because an XMILE file names its tables.

    Returns
    -------
    Model
    dict of Path to str
        SHA-256 of the linked files that were read, and an entry for each file that was searched for but is missing. See
        `ExternalFiles`.

    Raises
    ------
    ModelError
        If the file is not a valid model. The error has file, line and variable.
    """
    root, fixed = parse_xml(file, data)
    check_root(file, root)
    external = ExternalFiles(file)
    linked = link(file, root, external)
    document = Document(file, root, linked)
    remarks = [*fixed, *linked.remarks, *external.remarks]
    digest = hashlib.sha256(data)
    for path in sorted(external.digests):
        digest.update(external.digests[path].encode())
    model = with_statements(_model(document, digest.hexdigest(), remarks), root)
    return model, external.watched | external.digests


def _model(document: Document, digest: str, remarks: list[Remark]) -> Model:
    root, linked, tag = document.root, document.linked, document.tag
    _refuse(document)
    models = root.findall(tag("model"))
    if not models:
        raise document.fail(message("read.xmile.file_no_model"), root)
    remarks += read_synonyms(root, tag, linked)
    remarks += unknown(root, document.namespace, document.fail, linked)
    remarks += _with_fixed_delays(document)
    defined = definitions(models, tag, document.fail, linked.roots)
    flat = FlatModel(
        document,
        defined,
        read_dimensions(document),
        "vensim" in document.text(root, "header/product").lower(),
    )
    flat.axes = {key: axes_of(d, flat) for key, d in defined.items()}
    _connect(flat)
    flat.find_lookups()
    tables = flat.point_arrays()
    remarks += _unused(document)
    macros: dict[str, list[etree._Element]] = {}
    for node in root.findall(tag("macro")):
        macros.setdefault(canonical(node.get("name", "")), []).append(node)
    equations = Equations(document, flat, macros, remarks)
    equations.discrete.collect(defined)
    items = counted(list(defined.items()), "reading", "variables")
    variables = {key: equations.variable(d) for key, d in items}
    variables |= equations.macros.hidden | equations.discrete.hidden | tables
    variables, unwritten = with_causes(variables)
    remarks += unwritten
    for key, variable in variables.items():
        with document.at(flat.defined[key].node if key in flat.defined else root):
            for expression in variable.expressions:
                check_names(variable, expression, variables, "graphical function")
    return Model(
        name=document.text(root, "header/name") or document.file.stem,
        doc=document.text(root, "header/doc"),
        path=document.file,
        hash=digest,
        variables=MappingProxyType(variables),
        time=time_settings(document),
        dimensions=tuple(flat.dimensions.values()),
        spellings=dimension_spellings(document),
        views=read_views(main_model(models), defined, document.namespace),
        remarks=tuple(dict.fromkeys(remarks)),
        unit_aliases=_unit_aliases(document),
    )


def _refuse(document: Document) -> None:
    """Raise a `ModelError` if the model contains elements that are not supported. Elements in views are allowed."""
    for tag, sentence in _REFUSED.items():
        for node in document.root.iter(document.tag(tag)):
            in_view = any(local_name(a) in ("view", "views") for a in node.iterancestors())
            if node.getparent() is not None and not in_view:
                raise document.fail(sentence, node)


def _with_fixed_delays(document: Document) -> Iterator[Remark]:
    """Convert stocks with an equation ``y = DELAY_FIXED(…)``, as Vensim exports them, to auxiliaries. Yield remarks."""
    for node in document.root.iter(document.tag("stock")):
        equation = document.find(node, "eqn")
        found = equation is not None and _FIXED_DELAY.match("".join(equation.itertext()))
        if equation is None or not found or document.find(node, "inflow") is not None:
            continue
        node.tag, equation.text = document.tag("aux"), found.group(1)
        sentence = message("read.xmile.stock_holds_equation_delay", get=node.get("name", ""))
        yield Remark(sentence, node.sourceline, node.get("name", ""))


def _unit_aliases(document: Document) -> tuple[tuple[str, str], ...]:
    """Return pairs of a unit synonym in ``<model_units>`` and the unit that replaces it."""
    found = []
    for node in document.root.iterfind(f"{document.tag('model_units')}/{document.tag('unit')}"):
        name, text = node.get("name", ""), document.text(node, "eqn")
        aliases = ["".join(a.itertext()).strip() for a in node.findall(document.tag("alias"))]
        found += [(alias, name) for alias in aliases if alias and name]
        if name and text:
            found.append((name, text))
    return tuple(found)


def _connect(flat: FlatModel) -> None:
    """Give each connected input of a module the dimensions of its source.

    If the source is a graphical function, the input is removed, and its name refers to the source.
    """
    defined = flat.defined
    for key, definition in list(defined.items()):
        source, steps = definition.source, 0
        while source in defined and defined[source].source and steps < len(defined):
            source, steps = defined[source].source, steps + 1
        if not definition.source or source not in defined:
            continue
        flat.axes[key] = flat.axes[source]
        if flat.is_lookup(defined[source].node):
            names = {n: source for n, k in definition.names.items() if k == key}
            definition.names.update(names)
            del defined[key]


def _unused(document: Document) -> Iterator[Remark]:
    """Yield a remark for each part of the file that is ignored.

    Ignored are the simulation settings of modules, and instructions to import tables, because the file contains the
    numbers of these tables.
    """
    for node in document.root.iterfind(f"{document.tag('model')}/{document.tag('sim_specs')}"):
        if document.find(document.root, "sim_specs") is not None:
            sentence = message(
                "read.xmile.model_simulation_settings_own", get=node.getparent().get("name", "")
            )
            yield Remark(sentence, node.sourceline, fixed=True)
    for node in document.root.iterfind(f"{document.tag('data')}/{document.tag('import')}"):
        sentence = message("read.xmile.file_imports_numbers_not", get=node.get("resource", ""))
        yield Remark(sentence, node.sourceline, fixed=True)
