"""Load modules from separate files. The models in linked files are merged into the XML tree of the main file.

`link(file, root, external)` adds the models to the tree and returns a `Linked`.

A link is an attribute ``resource`` or ``url``, in any namespace, of a ``<module>`` or of a ``<model>`` without
variables (XMILE 1.0, section 4.7.1; Stella). An ``<include>`` in the header is a link too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.messages import comma_separated, joined, message
from sdcluster.model import Remark
from sdcluster.model.names import canonical, display
from sdcluster.read.tables.external import ExternalFiles, MissingFile
from sdcluster.read.xmile.absent import stand_in
from sdcluster.read.xmile.xml import local_name, parse_xml

MAX_FILES = 200
MAX_BYTES = 64 * 1024 * 1024
_LINKS = ("resource", "url")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SETTINGS = ("start", "stop", "dt")


@dataclass
class _Document:
    """A linked file. `models` maps the name of a model in this file to the name of the same model in the XML tree.

    The name of the main model in the file is ``""``.
    """

    path: Path
    label: str
    models: dict[str, str] = field(default_factory=dict)


@dataclass
class Linked:
    """The parts of a model that come from other files.

    Parameters
    ----------
    places : dict of element to (str, int or None)
        File and line of XML elements from linked files. Elements inside them have the same file and line.
    roots : set of element
        The main ``<model>`` of each linked file.
    absent : dict of element to str
        The placeholder model for each missing file, with the message about the file.
    remarks : list of Remark
    """

    places: dict[etree._Element, tuple[str, int | None]] = field(default_factory=dict)
    roots: set[etree._Element] = field(default_factory=set)
    absent: dict[etree._Element, str] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def missing(self, node: etree._Element) -> str:
        """Return the message about a missing file if the variable `node` should be defined in that file.

        Otherwise, the result is empty.
        """
        if not self.absent:
            return ""
        return next((self.absent[a] for a in node.iterancestors() if a in self.absent), "")

    def place(self, node: etree._Element) -> tuple[str, int | None]:
        """Return the linked file and the line from which an XML element came. The file is ``""`` for the main file."""
        if not self.places:
            return "", node.sourceline
        for ancestor in (node, *node.iterancestors()):
            if ancestor in self.places:
                return self.places[ancestor]
        return "", node.sourceline


def link(file: Path, root: etree._Element, external: ExternalFiles) -> Linked:
    """Add the models, macros, dimensions and units of linked files to a tree.

    Parameters
    ----------
    file : path
        The main file.
    root : element
        The ``<xmile>`` element of the main file. In each linked ``<module>``, the attribute ``model`` is set to the
        name of its model in the tree.
    external : ExternalFiles
        Finds and reads files in the allowed folders, and records them for the cache.

    Raises
    ------
    ModelError
        If a file cannot be read or is outside the allowed folders, or if two files contain conflicting definitions. A
        missing file is not an error: the variables that it would define have no values (see `Linked.absent`).
    """
    linker = _Linker(file, root, external)
    linker.link(root, _Document(file, ""))
    return linker.linked


class _Linker:
    def __init__(self, file: Path, root: etree._Element, external: ExternalFiles) -> None:
        self.file, self.root, self.external = file, root, external
        self.namespace = _namespace(root)
        self.documents: dict[Path, _Document] = {}
        self.linked = Linked()
        self.reading = {root: file}
        self.bytes = 0

    def tag(self, name: str) -> str:
        return f"{self.namespace}{name}"

    def link(self, root: etree._Element, document: _Document) -> None:
        """Follow the links of one file. The models in `root` already have the namespace of the main file."""
        aliases: dict[str, str] = {}
        models = root.findall(self.tag("model"))
        for node in root.iterfind(
            f"{self.tag('header')}/{self.tag('includes')}/{self.tag('include')}"
        ):
            self.include(node, document)
        for model in models:
            where = _link(model)
            if where and not any(True for _ in self.variables(model)):
                named = model.get("name", "")
                aliases[canonical(named)] = self.model_of(where, model, document, "", named)
                model.getparent().remove(model)  # type: ignore[union-attr]
        for model in models:
            for module in self.variables(model):
                if local_name(module) == "module":
                    self.module(module, document, aliases)

    def variables(self, model: etree._Element) -> Iterator[etree._Element]:
        """Yield the variables of a model.

        Early versions of Stella wrote modules without a ``<variables>`` element around them.
        """
        for holder in model.findall(self.tag("variables")) or [model]:
            yield from (n for n in holder if holder is not model or local_name(n) == "module")

    def module(self, module: etree._Element, document: _Document, aliases: dict[str, str]) -> None:
        """Set the attribute ``model`` of a linked module to the name of its model in the XML tree."""
        wanted = canonical(module.get("model") or module.get("name") or "")
        where = _link(module)
        if where and not (wanted in document.models and document.label):
            name = module.get("name", "")
            named = module.get("model") or name
            module.set("model", self.model_of(where, module, document, named, name))
        elif wanted in aliases:
            module.set("model", aliases[wanted])
        elif wanted in document.models:
            module.set("model", document.models[wanted])

    def model_of(
        self, where: str, node: etree._Element, document: _Document, named: str, module: str
    ) -> str:
        """Return the name that a linked model has in the XML tree.

        If the file is missing, a placeholder model is added.
        """
        try:
            return self.chosen(self.document(where, node, document), named, node)
        except MissingFile as error:
            name = f"⟨{where}⟩ {len(self.linked.absent)}"
            model = stand_in(node.getroottree().getroot(), module, name, self.tag)
            for inner in model.iter():
                inner.sourceline = 0 if document.label else error.line or 0
                if document.label:
                    self.linked.places[inner] = (str(document.path), error.line)
            self.linked.absent[model] = error.sentence
            self.root.append(model)
            remedy = message("read.xmile.until_then_model_can")
            self.linked.remarks.append(
                Remark(error.sentence, error.line, module, fixed=True, remedy=remedy)
            )
            return name

    def chosen(self, document: _Document, name: str, node: etree._Element) -> str:
        """Return the name that a model of a linked file has in the XML tree.

        If the link does not name a model, the main model of the file is used.
        """
        models = document.models
        found = models.get(canonical(name)) or models.get("")
        if found is None and len(models) == 1:
            found = next(iter(models.values()))
        if found is None:
            hint = did_you_mean(name, models) or message(
                "read.xmile.it_has", models=comma_separated(models) or message("read.xmile.none")
            )
            raise self.fail(
                message("read.xmile.no_model", path=document.path.name, name=name, hint=hint), node
            )
        return found

    def include(self, node: etree._Element, document: _Document) -> None:
        where = node.get("resource", "")
        try:
            self.document(where, node, document)
        except ModelError as error:
            sentence = message("read.xmile.include_not_read", where=where, reason=error.sentence)
            self.linked.remarks.append(Remark(sentence, node.sourceline, fixed=True))

    def document(self, where: str, node: etree._Element, document: _Document) -> _Document:
        """Return the linked file to which a link refers.

        A file is read only once, even if several modules link to it.
        """
        path = self.found(where, node, document)
        if path in self.documents:
            return self.documents[path]
        if len(self.documents) >= MAX_FILES:
            raise self.fail(message("read.xmile.more_linked_files_not", max_files=MAX_FILES), node)
        data = self.external.read(path)
        self.bytes += len(data)
        if self.bytes > MAX_BYTES:
            raise self.fail(
                message("read.xmile.linked_files_more_bytes", max_bytes=MAX_BYTES), node
            )
        root, remarks = parse_xml(path, data)
        if local_name(root) != "xmile":
            raise self.fail(message("read.xmile.not_xmile_file_module", where=where), node)
        label = self.shown(path)
        made = self.documents[path] = _Document(path, label)
        self.reading[root] = path
        self.linked.remarks += [
            Remark(
                joined(": ", (f"{label}:{r.line}", r.sentence)),
                None,
                r.variable,
                r.fixed,
                r.remedy,
            )
            for r in remarks
        ]
        self.take(root, made)
        return made

    def found(self, where: str, node: etree._Element, document: _Document) -> Path:
        """Return the path to which a link refers.

        Links are relative to the folder of the file that contains the link.
        """
        text = unquote(re.sub(r"^file:(//)?(localhost)?", "", where.strip(), flags=re.IGNORECASE))
        text = re.sub(r"^/(?=[A-Za-z]:)", "", text)
        if _ADDRESS.match(text):
            raise self.fail(
                message("read.xmile.lies_network_not_read", where=where),
                node,
            )
        folder = self.external.folder.resolve()
        inside = document.path.resolve().parent
        if inside != folder and inside.is_relative_to(folder) and not text.startswith("/"):
            text = f"{inside.relative_to(folder).as_posix()}/{text}"
        try:
            return self.external.resolve(text)
        except ModelError as error:
            kind = MissingFile if isinstance(error, MissingFile) else ModelError
            what = (
                message("read.xmile.the_module", name=display(node.get("name", "")))
                if local_name(node) == "module"
                else message("read.xmile.the_link")
            )
            sentence = message(
                "read.xmile.lies_another_file_not", what=what, where=where, reason=error.sentence
            )
            raise self.fail(sentence, node, kind) from None

    def take(self, root: etree._Element, document: _Document) -> None:
        """Move the definitions of a linked file into the XML tree.

        The definitions get new names that are unique in the tree.
        """
        own = _namespace(root)
        for node in root.iter():
            if isinstance(node.tag, str) and own and node.tag.startswith(own):
                node.tag = self.tag(node.tag[len(own) :])
            elif isinstance(node.tag, str) and not own and not node.tag.startswith("{"):
                node.tag = self.tag(node.tag)
        models = root.findall(self.tag("model"))
        main = next((m for m in models if not m.get("name")), None)
        for model in models:
            name = model.get("name", "")
            document.models[canonical(name)] = f"⟨{document.label}⟩ {name}".strip()
        self.settings(root, document)
        self.link(root, document)
        behaviour = self.behaviour(root)
        for model in models:
            if model.getparent() is None:
                continue  # this model is only a link to another file
            model.set("name", document.models[canonical(model.get("name", ""))])
            self.mark(model, document)
            if model is main or len(models) == 1:
                self.linked.roots.add(model)
            self.keep_behaviour(model, behaviour)
            self.root.append(model)
        for macro in root.findall(self.tag("macro")):
            self.merge(macro, self.root, document, "macro")
        for holder, child in (("dimensions", "dim"), ("model_units", "unit")):
            for node in root.findall(f"{self.tag(holder)}/{self.tag(child)}"):
                kept = self.root.find(self.tag(holder))
                if kept is None:
                    kept = etree.SubElement(self.root, self.tag(holder))
                self.merge(node, kept, document, child)

    def mark(self, node: etree._Element, document: _Document) -> None:
        """Record from which file and line XML elements came, and reset their line numbers to 0."""
        for inner in node.iter():
            if isinstance(inner.tag, str) and (inner.get("name") or inner is node):
                self.linked.places[inner] = (str(document.path), inner.sourceline)
        for inner in node.iter():
            inner.sourceline = 0

    def merge(
        self, node: etree._Element, holder: etree._Element, document: _Document, what: str
    ) -> None:
        """Add a definition from a linked file to the tree, unless the tree already contains an identical one."""
        name = node.get("name", "")
        own = _content(node)
        for other in holder.findall(node.tag):
            if canonical(other.get("name", "")) != canonical(name):
                continue
            if _content(other) == own or what == "unit":
                return
            kind = {"dim": "dimension"}.get(what, what)
            first = Path(self.linked.place(other)[0] or self.file).name
            raise ModelError(
                message(
                    "read.xmile.defined_otherwise_rename_one", kind=kind, name=name, first=first
                ),
                file=document.path,
                line=node.sourceline,
            )
        self.mark(node, document)
        holder.append(node)

    def behaviour(self, root: etree._Element) -> dict[str, bool]:
        """Return whether the stocks and the flows of a file are non-negative by default."""
        holder = root.find(self.tag("behavior"))
        everywhere = _switched(holder, self.tag("non_negative"), False)
        kinds = ("stock", "flow")
        paths = {kind: f"{self.tag(kind)}/{self.tag('non_negative')}" for kind in kinds}
        return {kind: _switched(holder, paths[kind], everywhere) for kind in kinds}

    def keep_behaviour(self, model: etree._Element, behaviour: dict[str, bool]) -> None:
        """Write the non-negativity defaults of a linked file into its stocks and flows.

        They are written only where the defaults of the main file differ.
        """
        here = self.behaviour(self.root)
        for kind, own in behaviour.items():
            if own == here[kind]:
                continue
            for node in model.iterfind(f"{self.tag('variables')}/{self.tag(kind)}"):
                if node.find(self.tag("non_negative")) is None:
                    etree.SubElement(node, self.tag("non_negative")).text = str(own).lower()

    def settings(self, root: etree._Element, document: _Document) -> None:
        """Add a remark if the simulation settings of a linked file differ from those of the main file."""
        own, here = root.find(self.tag("sim_specs")), self.root.find(self.tag("sim_specs"))
        if own is None or here is None:
            return
        texts = [[(s.findtext(self.tag(n)) or "").strip() for n in _SETTINGS] for s in (own, here)]
        if texts[0] != texts[1]:
            sentence = message("read.xmile.settings_not_used_runs", label=document.label)
            self.linked.remarks.append(Remark(sentence, fixed=True))

    def shown(self, path: Path) -> str:
        folder = self.external.folder.resolve()
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name

    def fail(
        self, sentence: str, node: etree._Element, kind: Callable[..., ModelError] = ModelError
    ) -> ModelError:
        file, line = self.linked.place(node)
        top = node.getroottree().getroot()
        return kind(sentence, file=file or self.reading.get(top, self.file), line=line)


def _namespace(root: etree._Element) -> str:
    tag = str(root.tag)
    return tag[: tag.index("}") + 1] if tag.startswith("{") else ""


def _link(node: etree._Element) -> str:
    """Return the link of a module or model, or an empty text if it has no link."""
    for name, value in node.attrib.items():
        if str(name).rpartition("}")[2].rpartition(":")[2] in _LINKS and str(value).strip():
            return str(value)
    return ""


def _content(node: etree._Element) -> tuple[object, ...]:
    """Return the tag, attributes, text and children of an XML element as a nested tuple, for comparison."""
    attributes = tuple(sorted(node.attrib.items()))
    text = " ".join((node.text or "").split())
    return (node.tag, attributes, text, tuple(_content(n) for n in node))


def _switched(holder: etree._Element | None, path: str, otherwise: bool) -> bool:
    found = None if holder is None else holder.find(path)
    return otherwise if found is None else "false" not in (found.text or "").lower()
