"""Parse XML strictly: no entities, no network, limited size and depth. Two kinds of error are corrected.

`parse_xml(file, data)` returns the root element, whose ``sourceline`` appears in error messages, and a `Remark` for
each correction. A missing end tag of a variable is inserted, and an undeclared encoding is detected.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from lxml import etree

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Remark

MAX_DEPTH = 64
MAX_ELEMENTS = 400_000

MAX_FIXED = 20

# A missing end tag is inserted only before the next variable, where it is unambiguous.
_UNCLOSED = re.compile(r"Opening and ending tag mismatch: (stock|flow|aux|gf) line (\d+) and ")
_NEXT = re.compile(r"<(?:stock|flow|aux|gf|module|group)[\s>]|</variables\s*>")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,80}\bencoding\s*=\s*["']([\w.:-]{2,30})["']""")
# Encodings accepted for XML files. Other names are refused, because some Python codecs do not decode text.
_KNOWN = re.compile(
    r"utf-(8|16|16-le|16-be|32)|ascii|iso8859-\d+|cp\d+|gb2312|gbk|gb18030|big5|euc_jp|euc_kr|shift_jis|koi8-[ru]|"
    r"mac-roman"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def parse_xml(file: Path, data: bytes) -> tuple[etree._Element, list[Remark]]:
    """Parse `data`, and enforce the limits on size, depth and content.

    Parameters
    ----------
    file : path
        Path for error messages.
    data : bytes
        Content of the file, in UTF-8 or in the encoding that its byte-order mark or XML declaration names.

    Raises
    ------
    ModelError
        If the XML is malformed, contains a document type declaration, or is too large or too deeply nested.
    """
    root, remarks, _ = parsed_text(file, data)
    return root, remarks


@dataclass(frozen=True)
class XmlText:
    """The decoded text of a file, with inserted end tags, its encoding and its byte-order mark."""

    text: str
    encoding: str
    mark: bytes


def parsed_text(file: Path, data: bytes) -> tuple[etree._Element, list[Remark], XmlText]:
    """Parse like `parse_xml`, and also return the text that was parsed."""
    remarks: list[Remark] = []
    source = _decode(file, data, remarks)
    text = source.text
    declared = text.find("<!DOCTYPE")
    if declared >= 0 or "<!ENTITY" in text:
        line = text.count("\n", 0, max(declared, 0)) + 1
        raise ModelError(
            message("read.xmile.file_declares_document_type"),
            file=file,
            line=line,
        )
    while True:
        root, complaint = _parsed(file, text)
        if complaint is None:
            break
        fixed = _with_end_tag(text, complaint) if len(remarks) < MAX_FIXED else None
        if fixed is None:
            raise ModelError(_told(complaint.message), file=file, line=complaint.line)
        text, remark = fixed
        remarks.append(remark)
    if root is None:
        raise ModelError(message("read.xmile.not_xml"), file=file, line=1)
    _check_size(file, root)
    return root, sorted(remarks, key=lambda r: r.line or 0), replace(source, text=text)


def _parsed(file: Path, text: str) -> tuple[etree._Element | None, etree._LogEntry | None]:
    """Return the root element and the first error of the parser. Without an error, the second value is None."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True, recover=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise ModelError(
            message("read.xmile.not_xml_2", one_line=_one_line(error)), file=file, line=1
        ) from None
    # Recovery is on only because Stella uses the prefix "isee:" without declaring it. Any other message from the parser
    # is an error.
    complaints = (e for e in parser.error_log if e.domain != etree.ErrorDomains.NAMESPACE)
    return root, next(complaints, None)


def _told(complaint: str) -> str:
    """Return a sentence for an error of the parser, without its hints for programmers."""
    if "XML_PARSE_HUGE" in complaint:
        what = (
            message("read.xmile.elements_nest_too_deep")
            if "depth" in complaint
            else message("read.xmile.text_too_long")
        )
        return message("read.xmile.xml_model_save_model", what=what)
    return message("read.xmile.not_well_formed_xml", one_line=_one_line(complaint))


def _with_end_tag(text: str, complaint: etree._LogEntry) -> tuple[str, Remark] | None:
    """Return the text with a missing end tag inserted, and a remark.

    Return None if the tag is not that of a variable.
    """
    found = _UNCLOSED.match(complaint.message)
    if found is None:
        return None
    tag, line = found.group(1), int(found.group(2))
    ends = [m.end() for m in re.finditer(r"\n|\Z", text)]
    opening = re.compile(rf"<{tag}\b[^<>]*(?<!/)>")
    for start in reversed(list(opening.finditer(text, 0, ends[min(line, len(ends)) - 1]))):
        if text.count("\n", 0, start.end()) + 1 < line:
            return None
        following = _NEXT.search(text, start.end())
        if following is not None and f"</{tag}>" not in text[start.end() : following.start()]:
            remark = Remark(
                message("read.xmile.begins_not_closed_put", tag=tag),
                line=line,
                fixed=True,
            )
            place = following.start()
            return f"{text[:place]}</{tag}>{text[place:]}", remark
    return None


def local_name(node: etree._Element) -> str:
    """Return the tag of an XML element without its namespace, or an empty text if its prefix is undeclared."""
    tag = node.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    name = tag.rpartition("}")[2]
    return "" if ":" in name else name


def _one_line(message: object) -> str:
    return " ".join(str(message).split())


def _decode(file: Path, data: bytes, remarks: list[Remark]) -> XmlText:
    mark, encoding = _encoding(data)
    try:
        text = data.removeprefix(mark).decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        if encoding != "utf-8" or b"\0" in data:
            raise ModelError(
                message("read.xmile.file_not_text_save", encoding=encoding.upper()),
                file=file,
                line=line,
            ) from None
        encoding = "cp1252"
        text = data.decode(encoding, "replace")
        sentence = message("read.xmile.file_not_utf_text")
        remarks.append(Remark(sentence, line=line, fixed=True))
    if not text.strip():
        raise ModelError(message("read.xmile.file_empty"), file=file)
    return XmlText(text, encoding, mark)


def _encoding(data: bytes) -> tuple[bytes, str]:
    """Return the byte-order mark of a file and its encoding.

    Without a byte-order mark, the encoding is the one in the XML declaration, or UTF-8.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return bom, name
    if data.startswith((b"<\0", b"\0<")):
        return b"", "utf-16-le" if data[1] == 0 else "utf-16-be"
    declared = _DECLARED.match(data[:200].lstrip())
    with suppress(LookupError):
        name = codecs.lookup(declared.group(1).decode("ascii")).name if declared else ""
        # Some converters declare UTF-16 in files that are not UTF-16.
        if _KNOWN.fullmatch(name) and not name.startswith(("utf-16", "utf-32", "ascii")):
            return b"", name
    return b"", "utf-8"


def _check_size(file: Path, root: etree._Element) -> None:
    depth = 0
    for count, (event, node) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH or count > 2 * MAX_ELEMENTS:
            what = (
                message("read.xmile.nests_more_elements", max_depth=MAX_DEPTH)
                if depth > MAX_DEPTH
                else message("read.xmile.holds_more_elements", max_elements=MAX_ELEMENTS)
            )
            raise ModelError(
                message("read.xmile.file_no_real_model", what=what), file=file, line=node.sourceline
            )
