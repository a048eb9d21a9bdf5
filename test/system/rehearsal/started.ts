import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { folderOf, type Graph, readGraph } from "../../../scripts/synth/graph.ts";
import { missingForDynamo } from "../../standins/dynamo.ts";
import { freshAccessKey, sharedDynamo } from "../../standins/shared-dynamo.ts";
import { Box, Client } from "../../support/client.ts";
import { upToDate } from "../infra/stages.ts";
import { type Rehearsal, type RehearsalOptions, rehearse } from "./rehearsal.ts";

/** Runs a suite if its tables can run; otherwise it is skipped, unless all are required. */
export function whereRehearsable(suite: () => void): void {
  const missing = missingForDynamo();
  if (missing !== null && process.env["GATEPOST_REQUIRE_ALL"] === "1") throw new Error(missing);
  describe.skipIf(missing !== null)(missing === null ? "rehearsed" : `skipped: ${missing}`, suite);
}

export interface Copy {
  folder: string;
  remove(): Promise<void>;
}

/**
 * A copy of the uploads and of nothing else. The synth is brought up to date first, unless GATEPOST_GRAPH names one to
 * take as it is: with that the sources of the functions may be gone.
 */
export async function copyOfUploads(): Promise<Copy> {
  const given = process.env["GATEPOST_GRAPH"];
  if (given === undefined) await upToDate("test");
  return copyOf(given ?? folderOf("test"));
}

/** A copy of the uploads of a synth. */
export async function copyOf(from: string): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-uploads-"));
  await cp(join(from, "graph.json"), join(folder, "graph.json"));
  for (const { zip } of readGraph(from).builds) await cp(join(from, zip), join(folder, zip));
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

/** Rehearses a graph on the tables of this process, or on the DynamoDB Local of this run. */
export async function rehearseHere(folder: string, options: RehearsalOptions = {}): Promise<Rehearsal> {
  return rehearse(folder, { ...options, dynamo: { url: await sharedDynamo(), accessKey: freshAccessKey() } });
}

/** A rehearsal with a box. */
export interface Started {
  rehearsal: Rehearsal;
  client: Client;
  box: Box;
  stop(): Promise<unknown>;
}

/** Starts a rehearsal, of a graph that may be changed before. */
export async function started(
  change = (graph: string) => graph,
  options: (graph: Graph) => Promise<RehearsalOptions> = async () => ({}),
): Promise<Started> {
  const copy = await copyOfUploads();
  const file = join(copy.folder, "graph.json");
  await writeFile(file, change(await readFile(file, "utf8")));
  const rehearsal = await rehearseHere(copy.folder, await options(readGraph(copy.folder)));
  const client = new Client(rehearsal);
  const box = new Box(rehearsal.url, (await client.createKey("gate-1")).token);
  return { rehearsal, client, box, stop: () => Promise.all([rehearsal.stop(), copy.remove()]) };
}
