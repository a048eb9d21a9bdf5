import { type Arrival, type Interpretation, interpret, isObject, type Json, type JsonObject } from "@gatepost/protocol";
import { makeOf, terminalValues } from "@gatepost/protocol/terminals";
import { arrival } from "./reports.ts";

/** When they are received: a minute after the passing of the samples. */
const receivedAt = Date.parse("2026-11-24T00:02:18Z");

/** The meaning of a value, as it is understood behind the reading of its body. */
export function readTerminal(value: Json, from: Arrival): Interpretation {
  const make = isObject(value) ? makeOf(value) : null;
  return interpret(value, { ...from, ...(make && { make }) });
}

/** The meanings of the values in a body of a terminal, for a box in a zone. */
export function meaningsOf(body: JsonObject, zone: string | null = "Asia/Shanghai"): Interpretation[] {
  return (terminalValues(body) ?? []).map((value) => readTerminal(value, { ...arrival, receivedAt, zone }));
}

/** The passing in the body of a terminal. Throws if there is another number of them. */
export function passingOf(body: JsonObject, zone?: string | null) {
  const [meaning, ...others] = meaningsOf(body, zone);
  if (meaning === undefined || others.length > 0 || !("passing" in meaning)) throw new Error(JSON.stringify(meaning));
  return meaning.passing;
}

/** The kinds of the signs of life in a body, or why it has none. */
export function signsIn(body: JsonObject): string[] {
  return meaningsOf(body).map((meaning) => {
    if ("boxStatus" in meaning) return meaning.boxStatus.kind;
    return "passing" in meaning ? "passing" : meaning.unreadable;
  });
}
