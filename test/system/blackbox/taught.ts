import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Client } from "../../support/client.ts";
import { expectTaught, taughtBodies } from "../../support/taught.ts";
import type { Running } from "./main-job.ts";

/** A way to Gatepost: the address to which boxes post. */
interface Way {
  url: string;
  /** Whether Gatepost itself answers. */
  isDirect: boolean;
  stop(): Promise<void>;
}

const usual = { message: "SUCCESS", status: 0 };

/** A Gatepost whose clock a test may set on, until all of its processes know of a mapping. */
type Clocked = Running & {
  later?(): void;
  /** False if nothing does jobs. */
  doesJobs?: boolean;
  /** Whether a gateway before it loses bytes of a body. */
  spoils?(body: Buffer, headers: Record<string, string>): boolean;
};

const job = z.object({ id: z.string(), state: z.string(), result: z.unknown() });

/** Bodies of unknown formats that are taught, on any runtime, directly or through a bridge. */
export function taught(
  runtime: string,
  start: () => Promise<Clocked>,
  wayTo: (url: string, tokens: ReadonlyMap<string, string>) => Promise<Way> = async (url) => ({
    url,
    isDirect: true,
    stop: async () => {},
  }),
): void {
  describe(`on ${runtime}, a body of an unknown format`, () => {
    let running: Clocked;
    let client: Client;
    let way: Way;
    const tokens = new Map<string, string>();
    const [again, byJob] = ["again", "by-job"];

    // Other processes on AWS know of a mapping within a minute, so all are taught before the first body.
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      for (const box of [...taughtBodies.map(({ name }) => name), again, byJob])
        tokens.set(box, (await client.createKey(box)).token);
      for (const {
        name,
        taught: { mapping, zone },
      } of taughtBodies) {
        if (zone !== undefined) await client.setZone(name, zone);
        expect((await client.post("/v1/mappings", { ...mapping, box: name })).status).toBe(201);
      }
      way = await wayTo(running.url, tokens);
    });
    afterAll(async () => {
      await way.stop();
      await running.stop();
    });

    async function post(box: string, body: Buffer, headers: Record<string, string>): Promise<string> {
      const sent = { method: "POST", body: new Uint8Array(body), headers };
      const answer = await fetch(`${way.url}/${tokens.get(box)}/HistoryEvent`, sent);
      expect(answer.status).toBe(200);
      return answer.text();
    }

    it.each(taughtBodies)("$name is its events, also if it is sent twice", async ({ name, taught: of, body }) => {
      if (running.spoils?.(body, of.headers)) {
        await post(name, body, of.headers);
        await expect.poll(() => client.events(`&box=${name}`)).toMatchObject([{ flags: ["charset"] }]);
        return;
      }
      for (let times = 0; times < 2; times++) {
        const answer = await post(name, body, of.headers);
        expect(JSON.parse(answer)).toEqual(way.isDirect ? (of.answer ?? usual) : usual);
        await expect.poll(() => client.events(`&box=${name}`)).toHaveLength(of.expect.length);
        expectTaught(await client.events(`&box=${name}`), of);
      }
      const kept = await (await client.get(`/v1/quarantine?box=${name}`)).json();
      expect(kept).toMatchObject({ records: Array.from({ length: of.quarantined ?? 0 }, () => ({})) });
    });

    /** Sends a body that is kept, because its box was taught nothing. Returns the kept records, and how to teach it. */
    async function keep(box: string) {
      const [{ taught: of, body } = expect.fail()] = taughtBodies.filter(({ name }) => name === "flat");
      await post(box, body, of.headers);
      const records = async () => {
        const { records: listed } = (await (await client.get(`/v1/quarantine?box=${box}`)).json()) as {
          records: { id: string }[];
        };
        return listed.map(({ id }) => id);
      };
      const teach = async () => {
        const made = await client.post("/v1/mappings", { ...of.mapping, box });
        return ((await made.json()) as { id: string }).id;
      };
      await expect.poll(records).toHaveLength(1);
      return { of, records, teach, kept: await records() };
    }

    it("is its events after a job, and in quarantine again after an undo", async ({ skip }) => {
      skip(running.doesJobs === false, "nothing does jobs");
      const { of, records, teach, kept } = await keep(byJob);
      const mapping = await teach();
      running.later?.();
      const { id } = job.parse(await (await client.post("/v1/jobs", { kind: "replay", box: byJob })).json());
      const ended = async () => job.parse(await (await client.get(`/v1/jobs/${id}`)).json());
      await expect.poll(async () => (await ended()).state, { interval: 100 }).not.toMatch(/waiting|running/);
      expect(await ended()).toMatchObject({ state: "done", result: { stored: of.expect.length } });
      expectTaught(await client.events(`&box=${byJob}`), of);
      expect(await records()).toEqual([]);
      const undone = await client.post(`/v1/mappings/${mapping}/undo`, undefined);
      expect(await undone.json()).toMatchObject({ events: of.expect.length, records: 1, isDone: true });
      expect([await records(), await client.events(`&box=${byJob}`)]).toEqual([kept, []]);
    });

    it("is in quarantine again after an undo, and its event after a second replay", async () => {
      const { of, records, teach, kept } = await keep(again);
      for (let times = 0; times < 2; times++) {
        const mapping = await teach();
        // A process reads mappings for a replay once a second.
        running.later?.();
        const replayed = async () => {
          await client.post(`/v1/quarantine/${kept[0]}/replay`, undefined);
          return records();
        };
        await expect.poll(replayed).toEqual([]);
        expectTaught(await client.events(`&box=${again}`), of);
        const undone = await client.post(`/v1/mappings/${mapping}/undo`, undefined);
        const stay = { gone: 0, joined: 0 };
        const numbers = { events: of.expect.length, records: 1, stay };
        expect(await undone.json()).toEqual({ ...numbers, isDone: true, job: expect.any(String) });
        expect([await records(), await client.events(`&box=${again}`)]).toEqual([kept, []]);
      }
    });
  });
}
