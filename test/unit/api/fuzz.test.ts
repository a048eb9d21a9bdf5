import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { anyCharacter } from "../../support/arbitraries.ts";
import { runs } from "../../support/seeded.ts";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
let eventId = "";

beforeAll(async () => {
  deps = await runtime();
  for (let n = 0; n < 5; n++) {
    const extData = { recognize_face: jpeg(`${n}`).toString("base64") };
    const [outcome] = await deps.deliver(passing({ identity_id: `${n}`, timestamp: noon + n, extData }));
    eventId = outcome?.event?.id ?? "";
  }
  await deps.deliver({ hello: "world" });
});

const anyText = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.string(),
  fc.constantFrom("__proto__", "\0", "%", "%ff", ".."),
);
const headerText = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });
const parameter = fc.constantFrom(
  ...[
    "from",
    "to",
    "box",
    "device",
    "person",
    "type",
    "action",
    "flag",
    "result",
    "q",
    "limit",
    "cursor",
    "order",
    "after",
    "link",
    "state",
    "id",
    "all",
    "token",
    "rule",
  ],
);
const likely = fc.constantFrom(
  "1",
  "500",
  "-1",
  "1e9",
  "9999999999999999",
  "2026-11-05T04:00:00Z",
  "pending",
  "vip",
  "received",
);
const methods = fc.constantFrom("GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS");
const paths = fc.oneof(
  fc.constantFrom("/v1/events", "/v1/actions", "/v1/quarantine", "/v1/keys", "/healthz"),
  fc.constantFrom("/v1/people", "/v1/tickets", "/SophonDevice/api/Devices", "/docs", "/openapi.json"),
  anyText.map((id) => `/v1/events/${encodeURIComponent(id.toWellFormed())}`),
  anyText.map((id) => `/v1/quarantine/${encodeURIComponent(id.toWellFormed())}`),
  anyText.map((kind) => `/v1/events/${eventId}/pictures/${encodeURIComponent(kind.toWellFormed())}`),
  anyText.map((raw) => `/${raw.replaceAll(/[?#]/g, "")}`),
);

it("answers anything with 2xx, 304 or 4xx", async () => {
  const asked = fc.record({
    path: paths,
    method: methods,
    query: fc.array(fc.tuple(fc.oneof(parameter, anyText), fc.oneof(likely, anyText)), { maxLength: 4 }),
    ifNoneMatch: headerText,
    authorization: fc.option(headerText, { freq: 5 }),
    body: anyText,
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ path, method, query, ifNoneMatch, authorization, body }) => {
      const parameters = new URLSearchParams();
      for (const [name, value] of query) parameters.append(name.toWellFormed(), value.toWellFormed());
      const answer = await deps.ask(`${path}?${parameters}`, {
        method,
        headers: { "if-none-match": ifNoneMatch, ...(authorization === null ? {} : { authorization }) },
        ...(method === "POST" ? { body: body.toWellFormed() } : {}),
      });
      expect(answer.status).toBeLessThan(500);
      await answer.arrayBuffer();
    }),
    runs(400),
  );
});

it.each([
  ["of a list", "limit=2", "cursor"],
  ["of the feed of changes", "limit=2&order=received", "after"],
])("accepts only cursors it made: %s", async (_, query, parameter) => {
  const { next } = (await (await deps.ask(`/v1/events?${query}`)).json()) as { next: string };
  const genuine = Buffer.from(next, "base64url");
  const changed = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.tuple(fc.nat({ max: genuine.length - 1 }), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
      const bytes = Uint8Array.from(genuine);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      return bytes;
    }),
  );
  await fc.assert(
    fc.asyncProperty(changed, async (bytes) => {
      const cursor = Buffer.from(bytes).toString("base64url");
      expect((await deps.ask(`/v1/events?${query}&${parameter}=${cursor}`)).status).toBe(400);
    }),
  );
  expect((await deps.ask(`/v1/events?${query}&${parameter}=${next}`)).status).toBe(200);
});
