// One card of a lesson: a text, a prediction or an exercise. Python holds the words, the runs and the verdicts;
// the browser holds a draft until the student commits it.
import { fill, say } from "./format.js";
import { Plot, put } from "./plot.js";

const SLOW = 2; // seconds after which a wait is shown with its length
const SILENT = 12; // seconds after which the page says what to do if Python does not answer

let cards = 0;

class Card {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.draft = null;
    this.group = `sdc-choice-${(cards += 1)}`;
    this.names = ["language", "shown", "_spec", "_result", "_feedback"].map((name) => `change:${name}`).join(" ");
    this.onChange = () => this.draw();
    model.on(this.names, this.onChange);
    root.classList.add("sdc-card");
    // What is drawn anew and what stays: a live region is only read out if it was there before its text.
    this.body = put("div", "sdc-card-body", root);
    this.said = put("p", "sdc-said", root);
    this.said.setAttribute("role", "status");
    this.said.tabIndex = -1;
    this.progress = put("progress", "sdc-progress", root);
    this.progress.hidden = true;
    this.draw();
  }

  get language() {
    return this.model.get("language");
  }

  get words() {
    return this.model.get("_words")[this.language];
  }

  say(text) {
    return typeof text === "object" ? say(text, this.language) : String(text);
  }

  draw() {
    const spec = this.model.get("_spec");
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    const key = focused?.dataset.key;
    this.body.replaceChildren();
    this.root.lang = this.language;
    this.root.dataset.kind = spec.kind;
    const parent = this.head(spec);
    if (!this.model.get("shown")) {
      put("p", "sdc-hint", this.body, this.words.wait);
      return;
    }
    for (const block of spec.blocks ?? []) this.block(block, parent);
    if (spec.kind === "prediction") this.prediction(spec);
    if (spec.kind === "exercise") this.exercise(spec);
    this.progress.setAttribute("aria-label", this.words.running);
    // The keyboard stays where it was; where that is gone (a committed prediction) it goes on from the verdict.
    if (focused) (this.body.querySelector(`[data-key="${key}"]:not(:disabled)`) ?? this.said).focus();
  }

  // Title and language button; gives the element that holds the rest.
  head(spec) {
    const level = spec.level === 1 ? "h1" : "h2";
    if (spec.folded) {
      const fold = put("details", "sdc-fold", this.body);
      fold.open = Boolean(this.open);
      fold.addEventListener("toggle", () => (this.open = fold.open));
      const summary = put("summary", "", fold);
      summary.dataset.key = "fold";
      put(level, "", summary, this.say(spec.title));
      return fold;
    }
    const head = put("div", "sdc-card-head", this.body);
    put(level, "", head, this.say(spec.title));
    if (spec.switch) {
      const button = put("button", "sdc-language", head, this.words.other_language);
      button.type = "button";
      button.dataset.key = "language";
      button.lang = this.language === "en" ? "zh" : "en";
      button.addEventListener("click", () => {
        this.model.set("language", button.lang);
        this.model.save_changes();
      });
    }
    return this.body;
  }

  block(block, parent) {
    if (block.kind === "picture" || block.kind === "area") {
      // The diagram of an area keeps a size at which it can be read: a narrow page scrolls it.
      const frame = block.kind === "area" ? put("div", "sdc-scroll", parent) : parent;
      const picture = put("img", "sdc-picture", frame);
      picture.alt = this.say(block.alt);
      picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(block.svg[this.language]);
    } else if (block.kind === "loops") {
      const row = put("div", "sdc-loops", parent);
      for (const item of block.items) {
        const figure = put("figure", "", row);
        this.block({ kind: "picture", alt: item.text, svg: item.svg }, figure);
        put("figcaption", "", figure, this.say(item.text));
      }
    } else if (block.kind === "list") {
      const list = put(block.ordered ? "ol" : "ul", "", parent);
      for (const item of block.items) put("li", "", list, this.say(item));
    } else if (block.kind === "lessons") {
      const list = put("ul", "", parent);
      for (const item of block.items) {
        const entry = put("li", "", list);
        this.lesson(put("a", "", entry, this.say(item.link)), item.file);
        put("span", "", entry, this.say(item.text));
      }
    } else if (block.kind === "table") {
      const body = put("tbody", "", put("table", "", parent));
      for (const row of block.rows) {
        const line = put("tr", "", body);
        row.forEach((cell, i) => {
          const part = put(i ? "td" : "th", "", line, this.say(cell));
          if (!i) part.scope = "row";
        });
      }
    } else put(block.kind === "heading" ? "h3" : "p", "", parent, this.say(block.text));
  }

  // A lesson lies beside this notebook; JupyterLab opens it in a tab of its own, a page goes there.
  lesson(link, file) {
    const here = decodeURIComponent(location.pathname);
    if (!here.endsWith(".ipynb")) {
      link.after(` [${file}]`); // one notebook alone: there is no way to the others but by their names
      return;
    }
    link.href = file;
    const [, folder] = here.match(/\/tree\/(.*\/)?[^/]*$/) ?? [];
    if (!here.includes("/tree/")) return;
    link.dataset.commandlinkerCommand = "docmanager:open";
    link.dataset.commandlinkerArgs = JSON.stringify({ path: (folder ?? "") + file });
  }

  // The verdict under the card: `text` by language, or the wait for it.
  tell(text, verdict, waiting) {
    if (waiting) this.since ??= Date.now();
    else this.since = null;
    this.said.dataset.verdict = verdict ?? "";
    this.settled = text ? this.say(text) : "";
    this.pulse();
    if (waiting && !this.clock) this.clock = setInterval(() => this.pulse(), 500);
  }

  pulse() {
    const seconds = this.since ? Math.floor((Date.now() - this.since) / 1000) : 0;
    const { running, waiting, no_answer } = this.words;
    const text = seconds < SLOW ? running : fill(seconds < SILENT ? waiting : no_answer, { seconds });
    const now = this.since ? text : this.settled;
    if (this.said.textContent !== now) this.said.textContent = now;
    this.progress.hidden = seconds < SLOW;
    if (this.since) return;
    clearInterval(this.clock);
    this.clock = null;
  }

  touch() {
    if (this.commitButton) this.commitButton.disabled = false;
  }

  // Words, picture and button each in an area of its own: beside one another where there is room.
  prediction(spec) {
    const result = this.model.get("_result");
    const known = this.model.get("committed");
    const locked = "value" in known;
    const curve = spec.form === "curve";
    const side = put("div", "sdc-words", this.body);
    side.append(...this.body.querySelectorAll(":scope > p"));
    const view = put("div", "sdc-view", this.body);
    const act = put("div", "sdc-act", this.body);
    if (locked) this.draft = known.value;
    if (curve) this.draft ??= spec.points.map((point) => ({ ...point }));
    else this.options(side, spec.options, { locked, right: result.right, legend: this.words.choose });
    const curves = [...spec.given, ...(result.curves ?? [])];
    if (curves.length || curve) {
      new Plot({
        parent: view, axes: result.axes ?? spec.axes, curves, points: curve ? this.draft : null, locked,
        language: this.language, words: this.words, onDraw: () => this.moved_by_hand(),
      });
    }
    this.root.classList.toggle("sdc-beside", view.hasChildNodes());
    if (!locked) {
      if (curve) put("p", "sdc-hint", act, this.words.how_to_draw);
      this.commitButton = put("button", "sdc-commit", act, this.words.commit);
      this.commitButton.type = "button";
      this.commitButton.dataset.key = "commit";
      this.commitButton.disabled = curve ? !this.moved : this.draft === null;
      this.commitButton.addEventListener("click", () => this.commit());
    }
    this.tell(result.text, result.kind, locked && !result.text);
  }

  moved_by_hand() {
    this.moved = true;
    this.touch();
  }

  options(parent, texts, { locked, right, legend }) {
    const group = put("fieldset", "sdc-options", parent);
    put("legend", "", group, legend);
    texts.forEach((text, i) => {
      const label = put("label", "", group);
      const radio = put("input", "", label);
      Object.assign(radio, { type: "radio", name: this.group, value: i, disabled: locked, checked: this.draft === i });
      radio.dataset.key = `option-${i}`;
      radio.addEventListener("change", () => {
        this.draft = i;
        this.touch();
      });
      put("span", "", label, this.say(text));
      if (locked && this.draft === i) put("b", "sdc-tag sdc-tag-yours", label, this.words.yours);
      if (right === i) put("b", "sdc-tag sdc-tag-model", label, "✓ " + this.words.model_says);
    });
  }

  commit() {
    this.model.set("committed", { value: this.draft });
    this.model.save_changes();
    this.draw();
  }

  exercise(spec) {
    const form = put("form", "sdc-answer", this.body);
    if (spec.options) this.options(form, spec.options, { locked: false, legend: this.words.choose_answer });
    else this.field(form, spec);
    const check = put("button", "sdc-check", form, this.words.check);
    check.type = "submit";
    check.dataset.key = "check";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.asked = (this.model.get("answer").number ?? 0) + 1;
      this.model.set("answer", { text: String(this.draft ?? ""), number: this.asked });
      this.model.save_changes();
      this.tell(null, null, true);
    });
    const feedback = this.model.get("_feedback");
    const waiting = this.asked !== undefined && feedback.number !== this.asked;
    this.tell(feedback.text, feedback.kind, waiting);
  }

  field(form, spec) {
    const label = put("label", "", form, this.words.answer + " ");
    const input = put("input", "", label);
    Object.assign(input, { type: "text", inputMode: "decimal", size: 8, autocomplete: "off", value: this.draft ?? "" });
    input.dataset.key = "answer";
    put("span", "", label, " " + this.say(spec.unit ?? ""));
    input.addEventListener("input", () => (this.draft = input.value));
  }

  close() {
    clearInterval(this.clock);
    this.model.off(this.names, this.onChange);
  }
}

export default {
  render({ model, el }) {
    const card = new Card(model, put("section", "sdc-card-root", el));
    return () => card.close();
  },
};
