import { omitAbsent, plural } from "@gatepost/protocol";
import type { Command } from "commander";
import * as z from "zod";
import { type Api, withApi } from "../client.ts";
import { WrongUsage } from "../failure.ts";
import { doJob } from "../jobs/wait.ts";
import { onApi, type Reading } from "../options.ts";
import { print } from "../output.ts";
import { plain } from "../plain.ts";
import { ProgressBar } from "../progress-bar.ts";
import { canAsk, confirmOrFail } from "../question.ts";
import { previewErase, previewText, recordSchema, recordText } from "./preview.ts";

export function addErase(program: Command): void {
  onApi(program.command("erase"))
    .description(
      "erase a person permanently: all events, their pictures and records in quarantine, and the id in boxes' results and reports; " +
        "later reports of earlier passings are not stored",
    )
    .requiredOption("--person <id>", "the person's id, as the box sent it")
    .option("--box <names...>", "the events at these boxes")
    .option("--all", "the events at every box, also at boxes that appear later")
    .option("--from-boxes", "remove the person from these boxes themselves, too, by the bridges that may act on them")
    .option("--dry-run", "print the events to erase, and erase nothing")
    .option("--yes", "erase without a question; needed for --all if there is no terminal")
    .action(erase);
}

type AskedErasure = Reading & {
  person: string;
  box?: string[];
  all?: true;
  fromBoxes?: true;
  dryRun?: true;
  yes?: true;
};

const counts = z.object({ events: z.number(), pictures: z.number(), quarantine: z.number(), outbox: z.number() });
const receipt = z.looseObject({
  erased: counts,
  kept: z.object({ pictures: z.number() }),
  unknown: z.object({ quarantine: z.number(), goneBy: z.string().nullable() }),
  agesOut: z.array(z.object({ what: z.string(), goneBy: z.string().nullable() })),
  removals: z.object({ asked: z.number() }).default({ asked: 0 }),
  records: z.array(recordSchema).default([]),
  keptOutUntil: z.string().optional(),
});
type Receipt = z.output<typeof receipt>;

async function erase({ person, box, all, fromBoxes, dryRun, yes, ...options }: AskedErasure): Promise<void> {
  if ((box === undefined) === (all === undefined)) throw new WrongUsage("give the --box, or --all");
  const isQuestion = yes === undefined && canAsk();
  if (dryRun === undefined && yes === undefined && all === true && !isQuestion)
    throw new WrongUsage("--all erases at every box: see what it would erase with --dry-run, then give --yes");
  await withApi(options, async (api) => {
    if (dryRun === true) {
      const preview = await previewErase(api, person, box);
      return print(preview, () => previewText(person, preview), options);
    }
    if (isQuestion) {
      process.stderr.write(`${previewText(person, await previewErase(api, person, box))}\n`);
      await confirmOrFail("Erase this permanently?", "nothing is erased");
    }
    const which = box === undefined ? { all: true as const } : { boxes: box };
    const done = await receiptOf(api, { kind: "erase", person, ...which, ...omitAbsent({ fromBoxes }) });
    // The receipt is printed even if the server stops answering now.
    const unknown = await unknownAmong(box ?? [], api).catch(() => []);
    const document = unknown.length === 0 ? done : { ...done, unknownBoxes: unknown };
    print(document, () => [inWords(done), ...unknown.map(noSuchBox)].join("\n"), options);
  });
}

/** Has a person erased, with a progress bar. */
async function receiptOf(api: Api, request: Parameters<typeof doJob>[1]): Promise<Receipt> {
  using bar = new ProgressBar("erasing");
  return (await doJob(api, request, { result: receipt, show: bar.show.bind(bar) })).result;
}

/** The boxes that do not exist. For a mistyped name nothing is erased, which would look like success. */
async function unknownAmong(boxes: readonly string[], api: Api): Promise<string[]> {
  const unknown: string[] = [];
  for (const box of new Set(boxes)) {
    const { status } = await api.get(`/v1/boxes/${encodeURIComponent(box)}`);
    if (status === 404) unknown.push(box);
  }
  return unknown;
}

function noSuchBox(box: string): string {
  return plain(`There is no box ${box}: it has no key, and has sent nothing.`);
}

function inWords({ erased, kept, unknown, agesOut, removals, records, keptOutUntil }: Receipt): string {
  return [
    `${plural(erased.events, "event is", "events are")} erased, with ${plural(erased.pictures, "picture", "pictures")} and ` +
      `${plural(erased.quarantine, "report", "reports")} in quarantine.`,
    ...(erased.outbox > 0 ? [`${plural(erased.outbox, "action", "actions")} will not be announced.`] : []),
    ...(kept.pictures > 0
      ? [
          `${plural(kept.pictures, "picture stays: events of others show it", "pictures stay: events of others show them")}.`,
        ]
      : []),
    ...(unknown.quarantine > 0
      ? [
          `${plural(unknown.quarantine, "report in quarantine is", "reports in quarantine are")} of an unknown person; gone by ${unknown.goneBy}.`,
        ]
      : []),
    ...(removals.asked > 0 ? [`${plural(removals.asked, "box is", "boxes are")} asked to remove the person.`] : []),
    ...records.map((record) => `Also erased from: ${recordText(record)}.`),
    ...(keptOutUntil === undefined ? [] : [`Later reports of passings up to ${keptOutUntil} are not stored.`]),
    ...agesOut.map(
      ({ what, goneBy }) => `Not reached: ${what}, ${goneBy === null ? "which are yours" : `gone by ${goneBy}`}.`,
    ),
  ].join("\n");
}
