"""Words that all lessons share, in English and Chinese; each lesson's own are in ``lessons/<name>.toml``."""

from __future__ import annotations

from sdcluster.words import LANGUAGES

COURSE: dict[str, dict[str, str]] = {
    "en": {
        "other_language": "中文",
        "predict": "1 · Predict",
        "observe": "2 · Observe",
        "explain": "3 · Explain",
        "practise": "4 · Exercise {number}",
        "teach": "For the teacher",
        "choose": "What do you expect? Choose one",
        "choose_answer": "Choose one",
        "described": "{name}: {first} in year {first_year}, highest {top} in year {top_year}, "
        "{last} in year {last_year}.",
        "commit": "Commit my prediction",
        "how_to_draw": "Drag the squares, or press Tab to reach one and move it with the up and down keys. "
        "After you commit, the prediction cannot be changed.",
        "yours": "your prediction",
        "model_says": "the model",
        "running": "The model is running…",
        "answer": "Your answer:",
        "check": "Check",
        "year": "year",
        "wait": "Commit your prediction first: this part opens when you have.",
        "agree": "The model agrees with you.",
        "differ": "The model says something else. That is where learning begins: what did you leave out?",
        "shape": "highest in year {top_year} ({top}), {last} in year {last_year}",
        "close": "Your curve is close to the run. Yours: {yours}; the model’s: {models}.",
        "far": "Your curve and the run part. Yours: {yours}; the model’s: {models}. From which year on, and why?",
        "no_choice": "Please choose one of the answers.",
        "right_choice": "Right: the run says so too.",
        "other_choice": "Not yet: in the run another one is stronger. Look again, and mind which scenario is asked.",
        "waiting": "Running for {seconds} s; the first run of a large model takes a while.",
        "no_answer": "Python has not answered for {seconds} s. If this goes on, start it again: in JupyterLab "
        "menu Kernel, Restart Kernel and Run All Cells; on the page, reload it.",
        "trouble": "This lesson cannot be shown",
        "trouble_remedy": "Check that the folders notebooks and models lie beside each other as in the repository, "
        "then run all cells again (menu Run, Run All Cells) or reload the page.",
        "no_number": "Please type a number, for instance 12 or 0.5.",
        "right": "Right. The run gives {value}.",
        "high": "Not yet: the run gives less. Look again, and mind which scenario and year are asked.",
        "low": "Not yet: the run gives more. Look again, and mind which scenario and year are asked.",
        "reinforcing": "reinforcing",
        "balancing": "balancing",
        "loop": "{name} ({kind}): {path}.",
        "minutes": "{minutes} min",
        "all_minutes": "In all {minutes} minutes.",
        "found": "What students find in part 2",
        "timing": "Timing",
        "lesson": "{number} · {title}",
        "lesson_more": " ({minutes} min): {question}",
    },
    "zh": {
        "other_language": "English",
        "predict": "1 · 预测",
        "observe": "2 · 观察",
        "explain": "3 · 解释",
        "practise": "4 · 练习 {number}",
        "teach": "教师说明",
        "choose": "你预计会怎样？请选一项",
        "choose_answer": "请选一项",
        "described": "{name}：第{first_year}年为 {first}，最高为第{top_year}年的 {top}，"
        "第{last_year}年为 {last}。",
        "commit": "提交我的预测",
        "how_to_draw": "拖动方块，或按 Tab 键选中方块后用上下键移动。提交之后预测不能再改。",
        "yours": "你的预测",
        "model_says": "模型结果",
        "running": "模型正在运行……",
        "answer": "你的答案：",
        "check": "检查",
        "year": "年",
        "wait": "请先提交预测，之后这一部分会打开。",
        "agree": "模型的结果与你一致。",
        "differ": "模型的结果与你不同。学习由此开始：你漏掉了什么？",
        "shape": "第{top_year}年最高（{top}），第{last_year}年为 {last}",
        "close": "你的曲线与模型接近。你画的：{yours}；模型：{models}。",
        "far": "你的曲线与模型不同。你画的：{yours}；模型：{models}。两者从哪一年起分开？为什么？",
        "no_choice": "请选择一个答案。",
        "right_choice": "正确：模型运行也是如此。",
        "other_choice": "还不对：在模型运行中，另一项更强。请再看一次，注意题目所问的情景。",
        "waiting": "已运行 {seconds} 秒；大模型首次运行需要一些时间。",
        "no_answer": "Python 已有 {seconds} 秒没有响应。如果一直如此，请重新启动：在 JupyterLab 中选菜单 "
        "Kernel（内核）→ Restart Kernel and Run All Cells；在网页上请刷新页面。",
        "trouble": "无法显示本课",
        "trouble_remedy": "请确认文件夹 notebooks 与 models 像仓库中那样并列放置，"
        "然后重新运行所有单元格（菜单 Run → Run All Cells）或刷新页面。",
        "no_number": "请输入一个数，例如 12 或 0.5。",
        "right": "正确。模型运行得到 {value}。",
        "high": "还不对：模型的结果更小。请再看一次，注意题目所问的情景与年份。",
        "low": "还不对：模型的结果更大。请再看一次，注意题目所问的情景与年份。",
        "reinforcing": "增强回路",
        "balancing": "平衡回路",
        "loop": "{name}（{kind}）：{path}。",
        "minutes": "{minutes} 分钟",
        "all_minutes": "共 {minutes} 分钟。",
        "found": "第 2 部分应有的发现",
        "timing": "时间安排",
        "lesson": "{number} · {title}",
        "lesson_more": "（{minutes} 分钟）：{question}",
    },
}


def fill(key: str, **values: object) -> dict[str, str]:
    """A text in every language, with `values` filled in; a value may itself be a table by language."""
    return {
        language: COURSE[language][key].format(
            **{k: v[language] if isinstance(v, dict) else v for k, v in values.items()}
        )
        for language in LANGUAGES
    }
