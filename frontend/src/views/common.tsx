// What all views share: the session, words, dialogs and which of them is open.
import { effect, type Signal, signal } from "@preact/signals";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useId, useRef } from "preact/hooks";
import type { Language } from "../description";
import { Futures } from "../futures/futures";
import type { Live } from "../live";
import type { Session } from "../session";
import { focused, type Surroundings } from "../surroundings";
import { type Key, say } from "../words";

export type Panel =
  | { readonly kind: "info"; readonly variable: number }
  | { readonly kind: "assumptions" | "about" }
  | { readonly kind: "text"; readonly title: Key; readonly help: Key; readonly text: string };

export interface Workplace extends Surroundings {
  readonly session: Session;
  readonly panel: Signal<Panel | null>;
  /** What is beside the charts. */
  readonly side: Signal<"settings" | "variables">;
  /** The chart that variables of the list go to; -1 for a new one. */
  readonly target: Signal<number>;
  /** A sentence for a moment, read out by screen readers. */
  readonly notice: Signal<string>;
  /** A sentence that is shown for a moment, too. */
  readonly toast: Signal<string>;
  /** Many runs around the present one. */
  readonly futures: Futures;
  /** The server, where there is one. */
  readonly live: Live | null;
}

const Place = createContext<Workplace | null>(null);

export const WorkplaceProvider = Place.Provider;

export function workplaceOf(
  session: Session,
  surroundings: Surroundings,
  live: Live | null = null,
): Workplace {
  return {
    ...surroundings,
    session,
    futures: new Futures(session),
    panel: signal(null),
    side: signal<"settings" | "variables">("settings"),
    target: signal(-1),
    notice: signal(""),
    toast: signal(""),
    live,
  };
}

/** The same workplace with the session of another version of the model; an open dialog about a variable stays open. */
export function renewed(place: Workplace, session: Session): Workplace {
  place.futures.end();
  const futures = new Futures(session);
  const open = place.panel.value;
  if (open?.kind !== "info") return { ...place, session, futures, panel: signal(open) };
  const name = place.session.description.variables[open.variable]?.name;
  const variable = session.description.variables.findIndex((one) => one.name === name);
  return { ...place, session, futures, panel: signal(variable < 0 ? null : { kind: "info", variable }) };
}

/** A button that opens a list; a choice, Escape or a click elsewhere closes it. */
export function Menu({
  label,
  title,
  sign = "⋯",
  children,
}: {
  label: string;
  title: string;
  sign?: string;
  children: ComponentChildren;
}) {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (menu.current) menu.current.open = false;
  };
  const chosen = () => {
    close();
    // A dialog that the choice opens gives the focus back to where it was.
    menu.current?.querySelector("summary")?.focus();
  };
  useEffect(() => {
    const outside = (event: Event) => {
      // Seen from outside of a shadow tree, the target is the whole tree.
      if (menu.current?.open && !event.composedPath().includes(menu.current)) close();
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, []);
  return (
    <details
      class="menu"
      ref={menu}
      onToggle={() => {
        if (menu.current?.open) menu.current.querySelector(".items")?.scrollIntoView({ block: "nearest" });
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !menu.current?.open) return;
        event.stopPropagation();
        chosen();
      }}
    >
      <summary aria-label={label} title={title}>
        {sign}
      </summary>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: the buttons inside take the keys */}
      <div class="items" onClick={chosen}>
        {children}
      </div>
    </details>
  );
}

export function useWorkplace(): Workplace {
  const place = useContext(Place);
  if (!place) throw new Error("a view stands outside of the laboratory");
  return place;
}

/** Act whenever a signal that `act` reads changes: in that moment. `useSignalEffect` would wait for the frame after. */
export function useAtOnce(act: () => unknown): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => effect(() => latest.current() as undefined), []);
}

export type Say = (key: Key, parts?: Readonly<Record<string, string | number>>) => string;

export function useWords(): { t: Say; language: Language } {
  const { session } = useWorkplace();
  const language = session.language.value;
  return { t: (key, parts) => say(language, key, parts), language };
}

export function Dialog({
  title,
  close: asked,
  children,
}: {
  title: string;
  /** In place of closing the panel. */
  close?: () => void;
  children: ComponentChildren;
}) {
  const { panel } = useWorkplace();
  const { t } = useWords();
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = dialog && focused(dialog);
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const close = () => {
    if (asked) asked();
    else panel.value = null;
  };
  return (
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
      // A question hears its keys alone: behind it, Escape would end a presentation.
      onKeyDown={(event) => asked && event.stopPropagation()}
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
