import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { mappingSchema } from "@gatepost/protocol";
import { type LargeBodies, readHere, replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { history, longText } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
let opened: { bytes: number; isReplay: boolean }[];

/** Reads large bodies in this thread, and notes them. */
const noting: LargeBodies = {
  open(body, origin, { held, isReplay }) {
    opened.push({ bytes: body.bytes.length, isReplay });
    return readHere(body, origin, { held, settings: deps.settings, zone: async () => null, mappings: async () => [] });
  },
};

beforeEach(() => {
  deps = new MemoryPorts();
  deps.largeBodies = noting;
  token = deps.addKey();
  opened = [];
});

const megabyte = 1024 * 1024;
const sized = (bytes: number) => {
  const length = Buffer.byteLength(JSON.stringify(history({ url: "" })));
  return JSON.stringify(history({ url: longText(bytes - length + 2).toString("latin1", 1, bytes - length + 1) }));
};
const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  send(deps, { path: `/${token}/HistoryEvent`, body, headers });
const gzip = { "content-encoding": "gzip" };

describe("a body", () => {
  it.each([
    ["1 MB", sized(megabyte), {}, []],
    ["one byte more", sized(megabyte + 1), {}, [megabyte + 1]],
    ["1 MB that was packed", gzipSync(sized(megabyte)), gzip, []],
  ])("is handed over if it is larger than 1 MB: %s", async (_, body, headers, expected) => {
    expect(await post(body, headers)).toEqual(success);
    expect(opened.map(({ bytes }) => bytes)).toEqual(expected);
    expect(deps.events()).toHaveLength(1);
  });

  it("is handed over as it was sent if it unpacks to over 1 MB", async () => {
    const body = gzipSync(sized(megabyte + 1));
    expect(await post(body, gzip)).toEqual(success);
    expect(opened).toEqual([{ bytes: body.length, isReplay: false }]);
    expect(deps.events()).toHaveLength(1);
  });

  it("is handed over below 1 MB if most of it is only nearly JSON", async () => {
    const texts = Array.from({ length: 200 }, (_, i) => `{'a':'${`${i}`.padStart(1000, "x")}'}`);
    expect(await post(`[${texts.slice(1, 100).join()}]`)).toEqual(success);
    expect(opened).toEqual([]);
    const body = `[${texts.join()}]`;
    expect(await post(body)).toEqual(success);
    expect(opened).toEqual([{ bytes: body.length, isReplay: false }]);
    const ofTexts = JSON.stringify(texts);
    expect(await post(ofTexts)).toEqual(success);
    expect(opened.at(-1)).toEqual({ bytes: ofTexts.length, isReplay: false });
  });

  it("is handed over with the mappings of its box", async () => {
    const gate = { name: "Gate", when: { is: { op: "pass" } }, fields: { time: { at: "ts" } } };
    await deps.reads.mappings.add(mappingSchema().parse(gate));
    const open = vi.spyOn(noting, "open");
    onTestFinished(() => open.mockRestore());
    expect(await post(sized(megabyte + 1))).toEqual(success);
    expect(open.mock.calls[0]?.[1].mappings).toMatchObject([{ name: "Gate" }]);
  });

  it("whose reading fails for another reason is not handed over", async () => {
    const { parse: parsed } = JSON;
    const parse = vi.spyOn(JSON, "parse").mockImplementation((text) => {
      if (text === "{}") throw new Error("no memory");
      return parsed(text);
    });
    onTestFinished(() => parse.mockRestore());
    vi.spyOn(Buffer.prototype, "toString").mockImplementationOnce(() => {
      throw new Error("no memory");
    });
    expect((await post("{}")).status).toBe(503);
    expect(opened).toEqual([]);
  });

  it("is handed over from quarantine for a replay", async () => {
    await post(longText(megabyte + 2));
    opened = [];
    await replay(deps.lastRecord, deps);
    expect(opened).toEqual([{ bytes: megabyte + 2, isReplay: true }]);
  });
});

describe("a packed body of over 1 MB", () => {
  const dense = (noise: number) => Buffer.concat([Buffer.alloc(4 * megabyte, "z"), randomBytes(noise)]);

  it("is refused if it unpacks to over 200 times its size, and nothing is stored", async () => {
    const refused = { status: 413, body: expect.stringContaining("at most 200 times its size") };
    expect(await post(gzipSync(dense(10_000)), gzip)).toMatchObject(refused);
    expect(await post(gzipSync(gzipSync(dense(10_000))), { "content-encoding": "gzip, gzip" })).toMatchObject(refused);
    expect([deps.events(), deps.reasons()]).toEqual([[], []]);
  });

  it("is read if it has fewer", async () => {
    expect(await post(gzipSync(dense(40_000)), gzip)).toEqual(success);
    expect(deps.reasons()).toEqual(["unknown-charset"]);
  });

  it("stays in quarantine if it was kept before there was such a limit", async () => {
    const body = gzipSync(dense(0));
    await post("[1");
    const outcomes = await replay({ ...deps.lastRecord, headers: gzip, body }, deps);
    expect(outcomes).toMatchObject([{ quarantined: { reason: "packed-too-densely" } }]);
    expect(Buffer.from(deps.lastRecord.body)).toEqual(body);
  });
});
