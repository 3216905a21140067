// The story line: what happens in the run, in words that follow the sliders.
import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Sentence } from "../story/story";
import { Storyteller } from "../story/told";
import { useAtOnce, useWords, useWorkplace } from "./common";
import "../story/story.css";
import { grammarOf } from "../words/languages";

const PAUSE = 150; // milliseconds between two tellings
const QUIET = 700; // milliseconds without a change before a screen reader reads the story

export function StoryLine() {
  const { session, narrow } = useWorkplace();
  const { t, language } = useWords();
  const [whole, setWhole] = useState(false);
  const storyteller = useMemo(() => new Storyteller(session), [session]);
  const told = useTold(storyteller);
  const [spoken, setSpoken] = useState("");
  const text = told.map(({ text }) => text).join(grammarOf(language).blank);
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(text), QUIET);
    return () => clearTimeout(timer);
  }, [text]);
  if (!told.length) return null;
  return (
    <section class="story" aria-label={t("story")}>
      <Room key={`${language} ${whole}`}>
        <p class={narrow.value && !whole ? "short" : undefined}>
          <Sentences told={told} />
        </p>
      </Room>
      {narrow.value && told.length > 1 && (
        <button
          type="button"
          class="quiet"
          aria-expanded={whole}
          aria-label={t("story_more")}
          title={t("story_more")}
          onClick={() => setWhole(!whole)}
        >
          {whole ? "▴" : "▾"}
        </button>
      )}
      <div class="hidden" aria-live="polite">
        {spoken}
      </div>
    </section>
  );
}

/** A box as high as the highest of its texts so far: what lies below does not jump while a slider moves. */
function Room({ children }: { children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [room, text] = [box.current, box.current?.firstElementChild];
    if (!room || !text) return;
    let [width, height] = [0, 0];
    const watch = new ResizeObserver(([entry]) => {
      const size = entry?.contentRect;
      if (!size?.height || (size.width === width && size.height <= height)) return;
      [width, height] = [size.width, size.height];
      room.style.height = `${height}px`;
    });
    watch.observe(text);
    return () => watch.disconnect();
  }, []);
  return (
    <div class="space" ref={box}>
      {children}
    </div>
  );
}

/** The sentences about the run on the screen: a few times a second while a slider moves, for the curves come first. */
function useTold(storyteller: Storyteller): readonly Sentence[] {
  const { session } = useWorkplace();
  useEffect(() => session.ask(storyteller.needs), [storyteller]);
  const told = useSignal(useMemo(() => storyteller.now(session.language.peek()), [storyteller]));
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useAtOnce(() => {
    void [session.results.value, session.language.value];
    timer.current ??= setTimeout(() => {
      timer.current = null;
      told.value = storyteller.now(session.language.peek());
    }, PAUSE);
  });
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  return told.value;
}

/** The sentences about one variable. */
export function StoryOf({ name }: { name: string }) {
  const { session } = useWorkplace();
  const storyteller = useMemo(() => new Storyteller(session), [session]);
  const told = useComputed(() => storyteller.of(name, session.language.value)).value;
  return told.length ? (
    <p class="story">
      <Sentences told={told} />
    </p>
  ) : null;
}

function Sentences({ told }: { told: readonly Sentence[] }) {
  const { language } = useWords();
  return (
    <>
      {told.map(({ mode, label, text }, i) => (
        <span key={i} data-mode={mode || undefined}>
          {i > 0 && grammarOf(language).blank}
          {label && i === 0 && <strong>{label}</strong>}
          {label && i === 0 && " "}
          {text}
        </span>
      ))}
    </>
  );
}
