// What of the diagram is shown, as plain data: part of the page's state and of its link.
import type { Catalogue } from "../catalogue";

export type Shown = "charts" | "diagram" | "both";

export interface Choice {
  readonly shown: Shown;
  /** A place among the views. */
  readonly view: number;
  /** The variable that is selected, a place in the description. */
  readonly selected: number | null;
  /** The variables of the loop that is lit. */
  readonly loop: readonly number[] | null;
}

export const FIRST: Choice = { shown: "charts", view: 0, selected: null, loop: null };
const SHOWN: readonly Shown[] = ["charts", "diagram", "both"];
const LONGEST_LOOP = 100;

/** The choice for a link: names, which stay when places change. Nothing for the first choice. */
export function written(choice: Choice, { description }: Catalogue): unknown {
  const name = (place: number) => description.variables[place]?.name ?? "";
  const { shown, view, selected, loop } = choice;
  const rest = [selected === null ? null : name(selected), ...(loop ?? []).map(name)];
  if (shown === FIRST.shown && view === 0 && rest.length === 1 && rest[0] === null) return undefined;
  return [SHOWN.indexOf(shown), view, ...rest];
}

export function read(data: unknown, { description }: Catalogue): Choice {
  if (!Array.isArray(data)) return FIRST;
  const [shown, view, ...names] = data.slice(0, LONGEST_LOOP) as unknown[];
  const places = new Map(description.variables.map(({ name }, i) => [name, i]));
  const [selected, ...loop] = names.map((name) => places.get(name as string) ?? null);
  const known = loop.filter((place) => place !== null);
  return {
    shown: SHOWN[shown as number] ?? FIRST.shown,
    view: description.diagram.views[view as number] ? (view as number) : 0,
    selected: selected ?? null,
    loop: known.length > 1 && known.length === loop.length ? known : null,
  };
}
