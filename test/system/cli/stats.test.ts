import { dayMs } from "@gatepost/protocol";
import { expect, it } from "vitest";
import * as z from "zod";
import { dataFolder, emptyStore, gatepost, gatepostJson, serve } from "./support.ts";

const answer = z.object({ by: z.string(), zone: z.string(), buckets: z.array(z.object({ count: z.number() })) });

it("passings are counted in the requested zone only, beside a server and without one", async () => {
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
  const isOne = await gatepost("stats", ...range, "--from", "2026-11-05T04:30:00Z", "--data", data);
  expect(isOne.stdout).toMatch(/\n1 passing; most in the half-hour of [^\n]+: 1\n$/);
  const failed = await gatepost("stats", "--zone", "Mars/Olympus", "--data", data);
  expect([failed.code, failed.stderr]).toEqual([
    2,
    expect.stringContaining("zone: must be a time zone as Asia/Shanghai"),
  ]);
});

it("the end of counting is named for a time without counts", async () => {
  const data = await emptyStore();
  const counted = async (...range: string[]) => (await gatepost("stats", ...range, "--data", data)).stdout;
  const said = /^START .*\n0 passings\nCounts are kept for 400 days: there are none before [\dT:.-]+Z\.\n$/;
  const [before, after] = [401, 399].map((days) => new Date(Date.now() - days * dayMs).toISOString());
  expect(await counted("--from", `${before}`, "--to", new Date(Date.now() - dayMs).toISOString())).toMatch(said);
  expect(await counted("--to", `${Date.parse(`${before}`)}`)).toMatch(said);
  expect(await counted("--from", `${after}`)).toMatch(/\n0 passings\n$/);
  expect(await counted()).toMatch(/\n0 passings\n$/);
});
