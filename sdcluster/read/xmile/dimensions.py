"""Read the dimensions of an XMILE file, and determine over which dimensions each variable is an array.

`read_dimensions(document)` returns the dimensions, `dimension_spellings(document)` the names of dimensions and elements
as the file writes them, and `axes_of(definition, model)` the names of a variable's dimensions.
"""

from __future__ import annotations

from math import prod

from lxml import etree

from sdcluster.errors import did_you_mean
from sdcluster.messages import message
from sdcluster.model import Dimension
from sdcluster.model.names import canonical, spellings
from sdcluster.read.xmile.document import SDC, Document
from sdcluster.read.xmile.flat_model import FlatModel
from sdcluster.read.xmile.modules import Definition

MAX_ELEMENTS = 1_000_000


def read_dimensions(document: Document) -> dict[str, Dimension]:
    """Return the dimensions that a file defines, by canonical name."""
    found = {}
    for node in document.root.iterfind(f"{document.tag('dimensions')}/{document.tag('dim')}"):
        name = canonical(node.get("name", ""))
        elements = tuple(canonical(e.get("name", "")) for e in node.findall(document.tag("elem")))
        size = node.get("size", "")
        if not elements and size.isdigit():
            if not 1 <= int(size) <= MAX_ELEMENTS:
                raise document.fail(
                    message(
                        "read.xmile.dimension_elements_read",
                        name=name,
                        size=size,
                        max_elements=MAX_ELEMENTS,
                    ),
                    node,
                )
            elements = tuple(str(i + 1) for i in range(int(size)))
        if not name or not elements:
            raise document.fail(message("read.xmile.dim_needs_name_elements"), node)
        if len(set(elements)) < len(elements):
            raise document.fail(
                message("read.xmile.dimension_names_element_twice", name=name), node
            )
        texts = (document.by_language(e, "label") for e in node.findall(document.tag("elem")))
        labels = {e: text for e, text in zip(elements, texts, strict=False) if text}
        found[name] = Dimension(name, elements, _mappings(document, node, elements), labels)
    return found


def dimension_spellings(document: Document) -> dict[str, str]:
    """Return the names of dimensions and elements as the file writes them, by canonical name."""
    dims = document.root.findall(f"{document.tag('dimensions')}/{document.tag('dim')}")
    elements = (e for dim in dims for e in dim.findall(document.tag("elem")))
    return spellings(node.get("name", "") for node in (*dims, *elements))


def axes_of(definition: Definition, model: FlatModel) -> tuple[str, ...]:
    """Return the names of a variable's dimensions.

    If the variable has the same dimension twice, the second one is a copy under another name.
    """
    document = model.document
    holder = document.find(definition.node, "dimensions")
    if holder is None:
        return ()
    axes = [canonical(n.get("name", "")) for n in holder.findall(document.tag("dim"))]
    for at, axis in enumerate(axes):
        if axis not in model.dimensions:
            hint = did_you_mean(axis, model.dimensions) or message("read.xmile.define_dimensions")
            raise document.fail(
                message(
                    "read.xmile.variable_unknown_dimension",
                    definition=definition.name,
                    axis=axis,
                    hint=hint,
                ),
                definition.node,
            )
        if axis in axes[:at]:
            axes[at] = model.twin(axis, axes[:at].count(axis) + 1)
    total = prod(len(model.dimensions[a].elements) for a in axes)
    if total > MAX_ELEMENTS:
        raise document.fail(
            message(
                "read.xmile.variable_elements_more_not",
                definition=definition.name,
                total=total,
                max_elements=MAX_ELEMENTS,
            ),
            definition.node,
        )
    return tuple(axes)


def _mappings(
    document: Document, node: etree._Element, elements: tuple[str, ...]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the mappings of a dimension to other dimensions.

    They are in the element ``mapping`` of sdcluster's own XML namespace, which sdcluster writes for models from Vensim.
    """
    found = []
    for mapping in node.findall(SDC + "mapping"):
        there = tuple(canonical(e.get("name", "")) for e in mapping.findall(document.tag("elem")))
        if len(there) != len(elements):
            raise document.fail(
                message(
                    "read.xmile.mapping_elements_needed", count=len(there), count_2=len(elements)
                ),
                mapping,
            )
        found.append((canonical(mapping.get("dimension", "")), there))
    return tuple(found)
