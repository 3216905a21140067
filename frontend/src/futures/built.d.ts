/** The script of a worker, as text; `build.mjs` puts it there. */
declare module "built-worker" {
  const code: string;
  export default code;
}
