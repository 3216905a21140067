// Every word of the front end, in both languages, a file for each room. Names of variables come from the model.
import type { Kind, Language } from "../description";
import * as charts from "./charts";
import * as diagram from "./diagram";
import * as futures from "./futures";
import * as laboratory from "./laboratory";
import * as live from "./live";
import * as story from "./story";

const ENGLISH = {
  ...charts.ENGLISH,
  ...diagram.ENGLISH,
  ...futures.ENGLISH,
  ...laboratory.ENGLISH,
  ...(SERVED ? live.ENGLISH : ({} as typeof live.ENGLISH)),
  ...story.ENGLISH,
};

export type Key = keyof typeof ENGLISH;

const CHINESE: Record<Key, string> = {
  ...charts.CHINESE,
  ...diagram.CHINESE,
  ...futures.CHINESE,
  ...laboratory.CHINESE,
  ...(SERVED ? live.CHINESE : ({} as typeof live.CHINESE)),
  ...story.CHINESE,
};

const WORDS: Record<Language, Record<Key, string>> = { en: ENGLISH, zh: CHINESE };

/** Words of the page, filled in: `say("en", "run", { number: 1 })`. */
export function say(
  language: Language,
  key: Key,
  parts: Readonly<Record<string, string | number>> = {},
): string {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (all, name: string) => String(parts[name] ?? all));
}

export function kindWord(language: Language, kind: Kind): string {
  return say(language, `kind_${kind}`);
}

export function listed(parts: readonly string[], language: Language): string {
  return parts.join(language === "zh" ? "、" : ", ");
}
