// Changes between the languages, in the laboratory at work as well, and remembers the choice.
const page = document.documentElement;
const work = document.getElementById("work");
const TAGS = new Map(page.dataset.languages.split(" ").map((pair) => pair.split("=")));
const KEY = "sdcluster language";
// The state of a laboratory that differs from its beginning by the language alone, as its links hold it.
const link = (language) => btoa(JSON.stringify({ l: language })).replaceAll("=", "");

function show(language) {
  page.dataset.language = language;
  page.lang = TAGS.get(language);
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
  const codes = [...TAGS.keys()];
  const language = codes[(codes.indexOf(page.dataset.language) + 1) % codes.length];
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // the choice holds for this page
  }
  show(language);
});
const before = remembered();
if (TAGS.has(before) && before !== page.dataset.language) show(before);
