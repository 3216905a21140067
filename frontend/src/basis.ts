// What the number of a constant rests on, as the documentation in the model file says.
import { pick, type VariableInfo } from "./description";

export type Basis = "lever" | "judgement" | "documented" | "none";

export function basisOf(variable: VariableInfo | undefined): Basis {
  if (variable?.lever) return "lever";
  if (/judge?ment|判断/i.test(Object.values(variable?.docs ?? {}).join(" "))) return "judgement";
  return pick(variable?.docs, "en") ? "documented" : "none";
}
