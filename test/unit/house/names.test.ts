import { describe, expect, it } from "vitest";
import { filesOf, textOf } from "./sources.ts";

const declaration = /^export (?:declare )?(?:async )?(?:function\*?|class|abstract class|interface|type) (\w+)/gm;
const arrow = /^export const (\w+) =\s*(?:async )?(?:<.*?>)?\(.*?\)(?:: [^=]+?)? =>/gm;

/** The exported types and functions of a source, each once. */
const namesIn = (text: string): Set<string> =>
  new Set([...text.matchAll(declaration), ...text.matchAll(arrow)].map(([, name = ""]) => name));

const files = filesOf("packages/*/src/**/*.{ts,tsx}");
const declared = files.flatMap((path) => [...namesIn(textOf(path))].map((name) => ({ name, path })));
const several = [...Map.groupBy(declared, ({ name }) => name)].filter(([, places]) => places.length > 1);

/** Names that have several meanings. The list may only shrink. */
const ambiguous: Record<string, number> = JSON.parse(textOf("test/unit/house/ambiguous-names.json"));

describe("an exported type or function", () => {
  it("has a name of its own in all packages", () => {
    const wrong = several.filter(([name, places]) => places.length > (ambiguous[name] ?? 1));
    expect(wrong.map(([name, places]) => [name, ...places.map(({ path }) => path)])).toEqual([]);
  });

  it("leaves the list of ambiguous names as soon as it has one meaning", () => {
    expect(ambiguous).toEqual(Object.fromEntries(several.map(([name, places]) => [name, places.length])));
  });

  it("is found in a declaration and in an arrow function", () => {
    const text = [
      "export interface A {",
      "export async function* b<T>(c: T) {",
      "export function* b2() {",
      "export const d = (e: string): number =>",
      "export const f = 1;",
      "interface G {",
    ];
    expect([...namesIn(text.join("\n"))]).toEqual(["A", "b", "b2", "d"]);
  });
});
