"""How often each claim of the theory holds when every guess varies: writes the tables, the page and the picture.

Run: python benchmarks/robustness.py [--runs 1000] [--only MODEL …] [--jobs N]

Every experiment of every model with an ``experiments.toml`` is asked on Latin-hypercube points over the ranges of all
constants that are judgements: over the whole ranges, the same with the levers left alone, and over 30 % of the ranges
around the model's own values (`sdcluster.analyse.experiments`). Written are benchmarks/results/robustness.json,
docs/robustness.md and docs/zh/robustness.md with their pictures, and the part between the two robustness marks in each
model's README. With ``--only`` the other models keep their numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from pathlib import Path
from typing import Any

import sdcluster
from sdcluster.analyse.experiments import FIRM, load_experiments, run_experiment

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "robustness.json"
PAGES = {
    "en": ROOT / "docs" / "robustness.md",
    "zh": ROOT / "docs" / "zh" / "robustness.md",
}
PICTURES = {
    "en": ROOT / "docs" / "images" / "robustness.svg",
    "zh": ROOT / "docs" / "images" / "robustness.zh.svg",
}
WAYS = {
    "within_30": {"spread": 0.3},
    "levers_kept": {"levers": False},
    "whole": {},
}
FONTS = {"en": ["sans-serif"], "zh": ["DejaVu Sans", "Noto Sans CJK SC", "sans-serif"]}
MARKED = re.compile(r"<!-- robustness -->.*?<!-- /robustness -->", re.DOTALL)
SEED = 0
WORDS = {
    "en": {
        "columns": "claim | at the model's own values | 30 % of the ranges | levers as they are | whole ranges",
        "yes": "yes ({kind} {number:.3g})",
        "no": "no ({kind} {number:.3g})",
        "ratio": "ratio",
        "difference": "difference",
        "between": "value",
        "order": "least step",
        "firm": "firm",
        "mostly": "mostly",
        "needs luck": "needs luck",
        "half": "half",
        "axis": "share of runs in which the claim holds (filled: whole ranges; bar: levers kept; open: 30 %)",
    },
    "zh": {
        "columns": "论断 | 取模型原值时 | 范围的 30% | 杠杆不变 | 全范围",
        "yes": "是（{kind} {number:.3g}）",
        "no": "否（{kind} {number:.3g}）",
        "ratio": "比值",
        "difference": "差值",
        "between": "数值",
        "order": "最小增量",
        "firm": "稳固",
        "mostly": "多数成立",
        "needs luck": "靠运气",
        "half": "一半",
        "axis": "论断成立的运行所占比例（实心：全范围；竖线：杠杆不变；空心：范围的 30%）",
    },
}
PERCENT = {"en": " %", "zh": "%"}
Found = dict[str, dict[str, Any]]


def models() -> list[str]:
    """Return the models that have questions, by name."""
    return sorted(p.parent.name for p in ROOT.glob("models/*/experiments.toml"))


def ask(model: str, name: str, way: str, runs: int) -> dict[str, Any]:
    """Ask one question in one way; runs in a process of its own."""
    loaded = sdcluster.load(ROOT / "models" / model)
    question = next(e for e in load_experiments(loaded) if e.name == name)
    outcome = run_experiment(loaded, question, runs, seed=SEED, **WAYS[way])
    return {
        "title": dict(question.title),
        "source": question.source,
        "kind": question.verdict.kind,
        "number": outcome.number,
        "holds": outcome.holds,
        "varied": len(outcome.varied),
        "runs": {way: outcome.runs},
        way: outcome.share,
    }


def measure(chosen: list[str], runs: int, jobs: int) -> dict[str, Found]:
    """Ask all questions of the chosen models; a bar says how far it is."""
    from rich.progress import Progress

    asked = [
        (model, e.name, way, runs)
        for model in chosen
        for e in load_experiments(sdcluster.load(ROOT / "models" / model))
        for way in WAYS
    ]
    order = dict.fromkeys((model, name) for model, name, *_ in asked)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    with ProcessPoolExecutor(jobs) as pool, Progress() as bar:
        task = bar.add_task("asking", total=len(asked))
        waiting = {pool.submit(ask, *question): question for question in asked}
        for done in as_completed(waiting):
            model, name, *_ = waiting[done]
            answer = done.result()
            kept = found.setdefault((model, name), answer)
            kept["runs"] |= answer["runs"]
            kept.update({k: v for k, v in answer.items() if k in WAYS})
            bar.advance(task)
    return {m: {name: found[m, name] for of, name in order if of == m} for m in chosen}


def firmness(share: float) -> str:
    """Return the word for a share of runs."""
    if share >= FIRM:
        return "firm"
    return "mostly" if share >= 0.5 else "needs luck"


def percent(share: float, language: str = "en") -> str:
    """Return a share in percent, which is 100 or 0 only where all or no runs agree."""
    if share > 0.99 or share < 0.01:
        share = share if share in (0, 1) else min(max(share, 0.001), 0.999)
        return f"{100 * share:.3g}{PERCENT[language]}"
    return f"{100 * share:.0f}{PERCENT[language]}"


def table(found: Found, language: str = "en") -> str:
    """Return the table of one model as Markdown."""
    words = WORDS[language]
    lines = [f"| {words['columns']} | |", "|---|---|---:|---:|---:|---|"]
    for answer in sorted(found.values(), key=lambda a: -a["whole"]):
        said = words["yes" if answer["holds"] else "no"].format(
            kind=words[answer["kind"]], number=answer["number"]
        )
        shares = " | ".join(percent(answer[way], language) for way in WAYS)
        firm = words[firmness(answer["whole"])]
        lines.append(f"| {answer['title'][language]} | {said} | {shares} | {firm} |")
    return "\n".join(lines)


def introduction(found: Found, runs: int) -> str:
    """Return the sentences above a model's table."""
    varied = max(answer["varied"] for answer in found.values())
    return (
        f"All {varied} constants that are judgements vary at once (Latin hypercube, {runs:,} runs), levers too unless\n"
        "the column says otherwise. The verdicts of `experiments.toml` hold in this share of the runs; *firm* is 95 %\n"
        "of them or more:"
    )


HEADS = {
    "en": """# Robustness: which claims hold, and which need luck

Written by `benchmarks/robustness.py`; do not edit.
`sdcluster experiment models/<name> --runs 1000` makes one model's numbers.

Every claim is a question in the model's `experiments.toml`. It is asked {runs:,} times with all constants that are
judgements varied at once (Latin hypercube, seed {seed}): over their whole ranges, the same with the levers left as the
question has them, and over 30 % of the ranges around the model's own values. A claim that holds in 95 % of the runs
over the whole ranges is *firm*: it follows from the structure. One that holds in less than half of them *needs luck*:
it may be true of some clusters, but the theory does not carry it alone. {date}.

![Share of runs in which each claim holds](images/robustness.svg)
""",
    "zh": """# 稳健性：哪些论断站得住，哪些要靠运气

本页由 `benchmarks/robustness.py` 生成，请勿手工修改。
`sdcluster experiment models/<name> --runs 1000` 得到一个模型的数值。

每个论断都是模型的 `experiments.toml` 中的一个问题。让所有判断值同时变动（拉丁超立方抽样，种子 {seed}），
各问 {runs:,} 次：一是在全范围内变动；二是同样变动，但杠杆保持问题所设的值；三是只取模型原值附近 30% 的范围。
在全范围内 95% 的运行中成立的论断称为*稳固*：它出自结构。不到一半的运行中成立的*靠运气*：
它对某些集群可能是对的，但单凭理论支撑不起来。{date}。

![各论断成立的运行所占比例](../images/robustness.zh.svg)
""",
}


def write(results: dict[str, Any]) -> None:
    """Write the pages, the pictures and the README of each model."""
    for language, page in PAGES.items():
        draw(results["models"], language)
        text = HEADS[language].format_map(results)
        for model, found in results["models"].items():
            text += f"\n## {model}\n\n{table(found, language)}\n"
        page.write_text(text, encoding="utf-8")
    for model, found in results["models"].items():
        readme = ROOT / "models" / model / "README.md"
        old = readme.read_text(encoding="utf-8")
        block = f"{introduction(found, results['runs'])}\n\n{table(found)}"
        if not MARKED.search(old):
            raise SystemExit(
                f"{readme.relative_to(ROOT)}: no <!-- robustness --> … <!-- /robustness --> to write to"
            )
        marked = f"<!-- robustness -->\n{block}\n<!-- /robustness -->"
        readme.write_text(MARKED.sub(lambda _, new=marked: new, old), encoding="utf-8")


def draw(found: dict[str, Found], language: str) -> None:
    """Draw a row for each claim: dots filled over the whole ranges, open over 30 % of them, a bar with levers kept."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    words = WORDS[language]
    mpl.use("svg")
    mpl.rcParams["font.family"] = FONTS[language]
    mpl.rcParams["svg.hashsalt"] = "robustness"
    mpl.rcParams["svg.fonttype"] = "none"
    rows: list[tuple[str, dict[str, Any] | None]] = []
    for model, answers in found.items():
        rows.append((model.replace("_", " "), None))
        rows += [
            (a["title"][language], a) for a in sorted(answers.values(), key=lambda a: -a["whole"])
        ]
    figure, axes = plt.subplots(figsize=(9, 0.21 * len(rows) + 0.9))
    for y, (_, answer) in enumerate(rows):
        if answer is None:
            continue
        axes.plot([answer["whole"], answer["within_30"]], [y, y], color="0.75", lw=1.2, zorder=1)
        axes.plot(answer["within_30"], y, "o", mfc="white", mec="#0072B2", ms=6, zorder=2)
        axes.plot(answer["levers_kept"], y, "|", color="#0072B2", ms=9, mew=2, zorder=2)
        axes.plot(answer["whole"], y, "o", color="#0072B2", ms=6, zorder=3)
    axes.axvline(FIRM, color="#D55E00", lw=1, ls="--")
    axes.axvline(0.5, color="0.6", lw=1, ls=":")
    axes.text(FIRM, -1.0, words["firm"], color="#D55E00", ha="center", fontsize=8)
    axes.text(0.5, -1.0, words["half"], color="0.4", ha="center", fontsize=8)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=7.5)
    for label, (_, answer) in zip(axes.get_yticklabels(), rows, strict=True):
        if answer is None:
            label.set_fontweight("bold")
    axes.set_ylim(len(rows) - 0.4, -1.6)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel(words["axis"], fontsize=8)
    axes.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0))
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(PICTURES[language], metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Ask, keep, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--only", nargs="*", choices=models(), default=None)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument(
        "--write-only", action="store_true", help="write the texts again from the kept numbers"
    )
    chosen = parser.parse_args()
    kept: dict[str, Any] = (
        json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"models": {}}
    )
    if not chosen.write_only:
        new = measure(models() if chosen.only is None else chosen.only, chosen.runs, chosen.jobs)
        merged = kept["models"] | new
        kept = {
            "date": date.today().isoformat(),
            "runs": chosen.runs,
            "seed": SEED,
            "models": {name: merged[name] for name in models() if name in merged},
        }
        partial = RESULTS.with_suffix(".partial")
        partial.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        partial.replace(RESULTS)
    write(kept)


if __name__ == "__main__":
    main()
