// Files of what is on the screen: CSV with every digit, charts as SVG and PNG.
import { aligned, COLOURS, type Curve, ends, GREY } from "./curves";
import type { Language } from "./description";
import { tickTexts, timeTexts } from "./format";
import { logTicks, logTickTexts, ticks } from "./ticks";

export function csvCell(text: string): string {
  // A spreadsheet would take what begins with these characters for a formula.
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

export function curvesCsv(curves: readonly Curve[], timeName: string): string {
  const { time, columns } = aligned(curves);
  const head = [timeName, ...curves.map(({ label }) => label)].map(csvCell).join(",");
  const rows = Array.from(time, (moment, i) =>
    [moment, ...columns.map((column) => column[i] ?? "")].join(","),
  );
  return `${[head, ...rows].join("\n")}\n`;
}

export interface Figure {
  readonly title: string;
  readonly unit: string;
  readonly xLabel: string;
  readonly curves: readonly Curve[];
  readonly log: boolean;
  readonly view: readonly [number, number];
  readonly range: readonly [number, number] | null;
  readonly language: Language;
  /** A phase plot: of each pair of curves the first is across; `xLabel` and `unit` name the axes. */
  readonly phase: boolean;
}

const WIDTH = 720;
const LEFT = 76;
const RIGHT = 20;
const TOP = 46;
const HEIGHT = 300;

/** The figure as SVG: white paper, round ticks, and below it a line for each curve. */
export function figureSvg(figure: Figure): string {
  const paths = figure.phase ? phasePaths(figure) : timePaths(figure);
  const legend = figure.phase
    ? paths.lines.map(({ curve }) => ({ ...curve, label: curve.run }))
    : figure.curves;
  const total = TOP + HEIGHT + 48 + 20 * Math.ceil(legend.length / 2) + 10;
  const { x, y, lines, xLabel, yLabel } = paths;
  const at = (value: number, [low, high]: readonly [number, number], log = false) =>
    log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  const px = (value: number) => LEFT + at(value, x) * (WIDTH - LEFT - RIGHT);
  const py = (value: number) => TOP + HEIGHT - at(value, y, figure.log && !figure.phase) * HEIGHT;
  const xTicks = ticks(x[0], x[1], 7);
  const yTicks = figure.log && !figure.phase ? logTicks(y[0], y[1]) : ticks(y[0], y[1], 6);
  const parts = [
    `<rect width="${WIDTH}" height="${total}" fill="#fff"/>`,
    text(LEFT, 20, figure.title, 'font-size="15" font-weight="600"'),
    text(LEFT, 38, yLabel, 'fill="#555"'),
    ...xTicks.map((tick) => grid(px(tick), TOP, px(tick), TOP + HEIGHT)),
    ...yTicks.map((tick) => grid(LEFT, py(tick), WIDTH - RIGHT, py(tick))),
    ...(figure.phase ? tickTexts : timeTexts)(xTicks, figure.language).map((label, i) =>
      text(px(xTicks[i] ?? 0), TOP + HEIGHT + 18, label, 'text-anchor="middle" fill="#555"'),
    ),
    ...(figure.log && !figure.phase ? logTickTexts : tickTexts)(yTicks, figure.language).map((label, i) =>
      text(LEFT - 8, py(yTicks[i] ?? 0) + 4, label, 'text-anchor="end" fill="#555"'),
    ),
    text((LEFT + WIDTH - RIGHT) / 2, TOP + HEIGHT + 36, xLabel, 'text-anchor="middle" fill="#555"'),
    `<clipPath id="frame"><rect x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${HEIGHT}"/></clipPath>`,
    `<g clip-path="url(#frame)" fill="none">`,
    ...lines.map(({ curve, points }) => `<path d="${path(points, px, py)}" ${stroke(curve)}/>`),
    "</g>",
    ...legend.map((curve, i) => {
      const left = LEFT + (i % 2) * ((WIDTH - LEFT) / 2);
      const top = TOP + HEIGHT + 58 + 20 * Math.floor(i / 2);
      return `<path d="M${left} ${top - 4}h34" fill="none" ${stroke(curve)}/>${text(left + 42, top, curve.label)}`;
    }),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" ` +
    `font-family="system-ui, 'Noto Sans CJK SC', sans-serif" font-size="12" fill="#222">${parts.join("")}</svg>`
  );
}

type Points = readonly (readonly [number, number | null])[];

interface Paths {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly lines: readonly { readonly curve: Curve; readonly points: Points }[];
  readonly xLabel: string;
  readonly yLabel: string;
}

function timePaths({ curves, view, range, log, xLabel, unit }: Figure): Paths {
  const lines = curves.map((curve) => ({ curve, points: pairs(curve.time, curve.values) }));
  const seen = lines.flatMap(({ points }) =>
    points.filter(([t, v]) => t >= view[0] && t <= view[1] && v !== null).map(([, v]) => v as number),
  );
  const low = least(seen);
  const high = -least(seen.map((v) => -v));
  const y = range ?? (log ? ([low / 1.1, high * 1.1] as const) : ends(low, high));
  return { x: view, y, lines, xLabel, yLabel: unit };
}

function phasePaths({ curves, xLabel, unit }: Figure): Paths {
  const pairsOf: { curve: Curve; points: Points }[] = [];
  for (let i = 0; i + 1 < curves.length; i += 2) {
    const [across, up] = [curves[i], curves[i + 1]];
    if (across && up) pairsOf.push({ curve: across, points: pairs(across.values, up.values) });
  }
  const all = pairsOf.flatMap(({ points }) => points.filter(([x, y]) => !Number.isNaN(x) && y !== null));
  const range = (values: number[]) => ends(least(values), -least(values.map((v) => -v)));
  return {
    x: range(all.map(([x]) => x)),
    y: range(all.map(([, y]) => y as number)),
    lines: pairsOf,
    xLabel,
    yLabel: unit,
  };
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), values[0] ?? 0);
}

function pairs(x: Float64Array, y: Float64Array): Points {
  return Array.from(
    x,
    (value, i) => [value, Number.isNaN(y[i] ?? Number.NaN) ? null : (y[i] as number)] as const,
  );
}

function path(points: Points, px: (x: number) => number, py: (y: number) => number): string {
  let open = false;
  let found = "";
  for (const [x, y] of points) {
    const height = y === null ? Number.NaN : py(y);
    if (Number.isFinite(height)) found += `${open ? "L" : "M"}${px(x).toFixed(2)} ${height.toFixed(2)}`;
    open = Number.isFinite(height);
  }
  return found;
}

function stroke({ colour, dash, role }: Curve): string {
  const shade = colour < 0 ? GREY.light : COLOURS.light[colour];
  const dashes = dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : "";
  return `stroke="${shade}" stroke-width="${role === "now" ? 2.2 : 1.6}"${dashes}`;
}

function grid(x1: number, y1: number, x2: number, y2: number): string {
  return `<path d="M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}" stroke="#e3e3e3" fill="none"/>`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

export function download(name: string, content: string | Blob, type = "text/plain"): void {
  const blob = typeof content === "string" ? new Blob([content], { type: `${type};charset=utf-8` }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The SVG as PNG with twice its pixels. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * image.naturalWidth;
  canvas.height = 2 * image.naturalHeight;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser cannot draw on a canvas");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png");
  });
}

/** A file name of a text: nothing that a file system would mind. */
export function fileName(text: string): string {
  return (
    text
      .replace(/[^\p{L}\p{N}]+/gu, "_")
      .replace(/^_+|_+$/g, "")
      .slice(0, 60) || "chart"
  );
}
