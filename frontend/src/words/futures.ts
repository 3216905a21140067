// Words around many runs: how sure a curve is.

export const ENGLISH = {
  how_sure: "How sure?",
  how_sure_about:
    "Runs the model a hundred times around the present settings, with other values for what was guessed",
  spread: "How far the guesses vary",
  spread_share: "guesses ± {share} %",
  spread_whole: "whole ranges",
  fan: "{runs} runs, in which {count} guesses vary {far}; 90 % of the runs lie in the wide band, half in the inner one.",
  fan_far: "by up to {share} % of the way to the ends of their ranges",
  fan_whole: "over their whole ranges",
  fan_failed: "{count} runs failed and are left out.",
  fan_nothing: "The model has no constant that could vary.",
  too_large: "The model is too large for many runs in a browser; sdcluster ensemble makes them.",
  no_vectors: "This browser cannot make many runs side by side; a newer one can.",
};

export const CHINESE: Record<keyof typeof ENGLISH, string> = {
  how_sure: "有多大把握？",
  how_sure_about: "在当前设定附近运行模型一百次，每次给估计的常数取不同的值",
  spread: "估计值的变化幅度",
  spread_share: "估计值 ± {share}%",
  spread_whole: "整个取值范围",
  fan: "共 {runs} 次运行，其中 {count} 个估计的常数{far}：宽带包含 90% 的运行，内带包含一半。",
  fan_far: "向取值范围两端最多变化 {share}%",
  fan_whole: "在整个取值范围内变化",
  fan_failed: "{count} 次运行失败，未计入。",
  fan_nothing: "模型没有可以变化的常数。",
  too_large: "模型太大，浏览器无法多次运行；可使用 sdcluster ensemble。",
  no_vectors: "此浏览器无法并行多次运行，请使用较新的浏览器。",
};
