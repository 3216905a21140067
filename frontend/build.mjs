// Builds the front end: `node build.mjs FOLDER` writes laboratory.js, lesson.js, course.js and their style sheets, of which pages are made, and
// widget.mjs for notebooks, which holds the style sheet, too.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

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
  plugins: [style],
});
