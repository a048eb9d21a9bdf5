import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { backfill, Cloud, knownToCloud, Progress } from "@gatepost/bridge";
import { serve } from "@gatepost/embedded";
import type { Passing, Se5, Version } from "@gatepost/simulator";
import { picturesOf } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { BoxApi } from "../../../packages/bridge/src/se5/box-api.ts";
import { liveV6 } from "../../../packages/simulator/src/bodies/flat.ts";
import { liveV5 } from "../../../packages/simulator/src/bodies/nested.ts";
import { Box, Client } from "../../support/client.ts";
import { album, atEnd, receiver, temporary } from "../../unit/simulator/support.ts";
import { temporaryRuntime } from "../embedded/temporary.ts";
import { se5Of } from "./support.ts";

async function gatepost() {
  const { runtime, close } = await temporaryRuntime();
  atEnd(close);
  const { port, close: stop } = await serve(runtime, { host: "127.0.0.1", port: 0 });
  atEnd(stop);
  const client = new Client({ url: `http://127.0.0.1:${port}`, admin: runtime.adminToken });
  const { token } = await client.createKey("lobby");
  return { client, url: client.url, token, admin: runtime.adminToken };
}

interface Place {
  se5: Se5;
  url: string;
  token: string;
  admin: string;
  progress?: Progress;
  cloud?: string;
  signal?: AbortSignal;
}

const span = { from: 0, to: Date.now() + 3_600_000 };

async function run({ se5, url, token, admin, progress, cloud = url, signal }: Place, around = span) {
  const reported: number[] = [];
  const account = await backfill(
    around,
    {
      box: "lobby",
      token,
      api: new BoxApi("127.0.0.1", se5.apiPort),
      cloud: new Cloud(cloud),
      known: (asked, signal) => knownToCloud({ url, token: admin, box: "lobby" }, asked, signal),
      progress: progress ?? new Progress(join(await temporary(), "progress.json")),
      clock: { now: Date.now, sleep: () => Promise.resolve() },
      random: Math.random,
      tell: ({ done }) => reported.push(done),
      warn: () => {},
    },
    signal ?? new AbortController().signal,
  );
  return { ...account, reported };
}

const hourAround = () => ({ from: Date.now() - 1_800_000, to: Date.now() + 1_800_000 });

describe.each(["V5R6", "V6"] as const)("The memory of an SE5 of %s", (version: Version) => {
  const pushed = (passing: Passing) => (version === "V6" ? liveV6 : liveV5)(passing, picturesOf(passing, album));

  it("is delivered with its pictures, once even after repeated backfills", async () => {
    const deps = await gatepost();
    const { se5, site } = await se5Of("lobby", { version });
    // If strangers pass within two milliseconds, it is unknown which of them the cloud has.
    const start = Date.now();
    const all = Array.from({ length: 30 }, (_, index) => ({ ...site.next(), at: start + index * 10 }));
    for (const passing of all) se5.passes(passing);
    expect(await run({ se5, ...deps }, hourAround())).toMatchObject({ delivered: 30, known: 0, refused: 0 });
    const events = await deps.client.events();
    expect(events).toHaveLength(30);
    for (const event of events) {
      expect(event.reports.map(({ kind }) => kind)).toEqual(["backfill"]);
      const registered = event.person.type === "stranger" ? [] : ["registered"];
      expect(Object.keys(event.pictures).sort()).toEqual(["face", ...registered, "scene"]);
    }
    const [known] = all.filter(({ person }) => person.type !== 4);
    const of = events.find(({ person }) => person.id === known?.person.id);
    if (known === undefined || of === undefined) throw new Error("somebody must be known");
    expect(await deps.client.picture(of, "registered")).toEqual(picturesOf(known, album).registered);
    expect(await run({ se5, ...deps }, hourAround())).toMatchObject({ delivered: 0, known: 30 });
    expect(await deps.client.events()).toHaveLength(30);
  });

  it("joins pushed events by the pushed time, and skips those the cloud has", async () => {
    const deps = await gatepost();
    const { se5, site } = await se5Of("lobby", { version });
    const now = Date.now();
    const all = Array.from({ length: 12 }, (_, index) => ({ ...site.next(), at: now + index * 10 }));
    for (const passing of all) se5.passes(passing);
    const box = new Box(deps.url, deps.token);
    for (const passing of all.slice(0, 8)) await box.post("/LiveEvent", pushed(passing));
    expect(await run({ se5, ...deps }, hourAround())).toMatchObject({ delivered: 4, known: 8 });
    const events = await deps.client.events();
    expect(events).toHaveLength(12);
    expect(events.filter(({ reports }) => reports.some(({ kind }) => kind === "live"))).toHaveLength(8);
  });
});

it("a registered picture that a V6 box no longer has is omitted, not blank", async () => {
  const deps = await gatepost();
  const { se5, site } = await se5Of("lobby", { version: "V6" });
  const gone = site.nextStranger();
  se5.passes({ ...gone, person: { ...gone.person, imageId: "removed" } });
  await run({ se5, ...deps }, hourAround());
  const [event] = await deps.client.events();
  expect(Object.keys(event?.pictures ?? {}).sort()).toEqual(["face", "scene"]);
});

it("two strangers at one moment, of whom one was pushed, become two events", async () => {
  const deps = await gatepost();
  const { se5, site } = await se5Of("lobby");
  const first = { ...site.nextStranger(), at: Date.now() };
  const second = { ...site.nextStranger(), at: first.at, device: first.device };
  for (const passing of [first, second]) se5.passes(passing);
  await new Box(deps.url, deps.token).post("/LiveEvent", liveV5(first, picturesOf(first, album)));
  await run({ se5, ...deps }, hourAround());
  expect(await deps.client.events()).toHaveLength(2);
});

it("continues after an interruption without a loss", async () => {
  const deps = await gatepost();
  const { se5, site } = await se5Of("lobby");
  const start = Date.now() - 3_600_000;
  const all = Array.from({ length: 12 }, (_, index) => ({ ...site.next(), at: start + index * 300_000 }));
  for (const passing of all) se5.passes(passing);
  const progress = new Progress(join(await temporary(), "progress.json"));
  let taken = 0;
  const going = await receiver(async ({ path, body }) => {
    taken += 1;
    return taken > 5 ? 503 : (await fetch(`${deps.url}${path}`, { method: "POST", body })).status;
  });
  const around = { from: start - 1000, to: start + 3_600_000 };
  await expect(run({ se5, ...deps, progress, cloud: going.url }, around)).rejects.toThrow("run it again to continue");
  // Six tries of the one that is not taken.
  expect(taken).toBe(5 + 6);
  expect(await deps.client.events()).toHaveLength(5);
  const { reported } = await run({ se5, ...deps, progress }, around);
  expect(Math.min(...reported)).toBeGreaterThanOrEqual(1_200_000);
  expect(progress.read()).toBeNull();
  expect(await deps.client.events()).toHaveLength(12);
});

it("ignores the progress of an earlier span, and a damaged progress file", async () => {
  const deps = await gatepost();
  const { se5, site } = await se5Of("lobby");
  const start = Date.now() - 3_600_000;
  for (const at of [start - 1_200_000, start]) se5.passes({ ...site.next(), at });
  const file = join(await temporary(), "progress.json");
  const around = { from: start - 1000, to: start + 1000 };
  new Progress(file).write(start - 1_800_000);
  expect(await run({ se5, ...deps, progress: new Progress(file) }, around)).toMatchObject({ delivered: 1 });
  writeFileSync(file, '{"upTo":');
  expect(await run({ se5, ...deps, progress: new Progress(file) }, around)).toMatchObject({ delivered: 0, known: 1 });
});

it("counts refused events, and continues", async () => {
  const deps = await gatepost();
  const { se5, site } = await se5Of("lobby");
  const start = Date.now();
  for (let index = 0; index < 3; index++) se5.passes({ ...site.next(), at: start + index * 10 });
  const cloud = await receiver((_, index) => (index === 1 ? 422 : 200));
  const account = await run({ se5, ...deps, cloud: cloud.url }, hourAround());
  expect(account).toMatchObject({ delivered: 2, refused: 1, known: 0 });
});

it("ends at once when it is to stop while the cloud does not take anything", async () => {
  const deps = await gatepost();
  const { se5, site } = await se5Of("lobby");
  se5.passes({ ...site.next(), at: Date.now() });
  const stopped = new AbortController();
  const reason = new Error("stopped by a person");
  const cloud = await receiver(() => {
    stopped.abort(reason);
    return 503;
  });
  const running = run({ se5, ...deps, cloud: cloud.url, signal: stopped.signal }, hourAround());
  await expect(running).rejects.toBe(reason);
});
