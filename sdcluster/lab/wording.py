"""Every word that the laboratory shows, in English and Chinese. The names of variables come from the model file."""

from __future__ import annotations

from collections.abc import Mapping

from sdcluster.project.lab_file import UnitWords

LANGUAGES = ("en", "zh")

INTERFACE: dict[str, dict[str, str]] = {
    "en": {
        "scenarios": "Scenarios",
        "more_scenarios": "More scenarios…",
        "reset": "Reset all",
        "back_to": "back to {value}",
        "pin": "Pin this run",
        "unpin": "Unpin",
        "ghost_standard": "grey: {name}",
        "ghost_pinned": "grey: the pinned run",
        "other_language": "中文",
        "wide": "Full screen",
        "narrow": "Leave full screen",
        "year_axis": "year",
        "year_at": "year {year}",
        "verdict": "{kind}. ",
        "between": " ",
        "no_answer": "Python does not answer: the picture shows the last run. "
        "Start the kernel again (menu Kernel, Restart Kernel and Run All Cells) or reload the page.",
    },
    "zh": {
        "scenarios": "情景",
        "more_scenarios": "更多情景…",
        "reset": "全部重置",
        "back_to": "恢复为 {value}",
        "pin": "固定此曲线",
        "unpin": "取消固定",
        "ghost_standard": "灰线：{name}",
        "ghost_pinned": "灰线：已固定的曲线",
        "other_language": "English",
        "wide": "全屏",
        "narrow": "退出全屏",
        "year_axis": "年",
        "year_at": "第{year}年",
        "verdict": "{kind}。",
        "between": "",
        "no_answer": "Python 没有响应，图中仍是上一次的结果。"
        "请重新启动内核（菜单 Kernel（内核）→ Restart Kernel and Run All Cells）或刷新页面。",
    },
}

UNITS: dict[str, dict[str, str]] = {
    "year": {"en": "years", "zh": "年"},
    "years": {"en": "years", "zh": "年"},
    "1/year": {"en": "a year", "zh": "/年"},
    "dmnl": {"en": "", "zh": ""},
    "dimensionless": {"en": "", "zh": ""},
    "1": {"en": "", "zh": ""},
    "firm": {"en": "firms", "zh": "家"},
    "firm/year": {"en": "firms a year", "zh": "家/年"},
}


def unit(text: str, known: Mapping[str, UnitWords] | None = None) -> dict[str, str]:
    """A unit beside a number by language: as `known` calls it, nothing for dimensionless, else the file's own text."""
    key = text.strip().casefold()
    found = (known or {}).get(key)
    return dict(found.label) if found and found.label else UNITS.get(key, {"en": text})


def axis_unit(text: str, known: Mapping[str, UnitWords] | None = None) -> dict[str, str]:
    """A unit above a chart: what `known` measures by it, else as `unit`."""
    found = (known or {}).get(text.strip().casefold())
    return dict(found.axis) if found and found.axis else unit(text, known)


def sentence(error: BaseException) -> Mapping[str, str]:
    """An error as a sentence by language: our own errors speak for themselves, others are introduced."""
    from sdcluster.errors import ModelError, SimulationError

    text = str(error) or type(error).__name__
    if isinstance(error, (ModelError, SimulationError)):
        return {"en": text, "zh": f"模型无法运行：{text}"}
    return {
        "en": f"Python could not run this: {type(error).__name__}: {text}",
        "zh": f"Python 无法运行：{type(error).__name__}: {text}",
    }
