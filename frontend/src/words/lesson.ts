// Words of lessons, of the course and of a class, filled in; each lesson's own texts come from its lesson.toml.
import { lesson as english } from "./en";
import { fill, type Parts } from "./fill";
import type { Language } from "./languages";
import { lesson as chinese } from "./zh";

export type LessonKey = keyof typeof english;

const WORDS: Record<Language, Record<LessonKey, string>> = { en: english, zh: chinese };

export type Tell = (key: LessonKey, parts?: Parts) => string;

/** Words of a lesson, filled in. */
export function teller(language: Language): Tell {
  return (key, parts = {}) => fill(WORDS[language][key], parts);
}
