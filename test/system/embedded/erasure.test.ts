import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { examine } from "@gatepost/embedded";
import type { JsonObject } from "@gatepost/protocol";
import { expect, it } from "vitest";
import * as z from "zod";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";
import { jpeg } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import { isLong, seeded, seedOfRun } from "../../support/seeded.ts";
import { filesIn, holding } from "../../support/traces.ts";

const kills = isLong ? 12 : 3;
const senders = 4;

const erased = { id: "id-of-the-erased", name: "姓名 of the erased", face: "face of the erased" };
const isErased = (number: number) => number % 3 === 0;

/** A passing of the person who is erased, or of one of two others. Of every seventh the scene is broken. */
function passing(number: number): JsonObject {
  const who = isErased(number)
    ? erased
    : { id: `other-${number % 3}`, name: `Other ${number % 3}`, face: "another face" };
  const face = Buffer.concat([jpeg(`${who.face} ${number}`), Buffer.alloc(20_000, number)]).toString("base64");
  const broken = number % 7 === 0 ? { spot_pic: `${who.name} is no picture` } : {};
  const facts = { identity_id: who.id, identity_name: who.name, timestamp: noon + number * 1000 };
  return history({ ...facts, want_action: number % 5 === 0 ? "1002" : "0" }, { recognize_face: face, ...broken });
}

const job = z.object({ id: z.string(), state: z.string(), result: z.unknown(), reason: z.string().nullable() });

it(`an erasure killed ${kills} times leaves no byte of the person, and all others`, {
  timeout: 600_000,
}, async () => {
  const random = seeded(seedOfRun("erasure"));
  const folder = await temporaryFolder();
  const told = new Set<number>();
  const acknowledged = new Set<number>();
  let token = "";
  let next = 0;

  /** A batch of neighbours, or one of them. Unacknowledged reports are sent again, as a box does. */
  const send = async (box: Box, numbers: readonly number[]) => {
    for (const number of numbers) told.add(number);
    const bodies = numbers.map(passing);
    const { status } = await box.post("/HistoryEvent", bodies.length === 1 ? bodies[0] : bodies);
    expect(status).toBe(200);
    for (const number of numbers) acknowledged.add(number);
  };
  const sendUntilKilled = async (server: GatepostProcess) => {
    const box = new Box(server.url, token);
    try {
      for (const number of [...told].filter((one) => !acknowledged.has(one))) await send(box, [number]);
      for (;;) {
        const first = next;
        next += 4;
        await send(box, random() < 0.5 ? [first] : [first, first + 1, first + 2, first + 3]);
        // Boxes repeat reports without an answer.
        if (random() < 0.2) await send(box, [Math.floor(random() * first)]);
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  };

  let id = "";
  for (let kill = 0; kill < kills; kill++) {
    const server = await startGatepost(folder.path);
    const client = new Client(server);
    if (token === "") token = (await client.createKey("gate-1")).token;
    const before = acknowledged.size;
    const loads = Array.from({ length: senders }, () => sendUntilKilled(server));
    await expect.poll(() => acknowledged.size).toBeGreaterThan(before + 20);
    if (id === "") {
      const asked = await client.post("/v1/jobs", { kind: "erase", person: erased.id, boxes: ["gate-1"] });
      id = job.parse(await asked.json()).id;
    }
    await sleep(random() * 300);
    await server.kill();
    await Promise.all(loads);
  }

  const server = await startGatepost(folder.path);
  const client = new Client(server);
  const ended = async () => job.parse(await (await client.get(`/v1/jobs/${id}`)).json());
  await expect.poll(async () => (await ended()).state).toBe("done");
  const { result } = await ended();
  expect(result).toMatchObject({ suppressed: true, unknown: { quarantine: 0 } });

  // All reports are sent once more and quarantine is replayed. Reports sent first now are of before the erasure, too.
  const box = new Box(server.url, token);
  const late = [next, next + 1, next + 2];
  await send(box, late);
  for (const number of told) await send(box, [number]);
  const replay = await client.post("/v1/jobs", { kind: "replay" });
  const replayed = job.parse(await replay.json());
  const isReplayed = async () => job.parse(await (await client.get(`/v1/jobs/${replayed.id}`)).json()).state;
  await expect.poll(isReplayed).toBe("done");

  const events = await client.events();
  const others = [...acknowledged].filter((number) => !isErased(number));
  expect(events.map(({ timestamp }) => (timestamp - noon) / 1000).sort((a, b) => a - b)).toEqual(
    others.sort((a, b) => a - b),
  );
  expect(new Set(events.map(({ person }) => person.id))).toEqual(new Set(["other-1", "other-2"]));
  await server.stop();
  const stored = await filesIn(folder.path);
  expect(holding([erased.id, erased.name, erased.face], stored)).toEqual([]);
  expect(holding(["other-1"], stored).length, "others are looked for in the same way").toBeGreaterThan(0);
  expect(await readdir(folder.path)).not.toContain("exports");
  await folder.remove();
});

it("an erasure by DELETE that was killed continues at the start, and has a receipt", async () => {
  const folder = await temporaryFolder();
  const first = await startGatepost(folder.path);
  const client = new Client(first);
  const box = new Box(first.url, (await client.createKey("gate-1")).token);
  const many = 4000;
  for (let from = 0; from < many; from += 500) {
    const facts = { identity_id: erased.id, identity_name: erased.name };
    const bodies = Array.from({ length: 500 }, (_, n) => history({ ...facts, timestamp: noon + (from + n) * 1000 }));
    expect((await box.post("/HistoryEvent", bodies)).status).toBe(200);
  }
  const erasing = async (of: Client) => {
    const me = z.object({ erasing: z.number() }).parse(await (await of.get("/v1/me")).json());
    return me.erasing;
  };
  const cut = expect(client.delete(`/v1/people?id=${erased.id}&all=1`)).rejects.toThrow(TypeError);
  await expect.poll(() => erasing(client)).toBe(1);
  await first.kill();
  await cut;
  expect(await examine(folder.path, { isDeep: false })).toContainEqual({
    check: "erasures",
    state: "wrong",
    said: "1 erasure of a person has not ended",
    todo: "start the server, which continues it",
  });

  const second = await startGatepost(folder.path);
  const again = new Client(second);
  await expect.poll(() => erasing(again)).toBe(0);
  expect(await again.events()).toEqual([]);
  const listed = z.object({ erased: z.array(z.object({ job: z.string(), events: z.number() })) });
  const { erased: entries } = listed.parse(await (await again.get("/v1/people/erased")).json());
  expect(entries).toEqual([{ job: expect.stringMatching(/^job_/), events: many }]);
  const receipt = await again.get(`/v1/jobs/${entries[0]?.job}`);
  expect(await receipt.json()).toMatchObject({ state: "done", result: { erased: { events: many }, suppressed: true } });
  expect((await examine(folder.path, { isDeep: false })).filter(({ check }) => check === "erasures")).toEqual([]);
  await second.stop();
  expect(holding([erased.id, erased.name], await filesIn(folder.path))).toEqual([]);
  await folder.remove();
});
