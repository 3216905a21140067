/** The style sheet of all views, as text; `build.mjs` puts it there. */
declare module "*/built-style.css" {
  const style: string;
  export default style;
}
declare module "*.css";
