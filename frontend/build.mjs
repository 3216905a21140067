// Builds the front end: `node build.mjs FOLDER` writes laboratory.js, lesson.js, course.js and their style sheets, of which pages are made, and
// widget.mjs for notebooks, which holds the style sheet, too.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

// What our charts never use of uPlot: axes of dates, its own legend, and its own ways to draw.
const UNUSED = [
  [/let isTime = [^;]*;/g, "const isTime = false;", 3],
  [/const showLegend = legend\.show;/, "const showLegend = false;", 1],
  [/const _tzDate {2}=[\s\S]*?const _timeSeriesVal[^;]*;/, "", 1],
  [/const (linear|points)Path = [^;]*;/g, "const $1Path = null;", 2],
  [/const \[ timeIncrs(?:Ms|S),[^;]*;/g, "", 2],
  [/uPlot\.assign = assign;[\s\S]*(?=export \{ uPlot as default \};)/, "", 1],
];

const lighter = {
  name: "lighter uPlot",
  setup({ onLoad }) {
    onLoad({ filter: /uPlot\.esm\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [pattern, replacement, count] of UNUSED) {
        const found = contents.match(pattern)?.length ?? 0;
        if (found !== count) throw new Error(`uPlot has ${found} times ${pattern}, not ${count} times`);
        contents = contents.replace(pattern, replacement);
      }
      return { contents };
    });
  },
};

const folder = process.argv[2] ?? "../sdcluster/publish/static";
const common = {
  bundle: true,
  minify: true,
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
  plugins: [lighter],
};

await build({
  ...common,
  entryPoints: { laboratory: "src/page.tsx", lesson: "src/lesson/page.tsx", course: "src/lesson/course.tsx" },
  outdir: folder,
  format: "iife",
});

const style = {
  name: "style",
  setup(bundle) {
    bundle.onResolve({ filter: /built-style\.css$/ }, () => ({ path: "style", namespace: "built" }));
    bundle.onLoad({ filter: /.*/, namespace: "built" }, async () => {
      const sheet = await readFile(join(folder, "laboratory.css"), "utf8");
      // A notebook's styles are inherited by a shadow tree; what is not wanted begins anew.
      return { contents: `:host{all:initial;display:block}${sheet}`, loader: "text" };
    });
  },
};
await build({
  ...common,
  entryPoints: { widget: "src/widget.tsx" },
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  format: "esm",
  loader: { ".css": "empty" },
  plugins: [lighter, style],
});
