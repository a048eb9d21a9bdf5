export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Which limit a value exceeds: levels of arrays and objects, or number of values. It does not recurse, so it is safe
 * for any depth.
 */
export function excess(
  value: Json,
  { nesting, values }: { nesting: number; values: number },
): "nested-too-deep" | "too-many-values" | null {
  let level = branches([value]);
  let count = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === nesting) return "nested-too-deep";
    const inner: object[] = [];
    for (const branch of level) {
      const children = childrenOf(branch);
      count += children.length;
      if (count > values) return "too-many-values";
      for (const child of branches(children)) inner.push(child);
    }
    level = inner;
  }
  return null;
}

/** How many members the objects of a value have, all together. */
export function countMembers(value: Json): number {
  let count = 0;
  const open = branches([value]);
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const children = childrenOf(branch);
    if (!Array.isArray(branch)) count += children.length;
    for (const child of branches(children)) open.push(child);
  }
  return count;
}

function branches(values: readonly unknown[]): object[] {
  return values.filter((value) => typeof value === "object" && value !== null);
}

function childrenOf(branch: object): readonly unknown[] {
  return Array.isArray(branch) ? branch : Object.values(branch);
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: Json, textOf: (text: string) => string = (text) => text): string {
  if (typeof value === "string") return JSON.stringify(textOf(value));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, textOf)).join()}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, textOf)}`).join()}}`;
}
