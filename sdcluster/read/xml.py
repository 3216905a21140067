"""Strict XML: no entities, no network, no recovery, limits on size and depth.

Crosses the border: `parse_xml(file, data)` gives the root element, whose ``sourceline`` serves error messages.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from lxml import etree

from sdcluster.errors import ModelError

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 64
MAX_ELEMENTS = 400_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def parse_xml(file: Path, data: bytes) -> etree._Element:
    """Parse `data` and check that it is harmless.

    Parameters
    ----------
    file : path
        Named in error messages.
    data : bytes
        Content, UTF-8 or with a byte-order mark.

    Raises
    ------
    ModelError
        For broken XML, a document type declaration, or too large or too deep a tree.
    """
    text = _decode(file, data)
    declared = text.find("<!DOCTYPE")
    if declared >= 0 or "<!ENTITY" in text:
        line = text.count("\n", 0, max(declared, 0)) + 1
        raise ModelError(
            "the file declares a document type or entities, which a model does not need and which can "
            "be used for attacks; remove the <!DOCTYPE …> part",
            file=file,
            line=line,
        )
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True, recover=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise ModelError(f"this is not XML: {_one_line(error)}", file=file, line=1) from None
    # Recovery is on for one reason: Stella's own files use the prefix "isee:" without declaring it.
    # Every other complaint of the parser is an error here.
    for entry in parser.error_log:
        if entry.domain != etree.ErrorDomains.NAMESPACE:
            raise ModelError(
                f"this is not well-formed XML: {_one_line(entry.message)}; mend the file there or save it again "
                "from the program that made it",
                file=file,
                line=entry.line,
            )
    if root is None:
        raise ModelError("this is not XML", file=file, line=1)
    _check_size(file, root)
    return root


def local_name(node: etree._Element) -> str:
    """Return an element's tag without namespace, and ``""`` for tags of undeclared prefixes."""
    tag = node.tag if isinstance(node.tag, str) else ""
    return tag.rpartition("}")[2] if ":" not in tag.rpartition("}")[2] else ""


def _one_line(message: object) -> str:
    return " ".join(str(message).split())


def _decode(file: Path, data: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ModelError(
            "the file is not UTF-8 text; save it as UTF-8", file=file, line=line
        ) from None
    if not text.strip():
        raise ModelError("the file is empty", file=file)
    return text


def _check_size(file: Path, root: etree._Element) -> None:
    depth = 0
    for count, (event, node) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH or count > 2 * MAX_ELEMENTS:
            what = (
                f"nests more than {MAX_DEPTH} elements"
                if depth > MAX_DEPTH
                else f"holds more than {MAX_ELEMENTS:,} elements"
            )
            raise ModelError(
                f"the file {what}, which no real model needs", file=file, line=node.sourceline
            )
