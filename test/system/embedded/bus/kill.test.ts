import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import * as z from "zod";
import { temporaryFolder } from "../../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../../support/gatepost-process.ts";
import { history, noon, stranger } from "../../../support/reports.ts";
import { isLong, seeded, seedOfRun } from "../../../support/seeded.ts";
import { type Delivered, Subscriber } from "../../../support/subscriber.ts";

const kills = isLong ? 20 : 3;
const senders = 6;
const ruleNames = ["a", "b", "c", "d", "e", "f", "g", "h"];

const actionPage = z.object({ actions: z.array(z.object({ id: z.string() })), next: z.string().nullable() });

/** Starts it with a clock that is minutes ahead: pending actions are then left behind. */
async function startLater(data: string): Promise<GatepostProcess> {
  const { NODE_OPTIONS: before } = process.env;
  const module = new URL("../../../support/clock-ahead.ts", import.meta.url);
  Object.assign(process.env, { NODE_OPTIONS: `--import ${module}`, GATEPOST_CLOCK_AHEAD: "300000" });
  try {
    return await startGatepost(data);
  } finally {
    if (before === undefined) delete process.env["NODE_OPTIONS"];
    else process.env["NODE_OPTIONS"] = before;
    delete process.env["GATEPOST_CLOCK_AHEAD"];
  }
}

async function actionsIn(client: Client, state: string): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ""; ; ) {
    const answer = await client.get(`/v1/actions?state=${state}&limit=500${cursor}`);
    const { actions, next } = actionPage.parse(await answer.json());
    ids.push(...actions.map(({ id }) => id));
    if (next === null) return ids;
    cursor = `&cursor=${next}`;
  }
}

/** A report with an action, of one of two kinds. */
function report(number: number) {
  const facts = { timestamp: noon + number * 1000, want_action: number % 2 === 0 ? "1001" : "1002" };
  return number % 2 === 0 ? stranger(facts) : history(facts);
}

async function sendUntilKilled(box: Box, next: () => number, noteAcknowledged: (number: number) => void) {
  try {
    for (;;) {
      const number = next();
      const { status } = await box.post("/HistoryEvent", report(number));
      if (status === 200) noteAcknowledged(number);
      await sleep(30);
    }
  } catch (error) {
    // The connection ends with the process.
    if (!(error instanceof TypeError)) throw error;
  }
}

const keysOf = (life: readonly Delivered[]) => life.map(({ headers }) => `${headers["webhook-id"]}`);

/** How often a rule got an entry again. Only entries in progress at a kill may be delivered again, and unchanged. */
function repeatsOf(rule: string, lives: readonly Delivered[][]): number {
  const byLife = lives.map((life) => life.filter(({ path }) => path === `/${rule}`));
  let repeats = 0;
  for (const [index, life] of byLife.entries()) {
    expect(new Set(keysOf(life)).size, "none twice in one life").toBe(life.length);
    for (const delivered of life) {
      const key = `${delivered.headers["webhook-id"]}`;
      const before = byLife.slice(0, index).findLast((earlier) => keysOf(earlier).includes(key));
      if (before === undefined) continue;
      const last = before.at(-1);
      expect([last?.headers["webhook-id"], last?.body], "only what was under way").toEqual([key, delivered.body]);
      repeats += 1;
    }
  }
  return repeats;
}

it(`delivers every action to every rule over kill -9, ${kills} times, without needless repeats`, {
  timeout: 600_000,
}, async () => {
  const random = seeded(seedOfRun("bus kill"));
  const folder = await temporaryFolder();
  const hook = await Subscriber.listen();
  const lives: Delivered[][] = [];
  // The delay lets a kill fall between its note and its answer.
  hook.behaviour = (response, delivered) => {
    lives.at(-1)?.push(delivered);
    setTimeout(() => response.writeHead(204).end(), random() * 20);
  };
  const rules = ruleNames.map((name) => ({
    name,
    pattern: { source: ["gatepost"], detail: { want_action: ["1001", "1002"] } },
    target: { url: `${hook.url}/${name}`, allowPrivate: true },
  }));
  await writeFile(join(folder.path, "rules.json"), JSON.stringify(rules));

  const acknowledged = new Set<number>();
  let token = "";
  let count = 0;
  for (let kill = 0; kill < kills; kill++) {
    lives.push([]);
    const server = await startGatepost(folder.path);
    if (token === "") token = (await new Client(server).createKey("gate-1")).token;
    const box = new Box(server.url, token);
    const loads = Array.from({ length: senders }, () =>
      sendUntilKilled(
        box,
        () => count++,
        (number) => acknowledged.add(number),
      ),
    );
    await sleep(300 + random() * 900);
    await server.kill();
    await Promise.all(loads);
    await hook.caughtUp();
  }

  lives.push([]);
  const looking = await startGatepost(folder.path);
  const leftPending = (await actionsIn(new Client(looking), "pending")).length;
  await looking.kill();
  await hook.caughtUp();
  lives.push([]);
  const server = await startLater(folder.path);
  const client = new Client(server);
  await expect.poll(() => actionsIn(client, "pending")).toEqual([]);
  const events = await client.events();
  const enqueued = events.flatMap(({ actions }) => actions.map(({ id }) => id)).sort();
  const heard = (rule: string) =>
    [
      ...new Set(
        lives.flat().flatMap(({ path, headers }) => (path === `/${rule}` ? [`${headers["webhook-id"]}`] : [])),
      ),
    ].sort();
  for (const rule of ruleNames) {
    await expect.poll(() => heard(rule).length).toBe(enqueued.length);
    expect(heard(rule)).toEqual(enqueued);
  }
  expect(await actionsIn(client, "announced")).toHaveLength(enqueued.length);
  await server.stop();

  expect(enqueued.length).toBeGreaterThanOrEqual(acknowledged.size);
  const repeats = ruleNames.reduce((sum, rule) => sum + repeatsOf(rule, lives), 0);
  process.stdout.write(
    `bus kill: ${kills} kills, ${enqueued.length} actions for ${ruleNames.length} rules, ${leftPending} left pending, ${repeats} repeats\n`,
  );
  expect(repeats + leftPending, "it was killed where it hurts").toBeGreaterThan(0);
  expect(repeats).toBeLessThanOrEqual((kills + 1) * ruleNames.length);
  await hook.close();
  await folder.remove();
});
