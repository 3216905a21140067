"""Decode a Vensim file, and split its text into macros, definitions with line numbers, and the sketch.

`decode(file, data)` returns a text, and `split(file, text)` returns a `VensimText`. The file is split before it is
parsed, so that every message can name a line.
"""

from __future__ import annotations

import bisect
import codecs
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Remark
from sdcluster.model.names import canonical
from sdcluster.read.vensim.typos import foreign_signs

MAX_DEFINITIONS = 100_000
MAX_EQUATION = 4_000_000

_SKETCH = "\\\\\\---///"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Encodings in which Vensim writes files. Python is not asked for other names, because some of its codecs are slow or do
# not decode text.
_ENCODINGS = re.compile(
    r"utf-?8|ascii|latin-?1|iso-?8859-?\d{1,2}|(cp|windows-?)\d{3,4}|gb2312|gbk|gb18030|big5|"
    r"shift[-_]?jis|euc[-_](jp|kr|cn)|koi8-r",
    re.IGNORECASE,
)
_STRANGERS = (
    (
        re.compile(r"\s*(Model|Library) *\{\s*\n"),
        lambda: message("read.vensim.model_simulink_whose_files"),
    ),
    (
        re.compile(r"\s*<(\?xml|xmile)\b"),
        lambda: message("read.vensim.xml_not_text_vensim"),
    ),
)
_HIGH = bytes(range(0x80, 0x100))
_CHINESE = re.compile(rb"[\xa1-\xa9\xb0-\xf7][\xa1-\xfe]")
# A single quote after a parenthesis or a comma begins a text. Elsewhere, it is an apostrophe in a name.
_STOP = re.compile(r""""(?:\\"|[^"]){0,1000}"|[(,]\s*'[^'\n]{0,500}'|[{~|]""")
_STOP_IN_DOC = re.compile(r"[~|]")
_BRACE = re.compile(r"[{}]")
_QUOTED_OR_BRACE = re.compile(r'"(?:\\"|[^"]){0,1000}"|\{')
_CONTINUED = re.compile(r"\\[ \t]*\r?\n[ \t]*")
_BLANKS = re.compile(r"\s+")
_MACRO = re.compile(r":MACRO:", re.IGNORECASE)
_MACRO_END = re.compile(r":END\s+OF\s+MACRO:", re.IGNORECASE)
_IN_HEADER = re.compile(r'"(?:\\"|[^"]){0,1000}"|[{()~|]|:END\s+OF', re.IGNORECASE)
_NAME_IN_HEADER = re.compile(r'(?:"(?:\\"|[^"])*"|[^":,])+|[:,]')


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition: its equation, unit and comment as written, and the line on which it starts.

    `place` holds the start and the end of the equation in the text.
    """

    equation: str
    units: str
    doc: str
    line: int
    place: tuple[int, int] = (0, 0)


@dataclass
class Section:
    """The definitions of the main model, or of a macro with its inputs and additional outputs."""

    name: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    line: int = 1
    definitions: list[Definition] = field(default_factory=list)


@dataclass
class VensimText:
    """The text of a Vensim file, split into the main model, the macros and the sketch."""

    main: Section
    macros: list[Section]
    sketch: str


def decode(file: Path, data: bytes, remarks: list[Remark] | None = None) -> str:
    """Decode `data` and normalise its line ends.

    The encoding is the one that the first line names in braces. If it names no encoding, the most likely one is used.

    Parameters
    ----------
    file : path
        Path for messages.
    data : bytes
    remarks : list, optional
        A remark is appended if the encoding had to be guessed.
    """
    return decoded(file, data, remarks)[0].replace("\r\n", "\n").replace("\r", "\n")


def decoded(file: Path, data: bytes, remarks: list[Remark] | None = None) -> tuple[str, str, bytes]:
    """Return the decoded text with its original line ends, its encoding, and its byte-order mark."""
    mark, named = next(((bom, name) for bom, name in _BOMS if data.startswith(bom)), (b"", None))
    if named is None:
        first = re.match(rb"\s*\{([\w -]{1,20})\}", data)
        text = first.group(1).decode("ascii", "replace").strip() if first else ""
        named = text if _ENCODINGS.fullmatch(text) else "utf-8"
    guess = "gb18030" if _looks_chinese(data) else "cp1252"
    for encoding in (named, "utf-8", guess, "cp1252", "latin-1"):
        try:
            found = data.removeprefix(mark).decode(encoding)
            if encoding not in (named, "utf-8") and remarks is not None:
                sentence = message("read.vensim.file_does_not_name", encoding=encoding.upper())
                remedy = message("read.vensim.save_again_newer_vensim")
                remarks.append(Remark(sentence, line=1, remedy=remedy))
            break
        except (UnicodeDecodeError, LookupError):
            continue
    if not found.strip():
        raise ModelError(message("read.vensim.file_empty"), file=file)
    if "\0" in found:
        raise ModelError(message("read.vensim.binary_file_not_vensim"), file=file)
    return found, encoding, mark


def _looks_chinese(data: bytes) -> bool:
    """Return whether nearly all non-ASCII bytes form GB 2312 pairs. Chinese files often do not name their encoding."""
    high = len(data) - len(data.translate(None, _HIGH))
    pairs = len(_CHINESE.findall(data))
    return pairs >= 2 and 2 * pairs >= 0.95 * high


def split(file: Path, text: str) -> VensimText:
    """Split a file into sections, definitions and the sketch.

    Raises
    ------
    ModelError
        If a definition or macro is not closed, if a macro has no name, if there are too many definitions, or if a
        program other than Vensim wrote the ``.mdl`` file.
    """
    for start, sentence in _STRANGERS:
        if start.match(text):
            raise ModelError(sentence(), file=file)
    body, _, sketch = text.partition(_SKETCH)
    return _Splitter(file, body).read(sketch)


class _Splitter:
    def __init__(self, file: Path, body: str) -> None:
        self.file = file
        self.body = body
        self.position = 0
        self.comments = comment_ends(body)
        self.lines = [m.start() for m in re.finditer("\n", body)]

    def line(self, position: int) -> int:
        return bisect.bisect_left(self.lines, position) + 1

    def fail(self, sentence: str, position: int) -> ModelError:
        return ModelError(sentence, file=self.file, line=self.line(position))

    def read(self, sketch: str) -> VensimText:
        main, macros, current = Section(), [], None
        count = 0
        while self.skip_blanks():
            macro = _MACRO.match(self.body, self.position)
            if macro:
                if current is not None:
                    raise self.fail(
                        message("read.vensim.macro_begins_inside_macro"),
                        macro.start(),
                    )
                current = self.macro(macro)
                macros.append(current)
            elif end := _MACRO_END.match(self.body, self.position):
                current, self.position = None, end.end()
            else:
                definition = self.definition()
                if definition is None:
                    continue
                (current or main).definitions.append(definition)
                count += 1
                if count > MAX_DEFINITIONS:
                    raise self.fail(
                        message(
                            "read.vensim.file_holds_more_definitions",
                            max_definitions=MAX_DEFINITIONS,
                        ),
                        self.position,
                    )
        if current is not None:
            raise ModelError(
                message("read.vensim.macro_no_end_macro", current=current.name),
                file=self.file,
                line=current.line,
            )
        return VensimText(main, macros, sketch)

    def skip_blanks(self) -> bool:
        """Advance over blanks and comments in braces. Return whether any text follows."""
        while self.position < len(self.body):
            if self.body[self.position].isspace() or self.body[self.position] == "\ufeff":
                self.position += 1
            elif self.position in self.comments:
                self.position = self.comments[self.position]
            else:
                return True
        return False

    def macro(self, match: re.Match[str]) -> Section:
        """Parse the header of a macro, ``:MACRO: NAME(inputs : outputs)``, which can span several lines."""
        opening = self.in_header(match.start(), match.end(), "(")
        closing = self.in_header(match.start(), opening + 1, ")")
        self.position = closing + 1
        name = clean(self.body[match.end() : opening])
        lists: list[list[str]] = [[]]
        for part in _NAME_IN_HEADER.findall(clean(self.body[opening + 1 : closing])):
            if part == ":":
                lists.append([])
            elif part != "," and part.strip():
                lists[-1].append(part.strip())
        if not name:
            raise self.fail(message("read.vensim.macro_no_name_write"), match.start())
        if len(lists) > 2:
            raise self.fail(
                message("read.vensim.header_macro_more_one", name=name),
                match.start(),
            )
        known = Counter(canonical(n) for names in ([name], *lists) for n in names)
        twice = next((n for n, count in known.items() if count > 1), None)
        if twice is not None:
            raise self.fail(
                message("read.vensim.header_macro_names_twice", name=name, twice=twice),
                match.start(),
            )
        outputs = tuple(lists[1]) if len(lists) > 1 else ()
        return Section(name, tuple(lists[0]), outputs, self.line(match.start()))

    def in_header(self, start: int, where: int, sign: str) -> int:
        """Return the position of `sign` in the macro header that begins at `start`.

        Signs in quoted names and comments do not count. The search begins at `where`.
        """
        while stop := _IN_HEADER.search(self.body, where):
            where = stop.end()
            if stop.group() == "{":
                where = self.comments.get(stop.start(), where)
            elif stop.group() == sign:
                return stop.start()
            elif not stop.group().startswith('"'):
                break
        raise self.fail(message("read.vensim.header_macro_not_complete"), start)

    def unclosed(self, start: int) -> str:
        """Return the error message for a definition that does not end."""
        if "|" not in self.body[:start]:
            hint = foreign_signs(self.body[start:])
            return message("read.vensim.nothing_ends_equations_vensim", hint=hint)
        return message("read.vensim.definition_no_end_close")

    def definition(self) -> Definition | None:
        """Parse one definition, up to its closing ``|``.

        For the title of a group (``*** .Control *** ~ text |``), return None.
        """
        start = self.position
        fields: list[str] = []
        begin = where = start
        end = 0
        while True:
            stop = (_STOP if len(fields) < 2 else _STOP_IN_DOC).search(self.body, where)
            if stop is None:
                if _only_leftovers(self.body[start:]):
                    self.position = len(self.body)
                    return None
                raise self.fail(self.unclosed(start), start)
            where = stop.end()
            if stop.group() == "{":
                where = self.comments.get(stop.start(), where)
            elif stop.group() in "~|":
                end = end or stop.start()
                fields.append(self.body[begin : stop.start()])
                begin = where
                if stop.group() == "|":
                    break
        self.position = where
        if fields[0].startswith("***") or not fields[0].strip():
            return None
        if len(fields[0]) > MAX_EQUATION:
            raise self.fail(message("read.vensim.equation_characters", count=len(fields[0])), start)
        fields += ["", ""]
        words = clean(fields[0]), clean(fields[1]), prose(fields[2])
        return Definition(*words, self.line(start), (start, end))


def prose(text: str) -> str:
    """Return a comment without the backslashes and tabs that Vensim inserts where it breaks lines."""
    lines = re.sub(r"\\[ \t]*\r?\n\s*", " ", text).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def clean(text: str) -> str:
    """Return a text with continued lines joined, without comments in braces, and with single blanks."""
    return _BLANKS.sub(" ", _without_comments(_CONTINUED.sub("", text))).strip()


def _without_comments(text: str) -> str:
    ends = comment_ends(text)
    kept: list[str] = []
    done = where = 0
    while found := _QUOTED_OR_BRACE.search(text, where):
        where = ends.get(found.start(), found.end())
        if found.start() in ends:
            kept += (text[done : found.start()], " ")
            done = where
    return "".join([*kept, text[done:]])


def comment_ends(text: str) -> dict[int, int]:
    """Return the end of each comment in braces, keyed by its start. Comments can be nested."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for brace in _BRACE.finditer(text):
        if brace.group() == "{":
            opened.append(brace.start())
        elif opened:
            ends[opened.pop()] = brace.end()
    return ends


def _only_leftovers(text: str) -> bool:
    """Return whether the rest of a file, after its last definition, contains no definition.

    Stray backslashes, and separator lines of a truncated sketch, are ignored.
    """
    return not re.search(r"[\w=~|]", text) or text.lstrip().startswith(("\\\\", "///"))
