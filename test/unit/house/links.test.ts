import { describe, expect, it } from "vitest";
import { brokenInComments, brokenInDocument, brokenSections } from "./references.ts";
import { filesOf, textOf } from "./sources.ts";

const documents = filesOf("*.md", "docs/**/*.md", "packages/**/*.md", "examples/**/*.md");
const sources = filesOf(
  "{packages,functions,stacks,bench,scripts}/**/*.{ts,mjs,js}",
  "test/{unit,runtime,contract,system,support,standins}/**/*.ts",
  "*.ts",
);

describe("what the documents refer to is there", () => {
  it.each(documents)("%s", (document) => {
    expect(brokenInDocument(document, textOf(document))).toEqual([]);
  });

  it("also the numbered sections of the formats", () => {
    expect(brokenSections("docs/formats.md", textOf("docs/formats.md"))).toEqual([]);
  });
});

it("what comments refer to is there", () => {
  const others = sources.filter((path) => !path.startsWith("test/unit/house/"));
  expect(others.flatMap((path) => brokenInComments(path, textOf(path)))).toEqual([]);
});

describe("the README of a package names every folder of its sources", () => {
  it.each(filesOf("packages/*/README.md"))("%s", (readme) => {
    const within = readme.replace("README.md", "src/");
    const folders = filesOf(`${within}*/*.{ts,tsx}`).map((file) => file.slice(within.length).split("/", 1)[0]);
    const named = textOf(readme);
    expect([...new Set(folders)].filter((folder) => !named.includes(`${folder}/`))).toEqual([]);
  });
});

it("the vendor's documents that comments name are listed by name", () => {
  const listed = textOf("docs/formats.md");
  const named = sources.flatMap(
    (path) => textOf(path).match(/\b(?:SYS\d(?:\.\d+)?(?:-V6)?|MQ|PLAT|BOX)\/(?=[\dR])/g) ?? [],
  );
  const families = [...new Set(named.map((name) => name.replace(/(?<=SYS5\.)\d+/, "x")))];
  expect(families.filter((name) => !listed.includes(`| ${name}`))).toEqual([]);
});

describe("a reference that leads nowhere is found:", () => {
  it.each([
    ["a file", "[x](nowhere.md)"],
    ["a heading", "[x](formats.md#no-such-heading)"],
    ["a heading of its own", "[x](#no-such-heading)"],
    ["a path from the root", "`packages/receive/src/nowhere.ts`"],
    ["a path of a folder", "`packages/nowhere/`"],
    ["a short path", "`ingest/authenticate.ts`"],
  ])("%s", (_, text) => {
    expect(brokenInDocument("docs/protocol.md", text)).toHaveLength(1);
  });

  it.each([
    ["/** NOWHERE.md §1. */"],
    ["/** docs/formats.md §99. */"],
    ["/** docs/formats.md §2 (z). */"],
    ["/** docs/formats.md §2, §4.99. */"],
    ["/** docs/formats.md#no-such-heading. */"],
    ["/** As §4 says. */"],
    ["/** DESIGN, the limits. */"],
    ["  // The rule of docs/formats.md\n  // §99.\n"],
    ["const a = 1; // docs/nowhere.md"],
  ])("in the comment %j", (text) => {
    expect(brokenInComments("a.ts", text)).toHaveLength(1);
  });

  it("and one that leads somewhere is not", () => {
    const text =
      "[x](formats.md#2-dialects), `docs/formats.md`, `packages/*/src/`, `functions/<name>.ts`, `/etc/some.ts`";
    expect(brokenInDocument("docs/protocol.md", text)).toEqual([]);
    expect(brokenInComments("a.ts", "/** docs/formats.md §2 (b), §4.4 and §5.10. */")).toEqual([]);
  });
});
