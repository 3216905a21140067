"""Every word that the laboratory shows, in English and Chinese. The names of variables come from the model file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
        "kind_cycle": "Cycle",
        "kind_plateau": "Plateau",
        "kind_decline": "Decline",
        "kind_setback": "Setback",
        "kind_rescue": "Rescue",
        "kind_late": "Too late",
        "kind_growth": "Growth",
        "kind_run": "Run",
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
        "kind_cycle": "周期",
        "kind_plateau": "停滞",
        "kind_decline": "衰退",
        "kind_setback": "挫折",
        "kind_rescue": "救援",
        "kind_late": "为时已晚",
        "kind_growth": "增长",
        "kind_run": "运行",
    },
}

STORY: dict[str, dict[str, str]] = {
    "en": {
        "rescue": "Opened in year {year}, the cluster recovers: its knowledge stock grows "
        "from {then} to {end} in year {last}.",
        "late": "Opened in year {year}, the cluster has hardly recovered by year {last}: "
        "its knowledge stock was {then} then and is {end}.",
        "decline": "The knowledge stock peaks at {top} in year {year}, "
        "then loses {drop} %: {end} in year {last}.",
        "setback": "The knowledge stock falls from {top} in year {year} to {bottom} in year {low}, "
        "then rises again: {end} in year {last}.",
        "plateau": "The technology is used up and no new one takes off: "
        "the knowledge stock has stayed near {end} since year {since}.",
        "cycle": "{times} times leaders jump ahead and followers catch up (gap widest in years {peaks}). "
        "Knowledge stock: {half} in year {middle}, {end} in year {last}.",
        "growth": "The knowledge stock grows {rate} % a year without a pause: "
        "{half} in year {middle}, {end} in year {last}.",
        "compare": "{share} % {more} than under the default policy in year {last}.",
        "compare.crossing": "First a sacrifice, then a gain: {first} % below the default policy in year {year}, "
        "{share} % above it in year {last}.",
        "compare.fading": "First a gain, then a loss: {first} % above the default policy in year {year}, "
        "{share} % below it in year {last}.",
        "more": "more",
        "less": "less",
        "ties.3": "Ties pass one half: {tie0} in year {year0}, {tie1} {year1}, {tie2} {year2}.",
        "ties.some.2": "Ties pass one half: {tie0} in year {year0}, {tie1} {year1}, {never} never.",
        "ties.some.1": "Ties pass one half: {tie0} in year {year0}, {never} never.",
        "ties.none": "No kind of ties passes one half.",
        "lock_in": "Lock in peaks at {top} in year {year}.",
        "lock_in.set": "Lock in is set to {top} in year {year}: the scenario does it, not the cluster.",
        "lock_in.low": "Lock in stays low (at most {top}).",
        "lock_in.warned": "Lock in peaks at {top} in year {year}; "
        "its risk warned from year {warned} on, {early} years ahead.",
        "cause": "Main cause: {cause}.",
        "social ties": "social",
        "economic ties": "economic",
        "knowledge ties": "knowledge",
        "cognitive pressure": "closed minds (cognitive lock in)",
        "functional pressure": "dependence on captive buyers (functional lock in)",
        "political pressure": "policy past its boundary (political lock in)",
        "opportunism pressure": "opportunism (weak property right protection)",
    },
    "zh": {
        "rescue": "第{year}年开放后，集群复苏：知识存量由 {then} 增至第{last}年的 {end}。",
        "late": "第{year}年才开放，到第{last}年仍几乎没有复苏：知识存量开放时为 {then}，最终为 {end}。",
        "decline": "知识存量在第{year}年达到峰值 {top}，此后下降 {drop}%，第{last}年为 {end}。",
        "setback": "知识存量由第{year}年的 {top} 降至第{low}年的 {bottom}，此后回升，第{last}年为 {end}。",
        "plateau": "现有技术已用尽，新技术没有起飞：知识存量自第{since}年起停在 {end} 左右。",
        "cycle": "领先企业 {times} 次跃升，跟进企业 {times} 次追赶（势差在第{peaks}年最大）："
        "知识存量第{middle}年为 {half}，第{last}年为 {end}。",
        "growth": "知识存量每年增长 {rate}%，没有停顿：第{middle}年为 {half}，第{last}年为 {end}。",
        "compare": "第{last}年比基准政策{more} {share}%。",
        "compare.crossing": "先牺牲，后受益：第{year}年比基准政策低 {first}%，第{last}年高 {share}%。",
        "compare.fading": "先受益，后受损：第{year}年比基准政策高 {first}%，第{last}年低 {share}%。",
        "more": "高",
        "less": "低",
        "ties.3": "超过一半的时间：{tie0}第{year0}年，{tie1}第{year1}年，{tie2}第{year2}年。",
        "ties.some.2": "超过一半的时间：{tie0}第{year0}年，{tie1}第{year1}年；{never}始终没有超过。",
        "ties.some.1": "只有{tie0}超过一半（第{year0}年）；{never}始终没有超过。",
        "ties.none": "没有一种网络超过一半。",
        "lock_in": "锁定在第{year}年达到峰值 {top}。",
        "lock_in.set": "锁定在第{year}年被设为 {top}：这是情景的设定，不是集群自身的变化。",
        "lock_in.low": "锁定一直很低（最高 {top}）。",
        "lock_in.warned": "锁定在第{year}年达到峰值 {top}；锁定风险自第{warned}年起已发出警告，"
        "提前 {early} 年。",
        "cause": "主要原因：{cause}。",
        "social ties": "社会网络",
        "economic ties": "经济网络",
        "knowledge ties": "知识网络",
        "cognitive pressure": "思想封闭（认知锁定）",
        "functional pressure": "依赖采购商（功能锁定）",
        "political pressure": "政策越界（政治锁定）",
        "opportunism pressure": "机会主义（产权保护不足）",
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
    "knowledge": {"en": "units of knowledge", "zh": "知识单位"},
    "knowledge/year": {"en": "units of knowledge a year", "zh": "知识单位/年"},
    "capability": {"en": "units of capability", "zh": "能力单位"},
    "capability/year": {"en": "units of capability a year", "zh": "能力单位/年"},
    "technology": {"en": "units of technology", "zh": "技术单位"},
    "technology/year": {"en": "units of technology a year", "zh": "技术单位/年"},
    "lot": {"en": "million pieces", "zh": "百万件"},
    "lot/year": {"en": "million pieces a year", "zh": "百万件/年"},
    "dollar/year": {"en": "million dollars a year", "zh": "百万美元/年"},
    "dollar/lot": {"en": "dollars a piece", "zh": "美元/件"},
    "yuan/lighter": {"en": "yuan a lighter", "zh": "元/只"},
    "lighter": {"en": "lighters", "zh": "只打火机"},
    "lighter/year": {"en": "lighters a year", "zh": "只打火机/年"},
    "effort/year": {"en": "efforts a year", "zh": "投入单位/年"},
}
# What a unit that a model defines itself is measured by.
MEASURES: dict[str, dict[str, dict[str, str]]] = {
    "cluster": {"knowledge": {"en": "leaders at start = 1", "zh": "期初领先企业 = 1"}},
    "upgrading_cycle": {"knowledge": {"en": "leaders at start = 1", "zh": "期初领先企业 = 1"}},
    "collective_learning": {
        "knowledge": {
            "en": "high-position tacit at start = 1",
            "zh": "期初高位势企业默会知识 = 1",
        }
    },
    "innovation_alliance": {
        "technology": {"en": "a firm at start = 1", "zh": "期初单个企业 = 1"},
        "effort/year": {"en": "research of one firm = 1", "zh": "单个企业的研发 = 1"},
    },
    "value_chain": {"knowledge": {"en": "best firms = 1", "zh": "最优企业 = 1"}},
}


def unit(text: str, model: str = "") -> dict[str, str]:
    """A unit by language: what `model` measures by it, nothing for dimensionless, the file's text where unknown."""
    key = text.strip().casefold()
    return MEASURES.get(model, {}).get(key) or UNITS.get(key, {"en": text})


def join(parts: Sequence[str], language: str) -> str:
    """An enumeration: ``3, 50 and 68``."""
    if language == "zh":
        return "、".join(parts)
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


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
