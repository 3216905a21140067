// Words filled in: "{count} runs", and "{count} {count|run|runs}" where one is said otherwise.
export type Parts = Readonly<Record<string, string | number>>;

export function fill(text: string, parts: Parts): string {
  return text.replace(
    /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g,
    (all, name: string, one?: string, many?: string) =>
      one === undefined ? String(parts[name] ?? all) : String(parts[name] === 1 ? one : many),
  );
}
