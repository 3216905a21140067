(async () => {
  for (const kind of ["style", "script"]) {
    const element = document.createElement(kind);
    element.textContent = await unpacked(document.getElementById(`packed-${kind}`).textContent);
    document.head.append(element);
  }
})().catch(() => {
  document.getElementById("old-browser").hidden = false;
});
