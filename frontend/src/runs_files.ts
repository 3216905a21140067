// All runs that are on the screen as files: CSV, a workbook (XLSX), and NetCDF.
import type { Description } from "./description";
import { csvCell } from "./files";
import { zip } from "./zip";

export interface Run {
  readonly name: string;
  readonly time: Float64Array;
  readonly values: Readonly<Record<string, Float64Array>>;
}

/** A table for the workbook: texts and numbers; NaN and null leave the cell empty. */
export type Table = readonly (readonly (string | number | null)[])[];

/** One run: time and variables. Several: their names first, one below the other. */
export function runsCsv(runs: readonly Run[], timeName: string, runName: string): string {
  const several = runs.length > 1;
  const names = Object.keys(runs[0]?.values ?? {});
  const lines = [[...(several ? [runName] : []), timeName, ...names].map(csvCell).join(",")];
  for (const { name, time, values } of runs) {
    const columns = names.map((one) => values[one] as Float64Array);
    const first = several ? `${csvCell(name)},` : "";
    for (let i = 0; i < time.length; i++)
      lines.push(
        `${first}${time[i]},${columns.map((column) => (Number.isNaN(column[i]) ? "" : column[i])).join(",")}`,
      );
  }
  return `${lines.join("\n")}\n`;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const MOST_COLUMNS = 16384;
const MOST_ROWS = 1048576;

/** A sheet for each run with its time and variables; null where they are too many for a workbook. */
export function runTable({ time, values }: Run, timeName: string): Table | null {
  const names = Object.keys(values);
  if (names.length >= MOST_COLUMNS || time.length >= MOST_ROWS) return null;
  const columns = names.map((name) => values[name] as Float64Array);
  return [
    [timeName, ...names],
    ...Array.from(time, (moment, i) => [moment, ...columns.map((column) => column[i] as number)]),
  ];
}

/** A workbook (Office Open XML, ECMA-376) of sheets by name, without styles. */
export function workbook(sheets: readonly (readonly [string, Table])[]): Promise<Blob> {
  const names = sheetNames(sheets.map(([name]) => name));
  const numbered = sheets.map((_, i) => i + 1);
  const relation = (i: number, type: string, target: string) =>
    `<Relationship Id="r${i}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  return zip([
    [
      "[Content_Types].xml",
      `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${KIND}.sheet.main+xml"/>${numbered.map((i) => `<Override PartName="/xl/worksheets/sheet${i}.xml" ContentType="${KIND}.worksheet+xml"/>`).join("")}</Types>`,
    ],
    [
      "_rels/.rels",
      `${XML}<Relationships xmlns="${PACKAGE}/relationships">${relation(1, "officeDocument", "xl/workbook.xml")}</Relationships>`,
    ],
    [
      "xl/workbook.xml",
      `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${names.map((name, i) => `<sheet name="${escaped(name)}" sheetId="${i + 1}" r:id="r${i + 1}"/>`).join("")}</sheets></workbook>`,
    ],
    [
      "xl/_rels/workbook.xml.rels",
      `${XML}<Relationships xmlns="${PACKAGE}/relationships">${numbered.map((i) => relation(i, "worksheet", `worksheets/sheet${i}.xml`)).join("")}</Relationships>`,
    ],
    ...sheets.map(([, table], i): [string, string] => [`xl/worksheets/sheet${i + 1}.xml`, sheet(table)]),
  ]);
}

function sheet(table: Table): string {
  const rows = table.map((row) => {
    const cells = row.map((value) => {
      if (value === null || value === "" || Number.isNaN(value)) return "<c/>";
      return typeof value === "number" && Number.isFinite(value)
        ? `<c><v>${value}</v></c>`
        : `<c t="inlineStr"><is><t xml:space="preserve">${escaped(String(value))}</t></is></c>`;
    });
    return `<row>${cells.join("")}</row>`;
  });
  return `${XML}<worksheet xmlns="${MAIN}"><sheetData>${rows.join("")}</sheetData></worksheet>`;
}

/** Names that a workbook allows: at most 31 characters, some are not allowed, and each once in any case. */
function sheetNames(wanted: readonly string[]): string[] {
  const taken = new Set<string>();
  return wanted.map((name) => {
    const plain =
      name
        .replace(/[[\]:*?/\\']/g, " ")
        .trim()
        .slice(0, 27) || "run";
    let free = plain;
    for (let i = 2; taken.has(free.toLowerCase()); i++) free = `${plain} ${i}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

function escaped(text: string): string {
  const marks: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "").replace(/[&<>"]/g, (c) => marks[c] ?? c);
}

const [CHAR, DOUBLE] = [2, 6];
const [DIMENSIONS, VARIABLES, ATTRIBUTES] = [10, 11, 12];
const MOST_BYTES = 2 ** 31 - 4;

/** NetCDF in its classic format (CDF-1): variables of run, time and the axes of arrays; null where they are too large. */
export function netcdf(
  runs: readonly Run[],
  { variables: all, dimensions, program }: Pick<Description, "variables" | "dimensions" | "program">,
): Blob | null {
  const time = Float64Array.from(new Set(runs.flatMap((run) => [...run.time]))).sort();
  const taken = new Set<string>();
  const sizes: [string, number][] = [];
  const places = new Map<string, number>();
  const variables: {
    name: string;
    dims: number[];
    attributes: [string, string][];
    type: number;
    data: () => BlobPart;
    size: number;
  }[] = [];
  const dimension = (name: string, size: number) => sizes.push([portable(name, taken), size]) - 1;
  const names = (axis: string, texts: readonly string[]) => {
    const coded = texts.map((text) => new TextEncoder().encode(text));
    const width = Math.max(1, ...coded.map(({ length }) => length));
    const data = new Uint8Array(padded(texts.length * width));
    coded.forEach((text, i) => {
      data.set(text, i * width);
    });
    const own = dimension(axis, texts.length);
    places.set(axis, own);
    const dims = [own, dimension(`${axis}_name`, width)];
    const attributes: [string, string][] = [["_Encoding", "utf-8"]];
    variables.push({
      name: sizes[own]?.[0] ?? axis,
      dims,
      attributes,
      type: CHAR,
      data: () => data,
      size: data.length,
    });
  };
  const numbers = (
    name: string,
    dims: number[],
    attributes: [string, string][],
    columns: () => Float64Array[],
  ) => {
    const size = dims.reduce((product, place) => product * (sizes[place]?.[1] ?? 1), 8);
    variables.push({ name, dims, attributes, type: DOUBLE, data: () => bigEndian(columns()), size });
  };
  names(
    "run",
    runs.map(({ name }) => name),
  );
  const [run, moment] = [0, dimension("time", time.length)];
  numbers("time", [moment], [["long_name", program.timeUnit]], () => [time]);
  for (const [axis, elements] of Object.entries(dimensions)) names(axis, elements);
  for (const { name, unit, first, elements, axes = [] } of all) {
    if (!elements) continue;
    const own = portable(name, taken);
    const attributes: [string, string][] = [["units", unit]];
    if (own !== name) attributes.push(["original_name", name]);
    const rows = program.variables.slice(first, first + elements).map((row) => row.name);
    numbers(own, [run, moment, ...axes.map((axis) => places.get(axis) ?? 0)], attributes, () =>
      runs.map((one) => woven(rows.map((row) => spread(one, row, time)))),
    );
  }
  const header = (begin: number) => {
    const out = new Header();
    out.raw(0x43, 0x44, 0x46, 1).int(0);
    out.int(DIMENSIONS, sizes.length);
    for (const [name, size] of sizes) out.text(name).int(size);
    out.int(0, 0).int(VARIABLES, variables.length);
    let at = begin;
    for (const { name, dims, attributes, type, size } of variables) {
      const filled = attributes.filter(([, text]) => text);
      out.text(name).int(dims.length, ...dims);
      out.int(filled.length ? ATTRIBUTES : 0, filled.length);
      for (const [key, text] of filled) out.text(key).int(CHAR).text(text);
      out.int(type, size, at);
      at += size;
    }
    return { bytes: Uint8Array.from(out.bytes), end: at };
  };
  const length = header(0).bytes.length;
  const { bytes, end } = header(length);
  return end > MOST_BYTES ? null : new Blob([bytes, ...variables.map(({ data }) => data())]);
}

/** Columns as rows, one below the other: the elements of an array at each time. */
function woven(columns: readonly Float64Array[]): Float64Array {
  const [only] = columns;
  if (only && columns.length === 1) return only;
  const all = new Float64Array(columns.length * (only?.length ?? 0));
  columns.forEach((column, i) => {
    for (let t = 0; t < column.length; t++) all[t * columns.length + i] = column[t] as number;
  });
  return all;
}

class Header {
  readonly bytes: number[] = [];

  raw(...bytes: readonly number[]): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  int(...numbers: readonly number[]): this {
    for (const n of numbers) this.raw((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
    return this;
  }

  text(text: string): this {
    const bytes = new TextEncoder().encode(text);
    this.int(bytes.length).raw(...bytes);
    while (this.bytes.length % 4) this.bytes.push(0);
    return this;
  }
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function bigEndian(columns: readonly Float64Array[]): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(8 * columns.reduce((sum, { length }) => sum + length, 0)));
  let at = 0;
  for (const column of columns)
    for (const value of column) {
      view.setFloat64(at, value);
      at += 8;
    }
  return view.buffer;
}

/** The values of a run at all times; NaN where it has none. */
function spread({ time, values }: Run, name: string, all: Float64Array): Float64Array {
  const own = values[name] as Float64Array;
  if (time.length === all.length) return own;
  const places = new Map(Array.from(time, (moment, i) => [moment, i]));
  return all.map((moment) => own[places.get(moment) ?? -1] ?? Number.NaN);
}

/** A name that NetCDF allows, used once. */
function portable(name: string, taken: Set<string>): string {
  const plain = name
    .normalize("NFC")
    .replace(/[/\p{Cc}]/gu, "_")
    .trimEnd()
    .slice(0, 60);
  const first = /^[\p{L}\p{N}_]/u.test(plain) ? plain : `_${plain}`;
  let free = first;
  for (let i = 2; taken.has(free); i++) free = `${first}_${i}`;
  taken.add(free);
  return free;
}
