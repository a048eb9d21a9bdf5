import { isObject, type Json, type JsonObject } from "@gatepost/protocol";
import fc from "fast-check";
import { anyJson } from "./arbitraries.ts";
import { fixture, fixtures } from "./fixtures.ts";
import { photo } from "./pictures.ts";

type Change = (into: JsonObject, member: string) => void;

/** Stands for a number that JSON can say and no float can hold; it becomes one in the text of a body. */
const beyondFloats = "beyond floats";

function nested(levels: number): Json {
  return levels === 0 ? 1 : { in: nested(levels - 1) };
}

const oddValues: Json[] = [
  null,
  "",
  " ",
  0,
  -1,
  1e17,
  1e300,
  "1e999",
  beyondFloats,
  true,
  [],
  {},
  [[]],
  "4",
  "1001",
  "\ud800",
  "明".repeat(4_000),
  "\u0001".repeat(9_000),
  Array.from({ length: 40 }, () => "\u0001".repeat(1_000)),
  photo("odd"),
  `data:image/jpeg;base64,${photo("odd")}`,
  nested(40),
  JSON.parse('{"__proto__":{"identity_id":["x"]},"constructor":{"prototype":1}}'),
];

const anyValue = fc.oneof(fc.constantFrom(...oddValues), anyJson);
const oddNames = fc.constantFrom(
  "__proto__",
  "constructor",
  "want_action",
  "ep_info",
  "device_id",
  "events",
  "timestamp",
  "x",
);

/** Sets an own member of any name, as JSON.parse does. */
function put(into: JsonObject, member: string, value: Json): void {
  Object.defineProperty(into, member, { value, enumerable: true, configurable: true, writable: true });
}

function memberOf(into: JsonObject, member: string): Json {
  return into[member] ?? null;
}

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  anyValue.map(
    (value): Change =>
      (into, member) =>
        put(into, member, structuredClone(value)),
  ),
  oddNames.map(
    (name): Change =>
      (into, member) => {
        const value = memberOf(into, member);
        delete into[member];
        put(into, name, value);
      },
  ),
  fc.constant<Change>((into, member) => {
    delete into[member];
  }),
  oddNames.map(
    (name): Change =>
      (into, member) => {
        const inner = {};
        put(inner, name, memberOf(into, member));
        put(into, member, inner);
      },
  ),
  fc.tuple(oddNames, anyValue).map(
    ([name, value]): Change =>
      (into) =>
        put(into, name, structuredClone(value)),
  ),
);

/** Every member of a body and of its inner objects, with the object it is in. */
function members(body: JsonObject): [JsonObject, string][] {
  return Object.entries(body).flatMap(([member, value]) => [
    [body, member] as [JsonObject, string],
    ...(isObject(value) ? members(value) : []),
  ]);
}

/** A documented body with some of its members renamed, retyped, dropped, wrapped or joined by others. */
export const anyMutant: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.constantFrom(...fixtures()), fc.array(fc.tuple(fc.nat(), anyChange), { minLength: 1, maxLength: 4 }))
  .map(([[dialect, name], changes]) => {
    const body = fixture(dialect, name);
    for (const [at, change] of changes) {
      const all = members(body);
      const [into, member] = all[at % Math.max(all.length, 1)] ?? [body, "x"];
      change(into, member);
    }
    return body;
  });

/** The text of a body. */
export function textOf(body: Json): string {
  return JSON.stringify(body).replaceAll(`"${beyondFloats}"`, "1e999");
}
