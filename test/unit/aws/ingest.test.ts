import { isUtf8 } from "node:buffer";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ingestHandler } from "../../../packages/aws/src/lambda/ingest.ts";
import { gatewayBody } from "../../standins/gateway-body.ts";
import { httpEvent } from "../../support/http-event.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { history, noon } from "../../support/reports.ts";
import { wrappings } from "../../support/wrappings.ts";

let deps: MemoryPorts;
let path: string;
beforeEach(() => {
  deps = new MemoryPorts();
  path = `/${deps.addKey()}/HistoryEvent`;
});

const handle = (event: ReturnType<typeof httpEvent>) => ingestHandler(() => deps)(event);
const kept = () => [...deps.records.values()].map(({ body }) => Buffer.from(body));

it("acknowledges a report to the byte", async () => {
  expect(await handle(httpEvent({ path, body: history() }))).toEqual({
    statusCode: 200,
    headers: {
      "content-type": "application/json",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "x-content-type-options": "nosniff",
      "gatepost-outcome": expect.stringMatching(/^stored; id=evt_/),
    },
    body: '{"message":"SUCCESS","status":0}',
  });
  expect(deps.events()).toHaveLength(1);
});

it("refuses with the status of the refusal", async () => {
  expect(await handle(httpEvent({ path: "/none", body: "{}" }))).toMatchObject({
    statusCode: 401,
    body: expect.stringContaining('"status":401'),
  });
});

it("finds the key in the query and in Basic auth", async () => {
  const token = deps.addKey();
  const authorization = `Basic ${btoa(`${token}:`)}`;
  const requests = [
    httpEvent({ query: `token=${token}`, body: "a" }),
    httpEvent({ headers: { authorization }, body: "b" }),
  ];
  for (const event of requests) expect(await handle(event)).toMatchObject({ statusCode: 200 });
});

it("counts failed keys by the address of the sender", async () => {
  const guess = (address: string) => handle(httpEvent({ path: "/guess", address }));
  for (let i = 0; i < 30; i++) await guess("203.0.113.9");
  expect(await guess("203.0.113.9")).toMatchObject({ statusCode: 429, headers: { "retry-after": "60" } });
  expect(await guess("203.0.113.10")).toMatchObject({ statusCode: 401 });
});

it("keeps the rest of a batch once half of the function's time is over", async () => {
  deps.longBatches = { maxValues: Number.POSITIVE_INFINITY, replayLater: async () => undefined };
  const upsert = deps.index.upsert;
  deps.index.upsert = (entry) => {
    deps.now += 100;
    return upsert(entry);
  };
  const body = Array.from({ length: 300 }, (_, n) => history({ timestamp: noon + n }));
  const getRemainingTimeInMillis = () => 29_000;
  const answer = await ingestHandler(() => deps)(httpEvent({ path, body }), { getRemainingTimeInMillis });
  expect(answer).toMatchObject({ statusCode: 200 });
  expect([deps.events().length, deps.reasons()]).toEqual([200, ["batch-too-long"]]);
});

describe("the body of an event", () => {
  it("is read byte for byte from base64", async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
    await handle(httpEvent({ path, body: bytes }));
    expect(kept()).toEqual([bytes]);
  });

  it("is read from text as UTF-8", async () => {
    await handle({ ...httpEvent({ path }), body: '"小明"', isBase64Encoded: false });
    expect(kept()).toEqual([Buffer.from('"小明"')]);
  });

  it("is empty if there is none", async () => {
    await handle(httpEvent({ path }));
    expect(deps.reasons()).toEqual(["empty-body"]);
  });
});

describe.each(wrappings)("a report as $name, as API Gateway hands it over,", ({ wrap }) => {
  const report = () => history({ user_name: "小明" });
  const { body: bytes, headers } = wrap(report());
  const asSent = gatewayBody(bytes, headers);
  const texts = [bytes.toString(), ...(headers["content-encoding"] ? [JSON.stringify(report())] : [])];

  it("is an event, or it is kept because some of it was lost", async () => {
    await handle({ ...httpEvent({ path, headers }), ...asSent });
    const isWhole = asSent.isBase64Encoded || isUtf8(bytes);
    if (isWhole) expect([deps.events().length, deps.reasons()]).toEqual([1, []]);
    else expect(deps.reasons()).toEqual(["charset"]);
  });

  it.each(texts)("is also kept if API Gateway makes a text of it: %.20s", async (body) => {
    await handle({ ...httpEvent({ path, headers }), body, isBase64Encoded: false });
    if (body.includes("\uFFFD")) expect(deps.reasons()).toEqual([expect.stringMatching(/^(charset|torn-form)$/)]);
    else expect(deps.events()).toHaveLength(1);
  });
});

it("keeps a copy of a report that lost its names, and flags its event", async () => {
  const [gbk] = wrappings.filter(({ name }) => name === "GBK that nothing tells of");
  const { body = Buffer.alloc(0), headers = {} } = gbk?.wrap(history()) ?? {};
  await handle({ ...httpEvent({ path, headers }), ...gatewayBody(body, headers) });
  const [event] = deps.events();
  expect(event).toMatchObject({ flags: ["charset"] });
  expect([...deps.records.values()]).toMatchObject([{ reason: "charset", event: { id: event?.id } }]);
});

it("looks the key up once for a request", async () => {
  const find = vi.spyOn(deps.keys, "find");
  await handle(httpEvent({ path, body: history() }));
  expect(find).toHaveBeenCalledOnce();
});

it("never throws, even for a malformed event", async () => {
  const broken = { ...httpEvent({}), rawPath: undefined };
  expect(await handle(JSON.parse(JSON.stringify(broken)))).toMatchObject({ statusCode: 503 });
});
