import { existsSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { filesOf, type Import, importsIn, root, textOf } from "./sources.ts";

/** The packages of this repository that each package may import. A line here is also a line of the package's README. */
const allowed: Record<string, readonly string[]> = {
  protocol: [],
  store: [],
  sqlite: [],
  "event-pattern": [],
  client: [],
  console: ["client", "alerts"],
  core: ["store", "protocol"],
  receive: ["core", "protocol"],
  api: ["core", "store", "protocol"],
  http: ["receive", "core", "protocol"],
  simulator: ["protocol"],
  alerts: ["core", "protocol"],
  aws: ["alerts", "api", "receive", "core", "store", "protocol", "event-pattern"],
  embedded: ["alerts", "api", "http", "receive", "core", "store", "protocol", "sqlite", "event-pattern", "console"],
  bridge: ["http", "receive", "core", "protocol", "sqlite"],
  cli: ["aws", "embedded", "bridge", "simulator", "client", "api", "http", "core", "protocol"],
};

const packages = filesOf("packages/*/package.json").map((path) => path.split("/")[1] ?? "");
const sources = filesOf("packages/*/src/**/*.{ts,tsx,mjs,js}", "functions/*.ts");
const importsOf = new Map(sources.map((path) => [path, importsIn(textOf(path))]));

/** The package of this repository that a file imports from; null for its own package and for others. */
function ours(path: string, { module }: Import): string | null {
  const named = /^@gatepost\/([\w-]+)/.exec(module)?.[1];
  const reached = module.startsWith(".")
    ? posix.normalize(posix.join(posix.dirname(path), module)).split("/")[1]
    : undefined;
  const target = named ?? reached ?? null;
  return target === path.split("/")[1] ? null : target;
}

describe("packages import in one direction", () => {
  it.each(packages)("%s imports only what it may", (name) => {
    const may = allowed[name] ?? [];
    const wrong = sources
      .filter((path) => path.startsWith(`packages/${name}/`))
      .flatMap((path) =>
        (importsOf.get(path) ?? []).flatMap((one) => {
          const target = ours(path, one);
          return target === null || may.includes(target) ? [] : [`${path} imports ${one.module}`];
        }),
      );
    expect(wrong).toEqual([]);
  });

  it.each(packages)("%s depends only on what it may", (name) => {
    const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(
      textOf(`packages/${name}/package.json`),
    );
    const declared = Object.keys(dependencies).flatMap((module) => /^@gatepost\/(.+)/.exec(module)?.[1] ?? []);
    expect(declared.filter((target) => !allowed[name]?.includes(target))).toEqual([]);
  });

  it.each(packages)("the README of %s lists its imports", (name) => {
    const [, said = ""] = /^May import: (.*)$/m.exec(textOf(`packages/${name}/README.md`)) ?? [];
    expect([...said.matchAll(/`([\w-]+)`/g)].map(([, target]) => target)).toEqual(allowed[name]);
    if (allowed[name]?.length === 0) expect(said).toContain("nothing of ours");
  });

  it.each(packages)("the architecture says of %s what its README says", (name) => {
    const row = new RegExp(`^\\| \\[\`${name}\`\\]\\(.*\\| ([^|]*) \\|$`, "m").exec(textOf("docs/architecture.md"));
    expect(row?.[1]).toBe(allowed[name]?.length === 0 ? "nothing" : allowed[name]?.join(", "));
  });

  it("knows every package", () => {
    expect(packages.toSorted()).toEqual(Object.keys(allowed).toSorted());
  });

  it("functions wire aws to receive, and name the dialects of protocol", () => {
    const taken = filesOf("functions/*.ts").flatMap((path) => importsOf.get(path) ?? []);
    expect(
      taken.filter(({ module }) => !/^@gatepost\/(?:aws|receive|core|protocol)(?:\/|$)|^aws-lambda$/.test(module)),
    ).toEqual([]);
  });

  it("forbids circles of imports", () => {
    expect(circleIn(new Map(Object.entries(allowed)))).toBeNull();
  });

  it("the typed client imports nothing, so that it can be shipped alone", () => {
    const taken = filesOf("packages/client/src/*.ts").flatMap((path) => importsOf.get(path) ?? []);
    expect(taken.filter(({ module }) => !module.startsWith("./"))).toEqual([]);
  });
});

it("Amazon's event types are known only to code for Lambda and its tests", () => {
  const others = filesOf("{bench,scripts,stacks}/**/*.{ts,mjs,js}", "*.ts").map(
    (path) => [path, textOf(path)] as const,
  );
  const imports = [...importsOf, ...others.map(([path, text]) => [path, importsIn(text)] as const)];
  const places = imports.filter(([, of]) => of.some(({ module }) => module === "aws-lambda")).map(([path]) => path);
  expect(places.filter((path) => !/^(?:packages\/aws\/src\/lambda|functions)\//.test(path))).toEqual([]);
});

/** The folders of a package's `src`, and the files beside them, with what each imports of the others. */
function foldersOf(name: string): Map<string, string[]> {
  const base = `packages/${name}/src`;
  const graph = new Map<string, Set<string>>();
  for (const path of sources.filter((one) => one.startsWith(`${base}/`))) {
    const [from = ""] = posix.relative(base, path).split("/");
    const reached = graph.get(from) ?? new Set();
    graph.set(from, reached);
    for (const { module } of importsOf.get(path) ?? []) {
      if (!module.startsWith(".")) continue;
      const [to = ""] = posix.relative(base, posix.join(posix.dirname(path), module)).split("/");
      if (to !== from) reached.add(to);
    }
  }
  return new Map([...graph].map(([from, to]) => [from, [...to].sort()]));
}

/** A way through a graph that ends at its beginning, as `a → b → a`; null if there is none. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string | null {
  const done = new Set<string>();
  const walk = (name: string, way: readonly string[]): string | null => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name].join(" → ");
    if (done.has(name)) return null;
    for (const next of graph.get(name) ?? []) {
      const circle = walk(next, [...way, name]);
      if (circle !== null) return circle;
    }
    done.add(name);
    return null;
  };
  for (const name of graph.keys()) {
    const circle = walk(name, []);
    if (circle !== null) return circle;
  }
  return null;
}

it("no files import each other in a circle, not even for types", () => {
  const within = [...importsOf].map(([path, of]): [string, string[]] => {
    const own = of.flatMap(({ module }) => (module.startsWith(".") ? [posix.join(posix.dirname(path), module)] : []));
    return [path, own];
  });
  expect(circleIn(new Map(within))).toBeNull();
});

describe.each(["aws", "embedded"])("the folders of %s", (name) => {
  it("do not import each other in a circle", () => {
    expect(circleIn(foldersOf(name))).toBeNull();
  });
});

describe("the folders of core", () => {
  it("do not import each other in a circle", () => {
    expect(circleIn(foldersOf("core"))).toBeNull();
  });

  it("import no hono: routes are in api alone", () => {
    const modules = sources
      .filter((path) => path.startsWith("packages/core/"))
      .flatMap((path) => (importsOf.get(path) ?? []).map(({ module }) => module));
    expect(modules).toContain("zod/mini");
    expect(modules.filter((module) => module.startsWith("hono"))).toEqual([]);
  });

  it("load the libraries of factors when one is used: most people have none", () => {
    const loading = sources.flatMap((path) => {
      const lines = textOf(path).matchAll(/^.*"(?:@simplewebauthn\/[\w/]+|otpauth)".*$/gm);
      return [...lines].map(([line]) => line).filter((line) => !/import\("|^import type /.test(line));
    });
    expect(loading).toEqual([]);
  });

  it("have paths, and there is no path for all", () => {
    const { exports }: { exports: Record<string, string> } = JSON.parse(textOf("packages/core/package.json"));
    expect(Object.keys(exports)).toEqual([...foldersOf("core").keys()].map((folder) => `./${folder}`));
  });
});

describe("the folders of the console", () => {
  /** The parts of a page, and what pages know. */
  const shared = ["format", "parts", "state", "words"];
  /** Around the pages: navigation, keys, and finding by name. */
  const frame = ["shell", "palette"];
  const base = "packages/console/src";
  /** The first folder of what pages share; else the folder of a page, or a file beside the folders. */
  const folderOf = (path: string) => {
    const within = posix.relative(base, path);
    const [first = ""] = within.split("/");
    if ([...shared, ...frame, within].includes(first)) return first;
    return posix.dirname(within);
  };

  it("know no pages, except shell/pages.tsx", () => {
    const wrong = sources
      .filter((path) => path.startsWith(`${base}/`) && path !== `${base}/shell/pages.tsx`)
      .flatMap((path) => {
        const from = folderOf(path);
        const isFrame = frame.includes(from) || from.includes(".");
        const may = isFrame ? [...shared, ...frame] : shared.includes(from) ? shared : [...shared, from];
        return (importsOf.get(path) ?? []).flatMap(({ module }) => {
          const to = folderOf(posix.join(posix.dirname(path), module));
          return (!module.startsWith("./") && !module.startsWith("../")) || may.includes(to) || to.includes(".")
            ? []
            : [`${path} imports ${module}`];
        });
      });
    expect(wrong).toEqual([]);
  });
});

/** What only one of the two runtimes has, and why. */
const oneSided: Record<"aws" | "embedded", Record<string, string>> = {
  aws: {
    dynamo: "what every adapter needs of DynamoDB",
    s3: "what every adapter needs of S3",
    lambda: "Lambda's events, log and metrics",
    alerts: "the queue of alerts: on one machine the bus sends them",
  },
  embedded: {
    backup: "copies of a data folder, and what is wrong with one: on AWS DynamoDB keeps copies",
    db: "what every adapter needs of SQLite and the data folder",
    factors: "the key of factors, and codes that it does not open: on AWS it is a secret of the deployment",
    http: "the server: on AWS API Gateway is that",
    tickets: "the tickets of a process: on AWS they are items",
    sources: "the connections to brokers: on AWS rules of IoT Core post what these have",
    live: "the connections of programs of an SE5: on AWS programs follow the feed of changes",
  },
};

describe.each([
  ["aws", "embedded"],
  ["embedded", "aws"],
] as const)("a concern of %s", (name, other) => {
  it.each([...foldersOf(name).keys()])("%s is found under the same name on the other side", (folder) => {
    const isOneSided = folder in oneSided[name];
    expect(existsSync(`${root}packages/${other}/src/${folder}`)).toBe(!isOneSided);
  });

  it("is one-sided only where it is there", () => {
    expect(Object.keys(oneSided[name]).filter((folder) => !foldersOf(name).has(folder))).toEqual([]);
  });
});

describe("the search for a circle", () => {
  it("names it", () => {
    const graph = { a: ["b"], b: ["c", "d"], c: [], d: ["b"] };
    expect(circleIn(new Map(Object.entries(graph)))).toBe("b → d → b");
  });

  it("finds none in a diamond", () => {
    const graph = { a: ["b", "c"], b: ["d"], c: ["d"], d: [] };
    expect(circleIn(new Map(Object.entries(graph)))).toBeNull();
  });
});

it("reads imports of every form, and no examples", () => {
  const text = `/** @example
 * import { no } from "@gatepost/no";
 */
import a, { b } from "./a.ts";
import type { C } from "./c.ts";
import "./d.ts";
export {
  e,
} from "./e.ts";
const f = await import("./f.ts");
// import "./g.ts";`;
  expect(importsIn(text)).toEqual([
    { module: "./a.ts", isType: false },
    { module: "./c.ts", isType: true },
    { module: "./d.ts", isType: false },
    { module: "./e.ts", isType: false },
    { module: "./f.ts", isType: false },
  ]);
});
