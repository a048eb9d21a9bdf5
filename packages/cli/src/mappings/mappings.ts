import { readFile } from "node:fs/promises";
import type { Api, Asking } from "@gatepost/client";
import { isObject, jsonIn, omitAbsent, plural } from "@gatepost/protocol";
import type { Command } from "commander";
import * as z from "zod";
import { withApi } from "../client.ts";
import { eventLine } from "../events/shown.ts";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { resultOfJob } from "../jobs/wait.ts";
import { onApi, type Reading, several } from "../options.ts";
import { print, table, writeOut } from "../output.ts";
import { plain } from "../plain.ts";
import { canAsk, confirmOrFail } from "../question.ts";

export function addMappingCommands(program: Command): void {
  const mappings = program.command("mappings").description("teach reports of an unknown format");
  onApi(mappings.command("list")).description("list the mappings, with their events of today").action(list);
  onApi(mappings.command("show")).argument("<id>").description("print one as JSON").action(show);
  onApi(mappings.command("suggest"))
    .argument("<records...>", "kept reports of one format, as qrt_…")
    .description("print a draft for these reports, as JSON to be corrected")
    .action(suggest);
  onApi(mappings.command("try"))
    .argument("<file>", "a mapping as JSON")
    .description("see what reports become by it; nothing is stored")
    .option("--record <id>", "on this kept report; may be repeated", several)
    .option("--body <file>", "on this body, of 1 MB at most")
    .option("--box <name>", "the box that sends the body; else the box of the mapping")
    .action(tryIt);
  onApi(mappings.command("put"))
    .argument("<file>", "a mapping as JSON")
    .description("save it: a new one, or the changed one whose id and rev it has")
    .action(put);
  onApi(mappings.command("remove"))
    .argument("<id>")
    .description("remove one; its events stay, and its reports go to quarantine again")
    .action(remove);
  onApi(mappings.command("undo"))
    .argument("<id>")
    .description("remove one, erase the events of its replays, and put their reports back into quarantine")
    .option("--yes", "undo it without a question; needed if there is no terminal")
    .action(undo);
}

const mapping = z.looseObject({ id: z.string(), rev: z.number(), name: z.string(), box: z.string().nullable() });
const listing = z.object({
  mappings: z.array(
    mapping.extend({ isOn: z.boolean(), today: z.number(), lastAt: z.string().nullable(), isExact: z.boolean() }),
  ),
});

async function list(options: Reading): Promise<void> {
  const found = await withApi(options, (api) => api.ask("GET /v1/mappings", { answer: listing }));
  const rows = found.mappings.map(({ id, name, box, isOn, today, lastAt, isExact }) => [
    ...[name, box ?? "every box", isOn ? "on" : "off", `${isExact ? "" : "at least "}${today}`, lastAt, id],
  ]);
  print(found, () => table(["NAME", "BOX", "STATE", "TODAY", "LAST", "ID"], rows), options);
}

async function show(id: string, options: Reading): Promise<void> {
  writeJson(
    await withApi(options, (api) => api.ask("GET /v1/mappings/{id}", { path: { id }, answer: mapping })),
    options,
  );
}

const draft = z.object({ mapping: z.looseObject({ name: z.string() }) });

async function suggest(records: string[], options: Reading): Promise<void> {
  const body = { records };
  const found = await withApi(options, (api) => api.ask("POST /v1/mappings/suggest", { body, answer: draft }));
  writeJson(found.mapping, options);
}

/** Writes JSON that a command takes again. */
function writeJson(document: object, { json }: Reading): void {
  writeOut(`${json ? JSON.stringify(document) : JSON.stringify(document, null, 2)}\n`);
}

type Outcome = Api["POST /v1/mappings/try"]["answer"]["results"][number]["outcomes"][number];

type Trying = Reading & { record?: string[]; body?: string; box?: string };

async function tryIt(file: string, { record: records, body: bodyFile, box, ...options }: Trying): Promise<void> {
  if ((records === undefined) === (bodyFile === undefined)) throw new WrongUsage("give --record or --body");
  const mapping = await mappingIn(file);
  const text = bodyFile === undefined ? null : await textIn(bodyFile);
  const body = { mapping, ...omitAbsent({ records, body: text, box }) };
  const found = await withApi(options, (api) => api.ask("POST /v1/mappings/try", { body }));
  const lines = found.results.flatMap(({ record, outcomes }) =>
    outcomes.map((one) => `${record ?? "body"}: ${inWords(one)}`),
  );
  print(found, () => lines.join("\n"), options);
}

function inWords(one: Outcome): string {
  if (one.is === "event") return `event ${eventLine(one.event)}`;
  if (one.is === "sign") return `sign of life (${one.sign})`;
  const { reason, member, path, found, may } = one;
  if (member === null) return plain(`no event (${reason}): ${may}`);
  const there = found === null ? "has no value" : `is ${JSON.stringify(found)}`;
  return plain(`no event (${member}): ${path ?? member} ${there}; it ${may}`);
}

type Draft = NonNullable<Asking<"POST /v1/mappings">["body"]>;
type Changed = NonNullable<Asking<"PUT /v1/mappings/{id}">["body"]>;

async function put(file: string, options: Reading): Promise<void> {
  const sent = await mappingIn(file);
  const saved = await withApi(options, (api) => {
    if (!isChanged(sent)) return api.ask("POST /v1/mappings", { body: sent, answer: mapping });
    return api.ask("PUT /v1/mappings/{id}", { path: { id: String(sent.id) }, body: sent, answer: mapping });
  });
  print(saved, () => plain(`${saved.id} (${saved.name}) is saved.`), options);
}

function isChanged(sent: Draft | Changed): sent is Changed {
  return "id" in sent;
}

async function remove(id: string, options: Reading): Promise<void> {
  await withApi(options, (api) => api.ask("DELETE /v1/mappings/{id}", { path: { id } }));
  print({ removed: id }, () => plain(`${id} is removed.`), options);
}

const undone = z.object({
  events: z.number(),
  records: z.number(),
  stay: z.object({ gone: z.number(), joined: z.number() }),
});

/** Undoes a mapping once it is known what that erases, and what it leaves. */
async function undo(id: string, { yes, ...options }: Reading & { yes?: true }): Promise<void> {
  const done = await withApi(options, async (api) => {
    const path = { id };
    const would = await api.ask("GET /v1/mappings/{id}/undo", { path });
    process.stderr.write(`${would.isExact ? "" : "At least: "}${undoneText(would, planned)}\n`);
    if (yes === undefined) {
      if (!canAsk()) throw new WrongUsage("give --yes to undo it");
      await confirmOrFail(`Undo ${id}?`, "nothing is undone");
    }
    const { job } = await api.ask("POST /v1/mappings/{id}/undo", { path });
    return resultOfJob(api, job, { result: undone, show: () => {} });
  });
  print(done, () => undoneText(done, carriedOut), options);
}

const planned = { erased: "would be erased", stays: "event would stay", stay: "events would stay" };
const carriedOut = { erased: "erased", stays: "event stays", stay: "events stay" };

function undoneText({ events, records, stay }: z.output<typeof undone>, words: typeof planned): string {
  const staying = (count: number, why: string) =>
    count === 0 ? [] : [`${plural(count, words.stays, words.stay)}: ${why}`];
  return [
    `${plural(events, "event", "events")} ${words.erased}, ${plural(records, "report", "reports")} back in quarantine`,
    ...staying(stay.joined, "other reports tell of them, too"),
    ...staying(stay.gone, "the report is not kept any more"),
  ].join("; ");
}

/** A mapping, whose members the server checks. */
const sentMapping = z.custom<Draft | Changed>(isObject);

async function mappingIn(file: string): Promise<Draft | Changed> {
  const { success, data } = sentMapping.safeParse(jsonIn(await textIn(file)));
  if (!success) throw new Failure(`${file} is no mapping: it must be a JSON object`);
  return data;
}

async function textIn(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    throw new Failure(`cannot read ${file}: ${sayWhy(error)}`, { cause: error });
  });
}
