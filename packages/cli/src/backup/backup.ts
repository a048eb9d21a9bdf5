import { realpathSync } from "node:fs";
import { resolve, sep } from "node:path";
import { backUp, restore } from "@gatepost/embedded";
import { plural } from "@gatepost/protocol";
import type { Command } from "commander";
import { sayWhy, WrongUsage } from "../failure.ts";
import { onFolder, type S3Place, s3Place, time } from "../options.ts";
import { print } from "../output.ts";
import { plain } from "../plain.ts";
import { ProgressBar } from "../progress-bar.ts";
import { backupFailure, restoreFailure } from "../runtime/data-failure.ts";
import { existingFolder, nameFolder } from "../runtime/data-folder.ts";

export function addBackupCommands(program: Command): void {
  onFolder(program.command("backup"))
    .argument("<to>", "a folder, to which the next backup copies only new data")
    .description("copy all that is kept, whether a server runs or not: events, pictures, keys, rules, the audit log")
    .option("--json", "print one JSON document")
    .action(backUpInto);
  onFolder(program.command("restore"))
    .argument("<from>", "a backup of `gatepost backup`, or s3://bucket/prefix of `serve --ship`")
    .description("make a data folder from a backup; the folder must not exist yet, or be empty")
    .option(
      "--later <store>",
      "the data folder in its last state, or a later backup: repeat its erasures and revocations",
    )
    .option("--at <instant>", "of a shipped bucket, the state at that time, as 2026-11-05T00:00:00Z", time)
    .option("--partial", "also if pictures are missing, or if a bucket cannot list later erasures")
    .option("--json", "print one JSON document")
    .action(restoreFrom);
}

type AskedBackup = { data: string; json?: true };

async function backUpInto(to: string, { data, ...options }: AskedBackup): Promise<void> {
  const folder = existingFolder(data);
  nameFolder(folder);
  const place = resolve(to);
  using bar = new ProgressBar("copying pictures");
  const onProgress = bar.show.bind(bar);
  const made = await said(
    () => backUp({ data: folder, to: place, clock: Date.now, onProgress }),
    (error) => backupFailure(error, { data: folder, to: place }),
  );
  bar[Symbol.dispose]();
  warnOfPlace(place, folder);
  const { events, pictures, copied, damaged, erasedMeanwhile } = made;
  const inWords = () =>
    [
      `${plural(events, "event", "events")} and ${plural(pictures, "picture", "pictures")} are in ${to}, as of ${made.madeAt}; ` +
        `${plural(copied.pictures, "picture was", "pictures were")} copied.`,
      ...(damaged > 0
        ? [`${plural(damaged, "picture is", "pictures are")} lost in the store; \`gatepost doctor\` says which.`]
        : []),
      ...(erasedMeanwhile > 0 ? [`${plural(erasedMeanwhile, "picture was", "pictures were")} erased meanwhile.`] : []),
    ].join("\n");
  print(made, inWords, { ...options, data });
}

/** A backup within the data folder is lost with it: on a broken disk, or when the folder is removed. */
function warnOfPlace(place: string, folder: string): void {
  if (!realpathSync(place).startsWith(realpathSync(folder) + sep)) return;
  process.stderr.write("! this backup is within the data folder and is lost with it: make one elsewhere, too\n");
}

type AskedRestore = AskedBackup & { later?: string; partial?: true; at?: number };

async function restoreFrom(from: string, { data, later, partial, at, ...options }: AskedRestore): Promise<void> {
  const folder = resolve(data);
  nameFolder(folder);
  const source = await sourceOf(from, at);
  const laterPlace = later === undefined ? null : resolve(later);
  using bar = new ProgressBar("restoring pictures");
  const restored = await said(
    () =>
      restore({
        from: source,
        data: folder,
        later: laterPlace,
        isPartial: partial === true,
        onProgress: bar.show.bind(bar),
      }),
    (error) => restoreFailure(error, { data: folder, from: resolve(from), later: laterPlace }),
  );
  bar[Symbol.dispose]();
  print(restored, () => inWords(restored, data), { ...options, data });
}

function inWords(restored: Awaited<ReturnType<typeof restore>>, data: string): string {
  const { madeAt, events, pictures, quarantine, missing, lostCodes, lostCodesOf, lostCompany, takenOver } = restored;
  const unknownAfter = takenOver === null ? madeAt : restored.unknownAfter;
  const again = [
    ...(takenOver === null
      ? []
      : [
          `Done again: ${plural(takenOver.erasures, "erasure", "erasures")}, which removed ${plural(takenOver.events, "event", "events")}; ` +
            `${plural(takenOver.keys, "key is", "keys are")} revoked.`,
        ]),
    ...(unknownAfter === null
      ? []
      : [
          `Not known here: who was erased and which keys were revoked after ${unknownAfter}. Erase and revoke them again, or restore`,
          "once more with --later and the data folder as it was last, or a later backup.",
        ]),
  ];
  return [
    `${plural(events, "event", "events")}, ${plural(pictures, "picture", "pictures")} and ` +
      `${plural(quarantine, "report", "reports")} in quarantine are in ${data}, as of ${madeAt}.`,
    ...(missing.length > 0
      ? [`${plural(missing.length, "picture is", "pictures are")} missing; their events are flagged picture-lost.`]
      : []),
    ...(lostCodes > 0
      ? [
          `${plural(lostCodes, "person signs", "people sign")} in with codes, whose key no backup has: copy factors.key of the earlier data ` +
            "folder here, or reset them (`gatepost accounts factors reset EMAIL` for each), and they set up codes anew: " +
            `${lostCodesOf.map(plain).join(", ")}${lostCodes > lostCodesOf.length ? ", …" : ""}.`,
        ]
      : []),
    ...(lostCompany > 0
      ? [
          `${plural(lostCompany, "person signs", "people sign")} in by the company, and oidc.json is in no backup: copy it and the ` +
            "certificate that it names from the earlier data folder here.",
        ]
      : []),
    ...again,
  ].join("\n");
}

async function sourceOf(from: string, at: number | undefined): Promise<Parameters<typeof restore>[0]["from"]> {
  if (!from.startsWith("s3://")) {
    if (at !== undefined) throw new WrongUsage("--at is for a shipped bucket; a backup is of one moment");
    return resolve(from);
  }
  const place = bucketIn(from);
  const { S3ShipStore } = await import("./s3.ts");
  return { bucket: new S3ShipStore(place), at: at ?? null };
}

function bucketIn(from: string): S3Place {
  try {
    return s3Place(from);
  } catch (error) {
    throw new WrongUsage(`${from} is no place in a bucket: ${sayWhy(error)}`, { cause: error });
  }
}

async function said<T>(work: () => Promise<T>, failureOf: (error: unknown) => Error): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}
