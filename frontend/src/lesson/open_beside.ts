// Opens a notebook that lies beside the present one: JupyterLab in a tab of its own, a page of voila in its place.

/** Open a file beside this notebook; false where nothing here can. */
export function openBeside(file: string, host: HTMLElement): boolean {
  const here = decodeURIComponent(location.pathname);
  const [, folder = ""] = /\/(?:lab|doc)(?:\/workspaces\/[^/]+)?\/tree\/(.*\/)?[^/]*$/.exec(here) ?? [];
  if (/\/(lab|doc)\b/.test(here)) {
    // JupyterLab follows links with a command, which it looks for outside of shadow trees only.
    const link = document.createElement("a");
    link.dataset.commandlinkerCommand = "docmanager:open";
    link.dataset.commandlinkerArgs = JSON.stringify({ path: folder + file });
    host.append(link);
    link.click();
    link.remove();
    return true;
  }
  if (!here.endsWith(".ipynb")) return false;
  location.assign(new URL(file, location.href));
  return true;
}
