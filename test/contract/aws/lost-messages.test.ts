import { type ApiPorts, api } from "@gatepost/api";
import { forgottenAfterMs, jobLifetimeMs, resultLifetimeMs } from "@gatepost/core/jobs";
import { hashToken, newToken } from "@gatepost/core/keys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { leaseMs, workOn } from "../../../packages/aws/src/jobs/worker.ts";
import { awsJobSweep } from "../../../packages/aws/src/runtime/job-functions.ts";
import { environmentOf, onStandIns, patient, tableOf } from "../../standins/aws.ts";
import { noon } from "../samples.ts";
import { deliver } from "./posting.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("a job whose message is lost", () => {
    let deps: TestRuntime;
    let sent: string[];
    let admin: string;
    let isDown: boolean;
    beforeEach(async () => {
      [sent, isDown] = [[], false];
      deps = await runtimeOn(standIns, { sendJob });
      const token = newToken("ingest");
      admin = newToken("admin");
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
      await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
      await deliver("garbage", { token, ports: deps.ingest });
    });
    afterEach(() => deps.close());

    const sendJob = async (body: string) => {
      if (isDown) throw new Error("the queue does not answer");
      sent.push(body);
    };
    const ask = (path: string, method = "GET", body?: object) =>
      api(deps.reads as ApiPorts).request(path, {
        method,
        headers: { authorization: `Bearer ${admin}` },
        ...(body && { body: JSON.stringify(body) }),
      });
    const create = async (body: object = { kind: "replay" }) => {
      const answer = await ask("/v1/jobs", "POST", body);
      expect(answer.status).toBe(202);
      return ((await answer.json()) as { id: string }).id;
    };
    const stateOf = async (id: string) => ((await (await ask(`/v1/jobs/${id}`)).json()) as { state: string }).state;
    const receive = (body: string) =>
      workOn(
        { Records: [{ body, attributes: { ApproximateReceiveCount: "1" } }] },
        { ...deps.reads, leases: deps.reads.jobs.leases },
      );
    const receiveAll = async () => {
      for (let body = sent.shift(); body !== undefined; body = sent.shift()) await receive(body);
    };
    const sweep = () =>
      awsJobSweep(deps.ingest, environmentOf(deps.names), { clients: deps.clients, limits: patient, sendJob })();
    const rowOf = (id: string) => tableOf(deps).get(`job ${id}`);

    it("is accepted, and done once the queue answers again", async () => {
      isDown = true;
      const id = await create();
      expect(deps.lines).toContainEqual(expect.objectContaining({ facts: { id, cause: expect.any(Error) } }));
      isDown = false;
      deps.setClock(noon + forgottenAfterMs - 1);
      await sweep();
      expect(sent).toEqual([]);
      deps.setClock(noon + forgottenAfterMs);
      await sweep();
      await receiveAll();
      expect(await stateOf(id)).toBe("done");
      expect(deps.lines).toContainEqual(expect.objectContaining({ level: "warn", facts: { jobs: 1 } }));
    });

    it("is enqueued again once in six minutes, however many processes look", async () => {
      const id = await create();
      sent.splice(0);
      deps.setClock(noon + forgottenAfterMs);
      await Promise.all([sweep(), sweep(), sweep()]);
      await sweep();
      expect(sent).toHaveLength(1);
      deps.setClock(noon + 2 * forgottenAfterMs);
      await sweep();
      expect(sent).toHaveLength(2);
      await receiveAll();
      expect(await stateOf(id)).toBe("done");
    });

    it("continues if the message of its next slice could not be sent", async () => {
      const id = await create();
      isDown = true;
      await expect(receive(sent.shift() ?? "")).rejects.toThrow("the queue does not answer");
      expect(await stateOf(id)).toBe("running");
      isDown = false;
      deps.setClock(noon + forgottenAfterMs);
      await sweep();
      await receiveAll();
      expect(await stateOf(id)).toBe("done");
    });

    it("is not enqueued again while a worker does it", async () => {
      const id = await create();
      deps.setClock(noon + forgottenAfterMs);
      const lease = await deps.reads.jobs.leases.lease(JSON.parse(sent.shift() ?? ""), leaseMs);
      await sweep();
      expect(sent).toEqual([]);
      await lease?.giveBack();
      await sweep();
      await receiveAll();
      expect(await stateOf(id)).toBe("done");
    });

    it("is done by its newest message alone: an older, late one does nothing", async () => {
      const id = await create();
      const [late = ""] = sent;
      await receive(late);
      const after = await rowOf(id);
      await receive(late);
      expect(await rowOf(id)).toEqual(after);
      await receiveAll();
      expect(await stateOf(id)).toBe("done");
    });

    it("is not enqueued again after it has ended, with or without a result", async () => {
      await create();
      await create({ kind: "export", format: "ndjson" });
      await receiveAll();
      deps.setClock(noon + forgottenAfterMs);
      await sweep();
      expect(sent).toEqual([]);
    });

    it("an unreadable job is removed after 30 days", async () => {
      const id = await create();
      await tableOf(deps).update({ pk: `job ${id}`, set: { job: "{" } });
      deps.setClock(noon + jobLifetimeMs - 1);
      await sweep();
      expect(await rowOf(id)).not.toBeNull();
      deps.setClock(noon + jobLifetimeMs);
      await sweep();
      expect(await rowOf(id)).toBeNull();
    });

    it("an export stays listed after its link expired, so that an erasure finds it", async () => {
      const id = await create({ kind: "export", format: "ndjson" });
      await receiveAll();
      deps.setClock(noon + resultLifetimeMs + 1);
      await sweep();
      expect((await deps.reads.jobs.store.unfinished()).map((job) => job.id)).toEqual([id]);
    });
  });
});
