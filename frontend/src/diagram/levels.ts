// How full stocks are and how fast flows run, in a run over its time.
import type { Catalogue, Row } from "../catalogue";
import { placeAt } from "../curves";
import type { Curves } from "../kernel";

export const MOST_BARS = 12;
const WAY = 1500; // pixels that the fastest flow would move along its pipe from the start to the end of the run

/** The bars of a stock: one of its own, or one for each element of a small array. */
export interface Level {
  readonly rows: readonly string[];
  readonly low: number;
  readonly high: number;
}

/** What a pipe shows at a moment: its share of the largest flow of the same unit, and how far it has moved. */
export interface Stream {
  readonly share: number;
  readonly moved: number;
}

export class Levels {
  private readonly rows = new Map<number, string[]>();
  private readonly levels = new Map<number, Level>();
  private readonly largest = new Map<string, number>();
  private readonly sums = new Map<number, { total: Float64Array; way: Float64Array }>();

  constructor(
    private readonly catalogue: Catalogue,
    readonly curves: Curves,
  ) {
    const places = new Map(catalogue.description.variables.map((variable, i) => [variable, i]));
    for (const row of catalogue.rows) this.add(places.get(row.variable) ?? -1, row);
  }

  private add(variable: number, { name }: Row): void {
    const rows = this.rows.get(variable);
    if (rows) rows.push(name);
    else this.rows.set(variable, [name]);
  }

  place(time: number | null): number {
    const { time: times } = this.curves;
    return time === null ? times.length - 1 : placeAt(times, time);
  }

  /** The value of a variable at a place in time: its own, or the sum over the elements of an array. */
  value(variable: number, place: number): number | undefined {
    const rows = this.rows.get(variable);
    if (!rows?.length) return undefined;
    return rows.reduce((sum, row) => sum + (this.curves.values[row]?.[place] ?? Number.NaN), 0);
  }

  elements(variable: number): number {
    return this.rows.get(variable)?.length ?? 0;
  }

  /** How full the bars of a stock are, from 0 to 1; a stock that never moves is full. */
  bars(variable: number, place: number): number[] {
    const level = this.level(variable);
    const { values } = this.curves;
    const span = level.high - level.low;
    const share = (value: number) => Math.min(1, Math.max(0, span > 0 ? (value - level.low) / span : 1));
    if (level.rows.length > MOST_BARS) return [share(this.value(variable, place) ?? Number.NaN) || 0];
    return level.rows.map((row) => share(values[row]?.[place] ?? Number.NaN) || 0);
  }

  private level(variable: number): Level {
    const known = this.levels.get(variable);
    if (known) return known;
    const rows = this.rows.get(variable) ?? [];
    let [low, high] = [0, 0];
    const take = (value: number) => {
      if (value < low) low = value;
      if (value > high) high = value;
    };
    if (rows.length > MOST_BARS) for (const i of this.curves.time.keys()) take(this.value(variable, i) ?? 0);
    else for (const row of rows) for (const value of this.curves.values[row] ?? []) take(value);
    const level = { rows, low, high };
    this.levels.set(variable, level);
    return level;
  }

  stream(variable: number, place: number): Stream {
    const { total, way } = this.sum(variable);
    const unit = this.unit(variable);
    let largest = this.largest.get(unit);
    if (largest === undefined) {
      largest = 0;
      this.catalogue.description.variables.forEach((info, i) => {
        if (info.kind !== "flow" || info.unit !== unit) return;
        for (const value of this.sum(i).total) largest = Math.max(largest ?? 0, Math.abs(value) || 0);
      });
      this.largest.set(unit, largest);
    }
    const { time } = this.curves;
    const length = (time.at(-1) ?? 0) - (time[0] ?? 0);
    const per = largest > 0 && length > 0 ? 1 / largest : 0;
    return {
      share: Math.abs(total[place] ?? 0) * per || 0,
      moved: (way[place] ?? 0) * (length > 0 ? (per * WAY) / length : 0) || 0,
    };
  }

  private unit(variable: number): string {
    return this.catalogue.description.variables[variable]?.unit ?? "";
  }

  /** A flow over time, and what has flowed up to each moment. */
  private sum(variable: number): { total: Float64Array; way: Float64Array } {
    const known = this.sums.get(variable);
    if (known) return known;
    const { time } = this.curves;
    const total = Float64Array.from(time, (_, i) => this.value(variable, i) ?? 0);
    const way = new Float64Array(time.length);
    for (let i = 1; i < time.length; i++) {
      const step = (time[i] ?? 0) - (time[i - 1] ?? 0);
      way[i] = (way[i - 1] ?? 0) + ((total[i - 1] ?? 0) * step || 0);
    }
    const sums = { total, way };
    this.sums.set(variable, sums);
    return sums;
  }
}
