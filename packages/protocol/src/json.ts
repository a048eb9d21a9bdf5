export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether arrays and objects are nested in `value` more than `most` levels deep. Safe on any depth: it does not recurse. */
export function isDeeperThan(most: number, value: Json): boolean {
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const inner: Json[] = [];
    for (const item of level) {
      if (typeof item !== "object" || item === null) continue;
      if (depth === most) return true;
      for (const child of Object.values(item)) inner.push(child);
    }
    level = inner;
  }
  return false;
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: Json, textOf: (text: string) => string = (text) => text): string {
  if (typeof value === "string") return JSON.stringify(textOf(value));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, textOf)).join()}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, textOf)}`).join()}}`;
}
