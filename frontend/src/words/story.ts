// Words around the story of a run, and what its numbers rest on.

export const ENGLISH = {
  story: "What happens",
  story_more: "Show all of it",
  basis: "Basis",
  basis_lever: "decision",
  basis_judgement: "judgement",
  basis_measured: "measured",
  basis_definition: "by definition",
  basis_source: "source named",
  basis_no_source: "no source named",
  basis_none: "not documented",
};

export const CHINESE: Record<keyof typeof ENGLISH, string> = {
  story: "运行结果",
  story_more: "显示全部",
  basis: "依据",
  basis_lever: "决策",
  basis_judgement: "判断",
  basis_measured: "实测",
  basis_definition: "按定义",
  basis_source: "有来源",
  basis_no_source: "未注明来源",
  basis_none: "无说明",
};
