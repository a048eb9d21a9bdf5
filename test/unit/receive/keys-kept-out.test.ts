import { deflateSync, gzipSync } from "node:zlib";
import { newToken } from "@gatepost/core/keys";
import { Body, receiver, replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { boxRequest, send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history, longText, noon } from "../../support/reports.ts";
import { isWhole } from "../../support/seeded.ts";

let deps: MemoryPorts;
let own: string;
beforeEach(() => {
  deps = new MemoryPorts();
  own = deps.addKey();
});

const stars = "*".repeat(31);
const kept = () => [...deps.records.values()];
const textOf = (record = kept()[0]) => Buffer.from(record?.body ?? []).toString();

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
const escaped = (text: string) => text.replaceAll("gp", "\\u0067\\u0070").replaceAll("i_", "i\\u005F");
const form = (body: object) => {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    fields.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return fields.toString();
};
const percent = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

/** Whether a masked key can be read in bytes, in any form of text. */
const maskedIn = (body: Uint8Array) => /(?:\*\0?){31}|(?:%2a){31}/i.test(Buffer.from(body).toString("latin1"));

/** Ways in which a report may be sent: its bytes and headers. */
const wrappings: [string, (report: object) => { body: unknown; headers?: Record<string, string> }][] = [
  ["plain", (report) => ({ body: report })],
  ["gzip", (report) => ({ body: gzipSync(JSON.stringify(report)), headers: { "content-encoding": "gzip" } })],
  ["gzip that is not declared", (report) => ({ body: gzipSync(JSON.stringify(report)) })],
  ["deflate", (report) => ({ body: deflateSync(JSON.stringify(report)), headers: { "content-encoding": "deflate" } })],
  ["UTF-16", (report) => ({ body: utf16(JSON.stringify(report)) })],
  ["UTF-16 in gzip", (report) => ({ body: gzipSync(utf16(JSON.stringify(report))) })],
  ["escapes", (report) => ({ body: escaped(JSON.stringify(report)) })],
  ["JSON in JSON", (report) => ({ body: JSON.stringify(JSON.stringify(report)) })],
  ["a form", (report) => ({ body: form(report), headers: { "content-type": "application/x-www-form-urlencoded" } })],
  ["a form of nothing but escapes", (report) => ({ body: `${percent(JSON.stringify(report))}=` })],
  ["a list", (report) => ({ body: [report, report] })],
  ["lines", (report) => ({ body: `${JSON.stringify(report)}\n${JSON.stringify({ ...report, timestamp: noon + 1 })}` })],
];

describe.each([
  ["its own key", () => own],
  ["any other key", () => newToken("admin")],
])("%s", (_, keyOf) => {
  it.each(wrappings)("is masked in an event received as %s", async (_, wrapped) => {
    const key = keyOf();
    const report = history({ identity_name: `小明 ${key}`, url: `http://h/${key}/x`, [`at ${key}`]: 1 });
    expect(await send(deps, { path: `/${own}/HistoryEvent`, ...wrapped(report) })).toEqual(success);
    const [event] = deps.events();
    expect(event?.person.name).toBe(`小明 ${stars}`);
    expect(event?.extra).toMatchObject({ url: `http://h/${stars}/x` });
    expect(deps.everything()).not.toContain(key.slice(4));
  });

  it.each(wrappings)(
    "is masked in a quarantined body received as %s, and nothing else is changed",
    async (_, wrapped) => {
      const key = keyOf();
      const report = history({ identity_name: `小明 ${key}` }, { recognize_face: "no picture", spot_pic: photo("a") });
      await send(deps, { path: `/${own}/HistoryEvent`, ...wrapped(report) });
      const [record] = kept();
      if (record === undefined) throw new Error("nothing was kept");
      expect(record.reason).toBe("picture");
      expect(Buffer.from(record.body).toString("latin1")).not.toContain(key.slice(4));
      const events = deps.events();
      expect(events[0]?.person.name).toBe(`小明 ${stars}`);
      await replay(record, deps);
      expect([deps.events(), kept().length]).toEqual([events, kept().length]);
      expect(kept().map(({ reason }) => reason)).toEqual(kept().map(() => "picture"));
    },
  );

  it.each(wrappings)("is masked in an unreadable report received as %s", async (_, wrapped) => {
    const key = keyOf();
    await send(deps, { path: `/${own}/HistoryEvent`, ...wrapped({ what: `小明 ${key}` }) });
    for (const record of kept()) {
      expect(maskedIn(record.body)).toBe(true);
      expect(Buffer.from(record.body).toString("latin1")).not.toContain(key.slice(4));
      expect((await replay(record, deps))[0]?.quarantined?.id).toBe(record.id);
    }
    expect(kept().length).toBeGreaterThan(0);
  });

  it("is masked in a box's notice about itself", async () => {
    const key = keyOf();
    await send(deps, { path: `/${own}/x`, body: gzipSync(JSON.stringify({ gateway_sn: "S", gateway_status: key })) });
    expect([...deps.boxStatuses.values()]).toMatchObject([{ report: { gateway_status: stars } }]);
  });
});

describe("an unreadable body", () => {
  const torn = () => `{"name":"小明","url":"${own}","a`;

  it("is kept unchanged except for its keys", async () => {
    await send(deps, { path: `/${own}/x`, body: torn() });
    expect(textOf()).toBe(torn().replace(own, stars));
    expect(kept()[0]?.headers).toMatchObject({ "content-type": "application/json" });
  });

  it.each([
    ["gzip", (text: string) => gzipSync(text), { "content-encoding": "gzip", "content-length": "7" }],
    ["UTF-16", utf16, {}],
    [
      "GBK",
      (text: string) => gzipSync(Buffer.from(text.replace("小明", "\xd0\xa1\xc3\xf7"), "latin1")),
      { "content-type": "application/json; charset=gbk" },
    ],
  ])("is kept as text if a key appears only after decoding its %s", async (_, wrapped, headers) => {
    await send(deps, { path: `/${own}/x`, body: wrapped(torn()), headers });
    const [record] = kept();
    expect(textOf(record).replace("\ufeff", "")).toBe(torn().replace(own, stars));
    expect(record?.headers).toEqual({ "content-type": "text/plain; charset=utf-8" });
  });

  it("is kept as text if it has no content type", async () => {
    const request = boxRequest({ path: `/${own}/x`, body: utf16(torn()) });
    await receiver(deps)({ ...request, headers: {} });
    expect(textOf().replace("\ufeff", "")).toBe(torn().replace(own, stars));
  });

  it("is kept byte for byte if it contains no key", async () => {
    const body = gzipSync("{");
    await send(deps, { path: `/${own}/x`, body, headers: { "content-encoding": "gzip" } });
    expect([Buffer.from(kept()[0]?.body ?? []), kept()[0]?.headers]).toEqual([
      body,
      { "content-type": "application/json", "content-encoding": "gzip" },
    ]);
  });

  it("is kept byte for byte if it is in UTF-16 and has no key", async () => {
    const body = utf16("{");
    await send(deps, { path: `/${own}/x`, body });
    expect(kept().map(({ body }) => Buffer.from(body))).toEqual([body]);
  });

  it("is kept in its charset if its keys can be masked there", async () => {
    const gbk = (text: string) => Buffer.from(text.replace("小明", "\xd0\xa1\xc3\xf7"), "latin1");
    const headers = { "content-type": "application/json; charset=gbk" };
    await send(deps, { path: `/${own}/x`, body: gbk(torn()), headers });
    expect(kept().map(({ body, headers }) => [Buffer.from(body), headers])).toEqual([
      [gbk(torn().replace(own, stars)), headers],
    ]);
  });

  const expectKept = async (body: Buffer) => {
    await send(deps, { path: `/${own}/x`, body });
    expect(kept().map((record) => Buffer.from(record.body))).toEqual([body]);
  };

  it("is kept byte for byte if it has no charset", () => expectKept(Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x00])));

  it.runIf(isWhole)("is kept byte for byte if it unpacks to too much", () =>
    expectKept(gzipSync(longText(65 * 1024 * 1024))),
  );
});

describe("a base64url picture that looks like a key", () => {
  const look = `gpi_${"Ab-_".repeat(8)}`;
  const data = Buffer.concat([
    jpeg("x"),
    Buffer.alloc((3 - (jpeg("x").length % 3)) % 3),
    Buffer.from(look, "base64url"),
  ]);
  const url = data.toString("base64url");

  it.each([
    ["whole", url],
    ["a data URI", `data:image/jpeg;base64,${url}`],
    ["in lines", url.replace(look, `\r\n${look}\r\n`)],
  ])("keeps its SHA-256, %s, also after its report is kept and replayed", async (_, face) => {
    expect(url).toContain(look);
    const report = history({ url: own }, { recognize_face: face, spot_pic: "no picture" });
    await send(deps, { path: `/${own}/HistoryEvent`, body: report });
    const shown = () => deps.events().map(({ pictures }) => pictures.face?.sha256);
    expect(shown()).toEqual([sha256(data)]);
    expect(JSON.parse(textOf())).toEqual(history({ url: stars }, { recognize_face: face, spot_pic: "no picture" }));
    for (const record of kept()) await replay(record, deps);
    expect(shown()).toEqual([sha256(data)]);
  });

  it("keeps its text if its report cannot be read", async () => {
    const body = `{"url":"${own}","face":"${url}`;
    await send(deps, { path: `/${own}/HistoryEvent`, body });
    expect(textOf()).toBe(body.replace(own, stars));
  });
});

it("keys are masked in a body received as text", async () => {
  const body = JSON.stringify({ a_b: "_", url: `x${own}` });
  await receiver(deps)({ ...boxRequest({ path: `/${own}/HistoryEvent` }), body: new Body(body) });
  expect(textOf()).toBe(body.replace(own, stars));
});
