import { writeFile } from "node:fs/promises";
import type { Operations } from "@gatepost/client";
import { omitAbsent, plural } from "@gatepost/protocol";
import type { Command } from "commander";
import * as z from "zod";
import { withApi } from "../client.ts";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { doJob } from "../jobs/wait.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";
import { plain } from "../plain.ts";
import { ProgressBar } from "../progress-bar.ts";
import { canAsk, confirmOrFail } from "../question.ts";
import { allRecords, requestOf, thinnedGroups } from "./records.ts";

export function addQuarantineCommands(program: Command): void {
  const quarantine = program.command("quarantine").description("look at reports that were not understood");
  onApi(quarantine.command("list"))
    .description("list them, newest first")
    .option("--box <name>", "of one box")
    .action(list);
  onApi(quarantine.command("show")).argument("<id>").description("show one with its body").action(show);
  onApi(quarantine.command("share"))
    .argument("<id>")
    .description("make a sample of one to share, as in a public issue: every value and picture is another one")
    .option("--out <file>", "write it into this file, as the request that would send it")
    .option("--yes", "write it without a question; needed if there is no terminal")
    .action(share);
  onApi(quarantine.command("replay"))
    .argument("[ids...]")
    .description("read them again, as if they had come when they first did")
    .option("--all", "all of them")
    .option("--box <name>", "all of one box")
    .option("--reason <reason>", "all that are kept for this reason")
    .action(replay);
}

async function list({ box, ...options }: Reading & { box?: string }): Promise<void> {
  const { records, dropped, groups } = await withApi(options, async (api) => ({
    ...(await allRecords(api, box)),
    groups: await thinnedGroups(api, box),
  }));
  const titles = ["ID", "RECEIVED", "BOX", "PATH", "BYTES", "REASON", "EVENT"];
  const rows = records.map((one) => [
    one.id,
    one.receivedAt,
    one.box,
    one.path,
    one.bytes,
    one.replay?.job == null ? one.reason : `${one.reason} (${one.replay.done} of ${one.replay.of} replayed)`,
    one.event?.id ?? null,
  ]);
  const losses = [
    ...groups.map(
      ({ reason, box: of, path, count, dropped: gone }) =>
        `${count} of ${count + gone} of ${of} at ${path} are kept (${reason})`,
    ),
    ...Object.entries(dropped).map(
      ([name, count]) => `${plural(count, "report", "reports")} of ${name} had to go: its quarantine was full`,
    ),
  ];
  print(
    { records, dropped, groups },
    () => table(titles, rows) + losses.map((one) => plain(`\n${one}`)).join(""),
    options,
  );
}

async function show(id: string, options: Reading): Promise<void> {
  const record = await withApi(options, (api) => api.ask("GET /v1/quarantine/{id}", { path: { id } }));
  const { body, bodyBase64, bodyLink, ...facts } = record;
  const linked = bodyLink && `(too long for an answer; until ${bodyLink.expires} at) ${bodyLink.url}`;
  const content = body ?? linked ?? `(no text, in base64) ${bodyBase64}`;
  print(record, () => `${plain(JSON.stringify(facts, null, 2))}\n\n${plain(content)}`, options);
}

/** Prints a sample, or writes it once the values that stay were looked at. */
async function share(id: string, { out, yes, ...options }: Reading & { out?: string; yes?: true }): Promise<void> {
  const sample = await withApi(options, (api) => api.ask("GET /v1/quarantine/{id}/sample", { path: { id } }));
  const request = requestOf(sample);
  if (sample.kept.length > 0) process.stderr.write(`${plain(stayingText(sample.kept))}\n`);
  if (out === undefined) {
    const content = sample.body === undefined ? "(no text: give --out FILE)" : request.toString();
    return print(sample, () => plain(content), options);
  }
  if (sample.kept.length > 0 && yes === undefined) {
    if (!canAsk()) throw new WrongUsage("look at the values that stay, then give --yes");
    await confirmOrFail(`Write ${out}?`, "nothing is written");
  }
  await writeFile(out, request).catch((error: unknown) => {
    throw new Failure(`cannot write ${out}: ${sayWhy(error)}`, { cause: error });
  });
  print({ ...sample, file: out }, () => `The sample is in ${out}.`, options);
}

function stayingText(kept: readonly string[]): string {
  return `These values stay, because they name no one. Look at them before you share the sample:\n  ${kept.join(", ")}`;
}

type ReplayedRecord = Operations["POST /v1/quarantine/{id}/replay"]["answer"];

type Replay = Reading & { all?: true; box?: string; reason?: string };

/** Many are a job; those that are named are replayed one by one, and one that fails does not keep the others from it. */
async function replay(ids: string[], { all, box, reason, ...options }: Replay): Promise<void> {
  const isMany = all === true || box !== undefined || reason !== undefined;
  if (ids.length > 0 === isMany) throw new WrongUsage("give the ids to replay, or --all, --box or --reason");
  // An empty name is refused: a caller who means one box must not have all replayed.
  if (isMany) return replayMany(omitAbsent({ box, reason }), options);
  const failures: string[] = [];
  const done = await withApi(options, async (api) => {
    const outcomes: ReplayedRecord[] = [];
    for (const id of ids) {
      try {
        outcomes.push(await api.ask("POST /v1/quarantine/{id}/replay", { path: { id } }));
      } catch (error) {
        failures.push(`${id}: ${sayWhy(error)}`);
      }
    }
    return outcomes;
  });
  print({ replayed: done }, () => done.map(inWords).join("\n") || "Nothing was replayed.", options);
  if (failures.length > 0) throw new Failure(`not replayed: ${failures.join("; ")}`);
}

const manyReplayed = z.object({
  stored: z.number(),
  noEvent: z.number().optional(),
  kept: z.array(z.object({ id: z.string(), reason: z.string() })),
});

async function replayMany(which: { box?: string; reason?: string }, options: Reading): Promise<void> {
  using bar = new ProgressBar("replaying");
  const show = bar.show.bind(bar);
  const body = { kind: "replay" as const, ...which };
  const { result: done } = await withApi(options, (api) => doJob(api, body, { result: manyReplayed, show }));
  bar[Symbol.dispose]();
  const kept = done.kept.map(({ id, reason }) => plain(`\n${id} stays: ${reason}`));
  const { stored, noEvent = 0 } = done;
  const isNone = stored + noEvent + kept.length === 0;
  const others = noEvent === 0 ? "" : ` ${plural(noEvent, "makes", "make")} no event.`;
  print(
    done,
    () => (isNone ? "There is none to replay." : `${plural(stored, "is", "are")} stored.${others}${kept.join("")}`),
    options,
  );
}

function inWords({ id, outcome, events, quarantined }: ReplayedRecord): string {
  const made = events.map((event) => `${event.id} ${event.outcome}`);
  const kept = quarantined.map((record) => (record.id === id ? record.reason : `${record.id} ${record.reason}`));
  return plain(`${id} ${outcome}: ${[...made, ...kept].join(", ") || "no event"}`);
}
