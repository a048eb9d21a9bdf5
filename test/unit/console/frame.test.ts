import { readFileSync } from "node:fs";
import { isValidElement, toChildArray, type VNode } from "preact";
import { expect, it } from "vitest";
import { Frame } from "../../../packages/console/src/shell/logo.tsx";

type Node = ReturnType<typeof toChildArray>[number];

/** A painted element as HTML without blanks between elements. */
function htmlOf(node: Node): string {
  if (!isValidElement(node)) return `${node}`;
  const { type, props } = node as VNode<Record<string, unknown>>;
  if (typeof type === "function") return htmlOf((type as (given: object) => VNode)(props));
  const { children, ...attributes } = props;
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return `<${type}${written.join("")}>${toChildArray(children as Node)
    .map(htmlOf)
    .join("")}</${type}>`;
}

it("the frame of the page is the one that index.html paints before any script", () => {
  const page = readFileSync(new URL("../../../packages/console/index.html", import.meta.url), "utf8");
  const [, painted = ""] = /-->\s*(.*?)\s*<\/body>/s.exec(page) ?? [];
  const closed = painted.replace(/<(path)([^>]*?)\s*\/>/g, "<$1$2></$1>");
  expect(closed.replace(/\s*(<|>)\s*/g, "$1")).toBe(htmlOf(Frame()));
});
