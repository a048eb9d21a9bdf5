import { expect, it } from "vitest";
import * as z from "zod";
import { dataFolder, gatepost, gatepostJson, serve } from "./support.ts";

const answer = z.object({ by: z.string(), zone: z.string(), buckets: z.array(z.object({ count: z.number() })) });

it("passings are counted beside a server and without one, in the zone that is asked for, and in no other", async () => {
  const data = await dataFolder();
  const server = await serve(data, { open: true });
  const timestamp = Date.parse("2026-11-05T04:00:00Z");
  for (const n of [0, 1, 2]) {
    const body = JSON.stringify({
      identity_id: `${n}`,
      timestamp: timestamp + n * 20 * 60_000,
      ext_data: { person_type: 5 },
    });
    expect((await fetch(`${server.url}/HistoryEvent`, { method: "POST", body })).status).toBe(200);
  }
  const range = ["--from", "2026-11-05T00:00:00Z", "--to", "2026-11-06T00:00:00Z", "--zone", "Asia/Shanghai"];
  const counted = async (...more: string[]) =>
    answer.parse(await gatepostJson("stats", ...range, ...more, "--data", data));
  expect(await counted()).toEqual({ by: "day", zone: "Asia/Shanghai", buckets: [{ count: 3 }] });
  expect((await counted("--by", "half-hour")).buckets).toEqual([{ count: 2 }, { count: 1 }]);
  await server.stop();
  expect((await counted("--box", "nobody's")).buckets).toEqual([]);
  const { stdout } = await gatepost("stats", ...range, "--by", "hour", "--data", data);
  expect(stdout).toMatch(
    /^START +BOX +TYPE +PASSINGS\n2026-11-05T12:00:00\+08:00 +open +vip +3\n3 passings; most in the half-hour of 2026-11-05T12:00:00\+08:00: 2\n$/,
  );
  const failed = await gatepost("stats", "--zone", "Mars/Olympus", "--data", data);
  expect([failed.code, failed.stderr]).toEqual([
    2,
    expect.stringContaining("zone: must be a time zone as Asia/Shanghai"),
  ]);
});
