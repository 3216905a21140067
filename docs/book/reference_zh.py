"""What `docs.book.reference` takes from the program in English, in Chinese: the checks and the kinds of assertion.

A test compares the names and keys with the program's own; when the English text changes, so does the digest of the page
that shows it, and `docs.book.translated` asks for a new translation.
"""

from __future__ import annotations

# By the name of the check: what is in order.
RULES_IN_ORDER = {
    "fixed": "文件原样即可读取，无须修正",
    "units": "每个方程的单位都一致",
    "no-units": "每个变量都有单位",
    "no-docs": "每个变量都有说明",
    "names-alike": "任何两个变量名都不只差一个字母",
    "unused": "每个变量都被引用",
    "number-in-equation": "方程中的数都有自己的变量名",
    "stocks": "存量有流量，并且有流出",
    "reality-check": "真实性检验可以判断，测试输入都被用到",
    "conveyor": "传送带的传送时间是步长的整数倍，漏出不超过已有的量",
    "screen": "没有只属于其他软件界面的内容",
    "cycle": "没有变量同时由自身定义",
    "does-not-run": "模型能够运行",
    "step-too-large": "步长小到足以分辨每个延迟",
    "integration-error": "步长减半，结果几乎不变",
}

_ABOUT = "`about` 加 `within` 或 `percent`；`min`；`max`"
BEHAVIOUR = {
    "peaks": "变量在给定时间附近出现峰值。键：`variable`；`near`，各峰值的时间；`within`，"
    "允许的时间偏差（1）；`prominence`，曲线在峰两侧须回落多少，以峰高的比例计（0.05）；"
    "`only`，是否不许有其他峰值（true）。",
    "several peaks": "变量至少（或至多）出现若干次峰值，时间不限。键：`variable`；`least` 与 `most`，至少写一个；"
    "`from` 与 `to`，只考察运行的一段时才写；`prominence`，曲线在峰值两侧须下降的幅度，用变量自身的单位（0.02）。",
    "order": "各变量依次越过某一水平。键：`variables`，按预期次序；`level`；"
    '越过的 `direction`（`"rising"`）；`near` 与 `within`，预期时间与允许偏差，'
    "需要时才写。各变量以首次越过为准。",
    "early warning": "一个变量越过其水平，早于另一变量越过其水平若干时间。键：`variable` 与 `level`，预警；"
    "`of` 与 `of_level`，所预警者；`least`，两次首次上穿之间至少相隔的时间。预警之事未发生或没有预警，均不成立。",
    "value": f"变量在某一时间约为某值，或位于上下界之间。键：`variable`；`at`，时间；{_ABOUT}。",
    "final": "变量在运行终点约为某值，或位于上下界之间。键与 `value` 相同，但没有 `at`。",
    "measure": "一次运行的某个数值约为某值，或位于上下界之间。键：`measure`，说明测量什么的词加变量名，"
    f'写法与 `sdcluster sweep` 相同，例如 `"time of peak births from 10"`；{_ABOUT}。',
    "growth": "变量每年按某一复合增长率增长，以百分数计。键：`variable`；`from` 与 `to`，"
    f"计算增长的起止时间；{_ABOUT}，均为每年百分数。",
    "drop": "变量自峰值下降某一比例，以峰值的百分数计。键：`variable`；`to`，"
    f"量到何时为止（终点）；{_ABOUT}，均为百分数。",
    "monotone": "变量只升不降，或只降不升。键：`variable`；`direction`；`from` 与 `to`，"
    "只考察运行的一段时才写；`slack`，可以容忍的最大反向变动，用变量自身的单位（0）。",
    "bounded": "各变量始终位于界限之内。键：`variables`；`min` 与 `max`，至少写一个；"
    "`from` 与 `to`，只考察运行的一段时才写。舍入误差（界限的 1e-9）不计。",
    "sweep peak": "让一个常数取遍各值，变量的终值在其中某值附近最高。键：`variable`；`over`，该常数；"
    f"`values`，所试各值，由小到大；`at`，时间（终点）；{_ABOUT}。"
    "最大值若落在所试的第一个或最后一个值上，不算峰值。",
    "two end states": "常数相同而起点不同，变量最终处于不同状态。键：`variable`；`starts`，"
    "每次运行的（存量）设定列表；`from`，何时设定（起点）；`at`，何时比较（终点）；"
    "`apart`，相邻终态之间的最小距离（0）；`about`，每个起点的终态，"
    "加 `within` 或 `percent`。",
    "ratio": "在给定时间，变量在本次运行中是它在另一次运行中的若干倍。键：`variable`；`at`，"
    "各时间；`against`，另一情景（省略则为同一情景）；`against_settings`，"
    "另一情景的设定；`about`，每个时间的倍数，加 `within` 或 `percent`；`min`；`max`。",
    "across": "变量在几个情景中的终值符合预期，或依次排列。键：`variable`；`scenarios`；`at`，"
    "时间（终点）；`about`，每个情景的值，加 `within` 或 `percent`；`min`；`max`；"
    "`direction`，须依次上升或下降时才写。",
    "elasticity": "变量按某一弹性随另一变量变动：用最小二乘法求 ln `variable` 对 ln `on` 的斜率。键："
    "`variable`；`on`，另一变量；`from` 与 `to`，样本的首末时间；`every`，"
    f"样本点的间隔（1）；`fit`，判定系数的下限，需要时才写；{_ABOUT}。",
}
