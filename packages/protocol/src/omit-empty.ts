type Compact<T> = { [K in keyof T]?: Exclude<T[K], undefined | null> };

/** The members without those that are undefined, null, an empty object or an empty list. */
export function omitEmpty<T extends object>(members: T): Compact<T> {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(members)) {
    const value = members[name as keyof T];
    if (!isNothing(value)) kept[name] = value;
  }
  return kept as Compact<T>;
}

/** Whether a value is empty: undefined, null, {} or []. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
