import { deviceKey } from "@gatepost/core/boxes";
import { hashToken, newToken } from "@gatepost/core/keys";
import { expect, it } from "vitest";
import * as z from "zod";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { awsApi } from "../../../packages/aws/src/runtime/reads.ts";
import { awsTally } from "../../../packages/aws/src/runtime/tally.ts";
import { environmentOf, onStandIns, patient } from "../../standins/aws.ts";
import { engine } from "../../standins/dynamo.ts";
import { StreamReader } from "../../standins/stream.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { httpEvent } from "../../support/http-event.ts";
import { rounds } from "../../support/seeded.ts";
import { presenceContract } from "../presence.ts";
import { noon, report, upsert } from "../samples.ts";
import { runtimeOn } from "./runtime.ts";

onStandIns((standIns) => {
  presenceContract(
    "AWS",
    async (clock) => {
      const deps = await runtimeOn(standIns, { streams: true, clock });
      const { names, clients, ingest } = deps;
      const tally = awsTally(environmentOf(names), { clients, limits: patient, log: ingest.log, clock });
      const stream = new StreamReader({ url: process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "", table: names.table });
      const settle = async () => {
        for (const { shard, Records } of await stream.read()) await tally({ shardId: shard, Records });
      };
      return { ...deps, settle };
    },
    // DynamoDB Local takes some ten seconds for a round.
    { rounds: engine === "memory" ? rounds(30) : 5, keptDays: 100 },
  );

  it("AWS: what one process decides, the counts of another one show at once", async () => {
    let now = noon;
    const clock = () => now;
    const deps = await runtimeOn(standIns, { clock });
    const env = {
      ...environmentOf(deps.names),
      GATEPOST_CURSOR_SECRET: Buffer.alloc(32, 7).toString("base64"),
      GATEPOST_FACTOR_KEY: Buffer.alloc(32, 9).toString("base64"),
    };
    const wiring = { clients: deps.clients, limits: patient, sendJob: async () => undefined };
    const other = awsApi(deps.ingest, env, wiring);
    const token = newToken("admin");
    await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(token) });
    const inside = z.object({ people: z.array(z.object({ id: z.string() })) });
    const shown = async (site = "default") => {
      const request = { method: "GET", path: "/v1/presence", query: `site=${site}` };
      const answer = await apiHandler(() => other)(
        httpEvent({ ...request, headers: { authorization: `Bearer ${token}` } }),
      );
      if (answer.statusCode === 404) return null;
      const body: unknown = JSON.parse(Buffer.from(answer.body ?? "", "base64").toString());
      return inside
        .parse(body)
        .people.map(({ id }) => id)
        .toSorted();
    };
    const enter = (id: string, box: string) => {
      const device = { id: "d", ip: "10.0.0.7", direction: "in" as const };
      const facts = { time: now, receivedAt: now, device, person: { id, type: "employee" as const } };
      return deps.ingest.index.upsert(upsert(`in ${id}`, { box, report: report(facts), now, expiresAt: now + 1e10 }));
    };
    const { boxes, departures, eraser, sites } = deps.reads;
    for (const box of ["gate-1", "gate-2"]) await boxes.writer.set(box, { name: box });
    for (const [id, box] of [
      ["1", "gate-1"],
      ["2", "gate-1"],
      ["3", "gate-2"],
    ] as const)
      await enter(id, box);
    // The lists of boxes are kept from here on.
    now += 60_000;
    expect(await shown()).toEqual(["1", "2", "3"]);
    now += 1000;
    await enter("4", "gate-1");
    expect(await shown()).toEqual(["1", "2", "3", "4"]);
    const left = { site: "default", library: "gate-1", boxes: ["gate-1"], key: "1", by: "key_1", reason: "Seen" };
    const { id } = await departures.add({ ...left, leftAt: now, madeAt: now });
    expect(await shown()).toEqual(["2", "3", "4"]);
    await departures.remove(id);
    expect(await shown()).toEqual(["1", "2", "3", "4"]);
    await boxes.writer.set("gate-2", { site: "hq" });
    expect(await shown()).toEqual(["1", "2", "4"]);
    expect(await shown("hq")).toEqual(["3"]);
    now += 60_000;
    expect(await shown("hq")).toEqual(["3"]);
    await boxes.writer.set("gate-2", { site: null });
    expect(await shown("hq")).toBeNull();
    expect(await shown()).toEqual(["1", "2", "3", "4"]);
    await erasePerson(eraser, "2", "gate-1");
    now += 1000;
    expect(await shown()).toEqual(["1", "3", "4"]);
    await boxes.writer.set("gate-1", { device: { key: deviceKey("gate-1", "d"), direction: "ignore" } });
    now += 2000;
    expect(await shown()).toEqual(["3"]);
    await sites.put("default", { sharesPeople: true });
    expect(await shown()).toEqual(["3"]);
    await deps.close();
  });
});
