"""Chinese texts of the lint checks and the kinds of assertion, whose English texts `docs.book.reference` reads.

A test compares the names and keys with those of the program. If an English text changes, the digest of its page
changes, too, and `docs.book.translated` asks for a new translation.
"""

from __future__ import annotations

# For each check, the condition that a model has to meet.
RULES_IN_ORDER = {
    "fixed": "文件原样即可读取，无须修正",
    "units": "每个方程的单位都一致",
    "no-units": "每个变量都有单位",
    "no-docs": "每个变量都有说明",
    "names-alike": "没有两个变量名只差一个连字符、单复数或一个字母",
    "unused": "每个变量都被某个方程引用",
    "number-in-equation": "方程中使用有名称的常数，不直接写数值",
    "stocks": "每个存量都有流量，其中有流出",
    "reality-check": "真实性检验都可以判断，测试输入都被用到",
    "conveyor": "传送带的传送时间是步长的整数倍，漏出比例之和不超过 1",
    "screen": "没有涉及其他软件界面或会话的函数",
    "cycle": "没有变量依赖自身的当前值",
    "does-not-run": "模型能够运行",
    "step-too-large": "对所有延迟和流出的存量，步长都足够小",
    "integration-error": "步长减半，结果几乎不变",
}

_WITHIN = "及其允许偏差 `within` 或 `percent`"
BEHAVIOUR = {
    "peaks": "变量在每个给定时间附近都有峰值。键：`variable`；`near`，各给定时间；`within`，"
    "允许的时间偏差（默认 1）；`prominence`，曲线在峰值两侧须下降多少，以峰高的比例计（默认 0.05）；"
    "`only`，出现其他峰值是否算不成立（默认 true）。",
    "several peaks": "变量的峰值个数在界限之内，出现时间不限。键：`variable`；"
    "`least` 与 `most`，下限与上限，至少写一个；"
    "`from` 与 `to`，计数的时段（默认整个运行）；"
    "`prominence`，曲线在峰值两侧须下降多少，用变量自身的单位（默认 0.02）。",
    "order": "几个变量按预期次序越过同一水平。键：`variables`，按预期次序；`level`；"
    '`direction`，越过的方向（默认 `"rising"`）；`near`，预期的越过时间（可省略）；`within`，'
    "与预期时间的允许偏差（默认 1）。各变量只计首次越过。",
    "early warning": "一个变量越过其水平，足够早于另一变量越过自己的水平。键：`variable` 与 `level`，作为预警的越过；"
    "`of` 与 `of_level`，随后越过的变量及其水平；`least`，从预警到随后越过之间至少须相隔的时间。"
    "各变量只计首次向上越过。两次越过若缺一次，断言不成立。",
    "value": f"变量在给定时间接近某值，或位于上下界之间。键：`variable`；`at`，时间；"
    f"`about`，预期值，{_WITHIN}；`min` 与 `max`，下界与上界。",
    "final": "变量在运行终点接近某值，或位于上下界之间。键与 `value` 相同，但没有 `at`。",
    "measure": "一次运行的某个度量接近某值，或位于上下界之间。"
    "键：`measure`，写法与 `sdcluster sweep` 相同，即关键词加变量名，"
    f'例如 `"time of peak births from 10"`；`about`，预期值，{_WITHIN}；`min` 与 `max`，下界与上界。',
    "growth": "变量的年复合增长率符合预期，以百分数计。键：`variable`；`from` 与 `to`，"
    f"计算增长的起止时间；`about`，预期的增长率，{_WITHIN}；`min` 与 `max`，增长率的下界与上界。"
    "增长率均以模型的时间单位计，单位为百分数，因此时间单位应为年。",
    "drop": "变量从峰值下降的幅度符合预期，以峰值的百分数计。键：`variable`；`to`，"
    f"计算下降幅度的时间（默认运行终点）；`about`，预期的降幅，{_WITHIN}；`min` 与 `max`，降幅的下界与上界。"
    "降幅均以峰值的百分数计。",
    "monotone": "变量只升不降，或只降不升。键：`variable`；`direction`；`from` 与 `to`，"
    "考察的时段（默认整个运行）；`slack`，可以容忍的最大反向变动，用变量自身的单位（默认 0）。",
    "bounded": "各变量始终位于界限之内。键：`variables`；`min` 与 `max`，下界与上界，至少写一个；"
    "`from` 与 `to`，考察的时段（默认整个运行）。舍入误差（界限的 1e-9）不计。",
    "sweep peak": "让一个常数依次取若干值，变量的终值在该常数的预期值附近最高。键：`variable`；`over`，该常数；"
    "`values`，该常数所取的各值，由小到大；`at`，测量变量的时间（默认运行终点）；"
    f"`about`，该常数的预期值，{_WITHIN}；`min` 与 `max`，该常数取值的下界与上界。"
    "最大值若出现在所取的第一个或最后一个值上，不算峰值。",
    "two end states": "常数相同而存量初值不同的各次运行，终态各不相同。键：`variable`；`starts`，"
    "每次运行的存量设定，列成表；`from`，设定存量的时间（默认运行起点）；`at`，比较变量的时间（默认运行终点）；"
    "`apart`，相邻终态之间的最小距离（默认 0）；`about`，每个起点的预期终态，"
    f"{_WITHIN}。`about` 与 `apart` 至少写一个。",
    "ratio": "在给定时间，变量在本次运行中的值与在另一次运行中的值之比符合预期。键：`variable`；`at`，"
    "各时间；`against`，另一次运行的情景（默认与本次相同）；`against_settings`，"
    f"另一次运行的设定；`about`，每个时间的预期比值，{_WITHIN}；`min` 与 `max`，比值的下界与上界。"
    "`against` 与 `against_settings` 至少写一个。",
    "across": "变量在几个情景中的终值符合预期，或按情景的次序上升或下降。键：`variable`；`scenarios`；`at`，"
    f"测量变量的时间（默认运行终点）；`about`，每个情景的预期值，{_WITHIN}；`min` 与 `max`，下界与上界；"
    "`direction`，各情景的值须依次上升还是下降（可省略）。",
    "elasticity": "变量对另一变量的弹性符合预期。弹性是 ln `variable` 对 ln `on` 的斜率，用最小二乘法求得。键："
    "`variable`；`on`，另一变量；`from` 与 `to`，样本的首末时间；`every`，"
    "样本点的间隔（默认 1）；`fit`，判定系数的下限（可省略）；"
    f"`about`，预期的弹性，{_WITHIN}；`min` 与 `max`，下界与上界。",
}
