"""Missing data files of a Vensim model. The model loads with remarks, but it cannot run until the data are supplied.

`MissingData` collects missing files and data series while the model is read, and then marks the variables that lack
values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sdcluster.errors import ModelError
from sdcluster.messages import comma_separated, joined, message, quoted
from sdcluster.model import Dimension, Remark, Variable
from sdcluster.model.expression import references
from sdcluster.model.names import canonical
from sdcluster.read.tables.external import ExternalFiles, MissingFile

SHOWN = 5  # largest number of names in one remark


class MissingData:
    """Messages about missing files and data series, by variable and by dimension.

    Parameters
    ----------
    external : ExternalFiles
    """

    def __init__(self, external: ExternalFiles) -> None:
        self.external = external
        self._files: dict[str, str] = {}
        self._data: dict[str, str] = {}
        self._elements: dict[str, str] = {}

    def file(self, name: str, sentence: str) -> None:
        """Record that a GET function in the equation of variable `name` reads a missing file."""
        self._files[canonical(name)] = sentence

    def data(self, name: str, sentence: str) -> None:
        """Record that no file contains the data variable `name`.

        The model can still run if no equation uses the variable.
        """
        self._data[canonical(name)] = sentence

    def of(self, name: str) -> str:
        """Return the message about a variable, or an empty text if nothing is missing."""
        return self._files.get(canonical(name)) or self._data.get(canonical(name), "")

    def elements(self, *texts: str) -> tuple[str, ...]:
        """Return the subscript elements that a file lists, or one placeholder element if the file is missing."""
        try:
            return self.external.elements(*texts)
        except MissingFile as error:
            element = f"⟨elements in {texts[0]}⟩"
            self._elements[canonical(element)] = error.sentence
            return (element,)

    def dimensions(self, dimensions: Sequence[Dimension]) -> tuple[Dimension, ...]:
        """Return the dimensions.

        If the file with the elements of a dimension is missing, its `Dimension.missing` is set.
        """
        return tuple(
            replace(
                d, missing=next((self._elements[e] for e in d.elements if e in self._elements), "")
            )
            for d in dimensions
        )

    def explained(self, error: ModelError) -> ModelError:
        """Return the error with a note that missing files may be its cause.

        The note is added only if files with subscript elements are missing.
        """
        if not self._elements:
            return error
        missing = next(iter(self._elements.values()))
        return ModelError(
            message("read.vensim.may_because", reason=error.sentence, missing=missing),
            file=error.file,
            line=error.line,
            variable=error.variable,
        )

    def marked(
        self, variables: Mapping[str, Variable], dimensions: Sequence[Dimension]
    ) -> tuple[dict[str, Variable], list[Remark]]:
        """Return the variables with `Variable.missing` set, and one remark for each missing file or series."""
        if not (self._files or self._data or self._elements):
            return dict(variables), []
        lacking = {d.name: d.missing for d in dimensions}
        used = _used(variables)
        unused = [key for key in self._data if key in variables and key not in used]
        found = {}
        for key, variable in variables.items():
            said = [variable.missing, *(lacking.get(d, "") for d in variable.dimensions)]
            sentence = "" if key in unused else next(filter(None, said), "")
            found[key] = replace(variable, missing=sentence)
        return found, _remarks(found, dimensions) + [self._unused(variables[k]) for k in unused]

    def _unused(self, variable: Variable) -> Remark:
        sentence = message("read.vensim.no_data_file_holds_no", variable=variable.name)
        remedy = message("read.vensim.put_data_file_beside")
        return Remark(sentence, variable.line, variable.name, fixed=True, remedy=remedy)


def _used(variables: Mapping[str, Variable]) -> set[str]:
    """Return the variables that another variable uses, directly or through a hidden copy of its points."""
    found = set()
    for key, variable in variables.items():
        found |= {name for p in variable.expressions for name in references(p) if name != key}
        if variable.hidden and variable.missing:
            found.add(key.rpartition(" of ")[2].rstrip("⟩"))
    return found


def _remarks(variables: Mapping[str, Variable], dimensions: Sequence[Dimension]) -> list[Remark]:
    """Return one remark for each message about missing data. The remark lists the variables that lack values."""
    about: dict[str, list[Variable]] = {d.missing: [] for d in dimensions if d.missing}
    for variable in variables.values():
        if variable.missing and not variable.hidden:
            about.setdefault(variable.missing, []).append(variable)
    remedy = message("read.vensim.until_then_model_can")
    return [
        Remark(
            joined(message("read.vensim.then"), (sentence, _listed(found))) if found else sentence,
            found[0].line if found else None,
            found[0].name if found else "",
            fixed=True,
            remedy=remedy,
        )
        for sentence, found in about.items()
    ]


def _listed(variables: Sequence[Variable]) -> str:
    names = comma_separated([quoted(v.name) for v in variables[:SHOWN]])
    more = (
        message("read.vensim.and_more", count=len(variables) - SHOWN)
        if len(variables) > SHOWN
        else ""
    )
    if len(variables) == 1:
        return message("read.vensim.has_no_values", names=names)
    return message("read.vensim.have_no_values", names=names, more=more)
