// One card of a lesson: a text, a prediction or an exercise. Python holds the words, the runs and the verdicts;
// the browser holds a draft until the student commits it.
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 760, HEIGHT = 330, LEFT = 56, RIGHT = 16, TOP = 12, BOTTOM = 44;
const LOOKS = {
  given: { stroke: "#7a7a7a", "stroke-width": 2.5, "stroke-dasharray": "2 5" },
  drawn: { stroke: "#d55e00", "stroke-width": 2.5, "stroke-dasharray": "9 5" },
  run: { stroke: "#0072b2", "stroke-width": 3.2 },
  other: { stroke: "#009e73", "stroke-width": 3, "stroke-dasharray": "14 4 3 4" },
  third: { stroke: "#cc79a7", "stroke-width": 3, "stroke-dasharray": "6 3" },
};

function put(tag, className, parent, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  parent?.append(element);
  return element;
}

function shape(tag, attributes, parent, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  parent?.append(element);
  return element;
}

function short(value) {
  return String(Number(value.toPrecision(3)));
}

// The axes and curves of a prediction; with `points` a curve to draw by pointer or keyboard.
class Plot {
  constructor(card, parent, axes, curves, points, locked) {
    Object.assign(this, { card, axes, points, locked });
    this.svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "sdc-plot", role: "group" }, parent);
    this.svg.setAttribute("aria-label", card.say(axes.label));
    this.frame();
    for (const curve of curves) this.line(curve);
    if (points) this.handles();
    this.legend(parent, curves);
  }

  x(t) {
    const [low, high] = this.axes.time;
    return LEFT + ((t - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  }

  y(value) {
    const [low, high] = this.axes.range;
    return HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  }

  frame() {
    const { time, range, label } = this.axes;
    for (let i = 0; i <= 4; i++) {
      const value = range[0] + ((range[1] - range[0]) * i) / 4;
      shape("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: this.y(value), y2: this.y(value), class: "sdc-rule" }, this.svg);
      shape("text", { x: LEFT - 8, y: this.y(value) + 5, "text-anchor": "end" }, this.svg, short(value));
    }
    for (const t of this.axes.ticks) {
      shape("line", { x1: this.x(t), x2: this.x(t), y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 5, class: "sdc-rule" }, this.svg);
      shape("text", { x: this.x(t), y: HEIGHT - BOTTOM + 20, "text-anchor": "middle" }, this.svg, String(t));
    }
    const middle = (this.x(time[0]) + this.x(time[1])) / 2;
    shape("text", { x: middle, y: HEIGHT - 6, "text-anchor": "middle" }, this.svg, this.card.words.year);
    shape("title", {}, this.svg, this.card.say(label));
  }

  line(curve) {
    const [low, high] = this.axes.range;
    const points = curve.time.map((t, i) => `${this.x(t)},${this.y(Math.min(high, Math.max(low, curve.values[i])))}`);
    shape("polyline", { points: points.join(" "), fill: "none", ...LOOKS[curve.look] }, this.svg);
  }

  handles() {
    this.drawn = shape("polyline", { fill: "none", ...LOOKS.drawn }, this.svg);
    this.marks = this.points.map((point, i) => {
      const mark = shape("rect", { width: 14, height: 14, x: this.x(point.time) - 7, class: "sdc-handle" }, this.svg);
      if (!this.locked) {
        mark.setAttribute("tabindex", "0");
        mark.setAttribute("role", "slider");
        mark.setAttribute("aria-orientation", "vertical");
        mark.setAttribute("aria-label", `${this.card.words.year} ${point.time}`);
        mark.setAttribute("aria-valuemin", this.axes.range[0]);
        mark.setAttribute("aria-valuemax", this.axes.range[1]);
        mark.addEventListener("keydown", (event) => this.press(event, i));
      }
      return mark;
    });
    if (!this.locked) this.point();
    this.move();
  }

  move() {
    this.drawn.setAttribute("points", this.points.map((p) => `${this.x(p.time)},${this.y(p.value)}`).join(" "));
    this.marks.forEach((mark, i) => {
      mark.setAttribute("y", this.y(this.points[i].value) - 7);
      mark.setAttribute("aria-valuenow", short(this.points[i].value));
    });
  }

  set(i, value) {
    const [low, high] = this.axes.range;
    this.points[i].value = Math.min(high, Math.max(low, value));
    this.move();
    this.card.touch();
  }

  press(event, i) {
    const [low, high] = this.axes.range;
    const step = (high - low) / 40;
    const value = this.points[i].value;
    const next = { ArrowUp: value + step, ArrowDown: value - step, PageUp: value + 5 * step, PageDown: value - 5 * step, Home: low, End: high }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(i, next);
  }

  point() {
    this.svg.classList.add("sdc-open");
    const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    const pull = (event) => {
      const { x, y } = at(event);
      const far = this.points.map((p) => Math.abs(this.x(p.time) - x));
      const [low, high] = this.axes.range;
      const value = low + ((HEIGHT - BOTTOM - y) / (HEIGHT - TOP - BOTTOM)) * (high - low);
      this.set(far.indexOf(Math.min(...far)), value);
    };
    this.svg.addEventListener("pointerdown", (event) => {
      this.svg.setPointerCapture(event.pointerId);
      pull(event);
    });
    this.svg.addEventListener("pointermove", (event) => this.svg.hasPointerCapture(event.pointerId) && pull(event));
  }

  legend(parent, curves) {
    const list = put("ul", "sdc-legend", parent);
    const all = this.points ? [...curves, { look: "drawn", label: this.card.both("yours") }] : curves;
    for (const curve of all) {
      const item = put("li", "", list);
      const sample = shape("svg", { viewBox: "0 0 44 12", width: 44, height: 12, "aria-hidden": "true" }, item);
      shape("line", { x1: 0, x2: 44, y1: 6, y2: 6, ...LOOKS[curve.look] }, sample);
      item.append(this.card.say(curve.label));
    }
  }
}

class Card {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.draft = null;
    this.names = ["language", "shown", "_result", "_feedback"].map((name) => `change:${name}`).join(" ");
    this.onChange = () => this.draw();
    model.on(this.names, this.onChange);
    root.classList.add("sdc-card");
    this.draw();
  }

  get language() {
    return this.model.get("language");
  }

  get words() {
    return this.model.get("_words")[this.language];
  }

  say(text) {
    return typeof text === "object" ? text[this.language] ?? text.en : String(text);
  }

  both(key) {
    const words = this.model.get("_words");
    return Object.fromEntries(Object.keys(words).map((language) => [language, words[language][key]]));
  }

  draw() {
    const spec = this.model.get("_spec");
    this.root.replaceChildren();
    this.root.lang = this.language;
    this.root.dataset.kind = spec.kind;
    this.head(spec);
    if (!this.model.get("shown")) {
      put("p", "sdc-hint", this.root, this.words.wait);
      return;
    }
    for (const block of spec.blocks ?? []) this.block(block);
    if (spec.kind === "prediction") this.prediction(spec);
    if (spec.kind === "exercise") this.exercise(spec);
  }

  head(spec) {
    const head = put("div", "sdc-card-head", this.root);
    put(spec.level === 1 ? "h1" : "h2", "", head, this.say(spec.title));
    if (!spec.switch) return;
    const button = put("button", "sdc-language", head, this.words.other_language);
    button.type = "button";
    button.addEventListener("click", () => {
      this.model.set("language", this.language === "en" ? "zh" : "en");
      this.model.save_changes();
    });
  }

  block(block) {
    if (block.kind === "picture") {
      const picture = put("img", "sdc-picture", this.root);
      picture.alt = this.say(block.alt);
      picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(block.svg[this.language]);
    } else if (block.kind === "list") {
      const list = put(block.ordered ? "ol" : "ul", "", this.root);
      for (const item of block.items) put("li", "", list, this.say(item));
    } else if (block.kind === "table") {
      const body = put("tbody", "", put("table", "", this.root));
      for (const row of block.rows) {
        const line = put("tr", "", body);
        row.forEach((cell, i) => put(i ? "td" : "th", "", line, this.say(cell)));
      }
    } else put(block.kind === "heading" ? "h3" : "p", block.kind === "loop" ? "sdc-loop" : "", this.root, this.say(block.text));
  }

  touch() {
    if (this.commitButton) this.commitButton.disabled = false;
  }

  prediction(spec) {
    const result = this.model.get("_result");
    const known = this.model.get("committed");
    const locked = "value" in known;
    if (locked) this.draft = known.value;
    if (spec.form === "curve") this.draft ??= spec.points.map((point) => ({ ...point }));
    else this.options(spec, locked, result);
    const curves = [...spec.given, ...(result.curves ?? [])];
    const axes = result.axes ?? spec.axes;
    if (curves.length || spec.form === "curve")
      new Plot(this, this.root, axes, curves, spec.form === "curve" ? this.draft : null, locked);
    if (!locked) {
      if (spec.form === "curve") put("p", "sdc-hint", this.root, this.words.how_to_draw);
      this.commitButton = put("button", "sdc-commit", this.root, this.words.commit);
      this.commitButton.type = "button";
      this.commitButton.disabled = spec.form === "curve" || this.draft === null;
      this.commitButton.addEventListener("click", () => this.commit());
    }
    const said = put("p", "sdc-said", this.root);
    said.setAttribute("role", "status");
    said.textContent = result.text ? this.say(result.text) : locked ? this.words.running : "";
  }

  options(spec, locked, result) {
    const group = put("fieldset", "sdc-options", this.root);
    put("legend", "", group, this.words.choose);
    const name = `sdc-${this.model.model_id ?? Math.random()}`;
    spec.options.forEach((text, i) => {
      const label = put("label", "", group);
      const radio = put("input", "", label);
      Object.assign(radio, { type: "radio", name, value: i, disabled: locked, checked: this.draft === i });
      radio.addEventListener("change", () => {
        this.draft = i;
        this.touch();
      });
      put("span", "", label, this.say(text));
      if (locked && this.draft === i) put("b", "sdc-tag sdc-tag-yours", label, this.words.yours);
      if (result.right === i) put("b", "sdc-tag sdc-tag-model", label, "✓ " + this.words.model_says);
    });
  }

  commit() {
    this.model.set("committed", { value: this.draft });
    this.model.save_changes();
    this.draw();
  }

  exercise(spec) {
    const form = put("form", "sdc-answer", this.root);
    const label = put("label", "", form, this.words.answer + " ");
    const input = put("input", "", label);
    Object.assign(input, { type: "text", inputMode: "decimal", size: 8, autocomplete: "off", value: this.draft ?? "" });
    put("span", "", label, " " + this.say(spec.unit));
    put("button", "sdc-check", form, this.words.check).type = "submit";
    input.addEventListener("input", () => (this.draft = input.value));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.model.set("answer", { text: input.value, number: (this.model.get("answer").number ?? 0) + 1 });
      this.model.save_changes();
    });
    const feedback = this.model.get("_feedback");
    const said = put("p", "sdc-said", this.root, feedback.text ? this.say(feedback.text) : "");
    said.setAttribute("role", "status");
    if (feedback.kind) said.dataset.verdict = feedback.kind;
  }
}

export default {
  render({ model, el }) {
    const root = put("section", "sdc-card-root", el);
    const card = new Card(model, root);
    return () => model.off(card.names, card.onChange);
  },
};
