// One chart on a canvas: axes, grey baseline, lines labelled at their ends, a cross-hair on a layer above.
import { fill, niceTicks, say, tickText, valueText } from "./format.js";

// Which sentences of the story are told of which curve.
const DASHES = { solid: [], dash: [9, 5], dot: [2, 4], dashdot: [11, 4, 2, 4] };
// Okabe & Ito (2008), colour-blind safe; of each theme the ones with contrast of 3:1 and more.
const COLOURS = {
  light: { blue: "#0072B2", vermillion: "#D55E00", green: "#009E73", purple: "#B0578D", ink: "#333333" },
  dark: { blue: "#56B4E9", vermillion: "#E69F00", green: "#009E73", purple: "#CC79A7", ink: "#dddddd" },
};

// What the page looks like now: ink, paper, dark or light, size of text in pixels.
export function readTheme(element, sized) {
  const style = getComputedStyle(element);
  const [r, g, b] = style.backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
  const dark = 0.2126 * r + 0.7152 * g + 0.0722 * b < 110;
  const soft = dark ? "#b5b5b5" : "#555555";
  const grid = dark ? "#3c3c3c" : "#e3e3e3";
  return {
    ink: dark ? "#f0f0f0" : "#1a1a1a",
    soft,
    grid,
    ghost: dark ? "#8c8c8c" : "#868686",
    mark: dark ? "#cfcfcf" : "#444444",
    paper: style.backgroundColor,
    colours: COLOURS[dark ? "dark" : "light"],
    size: parseFloat(getComputedStyle(sized).fontSize),
    family: style.fontFamily,
  };
}

export class Chart {
  constructor(spec, onHover) {
    this.spec = spec;
    this.top = null; // of the axis, held while a slider is dragged
    this.hovered = null; // the year under the cross-hair
    this.crossed = false; // whether a cross-hair is drawn
    this.element = document.createElement("figure");
    this.element.className = `sdc-chart sdc-chart-${spec.width}`;
    this.caption = document.createElement("figcaption");
    this.box = document.createElement("div");
    this.box.className = "sdc-canvas";
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.tabIndex = 0;
    this.layer = document.createElement("canvas");
    this.layer.setAttribute("aria-hidden", "true");
    this.box.append(this.canvas, this.layer);
    this.element.append(this.caption, this.box);
    this.box.addEventListener("pointermove", (event) => {
      onHover(this.timeAt(event.clientX - this.box.getBoundingClientRect().left));
    });
    this.box.addEventListener("pointerleave", () => onHover(null));
    this.canvas.addEventListener("blur", () => {
      onHover(null);
      if (this.frame) this.describe(this.frame.language);
    });
    this.canvas.addEventListener("keydown", (event) => this.step(event, onHover));
  }

  // Arrow keys walk the cross-hair through the years.
  step(event, onHover) {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (!move || !this.frame) return;
    event.preventDefault();
    const { start, stop } = this.frame;
    onHover(Math.min(stop, Math.max(start, (this.hovered ?? start) + move)));
    this.canvas.setAttribute("aria-label", this.at(this.hovered).join("; ")); // read out, as the cross-hair is seen
  }

  // frame: { time, values, ghost, start, stop, mark, language, words, theme, hold, story }
  draw(frame) {
    this.frame = frame;
    const { language, theme } = frame;
    if (this.language !== language) this.speak(language);
    const pen = prepare(this.canvas, this.box);
    if (!pen) return;
    this.lines = this.spec.series
      .map((s) => ({ ...s, text: say(s.label, language), data: frame.values[s.name], ghost: frame.ghost?.[s.name] }))
      .filter((s) => s.data);
    this.end = lastIndex(frame.time, frame.stop);
    this.place(pen, theme);
    this.drawAxes(pen, theme);
    pen.save();
    pen.beginPath();
    pen.rect(this.left, this.up - 3, this.right - this.left + 2, this.down - this.up + 6);
    pen.clip();
    if (frame.mark !== null) this.drawMark(pen, theme, frame.mark);
    // A grey line keeps the dashes of its curve: of three it is seen which is which.
    for (const line of this.lines) if (line.ghost) this.trace(pen, line.ghost, theme.ghost, 1.6, DASHES[line.dash]);
    for (const line of [...this.lines].reverse()) {
      this.trace(pen, line.data, theme.colours[line.colour], theme.size / 5.5, DASHES[line.dash]);
    }
    pen.restore();
    this.drawLabels(pen, theme);
    if (!frame.hold) this.describe(language);
    if (this.hovered !== null || this.crossed) this.hover(this.hovered);
  }

  speak(language) {
    this.language = language;
    const unit = document.createElement("span");
    unit.textContent = say(this.spec.unit, language);
    this.caption.replaceChildren(`${say(this.spec.title, language)} `, unit);
  }

  // Where the plot lies, and its scales.
  place(pen, theme) {
    const { frame, lines, spec } = this;
    const size = theme.size;
    pen.font = `${size * 0.9}px ${theme.family}`;
    let [low, high] = spec.fixed ?? extent(lines.map((line) => line.data), this.end, 0, 0);
    if (!spec.fixed) {
      // A baseline that grew far higher must not press the run flat: it may leave through the top.
      const ghosts = extent(lines.map((line) => line.ghost ?? line.data), this.end, low, high);
      [low, high] = [Math.max(ghosts[0], 2 * low), Math.min(ghosts[1], 2 * high)];
      if (frame.hold && this.top !== null) high = Math.max(high, this.top);
      this.top = high;
    }
    const box = this.box.getBoundingClientRect();
    this.y = niceTicks(low, high, Math.max(2, Math.round(box.height / (size * 2.6))));
    const tickWidth = Math.max(...this.y.ticks.map((v) => pen.measureText(tickText(v, this.y.step)).width));
    const labelWidth = lines.length > 1 || spec.labelled ? Math.max(...lines.map((s) => pen.measureText(s.text).width)) : 0;
    this.left = Math.ceil(tickWidth + size * 0.6);
    const unitWidth = pen.measureText(`${frame.words.year_axis}00`).width + size * 0.6;
    this.right = Math.floor(box.width - Math.max(unitWidth, labelWidth && labelWidth + size * 2.4));
    this.up = Math.ceil(size * 0.7);
    this.down = Math.floor(box.height - size * 1.7);
    const apart = Math.max(size * 2.6, pen.measureText(String(Math.round(frame.stop))).width * 1.7);
    this.x = niceTicks(frame.start, frame.stop, Math.max(2, Math.round((this.right - this.left) / apart)), true);
  }

  px(time) {
    return this.left + ((time - this.x.low) / (this.x.high - this.x.low)) * (this.right - this.left);
  }

  py(value) {
    return this.down - ((value - this.y.low) / (this.y.high - this.y.low)) * (this.down - this.up);
  }

  timeAt(x) {
    const share = (x - this.left) / (this.right - this.left);
    return share < -0.05 || share > 1.05 ? null : this.x.low + Math.min(1, Math.max(0, share)) * (this.x.high - this.x.low);
  }

  drawAxes(pen, theme) {
    pen.lineWidth = 1;
    pen.setLineDash([]);
    pen.strokeStyle = theme.grid;
    pen.fillStyle = theme.soft;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const value of this.y.ticks) {
      const y = Math.round(this.py(value)) + 0.5;
      stroke(pen, [this.left, y, this.right, y]);
      pen.fillText(tickText(value, this.y.step), this.left - theme.size * 0.4, y);
    }
    pen.strokeStyle = theme.soft;
    stroke(pen, [this.left, this.down + 0.5, this.right, this.down + 0.5]);
    pen.textBaseline = "top";
    pen.textAlign = "center";
    for (const time of this.x.ticks) {
      const x = Math.round(this.px(time)) + 0.5;
      stroke(pen, [x, this.down, x, this.down + theme.size * 0.3]);
      const text = tickText(time, this.x.step);
      pen.fillText(text, x, this.down + theme.size * 0.45);
    }
    pen.textAlign = "left";
    const after = this.right + pen.measureText(tickText(this.x.high, this.x.step)).width / 2 + theme.size * 0.4;
    pen.fillText(this.frame.words.year_axis, after, this.down + theme.size * 0.45);
  }

  drawMark(pen, theme, time) {
    const x = Math.round(this.px(time)) + 0.5;
    pen.strokeStyle = theme.mark;
    pen.lineWidth = 1.5;
    pen.setLineDash([2, 3]);
    stroke(pen, [x, this.up, x, this.down]);
    pen.setLineDash([]);
    pen.beginPath();
    pen.moveTo(x - 5, this.up - 3);
    pen.lineTo(x + 5, this.up - 3);
    pen.lineTo(x, this.up + 5);
    pen.closePath();
    pen.fillStyle = theme.mark;
    pen.fill();
  }

  trace(pen, data, colour, width, dash) {
    const { time } = this.frame;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.lineJoin = "round";
    pen.setLineDash(dash);
    pen.beginPath();
    let open = false;
    for (let i = 0; i <= this.end; i += 1) {
      const value = data[i];
      if (!Number.isFinite(value)) open = false;
      else if (open) pen.lineTo(this.px(time[i]), this.py(value));
      else {
        pen.moveTo(this.px(time[i]), this.py(value));
        open = true;
      }
    }
    pen.stroke();
    pen.setLineDash([]);
  }

  // The legend is where the eye is: each line's name beside its end, moved apart where they crowd.
  drawLabels(pen, theme) {
    if (this.lines.length < 2 && !this.spec.labelled) return;
    const size = theme.size;
    const gap = size * 1.15;
    const labels = this.lines
      .map((line) => ({ line, at: this.py(clamp(line.data[this.end], this.y.low, this.y.high)) }))
      .sort((a, b) => a.at - b.at);
    const ys = spread(labels.map((l) => l.at), gap, this.up, this.down - gap * 0.3);
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    labels.forEach(({ line, at }, i) => {
      const x = this.right + size * 0.3;
      pen.strokeStyle = theme.colours[line.colour];
      pen.lineWidth = 1;
      stroke(pen, [this.right + 1, at, x + size * 0.3, ys[i]]);
      pen.lineWidth = size / 5.5;
      pen.setLineDash(DASHES[line.dash].map((d) => d * 0.7));
      stroke(pen, [x + size * 0.3, ys[i], x + size * 1.6, ys[i]]);
      pen.setLineDash([]);
      pen.fillStyle = theme.ink;
      pen.fillText(line.text, x + size * 1.85, ys[i]);
    });
  }

  // The year and every value in it, as texts.
  at(time) {
    const i = Math.min(this.end, lastIndex(this.frame.time, time));
    const year = Math.round(this.frame.time[i] * 10) / 10;
    const values = this.lines.map((line) => `${valueText(line.data[i])} ${line.text}`);
    return [fill(this.frame.words.year_at, { year }), ...values];
  }

  // The cross-hair at `time` (null takes it away), with every value at that moment.
  hover(time) {
    this.hovered = time;
    const pen = prepare(this.layer, this.box);
    this.crossed = pen !== null && time !== null;
    if (!pen || time === null || !this.lines?.length) return;
    const { theme, words } = this.frame;
    const size = theme.size;
    const i = Math.min(this.end, lastIndex(this.frame.time, time));
    const at = this.frame.time[i];
    const x = Math.round(this.px(at)) + 0.5;
    pen.strokeStyle = theme.soft;
    stroke(pen, [x, this.up, x, this.down]);
    pen.font = `${size * 0.9}px ${theme.family}`;
    const rows = this.lines.map((line) => ({ line, text: `${valueText(line.data[i])}  ${line.text}` }));
    const head = words.year_at.replace("{year}", Math.round(at * 10) / 10);
    const width = Math.max(pen.measureText(head).width, ...rows.map((r) => pen.measureText(r.text).width + size * 1.2)) + size;
    const height = (rows.length + 1) * size * 1.25 + size * 0.5;
    const room = this.box.clientWidth;
    const boxX = x + size * 0.6 + width < room ? x + size * 0.6 : Math.max(0, x - size * 0.6 - width);
    pen.globalAlpha = 0.92;
    pen.fillStyle = theme.paper;
    pen.fillRect(boxX, this.up, width, height);
    pen.globalAlpha = 1;
    pen.strokeRect(Math.round(boxX) + 0.5, this.up + 0.5, Math.round(width), Math.round(height));
    pen.textBaseline = "middle";
    pen.fillStyle = theme.ink;
    pen.fillText(head, boxX + size * 0.5, this.up + size * 0.85);
    rows.forEach(({ line, text }, k) => {
      const y = this.up + size * (2.1 + 1.25 * k);
      pen.fillStyle = theme.colours[line.colour];
      pen.fillRect(boxX + size * 0.5, y - size * 0.3, size * 0.6, size * 0.6);
      pen.beginPath();
      pen.arc(x, this.py(line.data[i]), size / 3.4, 0, 7);
      pen.fill();
      pen.fillStyle = theme.ink;
      pen.fillText(text, boxX + size * 1.5, y);
    });
  }

  // What the chart shows, for those who do not see it: its ends, and what the story tells of its curves.
  describe(language) {
    const ends = this.lines.map((line) => `${line.text} ${valueText(line.data[0])} → ${valueText(line.data[this.end])}`);
    const names = this.lines.map((line) => line.name);
    const told = (this.frame.story ?? []).filter((s) => s.about.some((name) => names.includes(name))).map((s) => s.text);
    this.canvas.setAttribute("aria-label", [`${say(this.spec.title, language)}: ${ends.join("; ")}.`, ...told].join(" "));
  }
}

// A 2-d context on a canvas as sharp as the screen, cleared; null where there is no room.
function prepare(canvas, box) {
  const { width, height } = box.getBoundingClientRect();
  if (width < 60 || height < 40) return null;
  const ratio = window.devicePixelRatio || 1;
  const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

function stroke(pen, [x0, y0, x1, y1]) {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

// Lowest and highest finite value of some curves up to index `end`, and of the two given.
function extent(curves, end, low, high) {
  for (const curve of curves) {
    for (let i = 0; i <= end; i += 1) {
      if (curve[i] > high && curve[i] < Infinity) high = curve[i];
      else if (curve[i] < low && curve[i] > -Infinity) low = curve[i];
    }
  }
  return [low, high];
}

function clamp(value, low, high) {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : low;
}

// Positions (sorted, downwards) moved apart to at least `gap`, inside [low, high].
export function spread(wanted, gap, low, high) {
  const out = [...wanted];
  for (let i = 0; i < out.length; i += 1) out[i] = Math.max(out[i], i ? out[i - 1] + gap : low);
  for (let i = out.length - 1; i >= 0; i -= 1) out[i] = Math.min(out[i], i < out.length - 1 ? out[i + 1] - gap : high);
  return out;
}

// Index of the last saved moment at or before `time`.
export function lastIndex(times, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time + 1e-6) low = middle;
    else high = middle - 1;
  }
  return low;
}
