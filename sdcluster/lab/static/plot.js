// The picture of a prediction: axes, curves told apart by dashes, and points to draw with by pointer or keyboard.
import { fill, niceTicks, say, tickText, valueText } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";
const LEFT = 56, RIGHT = 16, TOP = 12, BOTTOM = 44;
const WIDEST = 760, NARROWEST = 300; // of the picture, in pixels: between them its letters keep their size
const HANDLE = 16;
// Width and dashes; the colours are in course.css, since they follow the theme.
const LOOKS = { given: [2.5, "2 5"], drawn: [2.5, "9 5"], run: [3.2, ""], other: [3, "14 4 3 4"], third: [3, "6 3"] };

export function put(tag, className, parent, text) {
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

function pencil(look) {
  const [width, dashes] = LOOKS[look];
  return { class: `sdc-look-${look}`, "stroke-width": width, "stroke-dasharray": dashes };
}

// `points` (a list of { time, value }) is the curve to draw, or null; `onDraw` is told of each change.
export class Plot {
  constructor({ parent, axes, curves, points, locked, language, words, onDraw }) {
    Object.assign(this, { axes, points, locked, language, words, onDraw });
    // Round ends: the ticks enclose what the lesson asks for.
    this.up = niceTicks(axes.range[0], axes.range[1], 5);
    this.axes = { ...axes, range: [this.up.low, this.up.high] };
    const figure = put("figure", "sdc-figure", parent);
    const unit = say(axes.unit, language);
    put("figcaption", "", figure, `${say(axes.label, language)}${unit ? ` (${unit})` : ""}`);
    this.curves = curves;
    this.svg = shape("svg", { class: "sdc-plot", role: locked || !points ? "img" : "group" }, figure);
    this.svg.setAttribute("aria-label", [say(axes.label, language), ...curves.map((c) => this.describe(c))].join(" "));
    if (points && !locked) this.point();
    this.fit();
    this.legend(figure, curves);
    // The observer ends with the picture: it holds nothing but what it watches.
    new ResizeObserver(() => this.fit()).observe(figure);
  }

  // Draw for the width there is; a narrow picture is not a wide one made small.
  fit() {
    const room = this.svg.clientWidth || WIDEST;
    const width = Math.round(Math.min(WIDEST, Math.max(NARROWEST, room)));
    if (width === this.width) return;
    const focused = this.marks?.indexOf(document.activeElement) ?? -1;
    this.width = width;
    this.height = Math.round(Math.max(250, width * 0.434));
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren();
    this.frame();
    for (const curve of this.curves) this.line(curve);
    if (this.points) this.handles();
    if (focused >= 0) this.marks[focused].focus();
  }

  // What a curve does, for those who do not see it.
  describe(curve) {
    const { time, values } = curve;
    const last = values.length - 1;
    const top = values.indexOf(Math.max(...values));
    const parts = { first: 0, top, last };
    const told = { name: say(curve.label, this.language) };
    for (const [key, i] of Object.entries(parts)) {
      told[key] = valueText(values[i]);
      told[`${key}_year`] = Math.round(time[i]);
    }
    return fill(this.words.described, told);
  }

  x(t) {
    const [low, high] = this.axes.time;
    return LEFT + ((t - low) / (high - low)) * (this.width - LEFT - RIGHT);
  }

  y(value) {
    const [low, high] = this.axes.range;
    return this.height - BOTTOM - ((value - low) / (high - low)) * (this.height - TOP - BOTTOM);
  }

  frame() {
    const { time } = this.axes;
    const { up } = this;
    for (const value of up.ticks) {
      shape("line", { x1: LEFT, x2: this.width - RIGHT, y1: this.y(value), y2: this.y(value), class: "sdc-rule" }, this.svg);
      shape("text", { x: LEFT - 8, y: this.y(value) + 5, "text-anchor": "end" }, this.svg, tickText(value, up.step));
    }
    const along = niceTicks(time[0], time[1], Math.round(this.width / 95), true);
    for (const t of along.ticks) {
      shape("line", { x1: this.x(t), x2: this.x(t), y1: this.height - BOTTOM, y2: this.height - BOTTOM + 5, class: "sdc-rule" }, this.svg);
      const anchor = this.x(t) > this.width - RIGHT - 12 ? "end" : "middle";
      shape("text", { x: anchor === "end" ? this.width - 2 : this.x(t), y: this.height - BOTTOM + 20, "text-anchor": anchor }, this.svg, tickText(t, along.step));
    }
    const middle = (this.x(time[0]) + this.x(time[1])) / 2;
    shape("text", { x: middle, y: this.height - 6, "text-anchor": "middle" }, this.svg, this.words.year);
  }

  line(curve) {
    const [low, high] = this.axes.range;
    const points = curve.time.map((t, i) => `${this.x(t)},${this.y(Math.min(high, Math.max(low, curve.values[i])))}`);
    shape("polyline", { points: points.join(" "), fill: "none", ...pencil(curve.look) }, this.svg);
  }

  handles() {
    this.drawn = shape("polyline", { fill: "none", ...pencil("drawn") }, this.svg);
    const [low, high] = this.axes.range;
    this.marks = this.points.map((point, i) => {
      const mark = shape("rect", { width: HANDLE, height: HANDLE, x: this.x(point.time) - HANDLE / 2, class: "sdc-handle" }, this.svg);
      if (this.locked) return mark;
      const told = { tabindex: 0, role: "slider", "aria-orientation": "vertical", "aria-valuemin": low, "aria-valuemax": high };
      for (const [name, value] of Object.entries(told)) mark.setAttribute(name, value);
      mark.setAttribute("aria-label", `${say(this.axes.label, this.language)}, ${this.words.year} ${point.time}`);
      mark.dataset.key = `point-${i}`;
      mark.addEventListener("keydown", (event) => this.press(event, i));
      return mark;
    });
    this.move();
  }

  move() {
    this.drawn.setAttribute("points", this.points.map((p) => `${this.x(p.time)},${this.y(p.value)}`).join(" "));
    this.marks.forEach((mark, i) => {
      mark.setAttribute("y", this.y(this.points[i].value) - HANDLE / 2);
      mark.setAttribute("aria-valuenow", Number(this.points[i].value.toPrecision(3)));
    });
  }

  set(i, value) {
    const [low, high] = this.axes.range;
    this.points[i].value = Math.min(high, Math.max(low, value));
    this.move();
    this.onDraw();
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

  // The pointer pulls the point whose year is nearest; a drag along the picture draws the whole curve.
  point() {
    this.svg.classList.add("sdc-open");
    const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    const pull = (event) => {
      const { x, y } = at(event);
      const far = this.points.map((p) => Math.abs(this.x(p.time) - x));
      const [low, high] = this.axes.range;
      const value = low + ((this.height - BOTTOM - y) / (this.height - TOP - BOTTOM)) * (high - low);
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
    const all = this.points ? [...curves, { look: "drawn", label: this.words.yours }] : curves;
    for (const curve of all) {
      const item = put("li", "", list);
      const sample = shape("svg", { viewBox: "0 0 44 12", width: 44, height: 12, "aria-hidden": "true" }, item);
      shape("line", { x1: 0, x2: 44, y1: 6, y2: 6, ...pencil(curve.look) }, sample);
      item.append(typeof curve.label === "string" ? curve.label : say(curve.label, this.language));
    }
  }
}
