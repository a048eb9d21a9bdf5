import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { S3ShipStore } from "../../../packages/cli/src/ship/s3.ts";
import { openedByTests } from "../../runtime/embedded/temporary.ts";
import { listen } from "../../standins/listen.ts";

const { closers } = openedByTests();
const bytes = randomBytes(400_001);

beforeEach(() => {
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterEach(() => vi.unstubAllEnvs());

/** A store that is answered by `answer`, whose calls may take 400 ms and 100 bytes a millisecond. */
async function store(answer: RequestListener) {
  const { url, close } = await listen(answer);
  closers.push(close);
  vi.stubEnv("AWS_ENDPOINT_URL_S3", url);
  return new S3ShipStore({ bucket: "b", prefix: "gate/" }, { callMs: 400, bytesPerMs: 100, retryMs: 1 });
}

it("what is large may take long to be sent, and what is not taken at all may not", async () => {
  let isTaken = true;
  let taken = 0;
  const bucket = await store(async (request, response) => {
    if (!isTaken) return;
    const begun = Date.now();
    for await (const chunk of request) {
      taken += chunk.length;
      // Twice as fast as the least: 200 bytes a millisecond.
      await sleep(Math.max(0, taken / 200 - (Date.now() - begun)));
    }
    response.end();
  });
  await bucket.put("picture", bytes);
  expect(taken).toBe(bytes.length);
  isTaken = false;
  await expect(bucket.put("change", bytes.subarray(0, 100))).rejects.toThrow();
});

it("a body that breaks off is read again, and one that comes slowly is read to its end", async () => {
  let asked = 0;
  const bucket = await store(async (_, response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 100_000));
    asked += 1;
    if (asked < 4) {
      // One is reset, and one sends nothing any more.
      if (asked < 3) setTimeout(() => response.socket?.destroy(), 20);
      return;
    }
    for (let at = 100_000; at < bytes.length; at += 50_000) {
      await sleep(100);
      response.write(bytes.subarray(at, at + 50_000));
    }
    response.end();
  });
  const read = await bucket.get("picture");
  expect(read?.equals(bytes)).toBe(true);
  expect(asked).toBe(4);
});

it("a body that breaks off each time is given up, and at once when shipping ends", async () => {
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
