// Builds the front end: `node build.mjs FOLDER` writes laboratory.js (of a file), served.js (of a server), lesson.js,
// course.js and their style sheets, of which pages are made, and a module of each for notebooks (widget.mjs for the
// laboratory), which holds its style sheet.
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
  // A file and a notebook have no server: what asks one is left out of them.
  define: { SERVED: "false" },
};

// Workers start from a text: a published page has no second file to load one from.
const worker = {
  name: "worker",
  setup(bundle) {
    bundle.onResolve({ filter: /^built-worker$/ }, () => ({ path: "worker", namespace: "built" }));
    bundle.onLoad({ filter: /^worker$/, namespace: "built" }, async () => {
      const made = await build({
        ...common,
        entryPoints: ["src/futures/worker.ts"],
        format: "iife",
        write: false,
      });
      return { contents: made.outputFiles[0].text, loader: "text" };
    });
  },
};

await build({
  ...common,
  plugins: [worker],
  entryPoints: {
    laboratory: "src/page.tsx",
    lesson: "src/lesson/page.tsx",
    course: "src/lesson/course_page.tsx",
  },
  outdir: folder,
  format: "iife",
});
await build({
  ...common,
  plugins: [worker],
  entryPoints: { served: "src/page.tsx" },
  outdir: folder,
  format: "iife",
  define: { SERVED: "true" },
});

const widgets = {
  widget: { source: "src/widget.tsx", sheet: "laboratory" },
  lesson: { source: "src/lesson/widget.tsx", sheet: "lesson" },
  course: { source: "src/lesson/course_widget.tsx", sheet: "course" },
};

/** What `built-style.css` is: a built style sheet as text. */
function style(sheet) {
  return {
    name: "style",
    setup(bundle) {
      bundle.onResolve({ filter: /built-style\.css$/ }, () => ({ path: "style", namespace: "built" }));
      bundle.onLoad({ filter: /^style$/, namespace: "built" }, async () => {
        const text = await readFile(join(folder, `${sheet}.css`), "utf8");
        // A notebook's styles are inherited by a shadow tree; what is not wanted begins anew.
        return { contents: `:host{all:initial;display:block}${text}`, loader: "text" };
      });
    },
  };
}

for (const [name, { source, sheet }] of Object.entries(widgets))
  await build({
    ...common,
    entryPoints: { [name]: source },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    format: "esm",
    loader: { ".css": "empty" },
    plugins: [style(sheet), worker],
  });
