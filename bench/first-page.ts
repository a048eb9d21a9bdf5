import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openRuntime, type Runtime, serve } from "@gatepost/embedded";
import { idOf, type Report } from "@gatepost/protocol";
import { quiet } from "./log.ts";
import { spread } from "./ratio.ts";

const rounds = 21;
const start = Date.UTC(2026, 0, 1);
/** ms; a server that is started over them later must not find them expired. */
const lifetime = 1e12;

/** Filters that a console asks for: some that nearly all events meet, some that very few do. */
const filters: Record<string, string> = {
  none: "",
  range: `from=${start}&to=${start + 1000}`,
  box: "box=gate-3",
  device: "device=10.0.0.7",
  "rare device": "device=10.9.9.9",
  person: "person=77",
  type: "type=vip",
  action: "action=1001",
  flag: "flag=clock",
  "rare flag": "flag=text-cut%3Aextra",
  text: "q=visitor",
  "rare text": `q=${encodeURIComponent("小明")}`,
  "no such text": "q=nobody",
  "several at once": "box=gate-3&type=vip&flag=clock&q=visitor",
};

/**
 * The time of the first page of each filter of a store ÷ of an empty one, in turns: a line a filter, as it is measured.
 */
export async function* firstPages(full: Store): AsyncGenerator<string> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const empty = await storeOver(data);
  try {
    yield "first page (limit 50) ÷ of an empty store:";
    for (const [name, query] of Object.entries(filters)) {
      const [page, one] = [await ratio(full, empty, query), await ratio(full, empty, `limit=1&${query}`)];
      yield `  ${name}: ${page}; with limit=1 ${one}`;
    }
  } finally {
    await empty.close();
    await rm(data, { recursive: true });
  }
}

export interface Store {
  runtime: Runtime;
  url: string;
  close(): Promise<void>;
}

/** Serves a data folder. */
export async function storeOver(data: string): Promise<Store> {
  const runtime = await openRuntime({ data, clock: () => start + 1000, log: quiet });
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  return {
    runtime,
    url: `http://127.0.0.1:${served.port}/v1/events`,
    async close() {
      await served.close();
      await runtime.close();
    },
  };
}

/** Passings of 2,000 known people and as many strangers at 50 devices of 10 boxes. */
export async function fill({ ingest }: Runtime, events: number, now = start): Promise<void> {
  const batchSize = 256;
  for (let done = 0; done < events; done += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, events - done) }, (_, n) => done + n);
    await Promise.all(
      batch.map((n) =>
        ingest.index.upsert({
          eventId: idOf("evt", [n]),
          box: `gate-${n % 10}`,
          isSecondFace: false,
          report: reportOf(n, events, now),
          fingerprint: "face",
          replaces: null,
          action: null,
          isAwaited: false,
          now,
          expiresAt: now + lifetime,
        }),
      ),
    );
  }
}

function reportOf(n: number, events: number, now: number): Report {
  const isRare = n % Math.ceil(events / 20) === 0;
  const id = n % 2000;
  const type = n % 2 === 0 ? "stranger" : n % 10 === 1 ? "vip" : "employee";
  return {
    kind: "history",
    dialect: "history-nested",
    receivedAt: now,
    time: n % 3 === 0 ? 0 : now - n * 1000,
    device: {
      ip: isRare ? "10.9.9.9" : `10.0.0.${n % 50}`,
      endpoint: `BOX${n % 10}__10.0.1.${n % 10}`,
      type: "turnstile",
    },
    person: { id: `${id}`, name: isRare ? "小明" : `visitor ${id}`, type, group: "default_group" },
    score: [0.87, 1],
    wantAction: n % 4 === 0 ? "1001" : "0",
    ...(isRare ? { flags: ["text-cut:extra"] } : {}),
  };
}

async function ratio(full: Store, empty: Store, query: string): Promise<string> {
  await ask(full, query);
  await ask(empty, query);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) ratios.push((await ask(full, query)) / (await ask(empty, query)));
  return spread(ratios);
}

/** ms that it takes a client, its connection being open already. */
async function ask({ runtime, url }: Store, query: string): Promise<number> {
  const headers = { authorization: `Bearer ${runtime.adminToken}` };
  const began = performance.now();
  const answer = await fetch(`${url}?${query}`, { headers });
  await answer.text();
  if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
  return performance.now() - began;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const full = await storeOver(data);
  await fill(full.runtime, Number(process.argv[2] ?? 1_000_000));
  for await (const line of firstPages(full)) process.stdout.write(`${line}\n`);
  await full.close();
  await rm(data, { recursive: true });
}
