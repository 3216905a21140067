// Words of what only a served laboratory has.

export const ENGLISH = {
  live_problem: "This file cannot be used as it is now:",
  live_line: "{file}, line {line}",
  live_variable: "variable “{name}”",
  live_kept:
    "The laboratory still shows the last version that could be used. Save the file again, and it goes on.",
  live_waiting: "Save the file again, and the laboratory opens.",
  live_reading: "Reading the model…",
  live_gone:
    "The server has ended. Everything here works on, but saved changes of the file no longer arrive; they do as soon as it runs again.",
};

export const CHINESE: Record<keyof typeof ENGLISH, string> = {
  live_problem: "文件现在的内容无法使用：",
  live_line: "{file}，第 {line} 行",
  live_variable: "变量“{name}”",
  live_kept: "这里仍显示上一个可用的版本。改正后再保存文件，实验室即自动更新。",
  live_waiting: "改正后再保存文件，实验室即自动打开。",
  live_reading: "正在读取模型……",
  live_gone: "服务已停止。页面仍可照常使用，但不再随文件的保存而更新；服务重新运行后即恢复。",
};
