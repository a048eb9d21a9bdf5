import {
  type AuditActor,
  ChainCheck,
  type ChainFinding,
  type ShownAuditRecord,
  shownAuditRecord,
  storedRecord,
} from "@gatepost/core/audit";
import { plural } from "@gatepost/protocol";
import { type Command, InvalidArgumentError } from "commander";
import * as z from "zod";
import { type Api, withApi } from "../client.ts";
import { Failure } from "../failure.ts";
import { onApi, type Reading, timeText } from "../options.ts";
import { print, table } from "../output.ts";
import { plain } from "../plain.ts";
import { pagesOf } from "../progress-bar.ts";

const page = z.object({
  entries: z.array(shownAuditRecord),
  next: z.string().nullable(),
  head: z.object({ seq: z.int(), hash: z.string() }).nullable(),
  keptFrom: z.string(),
});

type Head = NonNullable<z.output<typeof page>["head"]>;

export function addAuditCommands(program: Command): void {
  const audit = program
    .command("audit")
    .description("see what people and keys did, and verify that the log is unchanged");
  onApi(audit.command("list"))
    .description("list entries, newest first")
    .option("--from <instant>", "the earliest time, as 2026-11-05T00:00:00+08:00", timeText)
    .option("--to <instant>", "the time before which they must be", timeText)
    .action(list);
  onApi(audit.command("verify"))
    .description("follow the chain from its end to its beginning")
    .option("--head <number:hash>", "an end that was noted before, to see that nothing was cut off since", headOf)
    .action(verify);
}

async function list({ from, to, ...options }: Reading & { from?: string; to?: string }): Promise<void> {
  const entries: ShownAuditRecord[] = [];
  await withApi(options, async (api) => {
    for await (const page of entriesIn(api, { from, to })) entries.push(...page.entries);
  });
  const titles = ["NUMBER", "TIME", "BY", "ACTION", "OUTCOME", "ABOUT"];
  const rows = entries.map(({ seq, at, by, action, outcome, about }) => [
    ...[seq, at, actorText(by), action, outcome],
    Object.entries(about)
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
  ]);
  print({ entries }, () => table(titles, rows), options);
}

/** The person by name, a key by its note, and each by its id if it has none. */
function actorText(by: AuditActor): string {
  return "account" in by ? plain(by.name ?? by.account) : plain(by.note ?? by.key);
}

/** Exit code 1 if anything is wrong. */
async function verify({ head: known, ...options }: Reading & { head?: Head }): Promise<void> {
  const { finding, head } = await withApi(options, (api) => followed(api, known ?? null));
  print({ ...finding, head }, () => inWords(finding, head), options);
  if (finding.faults.length > 0) throw new Failure("the audit log is not as it was written");
}

async function followed(api: Api, known: Head | null): Promise<{ finding: ChainFinding; head: Head | null }> {
  let begun: { check: ChainCheck; head: Head | null; keptFrom: number } | null = null;
  for await (const { entries, head, keptFrom } of entriesIn(api, {})) {
    begun ??= { check: new ChainCheck(head, known), head, keptFrom: Date.parse(keptFrom) };
    for (const entry of entries) begun.check.take(storedRecord(entry));
  }
  if (begun === null) throw new Failure("the audit log could not be read");
  return { finding: begun.check.end(begun.keptFrom), head: begun.head };
}

function inWords({ entries, oldest, faults }: ChainFinding, head: Head | null): string {
  if (faults.length > 0) return faults.map(plain).join("\n");
  if (head === null) return "The audit log has no entry.";
  return [
    `${plural(entries, "entry", "entries")}, ${oldest} to ${head.seq}: each is as it was written.`,
    `Note the end elsewhere, to see later that nothing was cut off: --head ${head.seq}:${head.hash}`,
  ].join("\n");
}

function entriesIn(api: Api, range: { from?: string | undefined; to?: string | undefined }) {
  return pagesOf((cursor) => api.ask("GET /v1/audit", { query: { limit: 500, ...range, cursor }, answer: page }));
}

function headOf(text: string): Head {
  const [, seq, hash = ""] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq !== undefined) return { seq: Number(seq), hash };
  throw new InvalidArgumentError("It must be a number and a hash, as `audit verify` printed them.");
}
