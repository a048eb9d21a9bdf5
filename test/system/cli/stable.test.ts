import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { makeProgram } from "../../../packages/cli/src/program.ts";
import { Subscriber } from "../../support/subscriber.ts";
import { dataFolder, gatepost, serve } from "./support.ts";

const file = join(import.meta.dirname, "stable.txt");

/** Commands whose answers need what is not here, and are tried beside it. */
const elsewhere =
  /^(bridge|backfill|box|terminal|migrate|follow|events tail|keys (import|first)|restore|mappings (suggest|try|put|remove|undo|show)|actions (approve|undo)|quarantine share|check)\b/;

/** A line for each name in a value of JSON, with its types. Names that are values, as those of boxes, are `*`. */
function namesIn(value: unknown, at: string, found: Map<string, Set<string>>): void {
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  found.set(at, (found.get(at) ?? new Set()).add(type));
  if (Array.isArray(value)) for (const one of value) namesIn(one, `${at}[]`, found);
  else if (typeof value === "object" && value !== null)
    for (const [name, one] of Object.entries(value))
      namesIn(one, `${at}.${/^[a-zA-Z][a-zA-Z0-9]*$/.test(name) ? name : "*"}`, found);
}

/** Whether the name of a line is there, with its types. What is null here may have a value on another day. */
function isStill(line: string, found: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const [name = "", types = ""] = line.split(": ");
  const [was, is] = [types.split("|"), [...(found.get(name) ?? [])]].map((all) => all.filter((one) => one !== "null"));
  const isSame = was?.length === 0 || is?.length === 0 || `${was?.sort()}` === `${is?.sort()}`;
  return found.has(name) && isSame;
}

const leaves = (command: Awaited<ReturnType<typeof makeProgram>>, at: string): string[] =>
  command.commands.flatMap((one) => {
    const name = `${at}${one.name()}`;
    if (one.commands.length > 0) return leaves(one, `${name} `);
    return one.options.some(({ long }) => long === "--json") ? [name] : [];
  });

/** What a box asks for, that a rule sends to a subscriber who does not take it. */
const wants = { identity_id: "1", identity_name: "Ada Stone", timestamp: 1_793_851_200_000, want_action: "1002" };

it("the JSON of each command keeps its names and types", async () => {
  const hook = await Subscriber.listen();
  onTestFinished(() => hook.close());
  hook.behaviour = (response) => void response.writeHead(503).end();
  const data = await dataFolder();
  await mkdir(data, { mode: 0o700 });
  const rule = { name: "hr", pattern: { detail: { want_action: ["1002"] } }, target: { url: `${hook.url}/hr` } };
  await writeFile(join(data, "rules.json"), JSON.stringify([rule]));
  const source = { name: "door", mqtt: "mqtt://127.0.0.1:1", topics: ["doors/#"], box: "gate-3" };
  await writeFile(join(data, "sources.json"), JSON.stringify([source]));
  const server = await serve(data, { open: true, allowPrivateTargets: true });
  const post = (body: unknown) => fetch(`${server.url}/HistoryEvent`, { method: "POST", body: JSON.stringify(body) });
  await post({ ...wants, ext_data: {} });
  await post({ nobody: "knows", this: 1 });

  const found = new Map<string, Set<string>>();
  const asked = new Set<string>();
  const ask = async <Answer = unknown>(name: string, ...args: string[]): Promise<Answer> => {
    const { stdout, stderr } = await gatepost(...name.split(" "), ...args, "--data", data, "--json");
    if (stdout === "") throw new Error(`${name}: ${stderr}`);
    asked.add(name);
    const answer = JSON.parse(stdout);
    namesIn(answer, name, found);
    return answer;
  };

  const { events } = await ask<{ events: { id: string }[] }>("events list");
  await ask("events show", events[0]?.id ?? "");
  const { records } = await ask<{ records: { id: string }[] }>("quarantine list");
  await ask("quarantine show", records[0]?.id ?? "");
  await ask("quarantine replay", records[0]?.id ?? "");
  await expect.poll(() => ask<{ deliveries: unknown[] }>("deliveries list")).toMatchObject({ deliveries: [{}] });
  for (const name of ["status", "boxes unknown", "stats", "mappings list", "actions list"]) await ask(name);
  for (const name of ["deadletters list", "audit list", "audit verify", "keys list", "doctor"]) await ask(name);
  const { boxes } = await ask<{ boxes: { id: string }[] }>("boxes list");
  await ask("boxes show", boxes[0]?.id ?? "");
  await ask("boxes arrivals", boxes[0]?.id ?? "");
  await expect
    .poll(() => ask<{ sources: unknown[] }>("sources list"))
    .toMatchObject({
      sources: [{ fault: expect.stringContaining("no broker listens at 127.0.0.1:1") }],
    });
  await ask("rules test");
  await ask("rules resend", "hr", "--from", "2026-11-05T00:00:00Z", "--dry-run");
  await ask("deadletters send", "--all");
  const { id } = await ask<{ id: string }>("keys create", "--scope", "read");
  await ask("keys revoke", id);
  await ask("sign-in");
  await ask("accounts create", "--email", "ada@example.com", "--role", "manager");
  await ask("accounts list");
  await ask("accounts reset", "ada@example.com");
  await ask("accounts factors reset", "ada@example.com");
  await ask("accounts disable", "ada@example.com");
  await ask("export", join(data, "..", "events.csv"));
  await ask("pictures export", join(data, "..", "pictures"));
  await ask("backup", join(data, "..", "backup"));
  await ask("erase", "--person", "1", "--all", "--yes");

  const lines = [...found].map(([at, types]) => `${at}: ${[...types].sort().join("|")}`).sort();
  if (process.env["GATEPOST_STABLE"] === "renew") await writeFile(file, `${lines.join("\n")}\n`);
  const kept = (await readFile(file, "utf8")).trim().split("\n");
  expect(kept.filter((line) => !isStill(line, found))).toEqual([]);
  const known = leaves(await makeProgram(), "");
  expect(known.filter((name) => !asked.has(name) && !elsewhere.test(name))).toEqual([]);
});
