// Words of the page, filled in. Each language has its file; names of variables come from the model.
import type { Kind } from "../description";
import * as english from "./en";
import { fill, type Parts } from "./fill";
import { grammarOf, type Language } from "./languages";
import * as chinese from "./zh";

const ENGLISH = {
  ...english.charts,
  ...english.diagram,
  ...english.futures,
  ...english.laboratory,
  ...(SERVED ? english.live : ({} as typeof english.live)),
  ...english.story,
};

export type Key = keyof typeof ENGLISH;

const WORDS: Record<Language, Record<Key, string>> = {
  en: ENGLISH,
  zh: {
    ...chinese.charts,
    ...chinese.diagram,
    ...chinese.futures,
    ...chinese.laboratory,
    ...(SERVED ? chinese.live : ({} as typeof chinese.live)),
    ...chinese.story,
  },
};

/** Words of the page, filled in: `say("en", "run", { number: 1 })`. */
export function say(language: Language, key: Key, parts: Parts = {}): string {
  return fill(WORDS[language][key], parts);
}

export function kindWord(language: Language, kind: Kind): string {
  return say(language, `kind_${kind}`);
}

export function listed(parts: readonly string[], language: Language): string {
  return parts.join(grammarOf(language).comma);
}
