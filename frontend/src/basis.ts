// What a number of the model rests on, as the documentation in its file says.
import type { VariableInfo } from "./description";

export type Grounds = "judgement" | "measured" | "definition" | "source" | "no_source" | "none";
export type Basis = "lever" | Grounds;

const SIGNS: readonly (readonly [Grounds, RegExp])[] = [
  ["judgement", /judge?ment|guess|判断/i],
  ["measured", /\bmeasured|survey|census|statistic|实测|调查|统计/i],
  ["definition", /by definition|按定义/i],
  ["source", /\b(1[89]|20)\d\d\b|section|source|https?:|来源/i],
  ["no_source", /\S/],
];

export function groundsOf(variable: VariableInfo | undefined): Grounds {
  const words = Object.values(variable?.docs ?? {}).join(" ");
  return SIGNS.find(([, sign]) => sign.test(words))?.[0] ?? "none";
}

/** A lever is a decision, whatever its value rests on. */
export function basisOf(variable: VariableInfo | undefined): Basis {
  return variable?.lever ? "lever" : groundsOf(variable);
}
