import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { countsEveryMs, type LiveCounts, PassingRate } from "@gatepost/core/live";
import { describe, expect, it } from "vitest";
import type { Connection } from "../../../packages/aws/src/live/connections.ts";
import { LiveCountsPublisher } from "../../../packages/aws/src/live/counts.ts";
import type { Sockets } from "../../../packages/aws/src/live/sockets.ts";
import { onStandIns, tableOf } from "../../standins/aws.ts";
import { noon } from "../samples.ts";
import { runtimeOn } from "./runtime.ts";

const counted: Omit<LiveCounts, "perSecond"> = { today: 1, actions: 2, silent: 0, problems: 3 };
const connection = (id: string, asked: boolean) =>
  ({ id, tokenHash: id, configuration: { counts: asked } }) as unknown as Connection;

onStandIns((standIns) => {
  describe("the counts of the live feed on AWS", () => {
    /** Processes that share a table, and all that they sent. */
    const processes = async (number: number) => {
      const deps = await runtimeOn(standIns);
      const dynamo = tableOf(deps);
      const sent: string[] = [];
      const send: Sockets["send"] = async (id, text) => sent.push(`${id} ${text}`) > 0;
      const sockets = { send } as Partial<Sockets> as Sockets;
      const { log, clock } = deps.ingest;
      const rate = new PassingRate(clock);
      for (let n = 0; n < 6; n++) rate.note("gate-1");
      const viewers = { find: async (id: string) => ({ id }) };
      const live = { live: async () => counted };
      const make = () => new LiveCountsPublisher({ dynamo, sockets, counts: live, viewers, rate, log, clock });
      return { deps, sent, sockets, all: Array.from({ length: number }, make) };
    };
    const here = [connection("a", true), connection("b", false)];
    const message = `a ${JSON.stringify({ counts: { ...counted, perSecond: 0.1 } })}`;

    it("are sent to clients that asked, by one process every five seconds", async () => {
      const { deps, sent, all } = await processes(3);
      const publish = () => Promise.all(all.map((one) => one.publish(here)));
      await publish();
      expect(sent).toEqual([message]);
      deps.setClock(noon + countsEveryMs - 1);
      await publish();
      expect(sent).toEqual([message]);
      deps.setClock(noon + 2 * countsEveryMs);
      await publish();
      expect(sent).toEqual([message, message]);
      await deps.close();
    });

    it.each([{ S: "soon" }, { BOOL: true }, { N: String(noon + 60 * countsEveryMs) }] satisfies AttributeValue[])(
      "are sent even if the row has %j as the time of the last ones",
      async (sentAt) => {
        const { deps, sent, all } = await processes(2);
        const Item = { pk: { S: "live counts" }, sentAt };
        await deps.clients.dynamo.send(new PutItemCommand({ TableName: deps.names.table, Item }));
        for (const one of all) await one.publish(here);
        expect(sent).toEqual([message]);
        await deps.close();
      },
    );

    it("are sent at once to a client that asks, and to no other", async () => {
      const { deps, sent, all } = await processes(1);
      await all[0]?.publish([connection("b", false)]);
      expect(sent).toEqual([]);
      await all[0]?.welcome("a", null);
      expect(sent).toEqual([message]);
      await deps.close();
    });

    it("are logged and delay nothing if they cannot be sent", async () => {
      const { deps, sockets, all } = await processes(1);
      sockets.send = () => Promise.reject(new Error("gone"));
      await all[0]?.publish(here);
      expect(deps.lines).toMatchObject([{ level: "warn", message: "counts not sent to the live feed" }]);
      await deps.close();
    });
  });
});
