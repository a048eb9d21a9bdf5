import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

/** A Gatepost whose clock a test may set on by some seconds. */
type Clocked = Running & { later?(): void };

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
    const again = "again";

    // Other processes on AWS know of a mapping within a minute, so all are taught before the first body.
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      for (const box of [...taughtBodies.map(({ name }) => name), again])
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
      for (let times = 0; times < 2; times++) {
        const answer = await post(name, body, of.headers);
        expect(JSON.parse(answer)).toEqual(way.isDirect ? (of.answer ?? usual) : usual);
        await expect.poll(() => client.events(`&box=${name}`)).toHaveLength(of.expect.length);
        expectTaught(await client.events(`&box=${name}`), of);
      }
      const kept = await (await client.get(`/v1/quarantine?box=${name}`)).json();
      expect(kept).toMatchObject({ records: Array.from({ length: of.quarantined ?? 0 }, () => ({})) });
    });

    it("is in quarantine again after an undo, and its event after a second replay", async () => {
      const [{ taught: of, body } = expect.fail()] = taughtBodies.filter(({ name }) => name === "flat");
      await post(again, body, of.headers);
      const records = async () => {
        const { records: listed } = (await (await client.get(`/v1/quarantine?box=${again}`)).json()) as {
          records: { id: string }[];
        };
        return listed.map(({ id }) => id);
      };
      await expect.poll(records).toHaveLength(1);
      const kept = await records();
      for (let times = 0; times < 2; times++) {
        const made = (await (await client.post("/v1/mappings", { ...of.mapping, box: again })).json()) as {
          id: string;
        };
        // A process reads mappings for a replay once a second.
        running.later?.();
        const replayed = async () => {
          await client.post(`/v1/quarantine/${kept[0]}/replay`, undefined);
          return records();
        };
        await expect.poll(replayed).toEqual([]);
        expectTaught(await client.events(`&box=${again}`), of);
        const undone = await client.post(`/v1/mappings/${made.id}/undo`, undefined);
        const stay = { gone: 0, joined: 0 };
        const numbers = { events: of.expect.length, records: 1, stay };
        expect(await undone.json()).toEqual({ ...numbers, isDone: true, job: expect.any(String) });
        expect([await records(), await client.events(`&box=${again}`)]).toEqual([kept, []]);
      }
    });
  });
}
