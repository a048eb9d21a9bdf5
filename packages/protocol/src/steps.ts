import { isObject, type Json, type JsonObject } from "./json.ts";
import { set } from "./paths.ts";

/** The way to a value: names of members, and numbers of elements of lists. */
export type Steps = readonly (string | number)[];

/** Names and elements of one path, and characters of it. */
const maxSteps = 16;
const maxCharacters = 200;

const step = /(?:^|(?<!^)\.)([^.[\]"]+)|\[(0|[1-9]\d{0,4})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/**
 * Reads a path as `record.items[0]["a.b"]`: names joined by dots, an element of a list as `[0]`, and a name that has a
 * dot, a bracket or a quote as `["a.b"]`. Null if it is no path.
 */
function parse(path: string): Steps | null {
  if (path.length === 0 || path.length > maxCharacters) return null;
  const steps: (string | number)[] = [];
  step.lastIndex = 0;
  while (step.lastIndex < path.length) {
    const found = step.exec(path);
    if (found === null || steps.length === maxSteps) return null;
    const [, name, element, quoted] = found;
    const read = quoted === undefined ? (name ?? Number(element)) : nameIn(quoted);
    if (read === null) return null;
    steps.push(read);
  }
  return steps;
}

function nameIn(quoted: string): string | null {
  try {
    return JSON.parse(quoted);
  } catch {
    return null;
  }
}

export function isPath(text: string): boolean {
  return parse(text) !== null;
}

/** The steps of a path. Throws RangeError if the text is no path. */
export function stepsOfPath(path: string): Steps {
  const steps = parse(path);
  if (steps === null) throw new RangeError("this is no path");
  return steps;
}

/** The text of a path, which `stepsOfPath` reads. */
export function pathOf(steps: Steps): string {
  const written = steps.map((name, at) => {
    if (typeof name === "number") return `[${name}]`;
    if (name === "" || /[.[\]"]/.test(name)) return `[${JSON.stringify(name)}]`;
    return at === 0 ? name : `.${name}`;
  });
  return written.join("");
}

/** The value at a path; undefined if there is none. Only own members count: `__proto__` is a name like any other. */
export function valueOn(value: Json, steps: Steps): Json | undefined {
  let inner: Json | undefined = value;
  for (const name of steps) {
    if (typeof name === "number") inner = Array.isArray(inner) ? inner[name] : undefined;
    else inner = isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined;
    if (inner === undefined) return undefined;
  }
  return inner;
}

/** The member with the text of an element of XML that has attributes or elements, too. */
export const elementText = "#text";

/** The value at a path as mappings read it: an element of XML that has attributes is read by its text. */
export function sentOn(value: Json, steps: Steps): Json | undefined {
  const found = valueOn(value, steps);
  return isElement(found) ? found[elementText] : found;
}

function isElement(value: Json | undefined): value is JsonObject {
  return isObject(value) && Object.hasOwn(value, elementText);
}

/** Paths by their first steps. */
export interface PathTree {
  readonly isEnd: boolean;
  readonly inner: ReadonlyMap<string | number, PathTree>;
}

/** The places of what mappings read at some paths: of an element of XML its text, so that its attributes are left. */
export function treeOfSent(paths: readonly Steps[]): PathTree {
  return treeOf(paths.flatMap((path) => [path, [...path, elementText]]));
}

export function treeOf(paths: readonly Steps[]): PathTree {
  const begun = Map.groupBy(
    paths.filter((path) => path.length > 0),
    ([first = ""]) => first,
  );
  const inner = [...begun].map(([name, among]) => [name, treeOf(among.map((path) => path.slice(1)))] as const);
  return { isEnd: paths.some((path) => path.length === 0), inner: new Map(inner) };
}

/**
 * A copy without the values at some paths, and without members that are empty then. An element of a list becomes null,
 * so that the others keep their places. What no path touches is shared with the original.
 */
export function withoutValues(body: JsonObject, { inner }: PathTree): JsonObject {
  const rest: JsonObject = {};
  for (const name of Object.keys(body)) {
    const value = body[name] ?? null;
    const within = inner.get(name);
    const left = within === undefined ? value : leftOf(value, within);
    if (left !== undefined) set(rest, name, left);
  }
  return rest;
}

/** The rest of a report; of a row, its values by their numbers. */
export function restOf(report: JsonObject | Json[], tree: PathTree): JsonObject {
  if (!Array.isArray(report)) return withoutValues(report, tree);
  const left = Object.entries(leftOf(report, tree) ?? {});
  return Object.fromEntries(left.filter(([, value]) => value !== null));
}

/** The rest of a value; undefined if there is none. */
function leftOf(value: Json, tree: PathTree): Json | undefined {
  const isInside = isElement(value) && tree.inner.has(elementText);
  if (tree.isEnd && !isInside) return undefined;
  if (Array.isArray(value)) {
    const left = value.map((item, at) => {
      const within = tree.inner.get(at);
      return within === undefined ? item : (leftOf(item, within) ?? null);
    });
    return left.every((item) => item === null) ? undefined : left;
  }
  if (!isObject(value)) return value;
  const left = withoutValues(value, tree);
  return Object.keys(left).length === 0 && Object.keys(value).length > 0 ? undefined : left;
}

/** Puts a value back at the path from which it was taken. */
export function putBack(into: JsonObject, [name = "", ...others]: Steps, value: Json): void {
  put(into, name, others, value);
}

function put(into: JsonObject | Json[], name: string | number, [next, ...others]: Steps, value: Json): void {
  const known = Array.isArray(into) ? into[Number(name)] : Object.hasOwn(into, name) ? into[name] : undefined;
  const around =
    typeof next === "number" ? (Array.isArray(known) ? [...known] : []) : isObject(known) ? { ...known } : {};
  if (next !== undefined) put(around, next, others, value);
  const held = next === undefined ? value : around;
  if (Array.isArray(into)) {
    while (into.length < Number(name)) into.push(null);
    into[Number(name)] = held;
  } else set(into, `${name}`, held);
}
