// What all views share: the session, words, dialogs and which of them is open.
import { type Signal, signal } from "@preact/signals";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useId, useRef } from "preact/hooks";
import type { Language } from "../description";
import type { Session } from "../session";
import { type Key, say } from "../words";

export type Panel =
  | { readonly kind: "info"; readonly variable: number }
  | { readonly kind: "assumptions" | "about" }
  | { readonly kind: "choose"; readonly chart: number }
  | { readonly kind: "link"; readonly address: string };

export interface Workplace {
  readonly session: Session;
  readonly panel: Signal<Panel | null>;
  readonly dark: Signal<boolean>;
  /** A sentence for a moment, read out by screen readers. */
  readonly notice: Signal<string>;
}

const Place = createContext<Workplace | null>(null);

export const WorkplaceProvider = Place.Provider;

export function workplaceOf(session: Session): Workplace {
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const dark = signal(scheme.matches);
  scheme.addEventListener("change", () => {
    dark.value = scheme.matches;
  });
  return { session, panel: signal(null), dark, notice: signal("") };
}

export function useWorkplace(): Workplace {
  const place = useContext(Place);
  if (!place) throw new Error("a view stands outside of the laboratory");
  return place;
}

export type Say = (key: Key, parts?: Readonly<Record<string, string | number>>) => string;

export function useWords(): { t: Say; language: Language } {
  const { session } = useWorkplace();
  const language = session.language.value;
  return { t: (key, parts) => say(language, key, parts), language };
}

export function Dialog({ title, children }: { title: string; children: ComponentChildren }) {
  const { panel } = useWorkplace();
  const { t } = useWords();
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const close = () => {
    panel.value = null;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog, too
    <dialog
      ref={element}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === element.current) close();
      }}
    >
      <div class="dialog">
        <header>
          <h2 id={heading}>{title}</h2>
          <button type="button" class="quiet" onClick={close} aria-label={t("close")} title={t("close")}>
            ✕
          </button>
        </header>
        <div class="body">{children}</div>
      </div>
    </dialog>
  );
}

/** The text that a person looks for, in any case and with any blanks. */
export function matches(wanted: string, ...texts: readonly string[]): boolean {
  const words = wanted
    .toLowerCase()
    .split(/[\s_]+/)
    .filter(Boolean);
  const text = texts.join(" ").toLowerCase().replaceAll("_", " ");
  return words.every((word) => text.includes(word));
}
