import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { history } from "../../support/reports.ts";
import { statistics } from "../blackbox/statistics.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

const answer = z.object({ buckets: z.array(z.object({ start: z.string(), type: z.string(), count: z.number() })) });

whereRehearsable(() => {
  let deps: Started;
  beforeAll(async () => {
    deps = await started();
  }, synthTimeoutMs);
  afterEach(() => expect(deps.rehearsal.refused).toEqual([]));
  afterAll(() => deps.stop());

  statistics("the rehearsal", async () => ({
    url: deps.rehearsal.url,
    admin: deps.rehearsal.admin,
    stop: async () => {},
  }));

  describe("the counts of the deployment", () => {
    const day = Date.UTC(2026, 10, 3);
    const hour = 60 * 60 * 1000;
    const counted = async () => {
      const asked = await deps.client.get(`/v1/stats?from=${day}&to=${day + 24 * hour}`);
      expect(asked.status).toBe(200);
      return answer
        .parse(await asked.json())
        .buckets.map(({ start, type, count }) => [start.slice(11, 16), type, count]);
    };
    const post = async (path: string, body: object) => expect((await deps.box.post(path, body)).status).toBe(200);

    it("continue after the tally failed, without loss or repetition", async () => {
      const before = await counted();
      deps.rehearsal.mappings.broken.add("Tally");
      for (let n = 0; n < 5; n++) await post("/HistoryEvent", history({ timestamp: day + 20 * hour + n }));
      deps.rehearsal.mappings.broken.delete("Tally");
      await post("/HistoryEvent", history({ timestamp: day + 20 * hour + 9 }));
      await expect.poll(counted, { interval: 200 }).toEqual([...before, ["20:00", expect.any(String), 6]]);
    });
  });
});
