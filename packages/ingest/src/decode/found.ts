import { isEnvelope, isEvent, isObject, type Json, type JsonObject, setPath, sharedEnvelope } from "@gatepost/protocol";

/** A report that was found within a value. */
export interface Found {
  value: Json;
  flags: readonly string[];
  /** Whether something beside the report is in no event: it may be a part of a report. */
  isLossy: boolean;
  /** The members beside the report, and those around them, which its event keeps. */
  envelope?: JsonObject;
  /**
   * The value to keep where the report cannot be stored, or not completely: the report in its wrapping, without the
   * other reports.
   */
  source(): Json;
}

/**
 * The reports of some members, each with what was beside them as its envelope. If that cannot be an envelope, it is
 * carried by their first event, or by the first report where there is no event.
 *
 * @param flag none for words about the answer of an API, which are usual beside a list
 */
export function carried(
  taken: readonly { name: string; value: Json; found: Found[] }[],
  rest: JsonObject,
  flag: readonly ["unwrapped"] | readonly [] = ["unwrapped"],
): Found[] {
  const reports = taken.flatMap(({ found }) => found);
  const carrier = reports.find((one) => isObject(one.value) && isEvent(one.value)) ?? reports[0];
  const beside = Object.fromEntries(Object.entries(rest).filter(([, value]) => saysSomething(value)));
  const isKept = isEnvelope(beside);
  const shared = isKept ? sharedEnvelope(beside) : {};
  return taken.flatMap(({ name, value, found }) =>
    found.map((one) => {
      const flags = [...new Set([...one.flags, ...flag])];
      if (one !== carrier) return { ...one, flags, ...envelopeOf(one, name, shared) };
      const source = () => {
        const wrapped = { ...rest };
        setPath(wrapped, [name], Array.isArray(value) ? [one.source()] : one.source());
        return wrapped;
      };
      const isLossy = one.isLossy || !isKept;
      return { ...one, flags, isLossy, ...envelopeOf(one, name, isKept ? beside : {}), source };
    }),
  );
}

/** The envelope of a report in a member of this name: with what is around the report within that member. */
export function envelopeOf({ envelope: inner }: Found, name: string, beside: JsonObject): Pick<Found, "envelope"> {
  const envelope = { ...beside };
  if (inner !== undefined) setPath(envelope, [name], inner);
  return Object.keys(envelope).length === 0 ? {} : { envelope };
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
