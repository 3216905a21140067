// What people turn and press. Native elements only, so that keyboards and screen readers work by themselves.
import { decimalsOf, fill, say } from "./format.js";

let controls = 0;

export function make(tag, className, parent, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  parent?.append(element);
  return element;
}

// A labelled slider with its value, its unit, a mark at the default and a button back to it.
export class Slider {
  constructor(spec, onInput) {
    this.spec = spec;
    const id = `sdc-slider-${(controls += 1)}`;
    this.element = make("div", "sdc-slider");
    this.label = make("label", "", this.element);
    this.label.htmlFor = id;
    const side = make("span", "sdc-value", this.element);
    this.value = make("output", "", side);
    this.value.htmlFor = id;
    this.back = make("button", "sdc-back", side, "↺");
    this.back.type = "button";
    const track = make("div", "sdc-track", this.element);
    this.input = make("input", "", track);
    Object.assign(this.input, { type: "range", id, min: spec.min, max: spec.max, step: spec.step });
    this.input.dataset.name = spec.name;
    this.mark = make("i", "", track);
    this.mark.style.setProperty("--at", (spec.default - spec.min) / (spec.max - spec.min));
    this.set(spec.default);
    this.input.addEventListener("input", () => {
      this.number = Number(this.input.value);
      this.show();
      onInput(this.number);
    });
    this.back.addEventListener("click", () => {
      this.set(spec.default);
      onInput(this.number);
      this.input.focus();
    });
  }

  // The element keeps to its grid; a value that was set stays exact until somebody moves the thumb.
  set(value) {
    this.number = Math.min(this.spec.max, Math.max(this.spec.min, value));
    this.input.value = value;
    this.show();
  }

  speak(language, words) {
    this.language = language;
    this.words = words;
    this.label.textContent = say(this.spec.label, language);
    this.element.title = say(this.spec.doc, language);
    this.show();
  }

  show() {
    const { spec, language, words } = this;
    if (!words) return;
    const text = this.text(this.number);
    this.value.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
    const hint = fill(words.back_to, { value: this.text(spec.default) });
    this.back.title = hint;
    this.back.setAttribute("aria-label", `${say(spec.label, language)}: ${hint}`);
    this.back.disabled = Math.abs(this.number - spec.default) < spec.step * 1e-6;
  }

  text(value) {
    const { spec, language } = this;
    if (spec.special && Math.abs(value - spec.special.value) < spec.step / 2) return say(spec.special.text, language);
    const unit = say(spec.unit, language);
    const number = value.toFixed(decimalsOf(spec.step));
    return spec.pattern ? fill(say(spec.pattern, language), { value: number }) : unit ? `${number} ${unit}` : number;
  }
}

// A row of scenarios: the classroom set as buttons, all others in a native list.
export class Scenarios {
  constructor(specs, onPick) {
    this.specs = specs;
    this.element = make("div", "sdc-scenarios");
    this.element.setAttribute("role", "group");
    this.heading = make("span", "sdc-heading", this.element);
    this.buttons = specs.filter((s) => s.first).map((spec) => {
      const button = make("button", "", this.element);
      button.type = "button";
      button.dataset.scenario = spec.name;
      button.addEventListener("click", () => onPick(spec));
      return { spec, button };
    });
    this.rest = specs.filter((s) => !s.first);
    this.list = make("select", "", this.element);
    this.list.hidden = this.rest.length === 0;
    this.list.addEventListener("change", () => {
      const spec = specs.find((s) => s.name === this.list.value);
      if (spec) onPick(spec);
    });
  }

  speak(language, words) {
    this.heading.textContent = words.scenarios;
    this.element.setAttribute("aria-label", words.scenarios);
    for (const { spec, button } of this.buttons) {
      button.textContent = say(spec.title, language);
      button.title = say(spec.description, language);
    }
    this.list.setAttribute("aria-label", words.more_scenarios);
    const chosen = this.list.value;
    this.list.replaceChildren();
    for (const spec of [{ name: "", title: words.more_scenarios }, ...this.rest]) {
      const option = make("option", "", this.list, spec.name ? say(spec.title, language) : spec.title);
      option.value = spec.name;
      option.title = say(spec.description, language);
    }
    this.list.value = chosen;
  }

  // Show which scenario the sliders stand at (null: none).
  show(name) {
    for (const { spec, button } of this.buttons) button.setAttribute("aria-pressed", String(spec.name === name));
    this.list.value = this.rest.some((s) => s.name === name) ? name : "";
    this.list.classList.toggle("sdc-chosen", this.list.value !== "");
  }
}
