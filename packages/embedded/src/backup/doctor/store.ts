import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { hourMs, plural } from "@gatepost/protocol";
import { isOfEarlierBuild } from "@gatepost/sqlite";
import { newestVersion, schema, wayOut } from "../../db/schema.ts";
import { schemaDifference } from "../../db/schema-check.ts";
import { clockDoubtOf } from "../../db/store-clock.ts";
import { firstRelease } from "../../db/store-time.ts";
import { FactorKeyFile } from "../../factors/key-file.ts";
import { peopleOfLostCodes, peopleOfOtherHosts } from "../../factors/lost-codes.ts";
import { countOf, damageOf, schemaOf } from "../snapshot.ts";
import { byRepair, type Examined, type Finding } from "./finding.ts";

/** ms that two clocks may differ. */
const toleranceMs = 60_000;

const setOrTrust = "set it, or `gatepost doctor --trust-clock` if it is right";

export const fromBackup = "restore a backup into an empty folder";

export async function* sqlite(): AsyncGenerator<Finding> {
  yield { check: "sqlite", state: "ok", said: `${process.versions["sqlite"]}, of Node ${process.versions.node}` };
}

export async function* database({ database: opened, isDeep }: Examined): AsyncGenerator<Finding> {
  if (isOfEarlierBuild(opened, schema)) {
    yield { check: "database", state: "wrong", said: "an earlier build wrote it", todo: wayOut };
    return;
  }
  const damage = damageOf(opened, { isDeep });
  if (damage !== null) yield { check: "database", state: "wrong", said: `it is damaged: ${damage}`, todo: fromBackup };
  const [broken] = isDeep ? opened.prepare("PRAGMA foreign_key_check").all() : [];
  if (broken !== undefined) {
    const said = `a row of ${broken["table"]} names one of ${broken["parent"]} that does not exist`;
    yield { check: "database", state: "wrong", said, todo: fromBackup };
  }
  const version = schemaOf(opened);
  if (version > newestVersion) {
    const said = `a newer Gatepost wrote it (schema ${version}, known are ${newestVersion})`;
    yield { check: "database", state: "wrong", said, todo: "upgrade this Gatepost" };
  }
  const difference = version === newestVersion ? schemaDifference(opened) : null;
  if (difference !== null)
    yield {
      check: "database",
      state: "wrong",
      said: `it ${difference}`,
      todo: `${fromBackup}: no server starts on it`,
    };
  if (damage === null && broken === undefined && difference === null)
    yield { check: "database", state: "ok", said: "it is whole" };
}

export async function* clock({ database: opened, clock: now }: Examined): AsyncGenerator<Finding> {
  const at = now();
  if (at < firstRelease) {
    const said = `this machine believes that it is ${new Date(at).toISOString()}`;
    yield { check: "clock", state: "wrong", said, todo: "set its clock, and keep it set (NTP)" };
    return;
  }
  yield* doubted(opened, at);
  const newest = newestEntry(opened);
  if (newest > at + toleranceMs) {
    const said = `the store has entries of ${new Date(newest).toISOString()}, and this machine believes that it is ${new Date(at).toISOString()}`;
    const todo = "set its clock: until then, reports are dated too early, and expire too early";
    yield { check: "clock", state: "wrong", said, todo };
  } else
    yield { check: "clock", state: "ok", said: `${new Date(at).toISOString()}, and nothing in the store is later` };
}

/** Whether the clock agrees with the time at which the store was last served. */
function* doubted(opened: DatabaseSync, at: number): Iterable<Finding> {
  const doubt = clockDoubtOf(opened, at);
  if (doubt === null) return;
  const was = `it said ${new Date(doubt.noted).toISOString()} when the store was served last`;
  if (doubt.is === "behind")
    yield {
      check: "clock",
      state: "wrong",
      said: `${was}, and says ${new Date(at).toISOString()} now`,
      todo: setOrTrust,
    };
  else {
    const hours = Math.ceil(doubt.heldMs / hourMs);
    const said = `${was}, ${Math.floor((at - doubt.noted) / (24 * hourMs))} days ago: nothing that has expired is removed for ${hours} h of serving`;
    yield { check: "clock", state: "note", said, todo: setOrTrust };
  }
}

/** The first few of some people. */
function someOf(people: readonly string[]): string {
  return people.slice(0, 5).join(", ") + (people.length > 5 ? ", …" : "");
}

/** Times that the clock of this machine gave. */
const clocked = [
  ["audit", "at"],
  ["quarantine", "received_at"],
  ["notices", "received_at"],
  ["keys", "last_used_at"],
] as const;

function newestEntry(opened: DatabaseSync): number {
  const times = clocked.map(([table, column]) =>
    countOf(opened, table) === 0
      ? 0
      : Number(opened.prepare(`SELECT max(${column}) AS at FROM ${table}`).get()?.["at"]),
  );
  return Math.max(...times);
}

/** The jobs that erase people and have not ended. */
const erasing = `
  SELECT count(*) AS n FROM jobs
  WHERE is_open AND json_valid(job) AND job ->> '$.asked.kind' = 'erase' AND job ->> '$.state' IN ('waiting', 'running')`;

/** Erasures of people that a process has begun and did not end. */
export async function* erasures({ database: opened, isServed }: Examined): AsyncGenerator<Finding> {
  const n = Number(opened.prepare(erasing).get()?.["n"]);
  if (n === 0) return;
  const said = `${plural(n, "erasure of a person has", "erasures of people have")} not ended`;
  if (isServed) yield { check: "erasures", state: "note", said: `${said}: the server continues it` };
  else yield { check: "erasures", state: "wrong", said, todo: "start the server, which continues it" };
}

export async function* keys({ path, database: opened, passkeyHost }: Examined): AsyncGenerator<Finding> {
  const unfinished = countOf(opened, "erasures");
  if (unfinished > 0) {
    const said = `${plural(unfinished, "erasure is", "erasures are")} not finished: bytes of pictures are still there`;
    yield { check: "keys", state: "wrong", said, ...byRepair };
  }
  const lost = await peopleOfLostCodes(opened, new FactorKeyFile(path));
  if (lost.length > 0) {
    const said = `factors.key does not open the codes of ${plural(lost.length, "account", "accounts")}: ${someOf(lost)}`;
    const todo = "put the earlier factors.key back, or `gatepost accounts factors reset EMAIL` for each of them";
    yield { check: "keys", state: "wrong", said, todo };
  }
  const elsewhere = passkeyHost === undefined ? [] : peopleOfOtherHosts(opened, passkeyHost);
  if (elsewhere.length > 0) {
    const have = plural(elsewhere.length, "account has", "accounts have");
    const said = `${have} passkeys of another host only: ${someOf(elsewhere)}`;
    const todo = "set the earlier --public-url, or `gatepost accounts factors reset EMAIL` for each of them";
    yield { check: "keys", state: "wrong", said, todo };
  }
  if (!existsSync(join(path, "first-keys.json"))) return;
  yield {
    check: "keys",
    state: "wrong",
    said: "the folder contains the first keys",
    todo: "`gatepost keys first --forget`, once they are stored elsewhere",
  };
}
