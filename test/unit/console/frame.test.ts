import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Frame } from "../../../packages/console/src/parts/logo.tsx";

interface Element {
  type: string | ((props: object) => Element);
  props: Record<string, unknown>;
}

/** A painted element as HTML without blanks between elements. */
function htmlOf(node: Element | string): string {
  if (typeof node === "string") return node;
  const { type, props } = node;
  if (typeof type === "function") return htmlOf(type(props));
  const { children = [], ...attributes } = props;
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  const inner = [children as Element | string].flat(Number.POSITIVE_INFINITY) as (Element | string)[];
  return `<${type}${written.join("")}>${inner.map(htmlOf).join("")}</${type}>`;
}

it("the frame of the page is the one that index.html paints before any script", () => {
  const page = readFileSync(new URL("../../../packages/console/index.html", import.meta.url), "utf8");
  const [, painted = ""] = /-->\s*(.*?)\s*<\/body>/s.exec(page) ?? [];
  const closed = painted.replace(/<(path)([^>]*?)\s*\/>/g, "<$1$2></$1>");
  expect(closed.replace(/\s*(<|>)\s*/g, "$1")).toBe(htmlOf(Frame() as unknown as Element));
});
