"""Messages: a key in the code has a sentence in English, and a sentence of English has a key in the code."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import sdcluster
from sdcluster import messages
from sdcluster.cli import app
from sdcluster.errors import ModelError
from sdcluster.messages import Message, comma_separated, joined, message
from sdcluster.words import LANGUAGES
from tests.command import CliRunner

PACKAGE = Path(messages.__file__).parent
ENGLISH = messages.catalogue("en")
# What raises an error of the project, with a sentence among its arguments.
RAISING = {
    "ModelError", "Unsupported", "Damaged", "NotSmooth", "SimulationError", "MissingFile", "error", "fail", "Finding",
    "Remark",
}  # fmt: skip


def calls() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield f"{file.relative_to(PACKAGE).as_posix()}:{node.lineno}", node


ALL = list(calls())
MADE = [
    (place, call.args[0].value, {word.arg for word in call.keywords})
    for place, call in ALL
    if isinstance(call.func, ast.Name)
    and call.func.id == "message"
    and call.args
    and isinstance(call.args[0], ast.Constant)
]


def parts(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_key_of_the_code_has_an_english_sentence() -> None:
    assert [f"{place}: {key}" for place, key, _ in MADE if key not in ENGLISH] == []


def test_every_english_sentence_is_used() -> None:
    assert set(ENGLISH) - {key for _, key, _ in MADE} == set()


def test_a_sentence_names_the_parts_that_the_code_gives() -> None:
    wrong = [place for place, key, given in MADE if given != parts(ENGLISH[key])]
    assert wrong == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_translation_has_keys_and_parts_of_english(language: str) -> None:
    for key, text in messages.catalogue(language).items():
        assert key in ENGLISH, key
        assert parts(text) <= parts(ENGLISH[key]), key


def test_a_key_belongs_to_the_room_that_says_it() -> None:
    rooms = {place.partition("/")[0] if "/" in place else "general" for place, _, _ in MADE}
    assert [
        (place, key)
        for place, key, _ in MADE
        if key.partition(".")[0] != (place.partition("/")[0] if "/" in place else "general")
    ] == []
    assert rooms == set(messages.rooms())


def test_no_error_has_a_sentence_of_the_code() -> None:
    raw = [
        place
        for place, call in ALL
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in RAISING
        and not (
            isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "np"
        )
        for given in call.args
        if len(re.findall("[a-z]{2,}", _text(given))) > 1 and " " in _text(given).strip()
    ]
    assert raw == []


def _text(node: ast.expr) -> str:
    """Return what a text of the code says, or nothing where it is not written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value for v in node.values if isinstance(v, ast.Constant))
    return ""


@pytest.fixture
def words_of_a_pond(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make English and Chinese sentences of a room of its own."""
    known = {
        "en": {"pond.empty": "the pond {name} is empty{hint}", "pond.hint": "; fill {name}"},
        "zh": {"pond.empty": "池塘 {name} 是空的{hint}", "pond.hint": "；请注水"},
    }
    monkeypatch.setattr(messages, "templates", lambda room, language: known.get(language, {}))


@pytest.mark.usefixtures("words_of_a_pond")
def test_a_message_is_english_and_says_itself_in_other_languages() -> None:
    said = message("pond.empty", name="a", hint=message("pond.hint", name="b"))
    assert said == "the pond a is empty; fill b"
    assert said.text("zh") == "池塘 a 是空的；请注水"
    assert said.text("de") == said


def test_a_counted_noun_behind_an_adjective_agrees_too() -> None:
    assert message("checks.equations_more", count=1) == "1 more equation changed"
    assert message("checks.equations_more", count=2) == "2 more equations changed"


@pytest.mark.parametrize(("count", "words"), [(1, "1 subscript"), (2, "2 subscripts")])
def test_a_counted_noun_agrees_with_its_number(count: int, words: str) -> None:
    text = message("read.xmile.element_subscript_needs_subscripts", written="a", count=count)
    assert text.endswith(f"needs {words}")


@pytest.mark.parametrize(
    ("parts", "filled"),
    [
        ({"a": "单位", "b": "方程"}, "单位为 person，而方程只是数"),
        ({"a": "x", "b": "y 的"}, "x 为 person，而 y 的只是数"),
        ({"a": "它 的", "b": "“y”"}, "它 的为 person，而“y”只是数"),
    ],
)
def test_chinese_has_no_blank_between_two_chinese_characters(
    monkeypatch: pytest.MonkeyPatch, parts: dict[str, str], filled: str
) -> None:
    texts = {"en": {"general.x": "{a} {b}"}, "zh": {"general.x": "{a} 为 person，而 {b} 只是数"}}
    monkeypatch.setattr(messages, "templates", lambda room, language: texts[language])
    assert message("general.x", **parts).text("zh") == filled


@pytest.mark.usefixtures("words_of_a_pond")
def test_messages_put_together_and_sent_keep_their_languages() -> None:
    said = joined(": ", ["pond.mdl:3", message("pond.empty", name="a", hint="")]) + "!"
    assert said == "pond.mdl:3: the pond a is empty!"
    again = pickle.loads(pickle.dumps(said))
    assert isinstance(again, Message)
    assert again.text("zh") == "pond.mdl:3: 池塘 a 是空的!"


@pytest.mark.usefixtures("words_of_a_pond")
def test_an_error_is_shown_in_the_chosen_language(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ModelError(message("pond.empty", name="a", hint=""), file="pond.mdl", line=3)
    assert str(error) == "pond.mdl:3: the pond a is empty"
    assert error.text("zh") == "pond.mdl:3: 池塘 a 是空的"
    monkeypatch.setenv("SDCLUSTER_LANGUAGE", "zh")
    assert str(error) == "pond.mdl:3: 池塘 a 是空的"
    assert error.sentence == "the pond a is empty"


def test_a_list_has_the_comma_of_the_language(tmp_path: Path) -> None:
    (tmp_path / "model.odt").write_text("?")
    with pytest.raises(ModelError) as refused:
        sdcluster.load(tmp_path / "model.odt")
    said = refused.value.sentence
    assert ".xmile, .stmx" in said
    assert ".xmile、.stmx" in messages.in_language(said, "zh")
    assert messages.in_language(comma_separated(["a"]), "zh") == "a"
    assert comma_separated([]) == ""


def test_a_title_lists_its_parts_with_the_comma_of_the_language() -> None:
    from sdcluster.cli.uncertain import _title

    assert _title(["m", "closed"], 8, "en") == "m, closed, 8 runs"
    assert _title(["m", "closed"], 8, "zh") == "m、closed，8 次运行"


def test_a_command_complains_in_the_language_of_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = messages.templates
    key = "read.cannot_read_files_end"
    monkeypatch.setattr(
        messages,
        "templates",
        lambda room, at: {key: "不能读取 {suffix}"} if at == "zh" else known(room, at),
    )
    (tmp_path / "model.odt").write_text("?")
    monkeypatch.delenv("SDCLUSTER_LANGUAGE", raising=False)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for asked, said in (("zh_CN.UTF-8", "不能读取 .odt"), ("en_GB.UTF-8", "cannot read a file")):
        monkeypatch.setenv("LANG", asked)
        assert said in CliRunner().invoke(app, ["run", str(tmp_path / "model.odt")]).output
    assert messages.spoken() == "en"
    told = CliRunner().invoke(app, ["run", str(tmp_path / "model.odt"), "--language", "zh"])
    assert "不能读取 .odt" in told.output
