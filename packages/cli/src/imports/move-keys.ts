import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Operations } from "@gatepost/client";
import { LeavingStore } from "@gatepost/embedded";
import { jsonIn, plural } from "@gatepost/protocol";
import type { Command } from "commander";
import * as z from "zod";
import { withApi } from "../client.ts";
import { Failure, WrongUsage } from "../failure.ts";
import { onApi, onFolder, type Reading, stageOption, tableOption } from "../options.ts";
import { listed, print, writeOut } from "../output.ts";
import { existingFolder, nameFolder } from "../runtime/data-folder.ts";

/** Adds the commands that move keys to another Gatepost. URLs remain valid, because the hashes of tokens are moved. */
export function addMoveKeys(keys: Command): void {
  onFolder(keys.command("export"))
    .addOption(stageOption("whose keys are printed"))
    .addOption(tableOption())
    .description("print all keys with the hashes of their tokens, for keys import: URLs of boxes remain valid")
    .action(exportKeys);
  onApi(keys.command("import"))
    .argument("<file>", "the output of keys export")
    .description("take over exported keys; a key that is there is only revoked, if it was revoked")
    .action(importKeys);
}

async function exportKeys({ data, stage, table }: { data: string; stage?: string; table?: string }): Promise<void> {
  if (table !== undefined && stage === undefined) throw new WrongUsage("--table is the table of a --stage");
  const keys = await (stage === undefined ? keysOfFolder(data) : keysOfStage({ stage, table }));
  writeOut(`${JSON.stringify({ keys })}\n`);
}

async function keysOfFolder(data: string) {
  const folder = existingFolder(data);
  nameFolder(folder);
  await using store = new LeavingStore(folder, { isAlone: false });
  return await store.keys();
}

/** The code is loaded only here, because it brings the AWS SDK. */
async function keysOfStage(deployed: { stage: string; table: string | undefined }) {
  const { exportStageKeys } = await import("@gatepost/aws/stage-key");
  return exportStageKeys(deployed);
}

/** The other Gatepost checks the rest. */
const isKey = (key: unknown) => typeof key === "object" && key !== null && "tokenHash" in key;

const exported = z.object({ keys: z.array(z.custom<object>(isKey)) });

/** Keys of one request. */
const batchSize = 100;

async function importKeys(file: string, options: Reading): Promise<void> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Failure(`could not read ${file}: ${cause}`, { cause });
  });
  const { success, data } = exported.safeParse(jsonIn(text));
  if (!success) throw new Failure(`${file} is not the output of keys export`);
  const outcomes = await withApi(options, async (api) => {
    const store = createHash("sha256").update(text).digest("hex").slice(0, 16);
    const { id } = await api.ask("POST /v1/imports", { body: { store } });
    const found: Operations["POST /v1/imports/{id}"]["answer"]["taken"] = [];
    for (let from = 0; from < data.keys.length; from += batchSize) {
      const body = { keys: data.keys.slice(from, from + batchSize) };
      found.push(...(await api.ask("POST /v1/imports/{id}", { path: { id }, body })).taken);
    }
    const totals = { keys: found.length };
    await api.ask("POST /v1/imports/{id}/end", { path: { id }, body: totals });
    return found;
  });
  const idsWith = (outcome: string) => outcomes.filter((one) => one.outcome === outcome).map(({ id }) => id);
  const [made, known, conflicts] = ["made", "known", "conflict"].map(idsWith);
  const counted = { made: made?.length ?? 0, known: known?.length ?? 0 };
  print({ ...counted, conflicts: conflicts ?? [] }, () => inWords(counted), options);
  if (conflicts !== undefined && conflicts.length > 0)
    throw new Failure(`the ids of these keys are of others there: ${listed(conflicts, 5)}`);
}

function inWords({ made, known }: { made: number; known: number }): string {
  return `${plural(made, "key was", "keys were")} taken over; ${known} were there.`;
}
