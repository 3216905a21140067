// Levels, streams and spoken names that follow the time and the run. They change the drawing without rendering it anew.
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { DiagramSymbol, Scene } from "../diagram/scene";
import { momentText, valueText } from "../format";
import { kindWord } from "../words";
import { useAtOnce, useWords, useWorkplace } from "./common";
import type { Diagram } from "./diagram";
import type { Lit } from "./diagram_drawing";

const WALL = 2.6; // pixels that the walls of a pipe add to it
const NARROW = 3;
const FULL = 20; // from a twentieth of the largest flow on the water fills its pipe
const WIDE = 9; // that the largest flow is wider than none

type NameOf = (symbol: DiagramSymbol, time: number | null) => string;

/** What a screen reader says of a symbol at a time. */
export function useSymbolNames({ levels }: Diagram): NameOf {
  const { session } = useWorkplace();
  const { t, language } = useWords();
  const { variables, program } = session.description;
  return ({ variable, lines }, time) => {
    const info = variables[variable];
    if (!info) return t("symbol", { kind: t("module"), name: lines.join(" ") });
    const now = levels.value;
    const place = now.place(time);
    const parts = {
      kind: kindWord(language, info.kind),
      name: session.catalogue.variableLabel(info, language),
    };
    const value = now.value(variable, place);
    if (value === undefined) return t("symbol", parts);
    const moment = t("at_moment", {
      time: momentText(now.curves.time[place] ?? 0, program.timeUnit, language),
    });
    return t(info.elements > 1 ? "symbol_sum" : "symbol_at", { ...parts, value: valueText(value), moment });
  };
}

interface AnimationProps {
  readonly svg: RefObject<SVGSVGElement | null>;
  readonly scene: Scene;
  readonly lit: Lit | null;
  readonly diagram: Diagram;
  readonly nameOf: NameOf;
}

export function Animation({ svg, scene, lit, diagram, nameOf }: AnimationProps) {
  const { session } = useWorkplace();

  function draw() {
    const levels = diagram.levels.value;
    const place = levels.place(session.cursor.value);
    const root = svg.current;
    if (!root) return;
    for (const element of root.querySelectorAll<SVGGElement>(".symbol.stock")) {
      const symbol = scene.symbols[Number(element.dataset.symbol)];
      if (symbol) fill(element, symbol, levels.bars(symbol.variable, place));
    }
    for (const element of root.querySelectorAll<SVGGElement>(".pipe")) {
      const symbol = scene.symbols[Number(element.dataset.pipe)];
      if (!symbol) continue;
      const { share, moved } = levels.stream(symbol.variable, place);
      const inside = NARROW + WIDE * share;
      const [wall, hollow, water, marks] = element.children;
      set(wall, "stroke-width", inside + WALL);
      set(hollow, "stroke-width", inside);
      set(water, "stroke-width", inside * Math.min(1, FULL * share));
      set(marks, "stroke-dashoffset", -moved);
    }
  }

  useAtOnce(draw);
  useEffect(draw, [scene, lit]);
  useAtOnce(() => {
    // All names tell the values of the end; a name that is focused tells those of the moment.
    void diagram.levels.value;
    const timer = setTimeout(() => {
      for (const element of svg.current?.querySelectorAll<SVGGElement>(".symbol") ?? []) {
        const symbol = scene.symbols[Number(element.dataset.symbol)];
        if (symbol) element.setAttribute("aria-label", nameOf(symbol, null));
      }
    }, 300);
    return () => clearTimeout(timer);
  });
  return null;
}

/** What does not change costs the browser nothing. */
function set(element: Element | undefined, name: string, value: number) {
  const text = value.toFixed(1);
  if (element && element.getAttribute(name) !== text) element.setAttribute(name, text);
}

function fill(element: SVGGElement, { y, halfHeight }: DiagramSymbol, bars: readonly number[]) {
  element.querySelectorAll(".fill").forEach((bar, i) => {
    const height = 2 * halfHeight * (bars[i] ?? 0);
    set(bar, "y", y + halfHeight - height);
    set(bar, "height", height);
  });
}
