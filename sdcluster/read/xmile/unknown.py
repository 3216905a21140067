"""Report the elements of an XMILE file that the reader does not know, so that no part of a model is lost silently.

`read_synonyms(root, …)` renames elements that clearly define a variable, such as ``<constant>`` from a converter.
`unknown(root, …)` returns a `Remark` for each kind of element that is not read.

Content for a particular program is ignored without a remark: the elements listed in `HARMLESS`, everything inside
views, interfaces and styles, and elements of our own namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from lxml import etree

from sdcluster.messages import message
from sdcluster.model import Remark
from sdcluster.model.names import display
from sdcluster.read.xmile.document import SDC
from sdcluster.read.xmile.linked import Linked
from sdcluster.read.xmile.modules import KINDS

MAX_KINDS = 50

# For each tag that converters use for a variable, the tag in XMILE.
SYNONYMS = {
    **dict.fromkeys(
        ("constant", "const", "auxiliary", "converter", "parameter", "variable"), "aux"
    ),
    **dict.fromkeys(("level", "reservoir"), "stock"),
    "rate": "flow",
}
_ABOUT = (
    "eqn mathml units doc dimensions element gf init_eqn range scale format display event_poster"
)
_DEVICE = "conveyor queue overflow leak leak_integers leak_start leak_end non_negative multiplier priority"
# The allowed children of each element (XMILE 1.0, sections 2 to 4; early drafts; xmutil). The children of elements not
# listed here are not checked.
_CHILDREN = {
    "xmile": "header sim_specs model_units dimensions behavior style data macro model default_format prefs "
    "equation_prefs",
    "header": "name vendor product options includes created modified caption author affiliation client copyright "
    "contact image uuid smile version doc",
    "includes": "include",
    "sim_specs": "start stop dt savestep save_step",
    "model_units": "unit units",
    "unit": "eqn alias doc",
    "dimensions": "dim",
    "dim": "elem",
    "behavior": "non_negative stock flow aux gf",
    "data": "import export",
    "macro": "eqn mathml parm variables views view doc format sim_specs",
    "model": f"variables views view doc display interface sim_specs {' '.join(KINDS)} module group",
    "variables": f"{' '.join(KINDS)} module group",
    "module": "connect display units doc",
    "stock": f"{_ABOUT} {_DEVICE} inflow outflow",
    "flow": f"{_ABOUT} {_DEVICE}",
    "aux": f"{_ABOUT} non_negative",
    "gf": f"{_ABOUT} xscale yscale xpts ypts",
    "element": "eqn mathml gf init_eqn non_negative units doc range display",
    "conveyor": "len capacity in_limit sample arrest",
}
KNOWN = {tag: frozenset(children.split()) for tag, children in _CHILDREN.items()}
ISEE = frozenset({"http://iseesystems.com/XMILE", "isee"})
# Stella's settings, screens and markers, which do not affect values.
HARMLESS = frozenset(
    {
        "ai_settings",
        "data_manager",
        "delay_aux",
        "dependencies",
        "dependency",
        "distrib_eq",
        "equation_prefs",
        "formatting",
        "highlight",
        "loop_scores",
        "multiplayer_settings",
        "prefs",
        "restore_on_start",
        "show_values_on_hover",
        "sim_duration",
        "simulation_delay",
        "summing",
        "time_format",
        "time_formats",
    }
)
_OURS = SDC.strip("{}")


def read_synonyms(
    root: etree._Element, tag: Callable[[str], str], linked: Linked
) -> Iterator[Remark]:
    """Rename those elements among the variables that `SYNONYMS` lists, and yield a remark for each.

    The text of such an element, or its attribute ``value``, becomes its ``<eqn>``.
    """
    holders = [n for name in ("variables", "model") for n in root.iter(tag(name))]
    for node in [n for holder in holders for n in holder if isinstance(n.tag, str)]:
        found = etree.QName(node).localname
        kind = SYNONYMS.get(found)
        if kind is None or node.tag != tag(found) or not node.get("name"):
            continue
        node.tag = tag(kind)
        value = (node.text or "").strip() or node.get("value", "").strip()
        if value and node.find(tag("eqn")) is None:
            node.text = None
            etree.SubElement(node, tag("eqn")).text = value
        name = display(node.get("name", ""))
        sentence = message("read.xmile.xmile_no_read", found=found, name=name, kind=kind)
        yield Remark(sentence, linked.place(node)[1], name, fixed=True)


def unknown(
    root: etree._Element, namespace: str, fail: Callable[..., Exception], linked: Linked
) -> list[Remark]:
    """Return a remark for each kind of element that is not read, with the line of its first occurrence.

    Parameters
    ----------
    root : element
    namespace : str
        The XMILE namespace of the file, or ``""``.
    fail : callable
        Returns an error with the file and line of an XML element.
    linked : Linked
        Provides the lines of elements from linked files.

    Raises
    ------
    ModelError
        If an unknown element among the variables has a name, because a variable would then be missing from the model.
    """
    found: dict[tuple[str, str], list[etree._Element]] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        parent = _split(node.tag, namespace)[1]
        for child in node:
            if not isinstance(child.tag, str):
                continue
            space, name = _split(child.tag, namespace)
            if not space and name in KNOWN[parent]:
                if name in KNOWN:
                    waiting.append(child)
            elif space == _OURS or (space in ISEE and name in HARMLESS):
                continue
            elif not space and parent == "variables" and child.get("name"):
                raise fail(
                    message(
                        "read.xmile.defined_xmile_does_not",
                        get=display(child.get("name", "")),
                        name=name,
                    ),
                    child,
                )
            else:
                found.setdefault((parent, f"{space} {name}".strip()), []).append(child)
    remarks = [_remark(*key, nodes, linked) for key, nodes in found.items()]
    return sorted(remarks[:MAX_KINDS], key=lambda r: r.line or 0)


@lru_cache(maxsize=1024)
def _split(tag: str, namespace: str) -> tuple[str, str]:
    """Return two texts: the namespace and the local name of an XML element.

    The namespace is empty for elements of XMILE. If the prefix of an element is not declared, the first text is the
    prefix.
    """
    space, brace, name = tag.rpartition("}")
    space = space.lstrip("{") if brace else ""
    prefix, colon, rest = name.partition(":")
    if colon and not space.replace(namespace, ""):
        return prefix, rest
    return "" if space == namespace else space, name


def _remark(parent: str, name: str, nodes: list[etree._Element], linked: Linked) -> Remark:
    space, _, local = name.rpartition(" ")
    line = linked.place(nodes[0])[1]
    owner = next((a for a in nodes[0].iterancestors() if a.get("name")), None)
    variable = (
        display(owner.get("name", ""))
        if owner is not None and parent in ("stock", "flow", "aux", "gf")
        else ""
    )
    where = f'<{parent}> "{variable}"' if variable else f"<{parent}>"
    more = message("read.xmile.others_like", count=len(nodes) - 1) if len(nodes) > 1 else ""
    if space:
        sentence = message(
            "read.xmile.belongs_another_program_not",
            local=local,
            space=space,
            where=where,
            more=more,
        )
        remedy = message("read.xmile.fine_if_changes_no")
        return Remark(sentence, line, variable, remedy=remedy)
    sentence = message("read.xmile.not_known_not_read", local=local, where=where, more=more)
    remedy = message("read.xmile.write_xmile_if_bears")
    return Remark(sentence, line, variable, fixed=True, remedy=remedy)
