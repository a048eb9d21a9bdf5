import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import { keyOf, yamlOf } from "../../runtime/bridge/support.ts";
import { postBody } from "../../support/large-bodies.ts";
import { isLong } from "../../support/seeded.ts";
import { maxTurn, TurnsOfProcess } from "../../support/turns-of-process.ts";
import { receiver, temporary, until } from "../../unit/simulator/support.ts";
import { bridgeOf } from "./process.ts";

const standingOf = z.object({ boxes: z.array(z.object({ waiting: z.number() })) });
const bytes = (isLong ? 62 : 24) * 1024 * 1024;
const report = `{"identity_id":"1","timestamp":1,"x":"${"x".repeat(1000)}"}`;
const repeated = (unit: string) => Buffer.alloc(Math.floor(bytes / unit.length) * unit.length, unit);

it.each([
  ["a word that is sent", "{", "z", "", 200],
  ["a report that is refused", '{"x":"', "z", '"}', 413],
  ["a list that is split and sent", "[", `${report},`, `${report}]`, 200],
])("no turn of a bridge takes 100 ms of CPU for a large body: %s", async (_, head, unit, tail, status) => {
  const cloud = await receiver(() => status);
  const folder = await temporary();
  const turns = new TurnsOfProcess(folder);
  const config = join(folder, "bridge.yaml");
  writeFileSync(config, yamlOf({ cloud: cloud.url, folder: join(folder, "spool"), boxes: { "gate-1": null } }));
  const { relayPort, metricsPort } = await bridgeOf(config, turns.variables);
  const standing = async () => {
    const answer: unknown = await (await fetch(`http://127.0.0.1:${metricsPort}/status`)).json();
    return standingOf.parse(answer).boxes[0]?.waiting;
  };
  const url = `http://127.0.0.1:${relayPort}/${keyOf("gate-1")}/HistoryEvent`;
  const deliver = async (body: Buffer) => {
    expect(await postBody(url, body, {})).toBe(200);
    await until(async () => (await standing()) === 0);
    cloud.heard.length = 0;
  };
  // Code is compiled once.
  await deliver(Buffer.from(report));
  const body = Buffer.concat([Buffer.from(head), repeated(unit), Buffer.from(tail)]);
  expect(await turns.usual(() => deliver(body), standing)).toBeLessThanOrEqual(maxTurn());
});
