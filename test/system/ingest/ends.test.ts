import { eventSchema, isObject, type Json } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyJson } from "../../support/arbitraries.ts";
import { deliver } from "../../support/ends.ts";
import { send, success } from "../../support/http.ts";
import { type FailingPort, MemoryPorts } from "../../support/memory-ports.ts";
import { anyMutant, textOf } from "../../support/mutations.ts";
import { runs } from "../../support/seeded.ts";

function expectReadable(deps: MemoryPorts): void {
  for (const event of deps.events()) expect(eventSchema.safeParse(event).error).toBeUndefined();
}

const isList = (value: Json) =>
  Array.isArray(value) ||
  (isObject(value) && ["events", "data", "records"].some((member) => Array.isArray(value[member])));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("a report under a live key", () => {
  it("is acknowledged and kept to its last byte, whichever non-JSON bytes it has", async () => {
    const anyBytes = fc.uint8Array({ maxLength: 64 }).filter((bytes) => !isJson(Buffer.from(bytes).toString()));
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const { answer, deps, inEvents, inQuarantine } = await deliver(bytes);
        expect(answer).toEqual(success);
        expect([inEvents, inQuarantine]).toEqual([0, 1]);
        expect([...deps.records.values()].map(({ body }) => body)).toEqual([bytes]);
      }),
    );
  });

  it("is acknowledged and kept, whichever JSON it is", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyJson.filter((value) => !isList(value)),
        async (value) => {
          const { answer, inEvents, inQuarantine } = await deliver(textOf(value));
          expect(answer).toEqual(success);
          expect([inEvents, inQuarantine]).toEqual([0, 1]);
        },
      ),
    );
  });

  it("becomes one event, record or notice for any change of its documented form", async () => {
    await fc.assert(
      fc.asyncProperty(anyMutant, async (body) => {
        fc.pre(!isList(body));
        const { answer, deps, inEvents, inQuarantine, inHealth } = await deliver(textOf(body));
        expect(answer).toEqual(success);
        expect(inEvents + inQuarantine + inHealth).toBe(1);
        expect(deps.events()).toHaveLength(inEvents);
        expectReadable(deps);
      }),
      runs(200),
    );
  });

  it("is kept to its last byte, wherever its documented form is cut off", async () => {
    await fc.assert(
      fc.asyncProperty(anyMutant, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (body, part) => {
        const whole = Buffer.from(textOf(body));
        const torn = whole.subarray(0, Math.floor(whole.length * part));
        const { answer, deps, inEvents } = await deliver(torn);
        expect(answer).toEqual(success);
        expect(inEvents).toBe(0);
        expect([...deps.records.values()].map((record) => Buffer.from(record.body).equals(torn))).toEqual([true]);
      }),
    );
  });

  it("is neither a second event nor a second record when repeated", async () => {
    await fc.assert(
      fc.asyncProperty(anyMutant, async (body) => {
        const deps = new MemoryPorts();
        const sent = { path: `/${deps.addKey()}/HistoryEvent`, body: textOf(body) };
        await send(deps, sent);
        const [events, records] = [deps.events(), deps.records.size];
        expect(await send(deps, sent)).toEqual(success);
        expect([deps.events(), deps.records.size]).toEqual([events, records]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a batch under a live key", () => {
  const anyBatch = fc.array(fc.oneof({ weight: 3, arbitrary: anyMutant }, anyJson), { minLength: 1, maxLength: 6 });
  const anyWrapper = fc.constantFrom<((items: Json[]) => Json)[]>(
    (items) => items,
    (events) => ({ events }),
    (data) => ({ data, pagination: {} }),
    (records) => ({ records }),
  );

  it("ends as one event, one record or one notice for each of its items", async () => {
    await fc.assert(
      fc.asyncProperty(anyBatch, anyWrapper, async (items, wrapped) => {
        const { answer, deps, inEvents, inQuarantine, inHealth } = await deliver(textOf(wrapped(items)));
        expect(answer).toEqual(success);
        expect(inEvents + inQuarantine + inHealth).toBe(items.length);
        expectReadable(deps);
      }),
    );
  });
});

describe("a request", () => {
  it("is acknowledged only if all of it is stored, whichever stores fail", async () => {
    const anyFailing = fc.subarray<FailingPort>([
      "keys",
      "pictures",
      "index",
      "quarantine",
      "bus",
      "actions",
      "health",
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(anyMutant, { minLength: 1, maxLength: 4 }), anyFailing, async (items, failing) => {
        const { answer, inEvents, inQuarantine, inHealth } = await deliver(textOf(items), { failing });
        expect(answer.status).toBeOneOf([200, 503]);
        if (answer.status === 200) expect(inEvents + inQuarantine + inHealth).toBe(items.length);
        else expect(answer.headers["retry-after"]).toBe("5");
      }),
    );
  });

  it("is refused by name without a live key, and leaves nothing", async () => {
    const anyWord = fc.oneof(fc.string({ maxLength: 8 }), fc.webSegment());
    await fc.assert(
      fc.asyncProperty(anyWord, anyWord, anyWord, anyMutant, async (path, query, user, body) => {
        const headers = { authorization: `Basic ${user}` };
        const { answer, deps } = await deliver(textOf(body), { path: `/${path}`, query: `token=${query}`, headers });
        expect(answer.status).toBe(401);
        expect([deps.events(), deps.reasons(), deps.storedPictures()]).toEqual([[], [], []]);
      }),
      { numRuns: 50 },
    );
  });

  it("is answered with a live key for any method, and stores only by POST", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "X"), anyMutant, async (method, body) => {
        const { answer, deps } = await deliver(textOf(body), { method });
        expect(answer.status).toBe(method === "GET" || method === "HEAD" ? 200 : 405);
        expect([deps.events(), deps.reasons()]).toEqual([[], []]);
      }),
      { numRuns: 20 },
    );
  });
});
