"""`check` and `accept`: green, red, and the reason that is kept."""

import pytest


@pytest.fixture
def accepted(tank, call):
    assert call("accept", tank, "--because", "first version").exit_code == 0
    return tank


def test_without_baselines_check_is_red_and_says_what_to_do(tank, call):
    result = call("check", tank)
    assert result.exit_code == 1
    assert "sdcluster accept" in result.stdout


def test_accept_writes_a_baseline_for_each_scenario_and_keeps_the_reason(accepted):
    files = {path.name for path in (accepted / "baselines").iterdir()}
    assert {"default.csv", "tap_shut.csv", "shut_later.csv"} <= files
    assert any("first version" in path.read_text() for path in accepted.rglob("*.toml"))


def test_accept_one_scenario(tank, call):
    result = call("accept", tank, "--scenario", "tap shut", "--because", "only this")
    assert result.exit_code == 0
    assert {path.name for path in tank.rglob("*.csv")} == {"tap_shut.csv"}
    assert "tap_shut.csv" in result.stdout


@pytest.mark.parametrize("folder", ["itself", "its parent"])
def test_check_is_green_for_a_model_and_for_a_folder_of_models(accepted, call, folder):
    result = call("check", accepted if folder == "itself" else accepted.parent)
    assert result.exit_code == 0, result.stdout


def test_a_constant_changed_by_five_percent_is_red_with_a_page(accepted, call, tmp_path):
    file = accepted / "tank.xmile"
    text = file.read_text(encoding="utf-8")
    assert "<eqn>0.5</eqn>" in text
    file.write_text(text.replace("<eqn>0.5</eqn>", "<eqn>0.525</eqn>"), encoding="utf-8")
    page = tmp_path / "deep" / "page.html"
    result = call("check", accepted, "--page", page)
    assert result.exit_code == 1
    assert "water level" in result.stdout
    html = page.read_text(encoding="utf-8")
    assert "water level" in html
    assert "<svg" in html
    assert "hole 0.5 → 0.525" in html
    call("accept", accepted, "--because", "a larger hole")
    assert call("check", accepted).exit_code == 0


def test_a_page_that_is_named_as_a_picture_is_refused(accepted, call, tmp_path):
    picture = tmp_path / "page.svg"
    result = call("check", accepted, "--page", picture)
    assert result.exit_code != 0
    assert ".html" in result.stderr
    assert not picture.exists()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["check", "no/such/folder"], "no/such/folder"),
        (["accept", "TANK", "--because", " "], "reason"),
        (["accept", "TANK", "--because", "x", "--scenario", "tap shot"], "tap_shut"),
    ],
)
def test_mistakes(tank, call, words, hint):
    result = call(*(tank if word == "TANK" else word for word in words))
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert hint in result.stderr
