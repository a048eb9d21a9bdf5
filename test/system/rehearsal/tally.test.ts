import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { history, realtime, stranger } from "../../support/reports.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

const statistics = z.object({ buckets: z.array(z.object({ start: z.string(), type: z.string(), count: z.number() })) });

whereRehearsable(() => {
  describe("the counts of the deployment", () => {
    let deps: Started;
    beforeAll(async () => {
      deps = await started();
    }, synthTimeoutMs);
    afterEach(() => expect(deps.rehearsal.refused).toEqual([]));
    afterAll(() => deps.stop());

    const day = Date.UTC(2026, 10, 3);
    const hour = 60 * 60 * 1000;
    const counted = async () => {
      const answer = await deps.client.get(`/v1/stats?from=${day}&to=${day + 24 * hour}`);
      expect(answer.status).toBe(200);
      return statistics
        .parse(await answer.json())
        .buckets.map(({ start, type, count }) => [start.slice(11, 16), type, count]);
    };
    const post = async (path: string, body: object) => expect((await deps.box.post(path, body)).status).toBe(200);

    it("follow its reports, each passing once", async () => {
      await post("/RealTimeEvent", realtime({ timestamp: day + 8 * hour }));
      await post("/HistoryEvent", history({ timestamp: day + 8 * hour }));
      await post("/HistoryEvent", history({ timestamp: day + 8 * hour }));
      await post("/HistoryEvent", stranger({ timestamp: day + 9 * hour }));
      const once = [
        ["08:00", expect.any(String), 1],
        ["09:00", "stranger", 1],
      ];
      await expect.poll(counted).toEqual(once);
      const counts = await deps.client.get("/v1/counts");
      expect([counts.status, await counts.json()]).toMatchObject([200, { problems: { deadletters: null } }]);
    });

    it("go on where the tally was broken, with nothing lost and nothing twice", async () => {
      const before = await counted();
      deps.rehearsal.live.broken.add("Tally");
      for (let n = 0; n < 5; n++) await post("/HistoryEvent", history({ timestamp: day + 20 * hour + n }));
      deps.rehearsal.live.broken.delete("Tally");
      await post("/HistoryEvent", history({ timestamp: day + 20 * hour + 9 }));
      await expect.poll(counted).toEqual([...before, ["20:00", expect.any(String), 6]]);
    });
  });
});
