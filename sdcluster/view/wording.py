"""The words of tables and pictures in Chinese; in English they stand where they are used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sdcluster.measure.words import WORDS

CHINESE = {
    # heads of tables
    "variable": "变量",
    "unit": "单位",
    "start": "初值",
    "final": "终值",
    "min": "最小",
    "max": "最大",
    "curve": "曲线",
    "scenario": "情景",
    "scenarios": "情景",
    "until": "至",
    "peak\n@ time": "峰值\n@ 时间",
    "kind": "类型",
    "value": "取值",
    "range": "范围",
    "what it is": "说明",
    "name": "名称",
    "what happens": "内容",
    "rule": "规则",
    "question": "问题",
    "measured": "测量值",
    "number": "数值",
    "holds": "成立",
    "failed": "失败",
    "in runs": "成立的比例",
    "reality checks (sdcluster check judges them)": "真实性检验（由 sdcluster check 判断）",
    # what stands in them
    "stock": "存量",
    "flow": "流量",
    "auxiliary": "辅助变量",
    "constant": "常数",
    "lookup": "表函数",
    "data": "数据序列",
    "no data": "缺少数据",
    " (lever)": "（杠杆）",
    "yes": "是",
    "no": "否",
    "ratio": "比值",
    "difference": "差值",
    "order": "最小增量",
    "between": "数值",
    "firm": "稳固",
    "mostly": "多数成立",
    "needs luck": "视条件而定",
    "cause cut": "切断原因后",
    "rival cut": "切断竞争性解释后",
    "identities (tests of the equations, not counted)": "恒等式（用于检验方程，不计入假说）",
    "what decides the verdicts": "决定论断成立与否的常数",
    "constant or share": "常数或比例",
    "total": "总效应指数",
    "first order": "一阶指数",
    "rank of the margin": "裕度的秩",
    "reinforcing": "增强",
    "balancing": "平衡",
    "undecided": "未定",
    # ensembles
    "of runs": "的运行",
    "median": "中位数",
    "the model as it is": "模型原样",
    "no run has a value": "没有一次运行有此数值",
    "runs": "运行次数",
    "sd": "标准差",
    "no value": "没有数值",
    "failed run": "失败的运行",
    "does not hold": "不成立",
    "share of the runs in which it holds": "成立的运行所占份额",
    "verdict": "结论",
    "least chi square": "最小卡方",
    "pinned": "可以确定",
    "bounded on one side": "单侧有界",
    "not pinned down": "无法确定",
    # sensitivity
    "alone": "单独作用",
    "with other constants": "与其他常数共同作用",
    "share of the variance": "方差份额",
    "mean change over the range": "在取值范围内的平均变化",
    "change over the range": "在取值范围内的变化",
    "first": "一阶指数",
    "effect": "基本效应",
    # tipping
    "setting": "设置",
    "at present": "当前值",
    "crosses going down": "降至此值越过分界",
    "crosses going up": "升至此值越过分界",
    "distance": "距离",
    "not in the range": "范围内没有",
    # axes
    "time": "时间",
    "without unit": "没有单位",
    "logarithmic scale": "对数坐标",
    "and {count} more": "另有 {count} 条曲线",
}
UNITS_OF_TIME = {"year": "年", "month": "月", "week": "周", "day": "日", "hour": "小时"}


def say(words: str, language: str) -> str:
    """Return words of the program in a language; those without translation as they are."""
    return CHINESE.get(words, words) if language == "zh" else words


def clock(units: str, language: str) -> str:
    """Return a model's unit of time in a language, as the file has it where it is not known."""
    known = UNITS_OF_TIME.get(units.lower().removesuffix("s"))
    return known if known and language == "zh" else units


def measure(text: str, label: Callable[[str], str], language: str) -> str:
    """Return ``final population`` in a language, with the label of its variable; as it is where it has more parts."""
    words = [word for word in WORDS.values() if text.startswith(f"{word.name} ") and not word.needs]
    if language != "zh" or not words:
        return text
    word = max(words, key=lambda w: len(w.name))
    return f"{label(text.removeprefix(word.name).strip())}的{word.chinese}"


MODES: dict[str, dict[str, tuple[str, str]]] = {
    "growth": {"en": ("Growth", "grows"), "zh": ("增长", "增长")},
    "saturation": {"en": ("Growth to a limit", "grows to a limit"), "zh": ("有限增长", "趋于上限")},
    "decline": {"en": ("Decline", "declines"), "zh": ("衰退", "衰退")},
    "plateau": {"en": ("Plateau", "stands still"), "zh": ("停滞", "停滞")},
    "setback": {"en": ("Setback", "falls and recovers"), "zh": ("挫折", "先降后升")},
    "overshoot": {"en": ("Overshoot", "rises and falls"), "zh": ("超调", "先升后降")},
    "oscillation": {"en": ("Oscillation", "oscillates"), "zh": ("振荡", "振荡")},
    "cycle": {"en": ("Cycle", "grows in cycles"), "zh": ("周期", "周期增长")},
    "steady": {"en": ("Steady", "stays as it is"), "zh": ("稳定", "不变")},
    "recovery": {"en": ("Recovery", "recovers"), "zh": ("复苏", "恢复")},
    "late": {"en": ("Too late", "recovers too late"), "zh": ("为时已晚", "救援太晚")},
}
"""What a mode of behaviour is called above a sentence and in a table, by language."""


def join(parts: Sequence[str], language: str) -> str:
    """An enumeration: ``3, 50 and 68``."""
    if language == "zh":
        return "、".join(parts)
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
