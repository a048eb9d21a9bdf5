const maxMarked = 1000;
const name = "gatepost-seen";
/** Ids that were marked in this browser, the oldest first: a page that is loaded again does not show them again. */
let marked = new Set<string>(remembered());

export const isMarked = (id: string) => marked.has(id);

export function mark(ids: readonly string[]): void {
  keep([...marked, ...ids].slice(-maxMarked));
}

export function unmark(ids: readonly string[]): void {
  keep([...marked].filter((id) => !ids.includes(id)));
}

function keep(ids: readonly string[]): void {
  marked = new Set(ids);
  try {
    localStorage.setItem(name, JSON.stringify([...marked]));
  } catch {}
}

function remembered(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string").slice(-maxMarked) : [];
  } catch {
    return [];
  }
}
