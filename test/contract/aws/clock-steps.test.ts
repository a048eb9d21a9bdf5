import { awsRuntime } from "@gatepost/aws/runtime";
import { hashToken } from "@gatepost/core/keys";
import type { JsonObject } from "@gatepost/protocol";
import { Body, deliver } from "@gatepost/receive";
import { afterEach, it } from "vitest";
import { awsApi } from "../../../packages/aws/src/runtime/reads.ts";
import { serviceClock } from "../../../packages/aws/src/runtime/service-clock.ts";
import { environmentOf, onMotoOrStandIns, patient, tableOf } from "../../standins/aws.ts";
import { type ClockedStore, keepsItsPromises, nameOf } from "../../support/clock-steps.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { noon } from "../samples.ts";

const quiet = { info() {}, warn() {}, error() {} };
/** ms after which every process knows of an erasure. */
const knownMs = 31_000;
const page = { limit: 100, cursor: null };

onMotoOrStandIns((standIns) => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  /** Functions on machines whose clock is off, and a table that tells the true time. */
  async function functions(offset: number): Promise<ClockedStore> {
    const fresh = await standIns.fresh({ overHttp: true });
    const { clients, names } = fresh;
    let time = noon;
    let off = offset;
    const clock = serviceClock({ dynamo: clients.dynamo }, () => time + off);
    const dated =
      <Args, Result extends { response: unknown }>(next: (args: Args) => Promise<Result>) =>
      async (args: Args): Promise<Result> => {
        const result = await next(args);
        const response = Object(result.response);
        response.headers = { ...response.headers, date: new Date(time).toUTCString() };
        return result;
      };
    const place = { relation: "after", toMiddleware: "serviceClock", name: "date" } as const;
    clients.dynamo.middlewareStack.addRelativeTo(dated, place);
    const env = {
      ...environmentOf(names),
      GATEPOST_CURSOR_SECRET: Buffer.alloc(32, 7).toString("base64"),
      GATEPOST_FACTOR_KEY: Buffer.alloc(32, 9).toString("base64"),
    };
    const wiring = { ...fresh, limits: patient, sendJob: async () => undefined, log: quiet, clock, count: () => {} };
    const started = () => {
      const ingest = awsRuntime(env, wiring);
      return { ingest, reads: awsApi(ingest, env, wiring) };
    };
    let process = started();
    const table = tableOf({ clients, names });
    /** Any answer of the table tells the time. */
    const hear = () => table.get("secret suppression");
    closers.push(async () => {
      for (const client of Object.values(clients)) client.destroy();
      await fresh.remove?.();
    });
    await hear();
    const send = (body: JsonObject) =>
      deliver(
        { method: "POST", headers: {}, body: new Body(Buffer.from(JSON.stringify(body))), address: "192.168.1.25" },
        { box: "gate-1", path: ["HistoryEvent"] },
        process.ingest,
      );
    return {
      time: () => time,
      offset: () => off,
      async setOff(ms) {
        off = ms;
        await hear();
      },
      async serve(ms) {
        time += ms;
        await hear();
        await process.reads.eraser.finish();
      },
      async restart() {
        process = started();
      },
      send,
      async pass(person) {
        const body = history({ identity_id: person, timestamp: time }, { recognize_face: photo(`${person} ${time}`) });
        await send(body);
        return body;
      },
      async erase(person) {
        await erasePerson(process.reads.eraser, person, null);
        time += knownMs;
      },
      async eraseEvent(name) {
        const { items } = await process.reads.events.list({}, page);
        await process.reads.eraser.eraseEvent(String(items.find((event) => nameOf(event) === name)?.id));
        time += knownMs;
      },
      async listed() {
        const { items } = await process.reads.events.list({}, page);
        return items.map(nameOf).sort();
      },
      makeKey: (token, ms) =>
        process.reads.keyAdmin.create({
          tokenHash: hashToken(token),
          scope: "read",
          box: null,
          expiresAt: process.ingest.clock() + ms,
        }),
      isOpen: async (token) => (await process.ingest.keys.find(hashToken(token))) !== null,
    };
  }

  it("AWS keeps its promises about events and erasures when the clocks of functions step", async () => {
    await keepsItsPromises(functions, 8);
  }, 300_000);
});
