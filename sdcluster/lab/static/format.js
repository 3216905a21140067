// Numbers as people read them: ticks at round values, short texts. No page, no state.

export function niceStep(span, count) {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const ratio = rough / power;
  return (ratio <= 1.001 ? 1 : ratio <= 2.001 ? 2 : ratio <= 5.001 ? 5 : 10) * power;
}

// Round ticks that enclose [low, high]; `open` keeps the ends where they are (time axis).
export function niceTicks(low, high, count, open = false) {
  if (!(high > low)) high = low + (Math.abs(low) || 1);
  const step = niceStep(high - low, count);
  const first = open ? Math.ceil(low / step - 1e-9) : Math.floor(low / step + 1e-9);
  const last = open ? Math.floor(high / step + 1e-9) : Math.ceil(high / step - 1e-9);
  const ticks = [];
  for (let i = first; i <= last; i += 1) ticks.push(i * step);
  return { ticks, step, low: open ? low : first * step, high: open ? high : last * step };
}

export function decimalsOf(step) {
  return Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
}

export function tickText(value, step) {
  return (Math.abs(value) < step * 1e-9 ? 0 : value).toFixed(decimalsOf(step));
}

// Three significant digits, never an exponent in the usual range.
export function valueText(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-4)) return value.toExponential(1);
  if (size < 0.0005) return "0";
  if (size < 1) return value.toFixed(size < 0.1 ? 3 : 2);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

// "in {year}" with {year: 3} → "in 3".
export function fill(text, parts) {
  return text.replace(/\{(\w+)\}/g, (all, key) => (key in parts ? String(parts[key]) : all));
}

// A text in the language asked for, else English, else the first there is.
export function say(texts, language) {
  return texts?.[language] || texts?.en || Object.values(texts ?? {})[0] || "";
}
