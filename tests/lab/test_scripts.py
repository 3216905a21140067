"""The browser's modules by themselves, each loaded as the file it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdcluster.lab.assets import joined
from sdcluster.lab.exercise import CARD_SCRIPTS
from sdcluster.lab.exercise_wording import COURSE

STATIC = Path(__file__).resolve().parents[2] / "sdcluster" / "lab" / "static"

pytestmark = pytest.mark.browser

LOAD = """(text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })))"""


def run(page, module, body):
    """Run the body of a function of `m`, the module, and return what it returns."""
    text = (STATIC / module).read_text(encoding="utf-8")
    return page.evaluate(f"async (text) => {{ const m = await ({LOAD})(text); {body} }}", text)


@pytest.mark.parametrize(
    ("low", "high", "count", "ticks"),
    [
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 10.7, 5, [0, 5, 10, 15]),
        (0, 78, 4, [0, 20, 40, 60, 80]),
        (-0.3, 0.4, 4, [-0.4, -0.2, 0, 0.2, 0.4]),
        (2, 2, 4, [2, 2.5, 3, 3.5, 4]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(page, low, high, count, ticks):
    found = run(page, "format.js", f"return m.niceTicks({low}, {high}, {count}).ticks;")
    assert found == pytest.approx(ticks)


def test_ticks_of_time_stay_inside(page):
    found = run(page, "format.js", "return m.niceTicks(0, 80, 3, true);")
    assert found["ticks"] == [0, 50]
    assert (found["low"], found["high"]) == (0, 80)


def test_numbers_read_well(page):
    body = "return [0, 0.0004, 0.021, 0.25, 1.234, 12.34, 123.4, 12345678, NaN].map(m.valueText);"
    found = run(page, "format.js", body)
    assert found == ["0", "0", "0.021", "0.25", "1.23", "12.3", "123", "1.2e+7", "–"]


CARD = """
async ([text, spec, words]) => {
  const state = { _spec: spec, _words: words, _result: {}, _feedback: {}, committed: {}, answer: {} };
  Object.assign(state, { shown: true, language: "en" });
  const listeners = [];
  const model = {
    get: (name) => state[name], set: (name, value) => (state[name] = value), save_changes: () => {},
    on: (_, f) => listeners.push(f), off: () => {},
  };
  window.answer = (name, value) => { state[name] = value; listeners.forEach((f) => f()); };
  const m = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  document.body.replaceChildren();
  m.default.render({ model, el: document.body });
}"""


def test_a_card_shows_that_it_waits_and_says_what_to_do_when_python_is_silent(page):
    spec = {
        "kind": "prediction",
        "form": "choice",
        "title": {"en": "Predict"},
        "options": [{"en": "a"}, {"en": "b"}],
        "given": [],
    }
    page.clock.install()
    page.evaluate(CARD, [joined(CARD_SCRIPTS), spec, COURSE])
    said, progress = page.locator(".sdc-said"), page.locator(".sdc-progress")
    page.locator("input").nth(1).check()
    page.locator(".sdc-commit").click()
    assert said.inner_text() == COURSE["en"]["running"]
    assert progress.is_hidden()
    page.clock.run_for(3000)
    assert "3 s" in said.inner_text()
    assert progress.is_visible()
    page.clock.run_for(15_000)
    assert "Restart Kernel" in said.inner_text()
    page.evaluate("() => answer('_result', { text: { en: 'Here it is.' }, right: 1 })")
    assert said.inner_text() == "Here it is."
    assert progress.is_hidden()
    page.clock.run_for(60_000)
    assert said.inner_text() == "Here it is."
