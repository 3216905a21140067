"""Read assertions about a model's behaviour from its behaviour file, ``behaviour.toml``.

`load_behaviour` takes the path of a file, and a model to check the names in the file. It returns `Assertion` objects.

A file contains a table for each assertion. `sdcluster.checks.vocabulary.KINDS` lists the kinds of assertions, and the
docstring of each kind lists its keys. ``title``, ``source``, ``scenario``, ``settings``, ``changes``,
``start`` and ``stop`` are allowed in every table::

    [[assert]]
    kind = "peaks"
    title = { en = "The gap opens again and again", zh = "差距周期性扩大" }
    source = "Ji & Hu, section 4"
    scenario = "default"
    stop = 110
    variable = "gap"
    near = [4.5, 49.5, 74.5, 97.5]
    within = 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdcluster.checks.vocabulary import KINDS, Assertion
from sdcluster.errors import ModelError, did_you_mean
from sdcluster.measure.measures import parse_measure
from sdcluster.messages import message
from sdcluster.model.elements import one
from sdcluster.model.names import canonical, loose
from sdcluster.project.scenarios_file import Scenarios, check_bounds, check_settings
from sdcluster.project.toml_file import TomlFile, listed, read_toml

if TYPE_CHECKING:
    from sdcluster.model import Model

FILE_NAME = "behaviour.toml"


def load_behaviour(
    path: str | Path, model: Model | None = None, scenarios: Scenarios | None = None
) -> tuple[Assertion, ...]:
    """Read a behaviour file.

    Parameters
    ----------
    path : path
        The file, or the model's folder that holds ``behaviour.toml``.
    model : Model, optional
        The model with which to check the variables and constants named in the file.
    scenarios : Scenarios, optional
        The scenarios with which to check the names of scenarios in the file.

    Raises
    ------
    ModelError
        For invalid TOML, unknown kinds, keys or names, and wrong types; the message names file, line and key.
    """
    path = Path(path)
    file = read_toml(path / FILE_NAME if path.is_dir() else path)
    file.known_keys(file.data, ("assert",))
    found: list[Assertion] = []
    titles: dict[str, int] = {}
    for index, entry in enumerate(file.items(file.data.get("assert", []), "assert")):
        assertion = _assertion(file, index, file.table(entry, "assert", index))
        first = titles.setdefault(assertion.name, index)
        if first != index:
            raise file.error(
                message(
                    "checks.assert_title_assert_give",
                    index=index + 1,
                    first=first + 1,
                    assertion=assertion.name,
                ),
                "assert",
                index,
                "title",
            )
        if model is not None:
            _check_names(file, index, assertion, model)
        if scenarios is not None:
            _check_scenarios(file, index, assertion, scenarios)
        found.append(assertion)
    return tuple(found)


def _assertion(file: TomlFile, index: int, table: Mapping[str, Any]) -> Assertion:
    here = ("assert", index)
    if "kind" not in table:
        raise file.error(
            message("checks.assert_lacks_kind_one", index=index + 1, kinds=listed(KINDS, "or")),
            *here,
        )
    kind = loose(file.words(table["kind"], *here, "kind"))
    if kind not in KINDS:
        hint = did_you_mean(kind, KINDS) or message("checks.known", kinds=listed(KINDS))
        raise file.error(
            message("checks.assert_unknown_kind", index=index + 1, kind=table["kind"], hint=hint),
            *here,
            "kind",
        )
    taken = keys(KINDS[kind])
    file.known_keys(table, ["kind", *taken], *here)
    values: dict[str, Any] = {}
    for toml_key, entry in taken.items():
        if toml_key in table:
            values[entry.name] = entry.metadata["kind"](file, table[toml_key], *here, toml_key)
        elif entry.default is MISSING:
            raise file.error(
                message("checks.assert_lacks", index=index + 1, kind=kind, toml_key=toml_key), *here
            )
    check_bounds(file, values, *here)
    assertion = KINDS[kind](**values)
    if not assertion.title:
        raise file.error(message("checks.assert_empty_title", index=index + 1), *here, "title")
    if wrong := assertion.contradiction():
        raise file.error(
            message(
                "checks.assert_contradicts", index=index + 1, assertion=assertion.name, wrong=wrong
            ),
            *here,
        )
    return assertion


def keys(kind: type[Assertion]) -> dict[str, Field[Any]]:
    """Return the dataclass fields of a kind of assertion, by their keys in the file."""
    return {
        entry.metadata["toml"] or entry.name: entry
        for entry in fields(kind)
        if "kind" in entry.metadata
    }


def _check_names(file: TomlFile, index: int, assertion: Assertion, model: Model) -> None:
    names = [variable.name for variable in model.variables.values()]
    constants = [variable.name for variable in model.constants]
    for toml_key, entry in keys(type(assertion)).items():
        value, role = getattr(assertion, entry.name), entry.metadata["role"]
        here = ("assert", index, toml_key)
        if value is None:
            continue
        if role == "settings":
            for settings in [value] if isinstance(value, Mapping) else value:
                check_settings(file, settings, model, *here)
        elif role == "changes":
            for change in value:
                check_settings(file, change.settings, model, *here, kinds=("constant", "stock"))
        elif role == "measure":
            try:
                parse_measure(value, model)
            except ModelError as error:
                raise file.error(
                    message("checks.assert", index=index + 1, reason=error.sentence), *here
                ) from None
        elif role in ("variable", "constant"):
            known = names if role == "variable" else constants
            for name in (value,) if isinstance(value, str) else value:
                # "sales[north]" is an element of the array sales.
                whole = name.partition("[")[0] if name.endswith("]") else name
                if canonical(whole) in {canonical(other) for other in known}:
                    try:
                        one(model, name)
                    except ModelError as error:
                        raise file.error(
                            message("checks.assert", index=index + 1, reason=error.sentence),
                            *here,
                            variable=name,
                        ) from None
                else:
                    hint = did_you_mean(canonical(name), known)
                    raise file.error(
                        message(
                            "checks.assert_names_no_model",
                            index=index + 1,
                            name=name,
                            role=message("checks.role_variable")
                            if role == "variable"
                            else message("checks.role_constant"),
                            model=model.name,
                            hint=hint,
                        ),
                        *here,
                        variable=name,
                    )


def _check_scenarios(
    file: TomlFile, index: int, assertion: Assertion, scenarios: Scenarios
) -> None:
    for toml_key, entry in keys(type(assertion)).items():
        value = getattr(assertion, entry.name)
        if entry.metadata["role"] != "scenario" or value is None:
            continue
        for name in (value,) if isinstance(value, str) else value:
            try:
                scenarios.find(name)
            except ModelError as error:
                raise file.error(
                    message("checks.assert", index=index + 1, reason=error.sentence),
                    "assert",
                    index,
                    toml_key,
                ) from None
