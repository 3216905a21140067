// A model's rows and sliders by name, in the order in which people meet them.
import { type Description, type Language, pick, type Texts, type VariableInfo } from "./description";
import { type Limits, limitsOf } from "./ranges";

/** One curve of a run: a variable, or an element of an array. */
export interface Row {
  readonly name: string;
  readonly variable: VariableInfo;
  readonly element: number;
}

export interface Slider {
  readonly name: string;
  readonly row: Row | undefined;
  readonly label: Texts;
  readonly unit: string;
  readonly standard: number;
  readonly limits: Limits;
}

export type GroupKind = "arranged" | "levers" | "constants" | "others" | "array" | "initial";

export interface Group {
  readonly key: string;
  readonly kind: GroupKind;
  readonly title: Texts;
  readonly sliders: readonly Slider[];
}

export class Catalogue {
  readonly rows: readonly Row[];
  readonly groups: readonly Group[];
  readonly sliders: ReadonlyMap<string, Slider>;
  private readonly byName: ReadonlyMap<string, Row>;
  private readonly lineLabels = new Map<string, Texts>();
  private readonly places = new Map<string, number>();

  constructor(readonly description: Description) {
    const { variables, program } = description;
    const rows: Row[] = [];
    for (const variable of variables) {
      for (let element = 0; element < variable.elements; element++) {
        const name = program.variables[variable.first + element]?.name;
        if (name !== undefined) rows.push({ name, variable, element });
      }
    }
    this.rows = rows;
    for (const { name, elements, place } of program.settings)
      (elements.length ? elements : [name]).forEach((element, i) => {
        this.places.set(element, place + i);
      });
    this.byName = new Map(rows.map((row) => [row.name, row]));
    for (const chart of description.charts) {
      for (const line of chart.lines) {
        if (Object.keys(line.label).length) this.lineLabels.set(line.name, line.label);
      }
    }
    this.groups = groupsOf(description, this.byName);
    this.sliders = new Map(
      this.groups.flatMap(({ sliders }) => sliders.map((slider) => [slider.name, slider])),
    );
  }

  row(name: string): Row | undefined {
    return this.byName.get(name);
  }

  /** The name of a row in a language. */
  label(name: string, language: Language): string {
    const row = this.byName.get(name);
    if (!row) return name;
    const element = row.variable.elementLabels[language]?.[row.element];
    if (element) return element;
    return row.name === row.variable.name ? this.variableLabel(row.variable, language) : row.name;
  }

  /** What a chart calls a row: the short label of `lab.toml`, else its name. */
  lineLabel(name: string, language: Language): string {
    const label = this.lineLabels.get(name);
    return label ? pick(label, language) : this.label(name, language);
  }

  variableLabel(variable: VariableInfo, language: Language): string {
    return variable.labels[language] ?? variable.name;
  }

  /** A unit as the model's `lab.toml` calls it; nothing for numbers without one. */
  unit(text: string, language: Language, axis = false): string {
    const key = text.trim().toLowerCase();
    const { units } = this.description;
    const words = Object.hasOwn(units, key) ? units[key] : undefined;
    const found = axis
      ? pick(words?.axis, language) || pick(words?.label, language)
      : pick(words?.label, language);
    if (found) return found;
    return key === "dmnl" || key === "dimensionless" || key === "1" ? "" : text;
  }

  /** Where the kernel has a setting. */
  place(name: string): number {
    return this.places.get(name) ?? -1;
  }

  standard(name: string): number | undefined {
    return this.sliders.get(name)?.standard;
  }
}

function groupsOf(description: Description, rows: ReadonlyMap<string, Row>): Group[] {
  const settings = settable(description, rows);
  const left = new Map(settings.map((slider) => [slider.name, slider]));
  const groups: Group[] = [];
  const take = (key: string, kind: GroupKind, sliders: readonly Slider[], title: Texts = {}) => {
    if (!sliders.length) return;
    for (const { name } of sliders) left.delete(name);
    groups.push({ key, kind, title, sliders });
  };
  for (const [key, sliders, title] of arranged(description, left))
    take(`arranged ${key}`, "arranged", sliders, title);
  const rest = () => [...left.values()];
  const isInitial = (slider: Slider) => slider.row?.variable.kind === "stock";
  const isSingle = (slider: Slider) => !isInitial(slider) && (slider.row?.variable.elements ?? 1) === 1;
  const strength = (slider: Slider) => slider.row?.variable.strength ?? 0;
  take(
    "levers",
    "levers",
    rest().filter((slider) => isSingle(slider) && slider.row?.variable.lever),
  );
  const singles = rest().filter(isSingle);
  const order = singles.sort((a, b) => strength(b) - strength(a));
  take("constants", groups.length ? "others" : "constants", order);
  const arrays = new Map<VariableInfo, Slider[]>();
  for (const slider of rest()) {
    const variable = slider.row?.variable;
    if (variable && !isInitial(slider)) arrays.set(variable, [...(arrays.get(variable) ?? []), slider]);
  }
  for (const [variable, sliders] of arrays) {
    take(`array ${variable.name}`, "array", sliders, { en: variable.name, ...variable.labels });
  }
  take("initial", "initial", rest().filter(isInitial));
  return groups;
}

function settable(description: Description, rows: ReadonlyMap<string, Row>): Slider[] {
  const found: Slider[] = [];
  for (const { name, elements, default: standard, unit, minimum, maximum } of description.program.settings) {
    if (standard === null) continue; // computed by the model
    (elements.length ? elements : [name]).forEach((element, i) => {
      const row = rows.get(element);
      const value = standard[i] ?? 0;
      const limits = limitsOf(value, unit, { minimum, maximum, step: row?.variable.step ?? null });
      found.push({ name: element, row, label: {}, unit, standard: value, limits });
    });
  }
  return found;
}

function arranged(description: Description, known: ReadonlyMap<string, Slider>): [string, Slider[], Texts][] {
  const found = new Map<string, [string, Slider[], Texts]>();
  for (const choice of description.sliders) {
    const slider = known.get(choice.name);
    if (!slider) continue;
    const file = slider.row?.variable;
    const limits = limitsOf(slider.standard, slider.unit, {
      minimum: choice.minimum ?? file?.minimum ?? null,
      maximum: choice.maximum ?? file?.maximum ?? null,
      step: choice.step ?? file?.step ?? null,
    });
    const key = pick(choice.group, "en");
    const group = found.get(key) ?? [key, [], choice.group];
    group[1].push({ ...slider, label: choice.label, limits });
    found.set(key, group);
  }
  return [...found.values()];
}
