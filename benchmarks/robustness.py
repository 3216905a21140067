"""How often each claim of the theory holds, where it flips, and what decides it. Writes tables, pages and charts.

Run: python benchmarks/robustness.py [--runs 1000] [--base 256] [--only MODEL …] [--jobs N] [--anew]

Every experiment of every model with an ``experiments.toml`` is run at Latin-hypercube points, where all constants vary
that are judgements. There are three series: over the whole ranges, over the whole ranges with the levers fixed, and
over 30 % of the ranges around the model's own values (`sdcluster.study.experiments`). For a hypothesis, the script also
computes the thresholds that its file names, and the three constants that decide the verdict.

It writes benchmarks/results/robustness.json, docs/evidence/robustness.md and docs/zh/evidence/robustness.md with their
charts, and the part between the two robustness marks in the READMEs of the chosen models. With ``--only``, all other
models keep their numbers. With ``--base 0``, the deciding constants are not computed again, and their stored values
stay.

Results are stored as soon as they are ready, so an interrupted run continues where it stopped. A stored result is used
again while the model, the question, ``--runs`` and ``--base`` are the same. After a change to sdcluster itself, use
``--anew``, which computes all again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import sdcluster
from sdcluster.model import Model
from sdcluster.project.experiment import Threshold
from sdcluster.study.experiments import FIRM, Experiment, load_experiments, run_experiment
from sdcluster.study.experiments_deciding import deciding_constants
from sdcluster.study.experiments_threshold import Held, find_threshold, told

try:
    from benchmarks.substance import substance
except ImportError:  # run as a script
    from substance import substance  # type: ignore[no-redef]

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "robustness.json"
UNFINISHED = RESULTS.with_suffix(".partial")  # the results of an interrupted run
PAGES = {
    "en": ROOT / "docs" / "evidence" / "robustness.md",
    "zh": ROOT / "docs" / "zh" / "evidence" / "robustness.md",
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
        "columns": "claim | at the model's own values | 30 % of the ranges | levers fixed | whole ranges",
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
        "cut True": "yes ({number:.3g})",
        "cut False": "no ({number:.3g})",
        "details": "claim | without its cause | without a rival explanation | where it holds | "
        "decisive constants (total index, 95 %)",
        "none": "names none",
        "margin": "the verdict hardly ever changes; its margin depends on {names}",
        "index": "{name} {total:.2f} ({low:.2f} to {high:.2f})",
        "identity": "Identities, which follow from one equation and are not counted:",
        "counted": "Hypotheses that hold at the model's own values: {holding} of {all}. ",
        "all rivals": "Each of them names a rival explanation.",
        "some rivals": "Of all hypotheses, {lacking} name no rival explanation.",
        "axis": "share of runs in which the claim holds (filled: whole ranges; bar: levers fixed; open: 30 %)",
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
        "needs luck": "视条件而定",
        "half": "一半",
        "cut True": "是（{number:.3g}）",
        "cut False": "否（{number:.3g}）",
        "details": "论断 | 去除其原因后 | 去除一个竞争性解释后 | 成立的条件 | 起决定作用的常数（总效应指数，95% 区间）",
        "none": "未指明",
        "margin": "结论几乎从不改变；裕度取决于{names}",
        "index": "{name} {total:.2f}（{low:.2f} 至 {high:.2f}）",
        "identity": "恒等式（由一个方程即可推出，不计入假说）：",
        "counted": "取模型原值时，{all} 个假说中 {holding} 个成立。",
        "all rivals": "每个假说都指明了竞争性解释。",
        "some rivals": "其中 {lacking} 个未指明竞争性解释。",
        "axis": "论断成立的运行所占比例（实心：全范围；竖线：杠杆不变；空心：范围的 30%）",
    },
}
PERCENT = {"en": " %", "zh": "%"}
SEMICOLON = {"en": "; ", "zh": "；"}
Found = dict[str, dict[str, Any]]


def models() -> list[str]:
    """Return the names of the models that have an experiments.toml."""
    return sorted(p.parent.name for p in ROOT.glob("models/*/experiments.toml"))


@cache
def loaded(model: str) -> tuple[Model, dict[str, Experiment]]:
    """Return a model and its experiments by name."""
    found = sdcluster.load(ROOT / "models" / model)
    return found, {e.name: e for e in load_experiments(found)}


def digest(model: str, name: str) -> str:
    """Return a digest that changes if the model or the question changes."""
    found, questions = loaded(model)
    return hashlib.sha256(f"{substance(found)} {questions[name]!r}".encode()).hexdigest()[:16]


def ask(model: str, name: str, part: str, runs: int, base: int) -> dict[str, Any]:
    """Compute one part of the results of a question; called in a separate process.

    Parameters
    ----------
    part : str
        A key of `WAYS`, ``"answer"`` or ``"deciding"``.
    """
    found, questions = loaded(model)
    question = questions[name]
    begun = time.process_time()
    if part == "answer":
        made = answer(found, question)
    elif part == "deciding":
        made = {part: {"base": base, **deciders(found, question, base)}}
    else:
        outcome = run_experiment(found, question, runs, seed=SEED, **WAYS[part])
        made = {"varied": len(outcome.varied), "runs": {part: outcome.runs}, part: outcome.share}
    return made | {"seconds": {part: round(time.process_time() - begun, 2)}}


def answer(model: Model, question: Experiment) -> dict[str, Any]:
    """Return the texts of a question, its answers at the model's own values, and its thresholds.

    The answers include those without the cause and without each rival explanation.
    """
    outcome = run_experiment(model, question, seed=SEED)
    held = [find_threshold(model, question, t, seed=SEED) for t in question.thresholds]
    return {
        "title": dict(question.title),
        "source": question.source,
        "kind": question.verdict.kind,
        "number": outcome.number,
        "holds": outcome.holds,
        "identity": question.identity,
        "lacks": list(question.lacks),
        "cuts": [
            {
                "role": c.cut.role,
                "title": dict(c.cut.title),
                "number": c.number,
                "verdict": c.verdict,
            }
            for c in outcome.cuts
        ],
        "thresholds": [
            {
                "constant": h.threshold.constant,
                "zh": model.label(h.threshold.constant, "zh"),
                "low": h.threshold.low,
                "high": h.threshold.high,
                "flips": list(h.flips),
                "begins": h.begins,
            }
            for h in held
        ],
    }


def deciders(model: Model, question: Experiment, base: int) -> dict[str, Any]:
    """Return the three constants that decide a hypothesis; an empty list if no constant varies."""
    if question.identity or not question.vary:
        return {"of": "", "constants": [], "settings": 0}
    found = deciding_constants(model, question, base, seed=SEED)
    return {
        "settings": found.runs,
        "of": found.of,
        "constants": [
            {
                "name": d.name,
                "zh": model.label(d.name, "zh"),
                "total": d.total,
                "total_interval": list(d.total_interval),
                "first": d.first,
                "first_interval": list(d.first_interval),
            }
            for d in found.constants
        ],
    }


def missing(kept: dict[str, Any], runs: int, base: int) -> list[str]:
    """Return the parts of a question's results that are not stored yet."""
    parts = ["answer"] if "title" not in kept else []
    # Start with the longest part, so that all processes finish at about the same time.
    if base and kept.get("deciding", {}).get("base") != base:
        parts.append("deciding")
    asked = kept.get("asked", {})
    return [*parts, *(way for way in WAYS if asked.get(way) != runs)]


def measure(results: dict[str, Any], chosen: list[str], runs: int, base: int, jobs: int) -> None:
    """Compute the missing results of the chosen models, store each as soon as it is ready, and show a progress bar."""
    from rich.progress import Progress

    asked = []
    for model in chosen:
        old = results["models"].get(model, {})
        results["models"][model] = found = {}
        for name in loaded(model)[1]:
            same = old.get(name, {}).get("digest") == digest(model, name)
            found[name] = old[name] if same else {"digest": digest(model, name)}
            asked += [(model, name, part) for part in missing(found[name], runs, base)]
    asked.sort(key=lambda one: one[2] != "deciding")
    with ProcessPoolExecutor(jobs) as pool, Progress() as bar:
        task = bar.add_task("asking", total=len(asked))
        waiting = {pool.submit(ask, *one, runs, base): one for one in asked}
        for done in as_completed(waiting):
            model, name, part = waiting[done]
            merge(results["models"][model][name], part, done.result(), runs)
            keep(results, UNFINISHED)
            bar.advance(task)


def merge(kept: dict[str, Any], part: str, new: dict[str, Any], runs: int) -> None:
    """Add a computed part to the stored results of a question."""
    if part in WAYS:
        kept["asked"] = kept.get("asked", {}) | {part: runs}
        new["varied"] = max(new["varied"], kept.get("varied", 0))
        new["runs"] = kept.get("runs", {}) | new["runs"]
    new["seconds"] = kept.get("seconds", {}) | new["seconds"]
    kept.update(new)


def keep(results: dict[str, Any], path: Path) -> None:
    """Write the results to a new file first and then rename it, so that an interruption cannot damage the old file."""
    partial = path.with_suffix(".new")
    partial.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)


def firmness(share: float) -> str:
    """Return the verdict for a share of runs: firm, mostly or needs luck."""
    if share >= FIRM:
        return "firm"
    return "mostly" if share >= 0.5 else "needs luck"


def percent(share: float, language: str = "en") -> str:
    """Return a share in percent, rounded so that 100 and 0 appear only if all runs agree."""
    if share > 0.99 or share < 0.01:
        share = share if share in (0, 1) else min(max(share, 0.001), 0.999)
        return f"{100 * share:.3g}{PERCENT[language]}"
    return f"{100 * share:.0f}{PERCENT[language]}"


def table(found: Found, language: str = "en") -> str:
    """Return the table of one model in Markdown."""
    words = WORDS[language]
    lines = [f"| {words['columns']} | |", "|---|---|---:|---:|---:|---|"]
    for answer in hypotheses(found):
        shares = " | ".join(percent(answer[way], language) for way in WAYS)
        firm = words[firmness(answer["whole"])]
        lines.append(
            f"| {answer['title'][language]} | {said(answer, language)} | {shares} | {firm} |"
        )
    return "\n".join(lines)


def hypotheses(found: Found) -> list[dict[str, Any]]:
    """Return the answers without those of identities, sorted by the share of runs in which they hold, largest first."""
    counted = [a for a in found.values() if not a.get("identity")]
    return sorted(counted, key=lambda a: -a["whole"])


def details(found: Found, language: str = "en") -> str:
    """Return the results about the causes of each hypothesis in Markdown; empty if there are none."""
    words = WORDS[language]
    measured = [a for a in hypotheses(found) if "cuts" in a]
    identities = [a for a in found.values() if a.get("identity")]
    parts = []
    if measured:
        holding = sum(a["holds"] for a in measured)
        lacking = sum("rival" in a["lacks"] for a in measured)
        counted = words["counted"].format(holding=holding, all=len(measured))
        rivals = words["some rivals" if lacking else "all rivals"].format(lacking=lacking)
        parts.append(f"{counted}{rivals}")
        lines = [f"| {words['details']} |", "|---|---|---|---|---|"]
        for a in measured:
            cells = [
                a["title"][language],
                cut(a, "cause", language),
                cut(a, "rival", language),
                SEMICOLON[language].join(flips(t, language) for t in a["thresholds"]),
                decided(a.get("deciding", {}), language),
            ]
            lines.append(f"| {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    if identities:
        colon = "：" if language == "zh" else ": "
        lines = [f"- {a['title'][language]}{colon}{said(a, language)}" for a in identities]
        parts.append(f"{words['identity']}\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def said(answer: dict[str, Any], language: str) -> str:
    """Return yes or no, with the number behind the verdict."""
    words = WORDS[language]
    sentence = words["yes" if answer["holds"] else "no"]
    return sentence.format(kind=words[answer["kind"]], number=answer["number"])


def cut(answer: dict[str, Any], role: str, language: str) -> str:
    """Return the verdicts of the runs without the cause, or without each rival explanation."""
    words = WORDS[language]
    found = []
    for one in answer["cuts"]:
        if one["role"] == role:
            shown = words[f"cut {one['verdict']}"].format(number=one["number"])
            title = one["title"].get(language)
            colon = "：" if language == "zh" else ": "
            found.append(f"{title}{colon}{shown}" if title else shown)
    return SEMICOLON[language].join(found) or words["none"]


def flips(kept: dict[str, Any], language: str) -> str:
    """Return in words for which values of a constant a hypothesis holds."""
    threshold = Threshold(kept["constant"], kept["low"], kept["high"])
    return told(
        Held(threshold, tuple(kept["flips"]), kept["begins"]),
        named(kept, "constant", language),
        language,
    )


def named(kept: dict[str, Any], key: str, language: str) -> str:
    """Return a constant's name as it is written in a sentence."""
    return f"“{kept['zh']}”" if language == "zh" else f"`{kept[key]}`"


def decided(kept: dict[str, Any], language: str) -> str:
    """Return the constants that decide a verdict, each with its total index and the index's interval."""
    words = WORDS[language]
    names = [
        words["index"].format(
            name=named(c, "name", language),
            total=c["total"],
            low=c["total_interval"][0],
            high=c["total_interval"][1],
        )
        for c in kept.get("constants", [])
    ]
    listed = ("、" if language == "zh" else ", ").join(names)
    return words["margin"].format(names=listed) if kept.get("of") == "margin" and names else listed


def introduction(found: Found, runs: int) -> str:
    """Return the sentences above a model's table."""
    varied = max(answer["varied"] for answer in found.values())
    return (
        f"All {varied} constants that are judgements vary at once (Latin hypercube, {runs:,} runs). The levers\n"
        "vary, too, except in the column *levers fixed*. A claim holds in a run if the answer to its question in\n"
        "`experiments.toml` is yes, if it turns to no when the claim's cause is removed, and if it stays yes when\n"
        "each rival explanation is removed. The table gives the share of runs in which a claim holds. Over the whole\n"
        "ranges, *firm* means at least 95 % of the runs, *mostly* at least half, and *needs luck* less than half.\n"
        "The second table shows the answer at the model's own values without the cause, and without each rival\n"
        "explanation. It also shows the values of one constant at which the claim holds, and the three constants on\n"
        "which the verdict depends most over the whole ranges:"
    )


HEADS = {
    "en": """# Robustness: which claims hold, and which need luck

Written by `benchmarks/robustness.py`; do not edit.
`sdcluster experiment models/<name> --runs 1000` makes one model's numbers.

Every claim is a question in the model's `experiments.toml`. The question is asked {runs:,} times, each time with other
values of all constants that are judgements (Latin hypercube, seed {seed}). There are three such series: over the whole
ranges of the constants; over the whole ranges, but with the levers fixed at the question's own settings; and over 30 %
of the ranges around the model's own values. A claim that holds in at least 95 % of the runs over the whole ranges is
*firm*: it follows from the structure of the model. If a claim holds in at least half of these runs, its verdict is
*mostly*. If it holds in less than half, its verdict is *needs luck*: it may be true of some clusters, but the theory
alone does not support it. All numbers are of {date}.

The {questions} questions were asked at {settings:,} settings of the constants in all. At each setting the model runs
once for each case of the question (one or two), and again for each explanation that is removed (up to four), unless
the claim has already failed there. All of this took {seconds:,.0f} s of processor time.

A hypothesis names its cause and a rival explanation. It holds in a run if the answer is yes, if it turns to no when the
cause is removed, and if it stays yes when each rival explanation is removed. The column *where it holds* gives the
values of one constant for which the verdict is yes, while all other constants keep their values. The decisive constants
are the three with the largest total Sobol' indices over the whole ranges; see [experiments](../how-to/experiments.md).
An identity follows from one equation alone and is not counted as a hypothesis.

![Share of runs in which each claim holds](../images/robustness.svg)
""",
    "zh": """# 稳健性：哪些论断站得住，哪些视条件而定

本页由 `benchmarks/robustness.py` 生成，请勿手工修改。
`sdcluster experiment models/<name> --runs 1000` 得到一个模型的数值。

每个论断都是模型的 `experiments.toml` 中的一个问题。让所有判断值同时变动（拉丁超立方抽样，种子 {seed}），
各问 {runs:,} 次，共三组：一是在全范围内变动；二是同样变动，但杠杆保持问题所设的值；三是只在模型原值附近
30% 的范围内变动。在全范围的运行中，至少 95% 成立的论断称为*稳固*：它出自模型的结构；至少一半成立的称为*多数成立*；
不到一半的*视条件而定*：它对某些集群可能是对的，但单凭理论不足以支持。数值测于 {date}。

{questions} 个问题共在 {settings:,} 组常数取值上提出。在每组取值上，问题的每种情形（一种或两种）各运行一次；每去除
一个解释（最多四个）再各运行一次，除非论断已不成立。共用处理器时间 {seconds:,.0f} 秒。

假说要指明原因与竞争性解释。一次运行中，回答为是，去除原因后不再为是，去除每个竞争性解释后仍为是，论断才算成立。
“成立的条件”给出其余常数不变时，使论断成立的某一常数的取值。起决定作用的常数，是全范围内总效应指数最大的三个，
见[实验](../how-to/experiments.md)。恒等式只由一个方程就能推出，不计入假说。

![各论断成立的运行所占比例](../../images/robustness.zh.svg)
""",
}


def write(results: dict[str, Any], chosen: list[str]) -> None:
    """Write the pages, the charts, and the tables in the READMEs of the chosen models."""
    for language, page in PAGES.items():
        draw(results["models"], language)
        text = HEADS[language].format_map(results | effort(results["models"]))
        for model, found in results["models"].items():
            text += f"\n## {model}\n\n{block(found, language)}\n"
        page.write_text(text, encoding="utf-8")
    for model in chosen:
        found = results["models"][model]
        readme = ROOT / "models" / model / "README.md"
        old = readme.read_text(encoding="utf-8")
        if not MARKED.search(old):
            raise SystemExit(
                f"{readme.relative_to(ROOT)}: no <!-- robustness --> … <!-- /robustness --> to write to"
            )
        text = f"{introduction(found, results['runs'])}\n\n{block(found)}"
        marked = f"<!-- robustness -->\n{text}\n<!-- /robustness -->"
        readme.write_text(MARKED.sub(lambda _, new=marked: new, old), encoding="utf-8")


def effort(found: dict[str, Found]) -> dict[str, float]:
    """Return the number of questions, the number of settings at which they were asked, and the processor time in s."""
    every = [kept for answers in found.values() for kept in answers.values()]
    asked = sum(sum(kept["asked"].values()) for kept in every)
    return {
        "questions": len(every),
        "settings": asked + sum(kept.get("deciding", {}).get("settings", 0) for kept in every),
        "seconds": sum(sum(kept.get("seconds", {}).values()) for kept in every),
    }


def block(found: Found, language: str = "en") -> str:
    """Return all tables of one model in Markdown."""
    return "\n\n".join(part for part in (table(found, language), details(found, language)) if part)


def draw(found: dict[str, Found], language: str) -> None:
    """Draw a row for each claim with its shares of runs.

    A filled dot is the share over the whole ranges, an open dot that over 30 % of them, and a bar that with the levers
    fixed.
    """
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
        rows += [(a["title"][language], a) for a in hypotheses(answers)]
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
    """Compute the missing results, store them, and write the pages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000, help="points of each of the three series")
    parser.add_argument(
        "--base", type=int, default=256, help="rows of the design for the deciding constants"
    )
    parser.add_argument("--only", nargs="*", choices=models(), default=None)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument(
        "--write-only", action="store_true", help="write the texts again from the stored results"
    )
    parser.add_argument("--anew", action="store_true", help="ignore all stored results")
    given = parser.parse_args()
    chosen = models() if given.only is None else given.only
    source = UNFINISHED if UNFINISHED.exists() and not given.write_only else RESULTS
    results: dict[str, Any] = (
        json.loads(source.read_text("utf-8")) if source.exists() else {"models": {}}
    )
    if not given.write_only:
        if given.anew:
            results["models"] = {m: v for m, v in results["models"].items() if m not in chosen}
        results |= {"date": date.today().isoformat(), "runs": given.runs, "seed": SEED}
        measure(results, chosen, given.runs, given.base, given.jobs)
        results["models"] = {m: results["models"][m] for m in models() if m in results["models"]}
        keep(results, RESULTS)
        UNFINISHED.unlink(missing_ok=True)
    write(results, [m for m in chosen if m in results["models"]])


if __name__ == "__main__":
    main()
