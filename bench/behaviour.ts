import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { startFlask } from "./flask.ts";
import { type Peer, pathOf, start, startGatepost } from "./peer.ts";
import { type Case, cases } from "./sent.ts";

/** A receiver: the URL of a box, the URL of a sender without a key, and the kept reports so far. */
interface Receiver {
  name: string;
  url: string;
  strangerUrl: string;
  kept(): Promise<Kept>;
  /** Absent if it cannot be taught a format. */
  teach?(mapping: object): Promise<void>;
  end(): Promise<void>;
}

interface Kept {
  passings: number;
  /** Names of the persons, to see whether they arrived intact. */
  names: readonly string[];
  /** Reports that were not understood and are kept all the same. */
  whole: number;
}

/**
 * The outcome of boxes' reports at Gatepost and at other receivers: the answer and the kept data, for each case and
 * receiver. Flask is included if PyPI can be reached.
 */
export async function behaviour(withFlask: boolean): Promise<Map<string, string[]>> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const flask = withFlask ? await startFlask() : "left out";
  const receivers = [
    ...(typeof flask === "string" ? [] : [flaskReceiver(flask)]),
    await plainReceiver(data),
    await gatepostReceiver(join(data, "gatepost")),
  ];
  try {
    const rows = new Map([["", receivers.map(({ name }) => name)]]);
    for (const behaviour of cases) {
      const outcomes: string[] = [];
      for (const receiver of receivers) outcomes.push(await outcome(behaviour, receiver));
      rows.set(behaviour.what, outcomes);
    }
    return rows;
  } finally {
    for (const receiver of receivers) await receiver.end();
    await rm(data, { recursive: true });
  }
}

/** Such as "200: 1 passing"; "500, again and again: nothing" if a box would repeat it for ever. */
async function outcome({ bodies, type, isStranger, name, mapping }: Case, receiver: Receiver): Promise<string> {
  if (mapping !== undefined) await receiver.teach?.(mapping);
  const before = await receiver.kept();
  const statuses = new Set<number>();
  for (const body of bodies) {
    const url = isStranger === true ? receiver.strangerUrl : receiver.url;
    const response = await fetch(url, {
      method: "POST",
      body: new Uint8Array(body),
      headers: { "content-type": type },
    });
    await response.arrayBuffer();
    statuses.add(response.status);
  }
  const after = await receiver.kept();
  const passings = after.passings - before.passings;
  const isGarbled = passings > 0 && name !== undefined && !after.names.includes(name);
  const kept = [
    ...(passings > 0
      ? [`${passings} ${passings === 1 ? "passing" : "passings"}${isGarbled ? ", name lost" : ""}`]
      : []),
    ...(after.whole > before.whole ? ["the report as it came"] : []),
  ];
  return `${[...statuses].join(", ")}: ${kept.join(" and ") || "nothing"}`;
}

/** It parses and answers, and keeps nothing. */
function flaskReceiver(peer: Peer): Receiver {
  const kept = async () => ({ passings: 0, names: [], whole: 0 });
  return { name: "demonstration", url: peer.url, strangerUrl: peer.url, kept, end: () => peer.end() };
}

const plainRows = z.array(z.object({ report: z.string() }));
const named = z.object({ identity_name: z.string() });

async function plainReceiver(data: string): Promise<Receiver> {
  const peer = await start(process.execPath, [pathOf("peers/plain.ts"), data]);
  const kept = async () => {
    using database = new DatabaseSync(join(data, "plain.db"), { readOnly: true });
    const rows = plainRows.parse(database.prepare("SELECT report FROM reports").all());
    const names = rows.map(({ report }) => named.parse(JSON.parse(report)).identity_name);
    return { passings: rows.length, names, whole: 0 };
  };
  return { name: "afternoon's endpoint", url: peer.url, strangerUrl: peer.url, kept, end: () => peer.end() };
}

const events = z.object({ events: z.array(z.object({ person: z.object({ name: z.string().nullable() }) })) });
const quarantine = z.object({ records: z.array(z.unknown()) });

async function gatepostReceiver(data: string): Promise<Receiver> {
  const peer = await startGatepost(data);
  const headers = { authorization: `Bearer ${peer.adminToken}` };
  const asked = async (path: string) => (await fetch(`${peer.origin}${path}`, { headers })).json();
  const kept = async () => {
    const stored = events.parse(await asked("/v1/events?limit=200")).events;
    const { records } = quarantine.parse(await asked("/v1/quarantine?limit=200"));
    return { passings: stored.length, names: stored.flatMap(({ person }) => person.name ?? []), whole: records.length };
  };
  const strangerUrl = `${peer.origin}/HistoryEvent`;
  const teach = async (mapping: object) => {
    const sent = { method: "POST", headers, body: JSON.stringify(mapping) };
    const { status } = await fetch(`${peer.origin}/v1/mappings`, sent);
    if (status !== 201) throw new Error(`a mapping was answered ${status}`);
  };
  return { name: "Gatepost", url: peer.url, strangerUrl, kept, teach, end: () => peer.end() };
}

/** The table of docs/comparison.md. */
export function table(rows: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...rows].map(([what, outcomes]) => `| ${[what, ...outcomes].join(" | ")} |`);
  const [head = "", ...others] = lines;
  return [head.replace("|  |", "| |"), head.replaceAll(/[^|]+/g, "---"), ...others].join("\n");
}

if (import.meta.main) process.stdout.write(`${table(await behaviour(true))}\n`);
