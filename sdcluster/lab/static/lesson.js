// The laboratory as a whole: joins controls, source and charts. State is what the sliders say; pictures follow answers.
import { Chart, readTheme } from "./chart.js";
import { Scenarios, Slider, make } from "./controls.js";
import { fill, say } from "./format.js";
import { PythonSource, decode, floats } from "./source.js";

export class Lesson {
  constructor(model, root) {
    this.model = model;
    this.spec = model.get("_spec");
    this.words = model.get("_words");
    this.root = root;
    this.root.className = "sdc-lab";
    this.holding = false;
    this.drawn = 0;
    this.pinned = null;
    this.build();
    this.source = new PythonSource(model, {
      onAnswer: (answer, state) => this.receive(answer, state),
      onError: (sentences, state) => this.fail(sentences, state),
    });
    const first = model.get("_first");
    this.time = floats(first.time);
    this.start = this.time[0];
    this.reset(false);
    this.answer = { ...decode(first, first.values), state: this.state };
    this.standard = this.answer;
    this.speak();
    this.watch();
    model.send({ kind: "shown" });
  }

  build() {
    const { spec, root } = this;
    const head = make("div", "sdc-head", root);
    this.scenarios = new Scenarios(spec.scenarios, (scenario) => this.pick(scenario));
    head.append(this.scenarios.element);
    const tools = make("div", "sdc-tools", head);
    this.pinButton = this.button(tools, "sdc-pin", () => this.pin());
    this.resetButton = this.button(tools, "sdc-reset", () => this.reset());
    this.languageButton = this.button(tools, "sdc-language", () => this.swap());
    this.wideButton = this.button(tools, "sdc-wide", () => this.widen());
    this.story = make("div", "sdc-story", root);
    this.story.setAttribute("aria-live", "polite");
    this.error = make("p", "sdc-error", root);
    this.error.setAttribute("role", "alert");
    this.error.hidden = true;
    const body = make("div", "sdc-body", root);
    const panel = make("div", "sdc-panel", body);
    this.sliders = spec.sliders.map((s) => new Slider(s, (value) => this.turn(s.name, value)));
    this.headings = [];
    this.sliders.forEach((slider) => {
      this.head(slider.spec.group, panel);
      panel.append(slider.element);
    });
    this.key = make("p", "sdc-key", panel);
    this.grid = make("div", "sdc-charts", body);
    this.charts = spec.charts.map((s) => new Chart(s, (time) => this.hover(time)));
    this.charts.forEach((chart) => {
      this.head(chart.spec.group, this.grid);
      this.grid.append(chart.element);
    });
  }

  // A heading above the first slider or chart of each group.
  head(group, parent) {
    const last = this.headings.at(-1);
    if (!group?.en || (last?.element.parentNode === parent && last.group.en === group.en)) return;
    this.headings.push({ group, element: make("div", "sdc-group", parent) });
  }

  button(parent, className, onClick) {
    const button = make("button", className, parent);
    button.type = "button";
    button.addEventListener("click", onClick);
    return button;
  }

  // Everything outside that changes the picture: size, theme, language set in Python, the pointer's release.
  watch() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    this.resizing = new ResizeObserver(() => this.refresh());
    this.resizing.observe(this.root);
    this.charts.forEach((chart) => this.resizing.observe(chart.box));
    this.theming = new MutationObserver(() => this.refresh());
    this.theming.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.refresh(), { signal });
    this.root.addEventListener("pointerdown", () => (this.holding = true), { signal });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => this.release(), { signal });
    document.addEventListener("fullscreenchange", () => this.speak(), { signal });
    this.onLanguage = () => this.speak();
    this.model.on("change:language", this.onLanguage);
  }

  get language() {
    return this.model.get("language");
  }

  get ghost() {
    return this.pinned ?? this.standard;
  }

  // The state asked of a source: a scenario to start from, and what every slider says.
  read() {
    const settings = {};
    let change = null;
    let stop = this.spec.stop;
    for (const { spec, number } of this.sliders) {
      if (spec.role === "switch") change = number > spec.special.value ? number : null;
      else if (spec.role === "stop") stop = number;
      else settings[spec.name] = number;
    }
    return { scenario: this.scenario, settings, switch: change, stop };
  }

  turn() {
    this.scenarios.show(null);
    this.change();
  }

  change() {
    this.state = this.read();
    this.source.ask(this.state);
  }

  pick(scenario) {
    this.scenario = scenario.name;
    for (const slider of this.sliders) slider.set(scenario.values[slider.spec.name] ?? slider.spec.default);
    this.scenarios.show(scenario.name);
    this.change();
  }

  reset(ask = true) {
    this.scenario = this.spec.standard;
    this.pinned = null;
    for (const slider of this.sliders) slider.set(slider.spec.default);
    this.scenarios.show(this.scenario);
    this.state = this.read();
    if (ask) {
      this.speak();
      this.change();
    }
  }

  pin() {
    this.pinned = this.pinned ? null : this.answer;
    this.speak();
  }

  swap() {
    const next = this.spec.languages[(this.spec.languages.indexOf(this.language) + 1) % this.spec.languages.length];
    this.model.set("language", next);
    this.model.save_changes();
    this.speak();
  }

  widen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen?.();
  }

  release() {
    if (!this.holding) return;
    this.holding = false;
    this.refresh();
  }

  receive(answer, state) {
    this.answer = { ...answer, state };
    this.error.hidden = true;
    this.refresh();
  }

  // The last picture stays; the sentence says what went wrong.
  fail(sentences) {
    const words = this.words[this.language];
    this.error.textContent = sentences ? (sentences[this.language] ?? sentences.en) : words.no_answer;
    this.error.hidden = false;
  }

  hover(time) {
    this.charts.forEach((chart) => chart.hover(time));
  }

  speak() {
    const { language } = this;
    const words = this.words[language];
    this.root.lang = language;
    this.sliders.forEach((slider) => slider.speak(language, words));
    this.headings.forEach(({ group, element }) => (element.textContent = say(group, language)));
    this.scenarios.speak(language, words);
    this.scenarios.show(this.shown());
    this.pinButton.textContent = this.pinned ? words.unpin : words.pin;
    this.pinButton.setAttribute("aria-pressed", String(Boolean(this.pinned)));
    this.resetButton.textContent = words.reset;
    this.languageButton.textContent = words.other_language;
    this.wideButton.textContent = document.fullscreenElement ? words.narrow : words.wide;
    this.key.textContent = this.pinned ? words.ghost_pinned : fill(words.ghost_standard, { name: this.standardName(language) });
    this.refresh();
  }

  // What the grey line is, as a word inside a sentence.
  standardName(language) {
    const title = say(this.spec.scenarios.find((s) => s.name === this.spec.standard)?.title, language);
    return title.charAt(0).toLowerCase() + title.slice(1);
  }

  // Which scenario the sliders stand at, if any.
  shown() {
    const same = (scenario) => this.sliders.every(({ spec, number }) =>
      Math.abs(number - (scenario.values[spec.name] ?? spec.default)) < spec.step / 2);
    return this.spec.scenarios.find((s) => s.name === this.scenario && same(s))?.name ?? null;
  }

  refresh() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { language } = this;
    const words = this.words[language];
    const theme = readTheme(this.root, this.grid);
    this.root.dataset.theme = theme.colours.ink === "#333333" ? "light" : "dark";
    const { values, state, story } = this.answer;
    const moved = runOf(this.ghost.state) !== runOf(state);
    const told = story?.[language] ?? story?.en ?? [];
    const frame = {
      time: this.time, values, ghost: moved ? this.ghost.values : null, start: this.start, stop: state.stop,
      mark: state.switch, language, words, theme, hold: this.holding, story: told,
    };
    this.charts.forEach((chart) => chart.draw(frame));
    this.tell(told, words);
    this.drawn += 1;
    this.root.dataset.drawn = this.drawn;
    this.root.dataset.backend = this.answer.backend;
    this.root.dataset.settled = String(!this.source.busy && !this.source.wished);
    this.root.dispatchEvent(new CustomEvent("sdcluster:drawn", { detail: { state, drawn: this.drawn } }));
  }

  tell(sentences, words) {
    const text = sentences.map((s) => s.text).join("|");
    if (text === this.told) return;
    this.told = text;
    this.story.replaceChildren();
    const [verdict, ...rest] = sentences;
    if (!verdict) return;
    const line = make("p", verdict.kind ? `sdc-${verdict.kind}` : "", this.story);
    if (verdict.label) make("strong", "", line, fill(words.verdict, { kind: verdict.label }));
    line.append(verdict.text);
    make("p", "", this.story, rest.map((s) => s.text).join(words.between));
  }

  close() {
    this.listeners.abort();
    this.resizing.disconnect();
    this.theming.disconnect();
    this.model.off("change:language", this.onLanguage);
    this.source.close();
  }
}

// What makes two runs the same, whatever part of them is shown.
function runOf(state) {
  return JSON.stringify([state.scenario, state.settings, state.switch]);
}

export default {
  render({ model, el }) {
    const lesson = new Lesson(model, make("div", "", el));
    return () => lesson.close();
  },
};
