// A map over two settings with as few runs as its shape allows: a coarse grid, made finer where neighbours differ.

export const CELLS = 64; // along each side
const NODES = CELLS + 1;
const COARSE = 8; // cells between the first nodes
const ALIKE = 0.04; // of the whole range: cells whose corners differ by less are filled in between

/** The values at nodes, as shares from 0 to 1 along both settings; NaN where a run fails. */
export type Values = (across: readonly number[], up: readonly number[]) => Promise<Float64Array>;

export class Grid {
  /** Row by row from the lowest value of the second setting; NaN where a run failed or none was made. */
  readonly nodes = new Float64Array(NODES * NODES).fill(Number.NaN);
  runs = 0;
  low = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;
  private readonly known = new Uint8Array(NODES * NODES);

  /** Fill the map; `drawn` is called whenever it is finer than before, and ends the work by false. */
  async fill(values: Values, drawn: (step: number) => boolean): Promise<void> {
    let cells: [number, number][] = [];
    for (let y = 0; y < CELLS; y += COARSE) for (let x = 0; x < CELLS; x += COARSE) cells.push([x, y]);
    for (let step = COARSE; step >= 1; step /= 2) {
      await this.run(values, cells, step);
      const split = step > 1 ? cells.filter(([x, y]) => this.differs(x, y, step)) : [];
      const kept = new Set(split.map(([x, y]) => y * NODES + x));
      for (const [x, y] of cells) if (!kept.has(y * NODES + x)) this.between(x, y, step);
      // What is made finer next is shown as it is meanwhile.
      if (step > 1) for (const [x, y] of split) this.between(x, y, step);
      if (!drawn(step)) return;
      const half = step / 2;
      cells = split.flatMap(([x, y]): [number, number][] => [
        [x, y],
        [x + half, y],
        [x, y + half],
        [x + half, y + half],
      ]);
    }
  }

  /** Run at those corners of cells that were not run yet. */
  private async run(values: Values, cells: readonly [number, number][], step: number): Promise<void> {
    const wanted = new Set<number>();
    for (const [x, y] of cells)
      for (const [across, up] of [
        [x, y],
        [x + step, y],
        [x, y + step],
        [x + step, y + step],
      ] as const)
        if (!this.known[up * NODES + across]) wanted.add(up * NODES + across);
    const places = [...wanted];
    if (!places.length) return;
    const share = (place: number) => place / CELLS;
    const found = await values(
      places.map((place) => share(place % NODES)),
      places.map((place) => share(Math.floor(place / NODES))),
    );
    this.runs += places.length;
    places.forEach((place, i) => {
      const value = found[i] as number;
      this.nodes[place] = value;
      this.known[place] = 1;
      if (value < this.low) this.low = value;
      if (value > this.high) this.high = value;
    });
  }

  private corners(x: number, y: number, step: number): number[] {
    const at = (across: number, up: number) => this.nodes[up * NODES + across] as number;
    return [at(x, y), at(x + step, y), at(x, y + step), at(x + step, y + step)];
  }

  private differs(x: number, y: number, step: number): boolean {
    const corners = this.corners(x, y, step);
    const failed = corners.filter(Number.isNaN).length;
    if (failed) return failed < 4;
    return Math.max(...corners) - Math.min(...corners) > ALIKE * (this.high - this.low);
  }

  /** Fill a cell in between its corners; nodes that were run keep their value. */
  private between(x: number, y: number, step: number): void {
    const [a = 0, b = 0, c = 0, d = 0] = this.corners(x, y, step);
    for (let j = 0; j <= step; j++)
      for (let i = 0; i <= step; i++) {
        const place = (y + j) * NODES + x + i;
        if (this.known[place]) continue;
        const [right, up] = [i / step, j / step];
        this.nodes[place] = (a * (1 - right) + b * right) * (1 - up) + (c * (1 - right) + d * right) * up;
      }
  }

  /** The value of a cell: the mean of its corners. */
  cell(x: number, y: number): number {
    return this.corners(x, y, 1).reduce((sum, value) => sum + value, 0) / 4;
  }
}
