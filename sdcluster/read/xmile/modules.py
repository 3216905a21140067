"""Flatten the modules of an XMILE file into a single set of definitions.

`definitions(models, tag, fail)` returns a `Definition` for each variable, with the names that its equations can use. A
variable `x` of a module `m` gets the name ``m.x``. If an input of a module is connected to another variable, this
variable is called its source, and the input has the value of its source.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from lxml import etree

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import message
from sdcluster.model.names import canonical, display
from sdcluster.read.xmile.document import SDC
from sdcluster.read.xmile.grammar import qualified
from sdcluster.read.xmile.xml import local_name

KINDS = ("stock", "flow", "aux", "gf")
MAX_DEPTH = 16

Fail = Callable[[str, etree._Element], ModelError]


@dataclass(frozen=True)
class Definition:
    """The definition of one variable of the flat model, in which the variables of all modules are merged.

    Parameters
    ----------
    name : str
        Name for display, preceded by the names of its modules.
    node : element
        The XML element that defines the variable.
    names : dict of str to str
        For each name that its equations can use, the variable of the flat model. All variables of a module share this
        mapping.
    source : str
        If the variable is a connected input, the variable to which it is connected. Otherwise empty.
    """

    name: str
    node: etree._Element
    names: dict[str, str] = field(repr=False)
    source: str = ""


def definitions(
    models: list[etree._Element],
    tag: Callable[[str], str],
    fail: Fail,
    roots: Collection[etree._Element] = (),
) -> dict[str, Definition]:
    """Return the definitions of all variables, by canonical name.

    Parameters
    ----------
    models : list of element
        The ``<model>`` elements of the file.
    tag : callable
        Adds the namespace to the name of an XML element.
    fail : callable
        Returns an error with the file and line of an XML element.
    roots : collection of element
        Main models of linked files. In a linked file, a name with a leading dot refers to its main model.
    """
    main = main_model(models)
    flat = _Flat({m.get("name", ""): m for m in models if m is not main}, tag, fail, roots)
    flat.add(main, "", 0)
    flat.connect()
    if not flat.found:
        raise fail(message("read.xmile.model_no_variables"), main)
    return flat.found


def main_model(models: list[etree._Element]) -> etree._Element:
    """Return the main model, which has no name (XMILE 1.0, section 2.4). If all models have names, it is the first."""
    return next((m for m in models if not m.get("name")), models[0])


class _Flat:
    def __init__(
        self,
        models: dict[str, etree._Element],
        tag: Callable[[str], str],
        fail: Fail,
        roots: Collection[etree._Element],
    ) -> None:
        self.roots = roots
        self.rooted: list[tuple[str, dict[str, str]]] = []
        self.models = {canonical(name): model for name, model in models.items() if name}
        self.tag, self.fail = tag, fail
        self.found: dict[str, Definition] = {}
        self.connected: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def add(self, model: etree._Element, prefix: str, depth: int, root: str = "") -> None:
        """Add the variables of a model and of its modules.

        Names with a leading dot refer to the model with prefix `root`.
        """
        if depth > MAX_DEPTH:
            raise self.fail(
                message("read.xmile.modules_nested_more_deep", max_depth=MAX_DEPTH), model
            )
        names: dict[str, str] = {}
        modules = []
        # Early versions of Stella followed drafts of the standard, in which variables are directly inside the model.
        for holder in model.findall(self.tag("variables")) or [model]:
            for node in holder:
                kind = local_name(node)
                if kind == "module":
                    modules.append(node)
                elif kind in KINDS:
                    self.define(node, prefix, names)
        for node in modules:
            self.module(node, prefix, names, depth, root)
        if root:
            self.rooted.append((canonical(root), names))

    def define(self, node: etree._Element, prefix: str, names: dict[str, str]) -> None:
        name = node.get("name")
        if not name:
            raise self.fail(message("read.xmile.no_name", local_name=local_name(node)), node)
        # If the variable's original name is reserved in XMILE, it is stored in an attribute of our own.
        local, shown = canonical(name), prefix + display(node.get(SDC + "name") or name)
        key = canonical(shown)
        if key in self.found:
            line = self.found[key].node.sourceline
            raise self.fail(
                message("read.xmile.defined_twice_first_line", shown=shown, line=line), node
            )
        names[local] = key
        self.found[key] = Definition(shown, node, names)

    def connections(self, node: etree._Element, prefix: str, name: str, root: str) -> None:
        """Record the connections of a module's inputs. Connections of outputs can be in the list, too.

        A name with a leading dot refers to the main model. Any other name refers to the model that contains the module.
        The name of an input can include the name of its module or not.
        """
        outer, own, top = canonical(prefix), canonical(name), canonical(root)
        for connection in node.findall(self.tag("connect")):
            target, source = (qualified(connection.get(end) or "") for end in ("to", "from"))
            if target and source:
                plain = (f"{outer}{own}.{target}",) if "." not in target else ()
                targets = (
                    (top + target[1:],) if target[0] == "." else (*plain, outer + target, target)
                )
                sources = (top + source[1:],) if source[0] == "." else (outer + source, source)
                self.connected.append((targets, sources))

    def connect(self) -> None:
        """Set the source of each connected input. All variables must have been found before."""
        for targets, sources in self.connected:
            target = next((t for t in targets if t in self.found), "")
            source = next((s for s in sources if s in self.found), sources[0])
            if target and target != source:
                self.found[target] = replace(self.found[target], source=source)
        for root, names in self.rooted:
            for key in self.found:
                if key.startswith(root):
                    names.setdefault("." + key[len(root) :], key)

    def module(
        self, node: etree._Element, prefix: str, names: dict[str, str], depth: int, root: str
    ) -> None:
        name = node.get("name") or ""
        wanted = canonical(node.get("model") or name)
        model = self.models.get(wanted)
        if model is None:
            hint = did_you_mean(wanted, self.models) or message(
                "read.xmile.model_name_missing_file"
            )
            raise self.fail(
                message("read.xmile.module_no_model", name=display(name), hint=hint), node
            )
        if node.find(f"{self.tag('dimensions')}/{self.tag('dim')}") is not None:
            raise self.fail(
                message("read.xmile.module_array_not_supported", name=display(name)),
                node,
            )
        inside = f"{prefix}{display(name)}."
        self.connections(node, prefix, name, root)
        self.add(model, inside, depth + 1, inside if model in self.roots else root)
        start = canonical(inside)
        for key in [k for k in self.found if k.startswith(start)]:
            names[key[len(canonical(prefix)) :]] = key
