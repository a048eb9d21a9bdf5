import { isUtf8 } from "node:buffer";
import { writeFile } from "node:fs/promises";
import type { RefusedWhole } from "@gatepost/bridge";
import { omitAbsent, plural } from "@gatepost/protocol";
import { type Command, InvalidArgumentError } from "commander";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { print, table, writeOut } from "../output.ts";
import { plain } from "../plain.ts";
import { actOn, dropping, failOn, noSuch, sendingAgain } from "./refused-reports.ts";
import { withSpool } from "./spool.ts";

type AskedSpool = { config: string; json?: true };

/** Reports in the spool of a bridge that the cloud refused, also while the bridge runs. */
export function addRefusedCommands(bridge: Command, onFile: (command: Command) => Command): void {
  const refused = bridge
    .command("refused")
    .description("look at reports that the cloud refused, and send or drop them");
  const add = (name: string) => onFile(refused.command(name)).option("--json", "print one JSON document");
  add("list")
    .description("list them, newest first")
    .option("--box <name>", "of one box")
    .option("--limit <number>", "how many at most", whole, 100)
    .action(list);
  add("show")
    .argument("<id>", "", whole)
    .description("write the body of one, byte for byte")
    .option("--out <file>", "into a file, for its owner alone")
    .action(show);
  add("send")
    .argument("[ids...]", "", wholes)
    .description("let the bridge deliver them again, behind the waiting reports of their box")
    .option("--all", "all, in the order of receipt")
    .option("--box <name>", "all of one box")
    .action(send);
  add("drop")
    .argument("[ids...]", "", wholes)
    .description("forget them permanently")
    .option("--all", "all")
    .option("--box <name>", "all of one box")
    .action(drop);
}

async function list({ config, box, limit, ...options }: AskedSpool & { box?: string; limit: number }): Promise<void> {
  const { refused, total } = await withSpool(config, ({ deadLetters, counts }) => ({
    refused: deadLetters
      .list({ box: box ?? null, limit })
      .map((one) => ({ ...one, at: new Date(one.at).toISOString() })),
    total: box === undefined ? deadLetters.count : counts.of(box).aside,
  }));
  const titles = ["ID", "REFUSED", "BOX", "PATH", "BYTES", "REASON"];
  const rows = refused.map((one) => [one.id, one.at, one.box, one.path, one.bytes, one.reason]);
  const more = total - refused.length;
  const rest = more > 0 ? `\n${plural(more, "older one is", "older ones are")} not shown; see --limit` : "";
  print({ refused, total }, () => table(titles, rows) + rest, options);
}

async function show(id: number, { config, out, ...options }: AskedSpool & { out?: string }): Promise<void> {
  const found = await withSpool(config, ({ deadLetters }) => deadLetters.find(id));
  if (found === null) throw new Failure(noSuch);
  if (out !== undefined) await write(out, found.body);
  if (out !== undefined)
    print({ ...factsOf(found), file: out }, () => `${plural(found.bytes, "byte is", "bytes are")} in ${out}.`, options);
  else if (options.json === true) print({ ...factsOf(found), ...contentOf(found) }, () => "", options);
  // Control characters are removed for a terminal.
  else writeOut(process.stdout.isTTY ? `${plain(Buffer.from(found.body).toString())}\n` : found.body);
}

function factsOf({ body: _, at, ...facts }: RefusedWhole) {
  return { ...facts, at: new Date(at).toISOString() };
}

function contentOf({ body, contentEncoding }: RefusedWhole): { body: string } | { bodyBase64: string } {
  const bytes = Buffer.from(body);
  return contentEncoding === null && isUtf8(bytes)
    ? { body: bytes.toString() }
    : { bodyBase64: bytes.toString("base64") };
}

async function write(file: string, body: Uint8Array): Promise<void> {
  try {
    await writeFile(file, body, { mode: 0o600 });
  } catch (error) {
    throw new Failure(`cannot write ${file}: ${sayWhy(error)}`, { cause: error });
  }
}

type Many = AskedSpool & { all?: true; box?: string };

async function send(ids: number[] | undefined, asked: Many): Promise<void> {
  const chosen = chosenBy(ids, asked, "send");
  const { done, failures } = await withSpool(asked.config, (spool, config) =>
    actOn(chosen, spool, sendingAgain(spool, config)),
  );
  print({ sent: done }, () => `${done} will be delivered again.`, asked);
  failOn(failures, "not sent");
}

async function drop(ids: number[] | undefined, asked: Many): Promise<void> {
  const chosen = chosenBy(ids, asked, "drop");
  const { done, failures } = await withSpool(asked.config, (spool) => actOn(chosen, spool, dropping(spool)));
  print({ dropped: done }, () => `${plural(done, "is", "are")} deleted permanently.`, asked);
  failOn(failures, "not dropped");
}

function chosenBy(ids: number[] = [], { all, box }: Many, what: string) {
  const ways = [ids.length > 0, all === true, box !== undefined].filter(Boolean).length;
  if (ways !== 1) throw new WrongUsage(`give the ids to ${what}, or --box, or --all`);
  return { ids, ...omitAbsent({ box }) };
}

function whole(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number.");
}

function wholes(text: string, before: number[] = []): number[] {
  return [...before, whole(text)];
}
