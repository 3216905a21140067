"""Read the reality checks in an XMILE file. `sdcluster.write` stores them in our own namespace.

`with_statements(model, root)` returns the model with its reality checks and test inputs.
"""

from __future__ import annotations

from lxml import etree

from sdcluster.model import Model, RealityCheck, TestInput
from sdcluster.model.names import canonical
from sdcluster.read.xmile.document import SDC


def with_statements(model: Model, root: etree._Element) -> Model:
    """Return the model with the reality checks and test inputs that the file contains.

    Raises
    ------
    ModelError
        As in `sdcluster.read.reality.with_reality_checks`.
    """
    holder = f"{SDC}reality_checks"
    checks = [
        RealityCheck(*_common(n), doc=_text(n, "doc"), line=n.sourceline)
        for n in root.iterfind(f"{holder}/{SDC}reality_check")
    ]
    inputs = [
        TestInput(*_common(n), _text(n, "doc"), n.sourceline)
        for n in root.iterfind(f"{holder}/{SDC}test_input")
    ]
    if not checks and not inputs:
        return model
    from sdcluster.read.reality import with_reality_checks

    return with_reality_checks(model, checks, inputs)


def _common(node: etree._Element) -> tuple[str, str, tuple[str, ...]]:
    subscripts = tuple(canonical(s) for s in node.get("subscripts", "").split(",") if s.strip())
    return node.get("name", ""), _text(node, "rule"), subscripts


def _text(node: etree._Element, name: str) -> str:
    return (node.findtext(f"{SDC}{name}") or "").strip()
