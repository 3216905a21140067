"""Read a Vensim file: split the text into definitions, parse and translate them, and build a `Model`.

`read(file, data)` returns the model and the SHA-256 of each other file that was read. Calls of macros become hidden
variables, and the tables that the model uses are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from sdcluster.errors import ModelError
from sdcluster.messages import message
from sdcluster.model import Model, Remark, Variable
from sdcluster.model.clock import CONTROLS, is_fixed, time_settings
from sdcluster.model.expression import Call, walk
from sdcluster.model.names import canonical
from sdcluster.progress import counted
from sdcluster.read.reality import with_reality_checks
from sdcluster.read.tables.external import ExternalFiles
from sdcluster.read.unwritten import with_causes
from sdcluster.read.vensim.calendar import Calendar, remark
from sdcluster.read.vensim.check import check_references, mark_flows, moving_orders, replace_clock
from sdcluster.read.vensim.data import DataFiles
from sdcluster.read.vensim.from_files import FromFiles
from sdcluster.read.vensim.macros import Macro
from sdcluster.read.vensim.missing import MissingData
from sdcluster.read.vensim.parsed_variables import ParsedSection, read_section
from sdcluster.read.vensim.ranges import RangeList
from sdcluster.read.vensim.settings import read_settings
from sdcluster.read.vensim.settings import remarks as settings_remarks
from sdcluster.read.vensim.sketch import read_sketches
from sdcluster.read.vensim.text import Section, decode, split
from sdcluster.read.vensim.variables import BUILTIN, Variables
from sdcluster.read.vensim.vdf_functions import VdfFiles
from sdcluster.read.vensim.where import Where
from sdcluster.recursion import deep_recursion


def read(
    file: Path, data: bytes, tables: Sequence[str | Path] = ()
) -> tuple[Model, dict[Path, str]]:
    """Read a Vensim file.

    Parameters
    ----------
    file : path
        Path for messages and for `Model.path`. External files are searched in its folder.
    data : bytes
        Content of the file.
    tables : sequence of paths
        Files with values for data variables without an equation. Tables in the model's folder are searched as well.

    Returns
    -------
    Model
    dict of Path to str
        SHA-256 of the other files that were read, and an entry for each file that was searched for but is missing. See
        `ExternalFiles`.

    Raises
    ------
    ModelError
        If the file is not a valid model. The error has file, line and variable.
    """
    external = ExternalFiles(file)
    missing = MissingData(external)
    try:
        with deep_recursion():
            model = _model(file, data, tables, external, missing)
    except ModelError as error:
        raise missing.explained(error) from None
    except RecursionError:
        raise ModelError(
            message("read.vensim.equation_nested_too_deeply_split"), file=file
        ) from None
    return model, external.watched | external.digests


def _model(
    file: Path,
    data: bytes,
    tables: Sequence[str | Path],
    external: ExternalFiles,
    missing: MissingData,
) -> Model:
    remarks: list[Remark] = []
    text = decode(file, data, remarks)
    where = Where(file, external.remarks)
    pieces = split(file, text)
    settings = read_settings(text)
    external.tags = settings.files
    ranges = RangeList(missing.elements)
    inside = [read_section(s, ranges.add, where.at) for s in pieces.macros]
    main = read_section(pieces.main, ranges.add, where.at)
    subscripts = ranges.finished(where.at)
    macros = _macros(file, pieces.macros, inside)
    if not main.drafts:
        raise ModelError(message("read.vensim.file_defines_no_variables"), file=file, line=1)
    sections = [*inside, main]
    files = FromFiles(
        external,
        DataFiles(external, tables, file.stem),
        VdfFiles(external, subscripts),
        missing,
        subscripts,
        {k: v for s in sections for k, v in s.texts.items()},
    )
    words = next((d.units for k in CONTROLS if (d := main.drafts.get(k)) and d.units), "")
    calendar = replace(settings.calendar, words=words)
    made = Variables(where, main.drafts, macros, subscripts, files, calendar, remarks=remarks)
    for key in counted(main.drafts, "reading", "variables"):
        made.variable(key)
    dimensions = missing.dimensions(tuple(subscripts.dimensions.values()))
    variables, lacking = missing.marked(made.found | made.hidden, dimensions)
    variables, unwritten = with_causes(variables)
    with where.at(None):
        check_references(variables, subscripts)
        units = next((v.units for k in CONTROLS if (v := variables.get(k)) and v.units), "")
        time = time_settings(variables, units, settings.method)
    remarks += [*unwritten, *lacking, *moving_orders(variables), *_dates(calendar, variables)]
    fixed = [k for k in BUILTIN if k in variables and is_fixed(variables, k)]
    moving = [k for k in BUILTIN if k in variables and k not in fixed]
    variables = mark_flows(replace_clock(variables, BUILTIN, fixed, moving))
    digest = hashlib.sha256(data)
    # The order in which the files were read matters, because the first of two files takes precedence.
    for other in external.digests.values():
        digest.update(other.encode())
    model = Model(
        name=file.stem,
        path=file,
        hash=digest.hexdigest(),
        variables=MappingProxyType(variables),
        time=time,
        dimensions=dimensions,
        spellings=ranges.spellings,
        views=read_sketches(pieces.sketch, variables),
        remarks=(*remarks, *external.remarks[:100], *settings_remarks(settings)),
        unit_aliases=settings.unit_aliases,
    )
    checks = [c for s in sections for c in s.checks]
    return with_reality_checks(model, checks, [i for s in sections for i in s.inputs])


def _macros(
    file: Path, sections: Sequence[Section], inside: Sequence[ParsedSection]
) -> dict[str, Macro]:
    found: dict[str, Macro] = {}
    for section, read in zip(sections, inside, strict=True):
        key = canonical(section.name)
        if key in found:
            raise ModelError(
                message("read.vensim.macro_defined_twice", section=section.name),
                file=file,
                line=section.line,
            )
        found[key] = Macro(section.name, section.inputs, section.outputs, read.drafts)
    return found


def _dates(calendar: Calendar, variables: Mapping[str, Variable]) -> list[Remark]:
    """Return a list with one remark on the calendar, or an empty list.

    There is a remark if a variable uses dates and the settings for dates are missing or do not fit the unit of time.
    """
    for variable in variables.values():
        calls = (n for e in variable.equations for n in walk(e.expression))
        dated = (n.arguments[0] for n in calls if isinstance(n, Call) and n.function == "calendar")
        if any(time != Call("clock", ()) for time in dated):
            said = remark(calendar, variable.name, variable.line)
            return [] if said is None else [said]
    return []
