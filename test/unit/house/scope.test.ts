import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { filesOf, textOf } from "./sources.ts";

/** The packages whose folders a name without a path means. */
const named = ["core", "api", "embedded", "aws", "console", "cli"];

type Table = "core" | "around" | "capability" | "wiring" | "excepted";

interface Place {
  table: Table;
  row: string;
  path: string;
}

const headings: Record<Table, string> = {
  core: "| part | what it promises | where it is |",
  around: "| part | what it promises | where it is |",
  capability: "| capability | what it adds | where it is |",
  wiring: "| what | where it is |",
  excepted: "| file | why |",
};

/** All paths that a path with alternatives means, as `packages/{core,api}/src/keys`. */
function expanded(path: string): string[] {
  const [all, before = "", inner = "", after = ""] = /^(.*?)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  if (all === undefined) return [path];
  return inner.split(",").flatMap((one) => expanded(before + one + after));
}

/** The places in the tables of SCOPE.md, in their order. */
function placesIn(scope: string): Place[] {
  const tables = scope.split(/\n\n/).filter((block) => Object.values(headings).includes(block.split("\n")[0] ?? ""));
  const kinds = Object.keys(headings) as Table[];
  return tables.flatMap((block, at) => {
    const table = kinds[at] ?? "core";
    return block
      .split("\n")
      .slice(2)
      .flatMap((line) => {
        const cells = line.split("|").map((cell) => cell.trim());
        const [, row = ""] = cells;
        const where = table === "excepted" ? row : (cells.at(-2) ?? "");
        const names = [...where.matchAll(/`([^`]+)`/g)].flatMap(([, name = ""]) => expanded(name));
        return names
          .flatMap((name) => (name.includes("/") ? [name] : named.map((of) => `packages/${of}/src/${name}`)))
          .map((path) => ({ table, row, path }));
      });
  });
}

const places = placesIn(textOf("SCOPE.md"));
const sources = filesOf("packages/*/{src,worker}/**/*.{ts,tsx,mjs,js,css}");

const isIn = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

/** The rows of a file: those with the longest of the paths that it is in. The exceptions are no rows of their own. */
function rowsOf(path: string): Place[] {
  const found = places.filter((place) => place.table !== "excepted" && isIn(path, place.path));
  const longest = Math.max(...found.map((place) => place.path.length));
  return found.filter((place) => place.path.length === longest);
}

const tableOf = (path: string) => rowsOf(path)[0]?.table;

/** The file behind each name that the index of a package gives on. */
const givenOn = new Map<string, Map<string, string>>();
function exportsOf(index: string): Map<string, string> {
  const known = givenOn.get(index);
  if (known !== undefined) return known;
  const exported = textOf(index).matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)"/gm);
  const files = [...exported].flatMap(([, names = "", module = ""]) =>
    names.split(",").map((name): [string, string] => {
      const given =
        name
          .trim()
          .replace(/^type /, "")
          .split(" as ")
          .at(-1) ?? "";
      return [given, posix.join(posix.dirname(index), module)];
    }),
  );
  givenOn.set(index, new Map(files));
  return exportsOf(index);
}

/** The file that a module of ours is: a relative path, or a path of a package; null for others. */
function fileOf(path: string, module: string): string | null {
  if (module.startsWith(".")) return posix.join(posix.dirname(path), module);
  const [, name, within = ""] = /^@gatepost\/([\w-]+)(\/.+)?$/.exec(module) ?? [];
  if (name === undefined) return null;
  const { exports }: { exports: Record<string, string> } = JSON.parse(textOf(`packages/${name}/package.json`));
  return posix.join("packages", name, exports[`.${within}`] ?? "");
}

/** The files that a text imports from: of an index, those that it gives on. */
function importedBy(path: string, text: string): string[] {
  const code = text.replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, "");
  const statements = code.matchAll(/^(?:import|export)\s+(?:type\s)?([^;"]*?)(?:\sfrom\s+)?"([^"]+)"/gm);
  const calls = [...code.matchAll(/\bimport\("([^"]+)"\)/g)].map(([, module = ""]) => ["", module]);
  return [...[...statements].map(([, what = "", module = ""]) => [what, module]), ...calls].flatMap(
    ([what = "", module = ""]) => {
      const file = fileOf(path, module);
      if (file === null) return [];
      const names =
        /\{([^}]*)\}/
          .exec(what)?.[1]
          ?.split(",")
          .map((one) => one.trim().replace(/^type /, "")) ?? [];
      if (!/\/(?:index|targets)\.ts$/.test(file) || names.length === 0) return [file];
      const given = exportsOf(file);
      return names.filter((one) => one !== "").map((one) => given.get(one.split(" as ")[0] ?? "") ?? file);
    },
  );
}

/** What a file of the core, or around it, imports of capabilities. */
function capabilitiesIn(path: string, text: string): string[] {
  const table = tableOf(path);
  if (table !== "core" && table !== "around") return [];
  const found = importedBy(path, text).filter((file) => tableOf(file) === "capability");
  return [...new Set(found)].map((file) => `${path} imports ${file}`);
}

describe("SCOPE.md", () => {
  it("has exactly one row for each file of each package", () => {
    const wrong = sources.filter((path) => new Set(rowsOf(path).map(({ row }) => row)).size !== 1);
    expect(wrong).toEqual([]);
  });

  it("names only what is there", () => {
    const isThere = (place: string) => sources.some((path) => isIn(path, place));
    const byName = Map.groupBy(places, ({ path }) => /^packages\/[^/]+\/src\/([\w-]+)$/.exec(path)?.[1] ?? path);
    const missing = [...byName].filter(([, of]) => !of.some(({ path }) => isThere(path)));
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  it("lets no file of the core, or around it, import a capability", () => {
    const excepted = places.filter(({ table }) => table === "excepted").map(({ path }) => path);
    const wrong = sources.flatMap((path) => (excepted.includes(path) ? [] : capabilitiesIn(path, textOf(path))));
    expect(wrong).toEqual([]);
  });

  it("excepts five files at most, and only files that import a capability", () => {
    const excepted = places.filter(({ table }) => table === "excepted").map(({ path }) => path);
    expect(excepted.length).toBeLessThanOrEqual(5);
    expect(excepted.filter((path) => capabilitiesIn(path, textOf(path)).length === 0)).toEqual([]);
  });

  it("shows a folder in no row, and an import of a capability", () => {
    expect(rowsOf("packages/api/src/weather/routes.ts")).toEqual([]);
    const imports = (path: string, module: string, names = "{ one }") =>
      capabilitiesIn(path, `import ${names} from "${module}";`);
    expect(imports("packages/api/src/events/routes.ts", "../hours/hours.ts")).toHaveLength(1);
    expect(imports("packages/api/src/boxes/routes.ts", "@gatepost/core/people")).toHaveLength(1);
    expect(imports("packages/receive/src/deliver/record.ts", "@gatepost/protocol", "{ mappedBy }")).toHaveLength(1);
    expect(imports("packages/api/src/events/routes.ts", "../pictures/routes.ts")).toEqual([]);
    expect(imports("packages/api/src/hours/routes.ts", "../people/listing.ts")).toEqual([]);
  });
});
