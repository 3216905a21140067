// The language of lessons and of the course's front page: that of the address, else the last one chosen here.
import type { Language } from "../description";
import { isLanguage } from "../words/languages";

const LANGUAGE_KEY = "sdcluster language";

export function languageOf(search: string, storage: Storage | null, otherwise: Language): Language {
  let kept: string | null = null;
  try {
    kept = storage?.getItem(LANGUAGE_KEY) ?? null;
  } catch {
    // Nothing is kept here.
  }
  const wanted = new URLSearchParams(search).get("lang") ?? kept;
  return isLanguage(wanted) ? wanted : otherwise;
}

export function keepLanguage(storage: Storage | null, language: Language): void {
  try {
    storage?.setItem(LANGUAGE_KEY, language);
  } catch {
    // The choice holds until the page is closed.
  }
}
