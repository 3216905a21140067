// Builds the front end: `node build.mjs FOLDER` writes laboratory.js and laboratory.css there.
import { build } from "esbuild";

const folder = process.argv[2] ?? "../sdcluster/publish/static";
await build({
  entryPoints: { laboratory: "src/page.tsx" },
  outdir: folder,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
