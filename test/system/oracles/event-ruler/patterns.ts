import type { Json, JsonObject } from "@gatepost/event-pattern";
import drawn from "./drawn.json" with { type: "json" };
import { names, scalar } from "./events.ts";
import { member } from "./operators.ts";
import type { Random } from "./random.ts";

type Fields = { [name: string]: unknown };
type Leaf = { readonly path: readonly string[]; readonly value: string | number | boolean | null };

/** A pattern about the fields of the event and a few it has not; one in ten is broken in one place. */
export function pattern(random: Random, event: JsonObject): unknown {
  const leaves = leavesOf(event, []);
  const whole = conditions(random, leaves, 3);
  return random.chance(0.1) ? broken(random, whole) : whole;
}

function conditions(random: Random, leaves: readonly Leaf[], levels: number): Fields {
  const fields: Fields = own({});
  const wanted = 1 + random.below(levels);
  for (let count = 0; count < wanted; count += 1) ask(random, fields, leaf(random, leaves));
  if (levels > 1 && random.chance(0.25)) {
    const branches = Array.from({ length: 2 + random.below(2) }, () => conditions(random, leaves, levels - 1));
    return own({ ...(random.chance(0.4) ? {} : fields), $or: branches, ...(random.chance(0.2) ? fields : {}) });
  }
  return fields;
}

function leaf(random: Random, leaves: readonly Leaf[]): Leaf {
  const [first, ...others] = leaves;
  if (first && random.chance(0.9)) return random.pick([first, ...others]);
  return { path: [random.pick(names), ...(random.chance(0.4) ? [random.pick(names)] : [])], value: scalar(random) };
}

/** Puts a list at the path, or nowhere when another field of the pattern is in the way. */
function ask(random: Random, fields: Fields, { path, value }: Leaf): void {
  const [name = "", ...rest] = random.chance(0.06) ? [path.join(".")] : path;
  if (rest.length === 0) {
    if (!Object.hasOwn(fields, name)) fields[name] = list(random, value);
    return;
  }
  const inner = Object.hasOwn(fields, name) ? fields[name] : own({});
  if (!isFields(inner)) return;
  fields[name] = inner;
  ask(random, inner, { path: rest, value });
  if (Object.keys(inner).length === 0) delete fields[name];
}

function list(random: Random, value: Leaf["value"]): unknown[] {
  if (random.chance(0.06)) return random.chance(0.7) ? [{ exists: false }] : [{ exists: false }, member(random, value)];
  return Array.from({ length: random.chance(0.7) ? 1 : 2 + random.below(2) }, () => member(random, value));
}

function leavesOf(value: Json, path: readonly string[]): Leaf[] {
  if (value === null || typeof value !== "object") return [{ path, value }];
  const inner = Object.entries(value).flatMap(([name, member]) => {
    return leavesOf(member, Array.isArray(value) ? path : [...path, name]);
  });
  return inner.filter((found) => found.path.length > 0);
}

function broken(random: Random, whole: Fields): unknown {
  if (random.chance(0.2)) return own({ ...whole, $or: random.pick<unknown>(drawn.badOrs) });
  if (random.chance(0.03)) return random.pick<unknown>([[], "x", 1, null, {}]);
  const inner = whole["a"];
  const flawed = { [random.pick(names)]: random.pick<unknown>(drawn.flaws) };
  return own(isFields(inner) ? { ...whole, a: own({ ...inner, ...flawed }) } : { ...whole, ...flawed });
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same fields in an object to which `__proto__` is a name like any other. */
function own(fields: Fields): Fields {
  return Object.assign(Object.create(null), fields);
}
