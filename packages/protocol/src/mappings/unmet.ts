import type { Json } from "../json.ts";
import { sentOn, stepsOfPath, valueOn } from "../steps.ts";
import type { Mapping } from "./mapping.ts";
import { meetsAll } from "./reader.ts";

/** The member of a mapping that a report does not fit. */
export interface Unmet {
  /** As `when.has[0]`. */
  member: string;
  path: string;
  /** The value that is there, as text, cut at 256 characters; null if there is none. */
  found: string | null;
  /** The rest of a sentence about it, as `must have a value`. */
  may: string;
}

/** Characters of a value that are shown. */
const maxFound = 256;

/** The text of a value, to be shown. */
export function shownValue(value: Json | undefined): string | null {
  if (value === undefined) return null;
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.slice(0, maxFound).toWellFormed();
}

/** The first condition that a report does not meet; null if it meets all. */
export function unmetBy(report: Json, { is, has }: Mapping["when"]): Unmet | null {
  for (const [path, value] of Object.entries(is)) {
    if (meetsAll({ has: [], is: { [path]: value } })(report)) continue;
    const found = shownValue(sentOn(report, stepsOfPath(path)));
    return { member: `when.is[${JSON.stringify(path)}]`, path, found, may: `must be ${JSON.stringify(value)}` };
  }
  for (const [at, path] of has.entries()) {
    if (meetsAll({ has: [path], is: {} })(report)) continue;
    const found = shownValue(sentOn(report, stepsOfPath(path)));
    return { member: `when.has[${at}]`, path, found, may: "must have a value" };
  }
  return null;
}

/** The list of a mapping that a body lacks; null if it has it. */
export function listUnmet(body: Json, { each }: Pick<Mapping, "each">): Unmet | null {
  if (each === undefined) return null;
  const found = valueOn(body, stepsOfPath(each));
  return typeof found === "object" && found !== null
    ? null
    : { member: "each", path: each, found: shownValue(found), may: "must be a list of reports" };
}
