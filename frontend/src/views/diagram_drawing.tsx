// The symbols, pipes and arrows of a scene as SVG, with what is selected lit and the rest dimmed.
import { MOST_BARS } from "../diagram/levels";
import type { Arrow, DiagramSymbol, Links, Pipe, Scene } from "../diagram/scene";
import { useWorkplace } from "./common";

export interface Lit {
  readonly variables: ReadonlySet<number>;
  /** "cause effect". */
  readonly links: ReadonlySet<string>;
  readonly selected: number | null;
}

const CHINESE = "\u2e80"; // the first of the characters between which stands no blank
const LINE = 14; // pixels from line to line of a name
const CLOUD = "M-11 7a6 6 0 0 1-1-11a8 8 0 0 1 13-5a7 7 0 0 1 11 5a6 6 0 0 1-1 11z";

interface DrawingProps {
  readonly scene: Scene;
  readonly lit: Lit | null;
  readonly links: Links;
  /** Whether all signs are shown, or only those of what is lit. */
  readonly causal: boolean;
  /** The symbol that Tab reaches. */
  readonly active: number;
  readonly nameOf: (symbol: DiagramSymbol, time: number | null) => string;
}

export function Drawing({ scene, lit, links, causal, active, nameOf }: DrawingProps) {
  const { session } = useWorkplace();
  const { variables } = session.description;
  const { areas, texts, symbols, arrows, pipes } = scene;
  const litArrow = ({ source, target }: Arrow) =>
    lit?.links.has(`${symbols[source]?.variable} ${symbols[target]?.variable}`) ?? false;
  const litSymbol = ({ variable }: DiagramSymbol) => lit?.variables.has(variable) ?? false;
  return (
    <>
      {areas.map(([x, y, width, height, title], i) => (
        <rect class="area" data-area={i} x={x} y={y} width={width} height={height} rx={14} key={title} />
      ))}
      {texts.map(([x, y, text]) => (
        <text class="remark" x={x} y={y} text-anchor="middle" key={`${x} ${y}`}>
          {text}
        </text>
      ))}
      {arrows.map((arrow) => (
        <g class={`arrow ${classOf(symbols[arrow.source])}${litArrow(arrow) ? " lit" : ""}`} key={arrow.line}>
          <path class="stroke" d={arrow.line} />
          <path class="head" d={arrow.head} />
        </g>
      ))}
      {pipes.map((pipe) => (
        <PipeShape pipe={pipe} lit={isLit(symbols[pipe.node])} key={pipe.node} />
      ))}
      {symbols.map((symbol, i) => (
        // biome-ignore lint/a11y/useSemanticElements: SVG has no button
        <g
          class={`symbol ${symbol.shape}${litSymbol(symbol) ? " lit" : ""}${
            symbol.variable >= 0 && symbol.variable === lit?.selected ? " selected" : ""
          }`}
          data-symbol={i}
          role="button"
          tabindex={i === active ? 0 : -1}
          aria-label={nameOf(symbol, null)}
          key={i}
        >
          <Shape symbol={symbol} elements={variables[symbol.variable]?.elements ?? 1} />
          <Name symbol={symbol} />
        </g>
      ))}
      <g class="titles">
        {areas.map(([x, y, , , title], i) => (
          <text data-area={i} x={x + 14} y={y + 8} key={title} dominant-baseline="hanging">
            {title}
          </text>
        ))}
      </g>
      {arrows
        .filter((arrow) => (lit ? litArrow(arrow) : causal))
        .map(({ line, source, target, sign }) => (
          <SignMark
            key={line}
            cause={symbols[source]?.variable ?? -1}
            effect={symbols[target]?.variable ?? -1}
            at={sign}
          />
        ))}
      {pipeSigns()}
    </>
  );

  function isLit(symbol: DiagramSymbol | undefined): boolean {
    return symbol !== undefined && litSymbol(symbol);
  }

  /** The signs of the pipes that are lit, each between the flow and its stock. */
  function pipeSigns() {
    return [...(lit?.links ?? [])].flatMap((link) => {
      const [cause = -1, effect = -1] = link.split(" ").map(Number);
      const flow = symbols.find(({ variable, shape }) => variable === cause && shape === "flow");
      const stock = symbols.find(({ variable, shape }) => variable === effect && shape === "stock");
      if (!flow || !stock) return [];
      const straight = Math.abs(flow.y - stock.y) < stock.halfHeight;
      const border = stock.x + (flow.x > stock.x ? stock.halfWidth : -stock.halfWidth);
      const at = straight
        ? ([(flow.x + border) / 2, flow.y] as const)
        : ([flow.x + 15, flow.y - 15] as const);
      return [<SignMark key={link} cause={cause} effect={effect} at={at} />];
    });
  }

  function SignMark({ cause, effect, at }: { cause: number; effect: number; at: readonly [number, number] }) {
    const sign = links.sign(cause, effect);
    if (sign !== "+" && sign !== "-") return null;
    return (
      <g class={sign === "+" ? "sign plus" : "sign minus"}>
        <circle cx={at[0]} cy={at[1]} r={7} />
        <path d={`M${at[0] - 4} ${at[1]}h8${sign === "+" ? `M${at[0]} ${at[1] - 4}v8` : ""}`} />
      </g>
    );
  }
}

function classOf(source: DiagramSymbol | undefined): string {
  const shape = source?.shape ?? "";
  return shape === "lever" || shape === "constant" || shape === "alias" ? shape : "";
}

/** A pipe in four strokes: its walls, its inside, what flows in it, and marks that move with it. */
function PipeShape({ pipe: { line, head, clouds, node }, lit }: { pipe: Pipe; lit: boolean }) {
  return (
    <g class={lit ? "pipe lit" : "pipe"} data-pipe={node}>
      <path class="stroke" d={line} />
      <path class="stroke inside" d={line} />
      <path class="stroke water" d={line} />
      <path class="stroke marks" d={line} />
      <path class="head" d={head} />
      {clouds.map(([x, y]) => (
        <path class="cloud" d={CLOUD} transform={`translate(${x} ${y})`} key={`${x} ${y}`} />
      ))}
    </g>
  );
}

function Shape({ symbol, elements }: { symbol: DiagramSymbol; elements: number }) {
  const { shape, x, y, halfWidth: w, halfHeight: h } = symbol;
  const sheets = elements > 1 && shape !== "alias" && shape !== "word";
  if (shape === "stock") {
    const bars = elements > 1 && elements <= MOST_BARS ? elements : 1;
    const width = (2 * w) / bars;
    return (
      <>
        {sheets && <rect class="sheet" x={x - w + 5} y={y - h - 5} width={2 * w} height={2 * h} rx={2} />}
        <rect class="ground" x={x - w} y={y - h} width={2 * w} height={2 * h} rx={2} />
        {Array.from({ length: bars }, (_, i) => (
          <rect
            class="fill"
            key={i}
            x={x - w + i * width}
            width={bars > 1 ? width - 1 : width}
            y={y - h}
            height={0}
          />
        ))}
        <rect class="edge" x={x - w} y={y - h} width={2 * w} height={2 * h} rx={2} />
      </>
    );
  }
  if (shape === "module")
    return <rect class="ground" x={x - w} y={y - h} width={2 * w} height={2 * h} rx={12} />;
  if (shape === "alias" || shape === "word")
    return <rect class="hit" x={x - w} y={y - h} width={2 * w} height={2 * h} />;
  const radius = shape === "constant" ? 3.5 : shape === "auxiliary" ? 8 : 10;
  return (
    <>
      {sheets && <circle class="sheet" cx={x + 4} cy={y - 4} r={radius} />}
      <circle class="hit" cx={x} cy={y} r={14} />
      <circle class="edge" cx={x} cy={y} r={radius} />
      {shape === "flow" && <path class="valve" d={`M${x - 6} ${y - 5}v10l12-10v10z`} />}
      {shape === "lever" && <path class="pointer" d={`M${x} ${y}l5-6`} />}
    </>
  );
}

function Name({ symbol: { textX, textY, anchor, lines } }: { symbol: DiagramSymbol }) {
  return (
    <text text-anchor={anchor}>
      {lines.map((line, i) => (
        <tspan x={textX} y={textY + LINE * i} key={`${i} ${line}`}>
          {i > 0 && line < CHINESE ? ` ${line}` : line}
        </tspan>
      ))}
    </text>
  );
}
