import { describe, expect, it } from "vitest";
import { apiDocument } from "../../../packages/api/src/api.ts";
import { commandFiles, makeProgram } from "../../../packages/cli/src/program.ts";
import { commandsIn, pages, shellBlocks } from "../../support/documented-commands.ts";
import { filesOf, textOf } from "./sources.ts";

const program = await makeProgram();
const scripts: Record<string, string> = JSON.parse(textOf("package.json")).scripts;
const routes = Object.entries(apiDocument().paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
);

/** The fault of a command line of `gatepost`; null if it can be typed so. */
function wrongCommand(text: string): string | null {
  const words = text.split(/\s+/).filter((word) => word !== "");
  let command: typeof program = program;
  for (const word of words) {
    const next: typeof program | undefined = command.commands.find(
      (one) => one.name() === word || one.aliases().includes(word),
    );
    if (next === undefined) break;
    command = next;
  }
  if (command === program) return words[0]?.startsWith("-") ? null : `no command: ${text}`;
  if (command.commands.length > 0 && words.at(-1) !== command.name())
    return `no such part of ${command.name()}: ${text}`;
  const flags = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/[=,;].*$/, ""));
  const unknown = flags.filter((flag) => flag !== "--help" && !command.options.some(({ long }) => long === flag));
  return unknown.length === 0 ? null : `${command.name()} has no ${unknown.join(", ")}`;
}

/** `gatepost …` of a text in backticks or of a line of commands, each up to where another command begins. */
function gatepostCommands(page: string): string[] {
  const prose = textOf(page).replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
  const inline = [...prose.matchAll(/`(?:npx )?gatepost ([a-z][^`]*)`/g)].map(([, command = ""]) => command);
  const typed = shellBlocks(page).flatMap(commandsIn);
  const inBlocks = typed.flatMap((line) =>
    line
      .split(/&&|\|\||[|;{}]/)
      .flatMap((part) => /(?:^|npx |\.bin\/)gatepost ([a-z].*)$/.exec(part.trim())?.[1] ?? []),
  );
  return [...inline, ...inBlocks];
}

/** The paths of a route table that a documented address may mean: `{id}` for what stands there. */
function isRoute(method: string, address: string): boolean {
  const [path = ""] = address.split("?");
  const pattern = path.replaceAll(/[.*+^$()|[\]\\]/g, "\\$&").replaceAll(/\{[^}]*\}|[^/]*…[^/]*/g, "[^/]+");
  return routes.some((route) => new RegExp(`^${method} ${pattern}$`).test(route));
}

const documents = filesOf("README*.md", "docs/**/*.md");

describe("what the documents tell people to type is there", () => {
  it.each(documents)("each command of gatepost in %s", (page) => {
    expect(gatepostCommands(page).flatMap((command) => wrongCommand(command) ?? [])).toEqual([]);
  });

  it.each(documents)("each script of npm in %s", (page) => {
    const named = [...textOf(page).matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, script = ""]) => script);
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
  });

  it.each(documents)("each route of the API in %s", (page) => {
    const named = [...textOf(page).matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/v1\/[^`\s]*)[^`]*`/g)];
    const wrong = named.filter(([, method = "", path = ""]) => !isRoute(method, path));
    expect(wrong.map(([all]) => all)).toEqual([]);
  });
});

describe("a start with a command", () => {
  it.each(commandFiles)("has only what the file of $names adds", async ({ names }) => {
    for (const name of names) {
      const { commands } = await makeProgram(name);
      expect(commands.map((one) => one.name())).toEqual(names);
    }
  });

  it.each([undefined, "--help", "help", "doors"])(
    "has all commands for the help, and for suggestions: %s",
    async (asked) => {
      const { commands } = await makeProgram(asked);
      expect(commands.map((one) => one.name())).toEqual(commandFiles.flatMap(({ names }) => names));
    },
  );
});

describe("an impossible command is found:", () => {
  it.each([
    ["a command", "doors open"],
    ["a part of a command", "keys open key_1"],
    ["an option", "keys create --scope read --door north"],
  ])("%s", (_, command) => {
    expect(wrongCommand(command)).not.toBeNull();
  });

  it("a possible command is not reported", () => {
    expect(wrongCommand("keys create --scope read --box gate-1")).toBeNull();
    expect(wrongCommand("erase --person ID")).toBeNull();
  });

  it("a route, and one under another method", () => {
    expect(["GET /v1/doors", "PUT /v1/events"].map((route) => isRoute(...split(route)))).toEqual([false, false]);
    expect(isRoute("GET", "/v1/events/{id}/pictures/face?width=96")).toBe(false);
    expect(isRoute("GET", "/v1/events/{id}/pictures/{kind}?width=96")).toBe(true);
  });

  it("there is much to look at", () => {
    expect(pages.flatMap(gatepostCommands).length).toBeGreaterThan(100);
  });
});

function split(route: string): [method: string, path: string] {
  const [method = "", path = ""] = route.split(" ");
  return [method, path];
}
