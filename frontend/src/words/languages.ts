// The languages of the pages: a row for each, with its file.
import * as english from "./en";
import type { Grammar } from "./grammar";
import * as chinese from "./zh";

const GRAMMARS = { en: english.grammar, zh: chinese.grammar };

export type Language = keyof typeof GRAMMARS;

const CODES = Object.keys(GRAMMARS) as Language[];

export function grammarOf(language: Language): Grammar {
  return GRAMMARS[language];
}

/** A language as pages name it. */
export function languageTag(language: Language): string {
  return GRAMMARS[language].tag;
}

/** A code from a link, an address or a file, if it is that of a language that we have. */
export function isLanguage(code: unknown): code is Language {
  return CODES.some((known) => known === code);
}

/** The language to which the button changes. */
export function nextLanguage(language: Language): Language {
  return CODES[(CODES.indexOf(language) + 1) % CODES.length] ?? language;
}

/** The language of a code, also with a region ("zh-CN"); English for others. */
export function codeOf(tag: unknown): Language {
  const code = String(tag).split("-")[0];
  return isLanguage(code) ? code : "en";
}
