import { isEvent, isObject, type Json, type JsonObject, setPath } from "@gatepost/protocol";

/** A report that was found within a value. */
export interface Found {
  value: Json;
  flags: readonly string[];
  /** Whether something beside the report is lost with its wrapping. */
  isLossy: boolean;
  /**
   * The value to keep where the report cannot be stored, or not completely: the report in its wrapping, without the
   * other reports.
   */
  source(): Json;
}

/**
 * The reports of some members. What was beside them is carried by their first event, or by the first report where there
 * is no event.
 */
export function carried(taken: readonly { name: string; value: Json; found: Found[] }[], rest: JsonObject): Found[] {
  const reports = taken.flatMap(({ found }) => found);
  const carrier = reports.find((one) => isObject(one.value) && isEvent(one.value)) ?? reports[0];
  return taken.flatMap(({ name, value, found }) =>
    found.map((one) => {
      const flags = [...new Set([...one.flags, "unwrapped"])];
      if (one !== carrier) return { ...one, flags };
      const source = () => {
        const wrapped = { ...rest };
        setPath(wrapped, [name], Array.isArray(value) ? [one.source()] : one.source());
        return wrapped;
      };
      return { ...one, flags, isLossy: one.isLossy || Object.values(rest).some(saysSomething), source };
    }),
  );
}

/** Where a value holds only one report, the value itself is kept as its source. */
export function whole(value: Json, found: Found[]): Found[] {
  const [only, ...others] = found;
  return only === undefined || others.length > 0 ? found : [{ ...only, source: () => value }];
}

export function saysSomething(value: Json): boolean {
  if (value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
