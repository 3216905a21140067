"""The schema of TOML files: what it refuses, in one pattern, and the JSON Schemas made of it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from docs.book.schemas import FILES, keys, schema_path, schema_text
from sdcluster.errors import ModelError
from sdcluster.project import schema as s
from sdcluster.project.toml_file import read_toml

MODELS = Path(__file__).parents[2] / "models"
INNER = s.Table("inner", {"size": s.Key(s.Number(least=0, most=9), "how large", required=True)})
FILE = s.Table(
    "file.toml",
    {
        "kind": s.Key(s.Text(("wide", "narrow")), "its shape"),
        "above": s.Key(s.Number(above=0), "positive"),
        "times": s.Key(s.Whole(least=1), "how often"),
        "on": s.Key(s.TRUTH, "whether it is on"),
        "title": s.Key(s.WORDING, "its title"),
        "pairs": s.Key(s.PAIRS, "pairs"),
        "names": s.Key(s.NAMES, "names"),
        "either": s.Key(s.Either((s.NUMBER, INNER)), "a number or a table"),
        "by": s.Key(s.Named(INNER), "by name"),
        "list": s.Key(s.ListOf(INNER, least=1), "some"),
    },
)

WRONG = [
    ('kind = "wied"', 1, '[kind] cannot be "wied"; did you mean "wide"?'),
    ('kind = "x"', 1, 'write "wide" or "narrow"'),
    ("\nabove = 0", 2, "[above] must be above 0, not 0"),
    ("times = 1.5", 1, "[times] must be a whole number, not 1.5"),
    ("times = 0", 1, "[times] must be at least 1, not 0"),
    ('on = "yes"', 1, "[on] must be true or false, not 'yes'"),
    ("title = { en = 3 }", 1, "must be text in quotation marks, not 3"),
    ("pairs = [[1, 2], [3]]", 1, "must list 2 to 2, not 1"),
    ("names = [1]", 1, "must be text in quotation marks, not 1"),
    ('either = "x"', 1, "[either] must be a number or a table (inner), not 'x'"),
    ("[by.a]\nsize = 10", 2, '"size" of [by.a] must be at most 9, not 10'),
    ("[by.a]\n\n[by.b]\nsize = 1", 1, '[by.a] lacks "size" (how large'),
    ("[by.a]\nsize = 1\nsiez = 1", 3, "has an unknown key 'siez'; did you mean \"size\"?"),
    ("[[list]]\nsize = 1\n[[list]]\nsize = -1", 4, '"size" of list 2 must be at least 0, not -1'),
    ("list = []", 1, "[list] must list at least 1, not 0"),
]


@pytest.mark.parametrize(("text", "line", "words"), WRONG)
def test_what_does_not_fit_is_said_with_its_line(text, line, words, tmp_path) -> None:
    path = tmp_path / "file.toml"
    path.write_text(text, encoding="utf-8")
    file = read_toml(path)
    with pytest.raises(ModelError) as caught:
        FILE(file, file.data)
    assert words in str(caught.value)
    assert caught.value.line == line


ALL_KINDS = (
    s.NUMBER, s.Whole(), s.TEXT, s.TRUTH, s.WORDING, s.SETTINGS, s.NAMES, s.PAIRS, s.Named(INNER), INNER,
)  # fmt: skip


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_named_in_the_language_of_the_message(kind) -> None:
    assert kind.wording().text("zh") != str(kind.wording())


def test_what_is_of_neither_kind_is_refused_in_chinese_without_english_words(tmp_path) -> None:
    path = tmp_path / "file.toml"
    path.write_text('either = "x"', encoding="utf-8")
    file = read_toml(path)
    with pytest.raises(ModelError) as caught:
        FILE(file, file.data)
    assert caught.value.sentence.text("zh") == "[either] 必须是数或表（inner），而不是 'x'"


@pytest.mark.parametrize(("text", "line", "words"), WRONG)
def test_the_json_schema_refuses_the_same(text, line, words) -> None:
    assert not Draft7Validator(FILE.json()).is_valid(tomllib.loads(text))


def test_what_fits_is_returned_as_plain_values(tmp_path) -> None:
    path = tmp_path / "file.toml"
    path.write_text(
        'above = 1\ntitle = "t"\npairs = [[1, 2]]\nnames = "a"\neither = { size = 2 }\n[by.a]\nsize = 3\n'
    )
    file = read_toml(path)
    assert FILE(file, file.data) == {
        "above": 1.0,
        "title": {"en": "t"},
        "pairs": ((1.0, 2.0),),
        "names": ("a",),
        "either": {"size": 2.0},
        "by": {"a": {"size": 3.0}},
    }


@pytest.mark.parametrize("name", FILES)
def test_the_json_schemas_are_those_of_the_program(name) -> None:
    written = schema_path(name).read_text(encoding="utf-8")
    assert written == schema_text(name), "run python -m docs.book.schemas"
    Draft7Validator.check_schema(json.loads(written))


@pytest.mark.parametrize("name", FILES)
def test_the_files_of_our_models_fit_their_json_schema(name) -> None:
    paths = sorted(MODELS.glob(f"**/{name}"))
    validator = Draft7Validator(json.loads(schema_text(name)))
    for path in paths:
        wrong = list(validator.iter_errors(tomllib.loads(path.read_text(encoding="utf-8"))))
        assert not wrong, (path, wrong[0].message, list(wrong[0].path))


def test_the_reference_has_every_key_with_its_meaning() -> None:
    rows = [row for row in keys().splitlines() if row.startswith("| `")]
    assert len(rows) > 40
    assert not [row for row in rows if row.endswith("|  |")]
