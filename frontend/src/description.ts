// What a laboratory is given of a model; `sdcluster/publish/laboratory_data.py` makes it.
import type { Model, Plan } from "../../sdcluster/publish/run_model";
import type { DiagramData } from "./diagram/scene";
import type { StoryInfo } from "./story/story";
import type { Language } from "./words/languages";

export type { Language };
export type Texts = Readonly<Partial<Record<Language, string>>>;
export type Kind = "stock" | "flow" | "auxiliary" | "constant" | "lookup" | "data";

export interface VariableInfo {
  readonly name: string;
  readonly labels: Texts;
  readonly kind: Kind;
  readonly unit: string;
  readonly docs: Texts;
  readonly equations: Readonly<Partial<Record<Language, readonly string[]>>>;
  /** Places in `Description.variables`. */
  readonly causes: readonly number[];
  readonly uses: readonly number[];
  /** The place of its first element among the rows of a run, and how many there are. */
  readonly first: number;
  readonly elements: number;
  /** The names of an array's axes in `Description.dimensions`. */
  readonly axes?: readonly string[];
  readonly elementLabels: Readonly<Partial<Record<Language, readonly string[]>>>;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly step: number | null;
  readonly lever: boolean;
  readonly strength: number;
  /** What of its equations can be changed; only where a server can do it. */
  readonly sides?: readonly SideInfo[];
  /** The left side of the equation that holds for the whole array, where one does. */
  readonly whole?: string;
}

/** Left and right side as in the file; net flow and initial value of a stock, and points, are sides of their own. */
export type SideInfo = readonly [
  left: string,
  right: string,
  kind: "equation" | "net" | "initial" | "points" | "element",
];

export interface ChartInfo {
  readonly title: Texts;
  readonly lines: readonly { readonly name: string; readonly label: Texts }[];
  readonly range: readonly [number, number] | null;
  readonly unit: Texts;
}

export interface SliderChoice {
  readonly name: string;
  readonly label: Texts;
  readonly group: Texts;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly step: number | null;
}

export interface ScenarioInfo {
  readonly name: string;
  readonly title: Texts;
  readonly description: Texts;
  readonly settings: Readonly<Record<string, number>>;
  /** Settings that the page cannot change, as they decide the times of the run. */
  readonly fixed: Readonly<Record<string, number>>;
  readonly plan: Omit<Plan, "changes"> & {
    readonly changes: readonly (Plan["changes"][number] & {
      readonly time: number;
      readonly settings: Readonly<Record<string, number>>;
    })[];
  };
}

/** A slider for the time at which the policy of a scenario gives way to that of the sliders. */
export interface SwitchInfo {
  readonly settings: Readonly<Record<string, number>>;
  readonly latest: number;
  readonly label: Texts;
  readonly description: Texts;
  readonly never: Texts;
}

export interface Stories {
  readonly own: StoryInfo | null;
  /** That of any variable, "*". */
  readonly standard: StoryInfo;
  readonly tell: readonly string[];
}

export interface Description {
  readonly format: 1;
  readonly language: Language;
  readonly name: string;
  readonly doc: string;
  readonly file: string;
  readonly program: Model;
  /** The kernel for runs side by side; none for large models. */
  readonly lanes: { readonly count: number; readonly code: string; readonly base: number } | null;
  readonly variables: readonly VariableInfo[];
  /** The elements along each axis of arrays. */
  readonly dimensions: Readonly<Record<string, readonly string[]>>;
  readonly diagram: DiagramData;
  readonly charts: readonly ChartInfo[];
  /** The lines of the charts that it begins with; the first of them are those of `charts`. */
  readonly first: readonly (readonly string[])[];
  readonly sliders: readonly SliderChoice[];
  readonly switch: SwitchInfo | null;
  readonly story: Stories;
  readonly units: Readonly<Record<string, { readonly label: Texts; readonly axis: Texts }>>;
  readonly scenarios: readonly ScenarioInfo[];
  readonly refused: readonly { readonly name: string; readonly title: Texts; readonly reason: Texts }[];
}

/** The text of a language, else the English one, else any. */
export function pick(texts: Texts | undefined, language: Language, otherwise = ""): string {
  return texts?.[language] ?? texts?.en ?? Object.values(texts ?? {})[0] ?? otherwise;
}
