"""Draw the charts in docs/how-to that show the result of a command, in English and Chinese; ``make picture`` runs it.

The models are those of the repository and a cooling cup. For each chart (`compare`, `lint`, `check`, `sweep`, `fit`,
`ensemble`, `experiment`, `play` and `laboratory`) it writes how_to_NAME.png and how_to_NAME.zh.png. It also writes
check.png and check.zh.png, which show the page of a failed check in docs/tutorials/modeller.md.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import xarray as xr
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

import sdcluster
from sdcluster.view.figure import drawing, line_style, panel_grid, time_axis, write_figure

HERE = Path(__file__).resolve().parent
MODELS = HERE.parents[1] / "models"
SIZE = (5.8, 3.2)
CUP = """{UTF-8}
teacup temperature = INTEG(-heat loss, 180) ~ degree ~|
heat loss = (teacup temperature - room temperature) / cooling time ~ degree/minute ~|
room temperature = 70 ~ degree ~|
cooling time = %s ~ minute ~|
INITIAL TIME = 0 ~ minute ~|
FINAL TIME = %s ~ minute ~|
TIME STEP = %s ~ minute ~|
SAVEPER = TIME STEP ~ minute ~|
"""


def lint(language: str, path: Path) -> None:
    """Draw the finding step-too-large: the cup's curve with the time step of the file and with smaller ones."""
    cup = _cup(language, "0.8", "5", "1")
    runs = {f"TIME STEP = {step}": sdcluster.simulate(cup, dt=step) for step in (1, 0.5, 0.0625)}
    title = {"en": "teacup temperature (degree)", "zh": "茶杯温度（度）"}[language]
    _curves(runs, "teacup temperature", title, language, path)


def check(language: str, path: Path) -> None:
    """Draw what a check compares: the baseline, and the curve after a constant was changed."""
    cup = _cup(language, "10", "30", "0.125")
    before, after = {"en": ("baseline", "now"), "zh": ("基线", "现在")}[language]
    runs = {
        before: sdcluster.simulate(cup),
        after: sdcluster.simulate(cup, settings={"room temperature": 75}),
    }
    title = {"en": "teacup temperature (degree)", "zh": "茶杯温度（度）"}[language]
    _curves(runs, "teacup temperature", title, language, path)


def sweep(language: str, path: Path) -> None:
    """Draw the result of a sweep over one constant."""
    _command("sweep", "cluster", "--vary", "openness=0:1:11", "--measure", "final knowledge stock",
             "--out", str(path), language=language)  # fmt: skip


def ensemble(language: str, path: Path) -> None:
    """Draw fan charts of two variables and a histogram of a measure."""
    _command("ensemble", "cluster", "--over", "levers", "-v", "knowledge stock", "-v", "lock in risk",
             "--measure", "peak knowledge stock", "--out", str(path), language=language)  # fmt: skip


def experiment(language: str, path: Path) -> None:
    """Draw both cases of an experiment, and its ratio against the constant on which the verdict depends."""
    levels, ratio, cases, cuts, varied = {
        "en": ("upgrading level", "ratio: without ÷ with", ("with governance", "without"),
               ("as the model is", "rival cut", "must stay below"), "strength of the glue"),
        "zh": ("升级水平", "比值：无治理 ÷ 有治理", ("有治理", "无治理"),
               ("模型原样", "切断竞争性解释", "须低于此线"), "黏合强度"),
    }[language]  # fmt: skip
    model = sdcluster.load(MODELS / "value_chain")
    ways = ("association strength", "governance by firm network", "governance by local government")
    without = dict.fromkeys(ways, 0)
    with drawing():
        figure, (left, right) = panel_grid(2, 2, (4.0, 3.0))
        for index, settings in enumerate(({}, without)):
            run = sdcluster.simulate(model, settings=settings)
            left.plot(run["time"], run["upgrading level"], label=cases[index], **line_style(index))
        left.set_title(levels)
        time_axis(left, run, language)
        for index, cut in enumerate(({}, {"erosion under threat[social]": 0})):
            ends = [
                sdcluster.sweep(
                    model,
                    ["strength of the glue=0:3:31"],
                    ["final upgrading level"],
                    settings={**settings, **cut},
                )["final upgrading level"]
                for settings in ({}, without)
            ]
            glue = ends[0]["strength of the glue"]
            right.plot(glue, ends[1] / ends[0], label=cuts[index], **line_style(index))
        right.axhline(0.8, label=cuts[2], color="0.4", linewidth=1)
        right.axvline(1.6, color="0.5", linestyle=":", linewidth=1)
        right.set_title(ratio)
        right.set_xlabel(varied)
        for axes, place in ((left, "upper left"), (right, "lower left")):
            axes.set_ylim(0, 1)
            axes.legend(loc=place)
        write_figure(figure, path)


def play(language: str, path: Path) -> None:
    """Draw the closed cluster twice: left alone, and opened by a program when lock-in exceeds one half."""
    model = sdcluster.Simulator(MODELS / "cluster")
    closed = {"openness": 0.05, "policy": 0.05}
    run = model.begin(closed)
    while not run.done:
        if run["lock in"] > 0.5:
            run.set(openness=0.6, policy=0.3)
        run.step(4)
    alone = model.begin(closed)
    alone.until()
    names = {
        "en": ("left closed", "opened when lock-in exceeds 0.5"),
        "zh": ("一直封闭", "锁定超过 0.5 时开放"),
    }
    runs = dict(zip(names[language], (alone.dataset(), run.dataset()), strict=True))
    title = {"en": "knowledge stock (knowledge)", "zh": "知识存量"}[language]
    _curves(runs, "knowledge stock", title, language, path)


def compare(language: str, path: Path) -> None:
    """Draw three scenarios of `cluster`."""
    _command("compare", "cluster", "default", "closed", "rescue_in_year_30", "-v", "knowledge stock",
             "--out", str(path), language=language)  # fmt: skip


def fit(language: str, path: Path) -> None:
    """Draw a fit to measured values."""
    _command("fit", "value_chain", "shaoxing_textiles", "--starts", "20",
             "--out", str(path), language=language)  # fmt: skip


def laboratory(language: str, path: Path) -> None:
    """Make a screenshot of docs/tutorials/modeller.md's cup with the `lab.toml` from docs/how-to/laboratory.md."""
    folder = Path(tempfile.mkdtemp())
    for page, block, name in (
        ("tutorials/modeller.md", r"```text\n(\{UTF-8\}.*?)```", "teacup.mdl"),
        ("how-to/laboratory.md", r"```toml\n(.*?)```", "lab.toml"),
    ):
        text = (HERE.parent / page).read_text(encoding="utf-8")
        found = re.findall(block, text, re.DOTALL)
        (folder / name).write_text(found[0], encoding="utf-8")
    file = sdcluster.publish(folder / "teacup.mdl", folder / "lab.html", language=language)
    with _window({"width": 1000, "height": 560}) as window:
        window.goto(file.as_uri())
        window.wait_for_selector("#laboratory[data-ready]")
        window.locator('input[data-name="cooling time"]').press("PageUp")
        window.locator(".slider.changed input").first.blur()
        window.wait_for_timeout(1000)  # until the story has been updated
        window.screenshot(path=path)


def check_page(language: str, path: Path) -> None:
    """Make a screenshot of the page of the failed check in docs/tutorials/modeller.md."""
    cup = _cup(language, "10", "30", "0.125")
    said = {"en": ("The cup only cools", "first baseline"), "zh": ("杯子只会变凉", "第一次基线")}
    title, reason = said[language]
    (cup.parent / "behaviour.toml").write_text(
        f'[[assert]]\nkind = "monotone"\ntitle = "{title}"\nsource = "Newton 1701"\n'
        'variable = "teacup temperature"\ndirection = "falling"\n',
        encoding="utf-8",
    )
    page = cup.with_name("check.html")
    _command("accept", cup.parent, "--because", reason, language=language)
    text = cup.read_text(encoding="utf-8")
    cup.write_text(text.replace("room temperature = 70", "room temperature = 75"), encoding="utf-8")
    _command("check", cup.parent, "--page", str(page), language=language, ends=1)
    with _window({"width": 760, "height": 1200}) as window:
        window.goto(page.as_uri())
        below = window.locator("h2").nth(1).bounding_box()
        assert below is not None
        window.screenshot(path=path, clip={"x": 0, "y": 0, "width": 760, "height": below["y"] - 24})


@contextmanager
def _window(size: ViewportSize) -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page(viewport=size)
        browser.close()


def _command(name: str, model: str | Path, *more: str, language: str, ends: int = 0) -> None:
    """Run a command of sdcluster on a file or on a model of the repository, and require the exit code `ends`."""
    line = [sys.executable, "-m", "sdcluster", name, str(MODELS / model), *more]
    done = subprocess.run(line, check=False, env={**os.environ, "SDCLUSTER_LANGUAGE": language})
    if done.returncode != ends:
        raise subprocess.CalledProcessError(done.returncode, line)


def _cup(language: str, cooling: str, stop: str, step: str) -> Path:
    text = CUP % (cooling, stop, step)
    path = Path(tempfile.mkdtemp()) / "teacup" / "teacup.mdl"  # the page shows this folder
    path.parent.mkdir()
    path.write_text(text if language == "en" else text.replace("minute", "分钟"), encoding="utf-8")
    return path


def _curves(
    runs: Mapping[str, xr.Dataset], variable: str, title: str, language: str, path: Path
) -> None:
    with drawing():
        figure, (axes,) = panel_grid(1, 1, SIZE)
        for index, (label, run) in enumerate(runs.items()):
            axes.plot(run["time"], run[variable], label=label, **line_style(index))
        axes.set_title(title)
        axes.legend(loc="best")
        time_axis(axes, run, language)
        write_figure(figure, path)


CHARTS: tuple[Callable[[str, Path], None], ...] = (
    compare,
    lint,
    check,
    sweep,
    ensemble,
    fit,
    experiment,
    play,
    laboratory,
)


def main() -> None:
    """Write each chart in both languages, except the fit, which has no Chinese chart."""
    for draw in CHARTS:
        for language, ending in (("en", ".png"), ("zh", ".zh.png")):
            if draw is not fit or language == "en":
                path = HERE / f"how_to_{draw.__name__}{ending}"
                draw(language, path)
                _shrink(path)
    for language, ending in (("en", ".png"), ("zh", ".zh.png")):
        path = HERE / f"check{ending}"
        check_page(language, path)
        _shrink(path)


def _shrink(path: Path) -> None:
    """Reduce a chart to 64 colours, so that its file is a third as large but looks the same."""
    with Image.open(path) as chart:
        chart.convert("RGB").quantize(64).save(path, optimize=True)


if __name__ == "__main__":
    main()
