import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { hashToken, newToken } from "@gatepost/ingest";
import { describe, expect, it } from "vitest";
import { leaseMs } from "../../../packages/aws/src/jobs/worker.ts";
import { onGatedStandIns, tableOf } from "../../standins/aws.ts";
import { noon } from "../samples.ts";
import { liveAround } from "./live-around.ts";

/** Has the first call that writes `text` done twice, as the SDK does it where the first answer does not come. */
function doTwice(client: DynamoDBClient, text: string): void {
  let isDone = false;
  client.middlewareStack.add(
    (next) => async (args) => {
      if (!isDone && JSON.stringify(args.input).includes(text)) {
        isDone = true;
        await next(args);
      }
      return next(args);
    },
    { step: "initialize" },
  );
}

onGatedStandIns((standIns) => {
  const { live, connect, handedOver, write, push } = liveAround(standIns);

  describe("a write to DynamoDB whose answer is lost, so that the SDK does it again", () => {
    it("lets a reader of the live feed miss nothing that is made while the publisher takes over", async () => {
      const named = await write("named", { now: noon });
      live.deps.setClock(noon + 20_000);
      doTwice(live.deps.clients.dynamo, "SET #upTo = :new_upTo, #at");
      const { socket, received, ids } = await connect();
      socket.send(JSON.stringify({ event_list: ["*"], since: named.dynamodb.NewImage?.["pk"]?.S }));
      await handedOver();
      const missed = await write("made then");
      await push(missed);
      live.deps.setClock(noon + 39_000);
      await expect.poll(() => ids(), { timeout: 8000 }).toEqual([missed.dynamodb.NewImage?.["pk"]?.S]);
      expect(received).toHaveLength(1);
    });

    it("makes a key that its maker is told of", async () => {
      const { clients, reads, ingest } = live.deps;
      doTwice(clients.dynamo, "tokenHash");
      const tokenHash = hashToken(newToken("read"));
      const { id } = await reads.keyAdmin.create({ scope: "read", box: null, tokenHash });
      expect(await ingest.keys.find(tokenHash)).toMatchObject({ id, scope: "read" });
      await expect(reads.keyAdmin.create({ scope: "admin", box: null, tokenHash })).rejects.toThrow("there is a key");
    });

    it("leases a slice of a job, once", async () => {
      const { clients, names, reads } = live.deps;
      const { leases } = reads.jobs;
      await tableOf({ clients, names }).update({ pk: "job job_a", set: { job: "{}" } });
      const ticket = await leases.issue("job_a");
      doTwice(clients.dynamo, "leasedUntil");
      expect(await leases.lease(ticket, leaseMs)).toMatchObject({ cutShort: 0 });
      expect(await leases.lease(ticket, leaseMs)).toBeNull();
    });
  });
});
