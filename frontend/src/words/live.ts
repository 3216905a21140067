// Words of what only a served laboratory has.

export const ENGLISH = {
  live_problem: "This file cannot be used as it is now:",
  live_line: "{file}, line {line}",
  live_variable: "variable “{name}”",
  live_kept:
    "The laboratory still shows the last version that could be used. Save the file again, and it goes on.",
  live_waiting: "Save the file again, and the laboratory opens.",
  live_reading: "Reading the model…",
  try_equation: "Try another equation",
  try_about:
    "Only this laboratory changes; the file stays as it is. Enter applies the equation, Ctrl Z takes it back.",
  try_apply: "Apply",
  try_back: "As in the file",
  try_in_file: "In the file: {right}",
  try_fine: "This can be computed.",
  try_tried: "Equations being tried:",
  try_save: "Save as a new file",
  try_all_back: "All as in the file",
  try_equals: "Right side of {left}",
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
  try_equation: "试用另一个方程",
  try_about: "只改变这个实验室，文件保持不变。按 Enter 应用方程，按 Ctrl Z 撤销。",
  try_apply: "应用",
  try_back: "恢复为文件中的方程",
  try_in_file: "文件中为：{right}",
  try_fine: "可以计算。",
  try_tried: "正在试用的方程：",
  try_save: "另存为新文件",
  try_all_back: "全部恢复为文件中的方程",
  try_equals: "{left}的右端",
  live_gone: "服务已停止。页面仍可照常使用，但不再随文件的保存而更新；服务重新运行后即恢复。",
};
