// Changes between English and Chinese, in the laboratory at work as well, and remembers the choice.
const page = document.documentElement;
const work = document.getElementById("work");
const KEY = "sdcluster language";
// The state of a laboratory that differs from its beginning by the language alone, as its links hold it.
const link = (language) => btoa(JSON.stringify({ l: language })).replaceAll("=", "");

function show(language) {
  page.dataset.language = language;
  page.lang = language === "zh" ? "zh-CN" : "en";
  if (work) work.src = `${work.getAttribute("src").split("#")[0]}#${link(language)}`;
  for (const anchor of document.querySelectorAll("a[href]")) {
    if (anchor.dataset.laboratory !== undefined) anchor.hash = link(language);
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a file, or a browser that keeps nothing
  }
}

document.getElementById("language").addEventListener("click", () => {
  const language = page.dataset.language === "en" ? "zh" : "en";
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // the choice holds for this page
  }
  show(language);
});
const before = remembered();
if ((before === "en" || before === "zh") && before !== page.dataset.language) show(before);
