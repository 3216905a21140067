// Words around the story of a run.

export const ENGLISH = {
  story: "What happens",
};

export const CHINESE: Record<keyof typeof ENGLISH, string> = {
  story: "运行结果",
};
