import { setTimeout as sleep } from "node:timers/promises";
import { DataDirLocked, LeavingStore } from "@gatepost/embedded";
import { plural } from "@gatepost/protocol";
import { type Command, Option } from "commander";
import { Failure, WrongUsage } from "../failure.ts";
import { onFolder, targetUrl } from "../options.ts";
import { print } from "../output.ts";
import { ProgressBar } from "../progress-bar.ts";
import { existingFolder, nameFolder } from "../runtime/data-folder.ts";
import { findAnswering } from "../runtime/running.ts";
import { type Migrated, migrate } from "./migrate.ts";
import { MigrationProgress } from "./progress.ts";
import { MigrationTarget } from "./target.ts";

export function addMigrate(program: Command): void {
  onFolder(program.command("migrate"))
    .description("send everything to another Gatepost, as on AWS, while boxes still deliver here")
    .requiredOption("--to <url>", "the other Gatepost", targetUrl)
    .addOption(new Option("--token <key>", "an admin key of it").env("GATEPOST_TOKEN"))
    .option(
      "--finish",
      "the last time, once boxes deliver there and no server runs here: also send the rest, and compare all",
    )
    .option("--json", "print one JSON document")
    .action(move);
}

type AskedMove = { data: string; to: string; token?: string; finish?: true; json?: true };

/** Passes until next to nothing is new, and ms between them. */
const maxPasses = 5;
const pauseMs = 500;

async function move({ data, to, token, finish, ...options }: AskedMove): Promise<void> {
  if (token === undefined)
    throw new WrongUsage("give an admin key of the other Gatepost with --token or in GATEPOST_TOKEN");
  const folder = existingFolder(data);
  nameFolder(folder);
  await using source = await openStore(folder, { isAlone: finish === true });
  using progress = new MigrationProgress(folder, to);
  using bar = new ProgressBar("sending events");
  const say = (line: string) => {
    bar[Symbol.dispose]();
    process.stderr.write(`${line}\n`);
  };
  const target = new MigrationTarget({ url: to, token, store: source.store, say });
  const changes = source.changesAfter(progress.revision, Date.now());
  say(`asking ${to} to take over new data: ${plural(changes, "event", "events")}`);
  const moving = { source, target, progress, clock: Date.now, onProgress: bar.show.bind(bar) };
  const migrated = await migrate(moving, { isLast: finish === true });
  for (let pass = 1; finish !== true && pass < maxPasses; pass++) {
    await sleep(pauseMs);
    const more = await migrate(moving, { isLast: false });
    migrated.events += more.events;
    migrated.pictures += more.pictures;
    migrated.left += more.left;
    migrated.quarantine += more.quarantine;
    migrated.replays += more.replays;
    migrated.erasedThere += more.erasedThere;
    migrated.conflicts.push(...more.conflicts);
    migrated.held = more.held;
    if (more.events === 0) break;
  }
  bar[Symbol.dispose]();
  print(migrated, () => inWords(migrated, to), options);
  const wrong = migrated.balance?.wrong ?? 0;
  if (wrong > 0)
    throw new Failure(
      `${plural(wrong, "event is", "events are")} not there as here; run it again, and look closer if it stays`,
    );
}

/** ms that a server which was asked to end may take: it finishes the requests under way. */
const endingMs = 60_000;

/** Opens the store. If it must be alone, it waits for a server that no longer answers, and refuses beside another. */
async function openStore(folder: string, { isAlone }: { isAlone: boolean }): Promise<LeavingStore> {
  for (const deadline = performance.now() + endingMs; ; ) {
    try {
      return new LeavingStore(folder, { isAlone });
    } catch (error) {
      if (!(error instanceof DataDirLocked) || performance.now() > deadline) throw error;
      if ((await findAnswering(folder)) !== null) throw error;
    }
    await sleep(pauseMs);
  }
}

function inWords(migrated: Migrated, to: string): string {
  const { events, pictures, keys, quarantine, erasures, left, conflicts } = migrated;
  const { quarantineLeft, replays, replaysLeft, mappingsThere, waiting, balance, erasedThere, keyConflicts } = migrated;
  const toSend = balance === null ? "leave its server running" : "start its server again, and let it run";
  const notes = [
    [left, "picture", "pictures", "did not go: lost here, or too large there"],
    [quarantineLeft, "report", "reports", "in quarantine did not go: too large there"],
    [replays, "report", "reports", "that mappings have replayed went, for an undo there"],
    [
      replaysLeft,
      "report",
      "reports",
      "that mappings have replayed did not go: too large there, so an undo there leaves the events",
    ],
    [
      mappingsThere.length,
      "mapping is",
      "mappings are",
      `there and not here; if you have undone it here, undo it there, too: ${mappingsThere.slice(0, 5).join(", ")}`,
    ],
    [conflicts.length, "event is", "events are", `another passing there: ${conflicts.slice(0, 5).join(", ")}`],
    [
      keyConflicts.length,
      "key",
      "keys",
      `did not go, whose id another has there: ${keyConflicts.slice(0, 5).join(", ")}`,
    ],
    [erasedThere, "event was", "events were", "erased there, as here since"],
    [waiting, "entry waits", "entries wait", `for the rules of this store: ${toSend} until all is sent`],
  ] as const;
  return [
    `${plural(events, "event", "events")} with ${plural(pictures, "picture", "pictures")}, ${plural(keys, "key", "keys")}, ` +
      `${plural(quarantine, "report", "reports")} in quarantine and ${plural(erasures, "erasure", "erasures")} went to ${to}.`,
    ...notes.filter(([n]) => n > 0).map(([n, one, several, text]) => `${plural(n, one, several)} ${text}.`),
    balance === null
      ? `Now let boxes deliver to ${to} (their keys are the same), stop the server here, and run it with --finish.`
      : `Compared: ${plural(balance.events, "event", "events")}. Not there as here: ${balance.wrong}.`,
    ...(balance?.faults ?? []).map(({ id, fault }) => `${id}: ${fault}`),
  ].join("\n");
}
