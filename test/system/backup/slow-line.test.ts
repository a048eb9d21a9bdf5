import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { S3ShipStore } from "../../../packages/cli/src/backup/s3.ts";
import { openedByTests } from "../../runtime/embedded/temporary.ts";
import { listen } from "../../standins/listen.ts";

const { closers } = openedByTests();
const bytes = randomBytes(400_001);

beforeEach(() => {
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterEach(() => void vi.unstubAllEnvs().useRealTimers().restoreAllMocks());

const times = { callMs: 60_000, bytesPerMs: 100, retryMs: 1 };

/** A store that is answered by `answer`. */
async function store(answer: RequestListener) {
  const { url, close } = await listen(answer);
  closers.push(close);
  vi.stubEnv("AWS_ENDPOINT_URL_S3", url);
  return new S3ShipStore({ bucket: "b", prefix: "gate/" }, times);
}

it("an upload may take long while its bytes are taken, else not", async () => {
  const limits: { ms: number; end: () => void }[] = [];
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    limits.push({ ms, end: () => controller.abort(new DOMException("late", "TimeoutError")) });
    return controller.signal;
  });
  let isTaken = true;
  let taken = 0;
  const bucket = await store(async (request, response) => {
    if (!isTaken) return limits.at(-1)?.end();
    for await (const chunk of request) taken += chunk.length;
    response.end();
  });
  await bucket.put("picture", bytes);
  isTaken = false;
  await expect(bucket.put("change", bytes.subarray(0, 100))).rejects.toThrow();
  expect([taken, ...limits.map(({ ms }) => ms)]).toEqual([bytes.length, 64_001, 60_001]);
});

it("an interrupted download is retried, and a slow one is read to its end", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  /** Lets the client read all that was written, and then time pass. */
  const pass = async (ms: number) => {
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(ms);
  };
  let asked = 0;
  const bucket = await store(async (_, response) => {
    response.writeHead(200, { "content-length": bytes.length });
    asked += 1;
    const write = (from: number, to: number) =>
      new Promise<void>((resolve) => void response.write(bytes.subarray(from, to), () => resolve()));
    await write(0, 100_000);
    // Two are reset, and one sends nothing any more.
    if (asked < 3) return void response.socket?.destroy();
    if (asked === 3) return pass(times.callMs);
    for (let at = 100_000; at < bytes.length; at += 50_000) {
      await pass(times.callMs * 0.9);
      await write(at, at + 50_000);
    }
    response.end();
  });
  const read = await bucket.get("picture");
  expect(read?.equals(bytes)).toBe(true);
  expect(asked).toBe(4);
});

it("a download that breaks each time is given up, at once after shipping ends", async () => {
  let asked = 0;
  const bucket = await store((_, response) => {
    asked += 1;
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 1000), () => response.socket?.destroy());
  });
  await expect(bucket.get("picture")).rejects.toThrow();
  expect(asked).toBe(5);
  bucket.end();
  await expect(bucket.get("picture")).rejects.toThrow();
  expect(asked).toBe(5);
});
