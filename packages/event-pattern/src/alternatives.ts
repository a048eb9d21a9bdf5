import { type Condition, condition } from "./condition.ts";
import { PatternError } from "./error.ts";
import { isArray, isObject } from "./json.ts";
import { refuseTooMany } from "./limits.ts";

/** The conditions that must hold together, by the dotted path of their field. */
export type Alternative = Map<string, Condition>;

interface Location {
  /** The names that lead there in the event. */
  readonly names: readonly string[];
  /** The place in the pattern, for the reader of an error. */
  readonly at: string;
  readonly isInOr: boolean;
}

/** Names the engine keeps for operators, now or later: no field within $or may bear one. */
const reserved = new Set([
  ..."exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >=".split(" "),
  ..."regex not-wildcard not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before".split(" "),
  ..."in-date-range ip-address-in-range ip-address-not-in-range".split(" "),
]);

/** Writes a pattern without $or: as alternatives, one of which must match. Throws PatternError. */
export function alternatives(pattern: unknown): Alternative[] {
  if (!isObject(pattern)) throw new PatternError("$", 'a pattern is an object, like {"source": ["gatepost"]}');
  return extend([new Map()], pattern, { names: [], at: "$", isInOr: false });
}

function extend(drafts: Alternative[], fields: { readonly [key: string]: unknown }, location: Location): Alternative[] {
  const entries = Object.entries(fields);
  if (entries.length === 0)
    throw new PatternError(location.at, "name at least one field: an empty object matches nothing");
  let extended = drafts;
  for (const [name, value] of entries) {
    extended = name === "$or" ? branch(extended, value, location) : field(extended, name, value, location);
    refuseTooMany(extended, location.at);
  }
  return extended;
}

function field(drafts: Alternative[], name: string, value: unknown, location: Location): Alternative[] {
  const inner = { ...location, names: [...location.names, name], at: `${location.at}.${name}` };
  if (location.isInOr && reserved.has(name)) {
    throw new PatternError(inner.at, `within $or no field may be named ${name}: move it out of the $or`);
  }
  if (isObject(value)) return extend(drafts, value, inner);
  if (!isArray(value)) throw new PatternError(inner.at, `write the value as a list: [${JSON.stringify(value)}]`);
  const asked = condition(value, inner.at);
  for (const draft of drafts) draft.set(pathOf(location.names, name), asked);
  return drafts;
}

function branch(drafts: Alternative[], value: unknown, location: Location): Alternative[] {
  const at = `${location.at}.$or`;
  if (!isArray(value) || value.length < 2) throw new PatternError(at, "write a list of at least two objects");
  return value.flatMap((member, index) => {
    if (!isObject(member)) throw new PatternError(`${at}[${index}]`, 'write an object, like {"source": ["gatepost"]}');
    const copies = drafts.map((draft) => new Map(draft));
    return extend(copies, member, { ...location, at: `${at}[${index}]`, isInOr: true });
  });
}

/** The engine drops a single empty name before the last one in patterns, and keeps it in events. So does this. */
function pathOf(names: readonly string[], last: string): string {
  const stem = names.join(".");
  return stem === "" ? last : `${stem}.${last}`;
}
