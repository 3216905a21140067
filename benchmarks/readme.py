#!/usr/bin/env python
"""Write the small table in README.md and README.zh.md from measured results: ``python benchmarks/readme.py``.

It reads benchmarks/results/engine.json and ensemble.json, and replaces the lines between the marks ``fast``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine import ROOT, between

RESULTS = ROOT / "benchmarks" / "results"
ROWS = {
    "README.md": (
        "| `cluster`, 163 variables | sdcluster | PySD | pysimlin |",
        "slider moved → all curves",
        "10,000 runs",
        "Python started → first curves",
    ),
    "README.zh.md": (
        "| 综合模型 `cluster`，163 个变量 | sdcluster | PySD | pysimlin |",
        "拖动滑块 → 全部曲线",
        "运行 10,000 次",
        "启动 Python → 第一批曲线",
    ),
}


def table(page: str, results: Path = RESULTS) -> str:
    """Return the table of one README."""
    engine = json.loads((results / "engine.json").read_text(encoding="utf-8"))
    rates = json.loads((results / "ensemble.json").read_text(encoding="utf-8"))["rates"]
    again, cold = engine["re-run"], engine["cold start"]
    head, moved, many, started = ROWS[page]
    moves = [again[key]["median"] for key in ("sdcluster native", "pysd", "simlin")]
    runs = [rates["runs"] / rates[key] for key in ("sdcluster", "pysd", "simlin")]
    starts = [cold[key] for key in ("sdcluster, afterwards", "pysd, afterwards", "pysimlin")]
    lines = [head, "|---|---:|---:|---:|"]
    for title, seconds in ((moved, moves), (many, runs), (started, starts)):
        lines.append(f"| {title} | {' | '.join(_duration(one, page) for one in seconds)} |")
    return "\n".join(lines)


def _duration(seconds: float, page: str) -> Any:
    chinese = page.endswith(".zh.md")
    if seconds < 1:
        return f"{1000 * seconds:.3g} {'毫秒' if chinese else 'ms'}"
    if seconds < 120:
        return f"{seconds:.2g} {'秒' if chinese else 's'}"
    return f"{seconds / 60:.2g} {'分钟' if chinese else 'min'}"


def main() -> None:
    for page in ROWS:
        between(ROOT / page, "fast", table(page))


if __name__ == "__main__":
    main()
