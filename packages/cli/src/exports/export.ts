import { createWriteStream } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { type CsvColumn, csvColumns, exportFormats } from "@gatepost/api";
import { omitAbsent, plural, timeIn } from "@gatepost/protocol";
import { type Command, Option } from "commander";
import * as z from "zod";
import { type Api, withApi } from "../client.ts";
import { addFilter, addTimes, filterOf, type TypedFilter } from "../events/filter.ts";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { doJob } from "../jobs/wait.ts";
import { onApi, type Reading } from "../options.ts";
import { print } from "../output.ts";
import { ProgressBar } from "../progress-bar.ts";
import { notReached } from "../remote.ts";
import { placeFailure, toWrite } from "../runtime/data-failure.ts";

export function addExport(program: Command): void {
  onApi(addFilter(addTimes(program.command("export"))))
    .argument(
      "<file>",
      "the file to write; its ending gives the format: .csv, .xlsx, .ndjson or .zip with the pictures",
    )
    .description("write events into a file")
    .addOption(new Option("--columns <names...>", "of a table, in this order").choices(csvColumns))
    .action(exportEvents);
}

type AskedExport = Reading & TypedFilter & { columns?: CsvColumn[] };

/** An export has names and pictures of persons. */
const mode = 0o600;
const unfinishedOf = (file: string) => `${file}.part`;

const exported = z.object({ events: z.number(), url: z.string() });

async function exportEvents(name: string, { columns, ...asked }: AskedExport): Promise<void> {
  const file = resolve(name);
  const format = exportFormats.find((one) => name.toLowerCase().endsWith(`.${one}`));
  if (format === undefined) throw new WrongUsage("the file must end with .csv, .xlsx, .ndjson or .zip");
  const filter = filterOf(asked);
  await tryToWrite(file);
  using bar = new ProgressBar("exporting");
  const show = bar.show.bind(bar);
  const { events } = await withApi(asked, async (api) => {
    const body = { kind: "export" as const, format, filter, ...omitAbsent({ columns }) };
    const { id, result } = await doJob(api, body, { result: exported, show });
    try {
      await write(await opened(result.url, api), file);
    } finally {
      // Otherwise the result would take space for a day. If it cannot be removed, it expires then.
      await api.ask("DELETE /v1/jobs/{id}", { path: { id } }).catch(() => undefined);
    }
    return result;
  });
  bar[Symbol.dispose]();
  if (isBackwards(asked)) process.stderr.write("--from is not before --to: nothing can be between them\n");
  print({ events, file }, () => `${plural(events, "event is", "events are")} in ${name}.`, asked);
}

/** Whether the time asked for ends before it begins. The API takes that, and finds nothing. */
function isBackwards({ from, to }: Pick<AskedExport, "from" | "to">): boolean {
  const [begin, end] = [timeIn(from ?? ""), timeIn(to ?? "")];
  return begin !== null && end !== null && begin >= end;
}

/** The result: a link of the store, which needs no key, or an address of the API. */
async function opened(url: string, api: Api): Promise<ReadableStream<Uint8Array>> {
  const answer = URL.canParse(url) ? await fromStore(new URL(url)) : await api.open(url);
  if (answer.ok && answer.body !== null) return answer.body as ReadableStream<Uint8Array>;
  throw new Failure(`the result is answered ${answer.status}; export it again`);
}

/** Names only the store if it does not answer: anyone with the whole link can read the result. */
async function fromStore(link: URL): Promise<Response> {
  try {
    return await fetch(link);
  } catch (error) {
    const { message } = notReached(link.origin, error).why;
    throw new Failure(`the result cannot be read: ${message}`, { cause: error });
  }
}

/** Throws Failure before a long export begins, if the file cannot be written. */
async function tryToWrite(file: string): Promise<void> {
  const unfinished = unfinishedOf(file);
  await writeFile(unfinished, "", { mode }).catch(cannotWrite(file));
  await rm(unfinished);
}

/** Writes the file completely or not at all. */
async function write(body: ReadableStream<Uint8Array>, file: string): Promise<void> {
  const unfinished = unfinishedOf(file);
  try {
    await pipeline(Readable.fromWeb(body), createWriteStream(unfinished, { mode }));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    cannotWrite(file)(error);
  }
}

function cannotWrite(file: string) {
  return (error: unknown): never => {
    const isOfFile = error instanceof Error && "syscall" in error;
    if (!isOfFile) throw new Failure(`the result broke off: ${sayWhy(error)}; export it again`, { cause: error });
    throw placeFailure(`cannot write ${file}`, { why: error, place: dirname(file), advice: toWrite });
  };
}
