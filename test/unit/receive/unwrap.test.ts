import { eventSchema, type Json, type JsonObject } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyJson } from "../../support/arbitraries.ts";
import { deliver } from "../../support/ends.ts";
import { envelopes, messageIn, wordsBeside, wordsBesideIn } from "../../support/envelopes.ts";
import { eventFixtures, fixture } from "../../support/fixtures.ts";
import { send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, noon, realtime } from "../../support/reports.ts";
import { multipartOf } from "../../support/wrappings.ts";

/** The result of a body: who passed, the flags, and the content of quarantine. */
async function become(body: Json | Buffer) {
  const { answer, deps } = await deliver(body);
  expect(answer).toEqual(success);
  const events = deps.events();
  return {
    people: events.map(({ person }) => person.id).sort(),
    flags: [...new Set(events.flatMap(({ flags }) => flags))].sort(),
    reasons: deps.reasons(),
    envelopes: events.map(({ extra }) => extra["envelope"] ?? null),
    deps,
  };
}

/** The bodies in quarantine. */
const keptOf = (deps: MemoryPorts) => [...deps.records.values()].map(({ body }) => Buffer.from(body).toString());

const one = history({ identity_id: "one" });
const two = history({ identity_id: "two", timestamp: noon + 1 });
const text = JSON.stringify(one);

describe("a report that an integrator wrapped", () => {
  it.each(envelopes)(
    "becomes an event with the rest as its envelope, and nothing is quarantined: %s.json",
    async (name) => {
      const body = messageIn(name);
      const { people, flags, reasons, envelopes: kept } = await become(body);
      expect(people).toEqual(people.length === 2 ? ["888001", "888002"] : ["888001"]);
      expect(flags).toEqual(name === "code-msg-data" ? [] : ["unwrapped"]);
      expect(reasons).toEqual([]);
      const words = new Set(kept.flatMap((envelope) => wordsBeside(envelope)));
      expect([...words].sort()).toEqual([...new Set(wordsBesideIn(body))].sort());
    },
  );

  it("has an envelope in the form of the message", async () => {
    expect((await become(messageIn("sqs-sns"))).envelopes).toEqual([
      {
        Records: {
          messageId: "059f36b4",
          eventSource: "aws:sqs",
          body: { Type: "Notification", MessageId: "22b8" },
        },
      },
    ]);
    expect((await become(messageIn("code-msg-data"))).envelopes).toEqual([
      { code: 0, msg: "ok" },
      { code: 0, msg: "ok" },
    ]);
  });

  it("has the serial of its envelope, unless it names one itself", async () => {
    const { deps } = await become(messageIn("serial-events"));
    expect(deps.events().map(({ box }) => box.serial)).toEqual(["ENVSNO1", "ENVSNO1"]);
    const nameless = history({ identity_id: "one" }, { dev_sno: "", ep_id: "" });
    const numbered = await become({ payload: { meta: { dev_sno: 77 }, data: [nameless] } });
    expect(numbered.deps.events()[0]?.box.serial).toBe("77");
    const own = await become({ dev_sno: "ENVSNO1", data: history({}, { dev_sno: "OWN" }) });
    expect(own.deps.events()[0]?.box.serial).toBe("OWN");
  });

  it("keeps its own member named envelope", async () => {
    const { envelopes: kept } = await become({ topic: "t", data: { ...one, envelope: "paper" } });
    expect(kept).toEqual([{ topic: "t", envelope: "paper" }]);
  });

  it("puts a large envelope on the first report only, and its serial on each", async () => {
    const [first, second] = [one, two].map((report) => ({ ...report, ext_data: { device_ip: "10.0.0.7" } }));
    const body = { meta: "x".repeat(2000), dev_sno: "S", data: [first ?? one, second ?? two] };
    const { deps, envelopes: kept, reasons } = await become(body);
    expect(kept).toEqual([{ meta: "x".repeat(2000), dev_sno: "S" }, { dev_sno: "S" }]);
    expect([deps.events().map(({ box }) => box.serial), reasons]).toEqual([["S", "S"], []]);
    expect((await become({ meta: "x".repeat(2000), data: [one, two] })).envelopes[1]).toBeNull();
  });

  it("keeps the envelope of the first message that brought it", async () => {
    const deps = new MemoryPorts();
    const path = `/${deps.addKey()}/HistoryEvent`;
    await send(deps, { path, body: { id: 1, data: one } });
    await send(deps, { path, body: { id: 2, attempt: 2, data: one } });
    expect(deps.events().map(({ extra }) => extra["envelope"])).toEqual([{ id: 1 }]);
  });

  it("has no key of a box in its envelope", async () => {
    const key = `gpi_${"x".repeat(27)}`;
    const { envelopes: kept } = await become({ rawPath: `/${key}/HistoryEvent`, [key]: 1, body: text });
    expect(JSON.stringify(kept)).not.toContain(key);
    expect(kept).toMatchObject([{ rawPath: expect.stringContaining("/HistoryEvent") }]);
  });

  it.each<[string, JsonObject]>([
    ["another report", { data: [one], current: two }],
    ["the beginning of another report", { payload: one, other: text.slice(0, -9) }],
    ["the wish for an action", { want_action: "1001", payload: one }],
    ["the id of a person", { identity_id: "three", events: [one] }],
    ["a picture", { payload: one, thumbnail: photo("a") }],
    ["over 8 KB", { payload: one, note: "x".repeat(9000) }],
    ["over 8 KB of names", { payload: one, notes: { ["x".repeat(9000)]: 1 } }],
    ["17 levels", { payload: one, deep: JSON.parse(`${"[".repeat(17)}1${"]".repeat(17)}`) }],
    ["over 1,000 values", { payload: one, many: Array.from({ length: 1001 }, () => 1) }],
  ])("is kept whole with %s beside it, and replays to the same event", async (_, body) => {
    const { people, flags, reasons, envelopes: kept, deps } = await become(body);
    expect([people, flags, reasons, kept]).toEqual([["one"], ["unwrapped"], ["unwrapped"], [null]]);
    expect(keptOf(deps)).toEqual([JSON.stringify(body)]);
    const [record] = deps.records.values();
    expect(record?.event?.id).toBe(deps.events()[0]?.id);
  });

  it("has the id that it has without its wrapping", async () => {
    const plain = await become(fixture("history-nested", "minimal"));
    const { deps } = await become(messageIn("lambda-kinesis"));
    expect(deps.events()[0]?.id).toBe(plain.deps.events()[0]?.id);
  });

  it.each<[string, Json]>([
    ["an object", { payload: one }],
    ["JSON text", { payload: text }],
    ["JSON text in a JSON string", { payload: JSON.stringify(text) }],
    ["Python's words", { payload: "{'identity_id': 'one', 'timestamp': 1772366400000, 'score': None}" }],
    ["base64", { payload: Buffer.from(text).toString("base64") }],
    ["base64 in lines", { payload: Buffer.from(text).toString("base64").replaceAll(/.{76}/g, "$&\n") }],
    ["URL-safe base64", { payload: Buffer.from(text).toString("base64url") }],
    ["base64 of a list", { payload: Buffer.from(`[${text}]`).toString("base64") }],
    [
      "base64 of a form in parts",
      {
        payload: multipartOf([
          ["identity_id", "one"],
          ["timestamp", `${noon}`],
        ]).toString("base64"),
      },
    ],
    ["a form", { payload: `identity_id=one&timestamp=${noon}` }],
    ["lines", { payload: `${text}\n${text}\n` }],
    ["three levels", { a: { b: { c: one } } }],
    ["a list in a list", { a: [[one]] }],
    ["a text whose ext_data is a text", { a: { ...one, ext_data: JSON.stringify(one["ext_data"]) } }],
    ["a stored event whose common is a text", { a: { _id: "1", timestamp: noon, common: '{"identity_id":"one"}' } }],
  ])("is found in %s", async (_, body) => {
    const { people, flags } = await become(body);
    expect([people, flags.includes("unwrapped")]).toEqual([["one"], true]);
  });

  it.each<[string, Json]>([
    ["four levels deep", { a: { b: { c: { d: one } } } }],
    ["four lists deep", { a: [[[[[one]]]]] }],
    ["one of two", { a: one, b: two }],
    ["one of two texts", { a: text, b: JSON.stringify(two) }],
    ["of which only a beginning is there", { payload: text.slice(0, -9) }],
    ["of which only a beginning is there, in base64", { payload: Buffer.from(text.slice(0, -9)).toString("base64") }],
    [
      "base64 of no text",
      {
        payload: Buffer.concat([
          Buffer.from('{"identity_id":"one","timestamp":1'),
          Buffer.from([0xff, 0xff, 0x80]),
        ]).toString("base64"),
      },
    ],
    [
      "a form torn in parts",
      { payload: Buffer.from('--x\r\nContent-Disposition: form-data; name="a"').toString("base64") },
    ],
    ["a form of somebody else", { payload: "user_id=1&timestamp=2" }],
    ["a number that looks like base64", { payload: "eyJ9" }],
    ["the inner part of one", { ext_data: { person_type: 1, spot_pic: photo("a") } }],
  ])("is not found where it is %s: the body is kept whole", async (_, body) => {
    const { people, reasons, deps } = await become(body);
    expect([people, reasons]).toEqual([[], ["unknown-shape"]]);
    expect(keptOf(deps)).toEqual([JSON.stringify(body)]);
  });

  it("is found among lines that cannot be read, which go to quarantine", async () => {
    const { people, reasons, deps } = await become({ payload: `${text}\ngarbage` });
    expect([people, reasons, keptOf(deps)]).toEqual([["one"], ["not-an-object"], ['"garbage"']]);
  });

  it("is flagged if its base64 has an unknown charset", async () => {
    const gbk = Buffer.concat([
      Buffer.from('{"identity_id":"one","timestamp":1,"identity_name":"'),
      Buffer.from([0xc3, 0xf7]),
      Buffer.from('"}'),
    ]);
    const { flags } = await become({ payload: gbk.toString("base64") });
    expect(flags).toContain("charset");
  });

  it("is not searched for after a hundred texts without one", async () => {
    const torn = '{"timestamp": 1, "identity_id": ';
    const behind = (count: number) => become({ a: [...Array.from({ length: count }, () => torn), one] });
    expect((await behind(99)).people).toEqual(["one"]);
    expect((await behind(100)).reasons).toEqual(["unknown-shape"]);
  });

  it("is not unwrapped if it is a bare report", async () => {
    const { people, flags } = await become({ ...one, payload: two, events: [two] });
    expect([people, flags]).toEqual([["one"], []]);
  });

  it("has priority over the box status that wraps it", async () => {
    const { people, flags, reasons, deps } = await become({ method: "event", params: one });
    expect([people, flags, reasons, deps.boxStatuses.size]).toEqual([["one"], ["unwrapped"], [], 0]);
  });

  it("keeps its wrapping once, however many reports are in it", async () => {
    const rows = Array.from({ length: 50 }, (_, n) => history({ timestamp: noon + n }));
    const { deps, reasons } = await become({ meta: "x".repeat(10_000), result: { rows } });
    expect(deps.events()).toHaveLength(50);
    expect(reasons).toEqual(["unwrapped"]);
    expect(keptOf(deps)).toEqual([JSON.stringify({ meta: "x".repeat(10_000), result: { rows: rows.slice(0, 1) } })]);
  });

  it("leaves only unreadable neighbours to quarantine", async () => {
    const { people, reasons, deps } = await become({ data: { records: ["garbage", one, { hello: 1 }] } });
    expect([people, reasons.toSorted()]).toEqual([["one"], ["not-an-object", "unknown-shape"]]);
    expect(keptOf(deps).toSorted()).toEqual(['"garbage"', '{"hello":1}']);
  });
});

describe("lists beside each other", () => {
  it("are all read if they are named as lists of reports", async () => {
    const { people, flags, reasons } = await become({ events: [one], data: [two] });
    expect([people, flags, reasons]).toEqual([["one", "two"], [], []]);
  });

  it("are all read if they contain reports, under any names", async () => {
    const { people } = await become({ faces: [one], strangers: [two] });
    expect(people).toEqual(["one", "two"]);
  });

  it("are read beside words and numbers, without a flag", async () => {
    const { people, flags, reasons } = await become({
      events: [one, two],
      total: 2,
      state: "ok",
      pageSize: 20,
      dev_sno: "",
      page: null,
      pagination: { page: 1 },
    });
    expect([people, flags, reasons]).toEqual([["one", "two"], [], []]);
  });

  it.each<[string, JsonObject]>([
    ["an object", { device: { id: 1 } }],
    ["a list of something else", { tags: ["a"] }],
    ["a long text", { note: "x".repeat(65) }],
    ["a serial", { dev_sno: "ENVSNO" }],
    ["an address", { device_ip: "10.3.3.3", total: 1 }],
    ["a number", { floor: 3 }],
  ])("are read beside %s, which is the envelope of each event", async (_, beside) => {
    const { people, flags, reasons, envelopes: kept } = await become({ ...beside, data: [{ hello: 1 }, one, two] });
    expect([people, flags, reasons]).toEqual([["one", "two"], ["unwrapped"], ["unknown-shape"]]);
    expect(kept).toEqual([beside, beside]);
  });

  it("are read beside an action, which is kept with the first event", async () => {
    const { people, reasons, deps } = await become({ want_action: "1001", data: [{ hello: 1 }, one, two] });
    expect([people, reasons.toSorted()]).toEqual([
      ["one", "two"],
      ["unknown-shape", "unwrapped"],
    ]);
    const wish = JSON.stringify({ want_action: "1001", data: [one] });
    expect(keptOf(deps).toSorted()).toEqual(['{"hello":1}', wish].toSorted());
  });

  it("keep their neighbours if none of their reports is understood", async () => {
    const { reasons, deps } = await become({ floor: 3, data: [{ hello: 1 }, { hello: 2 }] });
    expect(reasons).toEqual(["unknown-shape", "unknown-shape"]);
    expect(keptOf(deps).toSorted()).toEqual([1, 2].map((hello) => `{"floor":3,"data":[{"hello":${hello}}]}`));
  });

  it("may be empty beside anything", async () => {
    expect((await become({ dev_sno: "A", data: [] })).reasons).toEqual(["empty-list"]);
  });

  it("are read if one of them is empty", async () => {
    expect((await become({ events: [], data: [one] })).people).toEqual(["one"]);
  });
});

describe("values on lines", () => {
  const lines = (...values: string[]) => become(Buffer.from(values.join("\n")));

  it.each(["garbage", "{", "1", '"x"', "# gate 1", "a=1", "{'a':", "[1, 2", '{"a":1}}'])(
    "lose no other line after %s as a first line",
    async (first) => {
      const { people, reasons, deps } = await lines(first, text, JSON.stringify(two));
      expect(people).toEqual(["one", "two"]);
      expect(reasons).toHaveLength(1);
      expect(keptOf(deps)).toEqual([first]);
    },
  );

  it("are read if they are wrapped reports", async () => {
    const { people, reasons } = await lines("garbage", JSON.stringify({ payload: one }), JSON.stringify([two]));
    expect([people, reasons.toSorted()]).toEqual([["one", "two"], ["not-json"]]);
  });

  it("keep the line if a wrapped report loses something", async () => {
    const line = JSON.stringify({ want_action: "1001", payload: one });
    const { people, reasons, deps } = await lines(line, JSON.stringify(two));
    expect([people, reasons]).toEqual([["one", "two"], ["unwrapped"]]);
    expect(keptOf(deps)).toEqual([line]);
  });

  it("may begin with record separators or byte order marks", async () => {
    const { people, flags } = await lines(`\u001e${text}`, `\u001e${JSON.stringify(two)}`, "");
    expect([people, flags]).toEqual([["one", "two"], ["tolerant-parse"]]);
    expect((await lines("garbage", `\uFEFF${text}`)).people).toEqual(["one"]);
  });

  it("are not read from another kind of text that has an event on a line", async () => {
    expect((await lines("POST / HTTP/1.1", "host: gate", "accept: */*", text)).reasons).toEqual(["not-json"]);
    expect((await lines("# two", "# lines", text)).people).toEqual(["one"]);
  });

  it("are not read from a torn text that has a whole object on a line", async () => {
    const body = '{"identity_id": "one",\n{"box": 1}\n"ext_data":';
    expect((await lines(body)).reasons).toEqual(["not-json"]);
  });
});

describe("the text after a complete value", () => {
  it.each(["xyz", "}", "]", '"', "{", '{"torn', "\0garbage", "HTTP/1.1 200 OK"])(
    "is dropped, and the body is kept: %j",
    async (garbage) => {
      const { people, flags, reasons, deps } = await become(Buffer.from(`${text}${garbage}`));
      expect([people, flags, reasons]).toEqual([["one"], ["tolerant-parse"], ["trailing"]]);
      expect(keptOf(deps)).toEqual([`${text}${garbage}`]);
      expect([...deps.records.values()][0]?.event?.id).toBe(deps.events()[0]?.id);
    },
  );

  it.each([",", ";", " ,\n", "\0\0,"])("is ignored: %j", async (nothing) => {
    const { people, reasons } = await become(Buffer.from(`${text}${nothing}`));
    expect([people, reasons]).toEqual([["one"], []]);
  });

  it("is read if it contains further values", async () => {
    const { people, flags, reasons } = await become(Buffer.from(`${text}${JSON.stringify(two)} ${text}`));
    expect([people, flags, reasons]).toEqual([["one", "two"], ["tolerant-parse"], []]);
  });

  it("is kept after further values, which are read", async () => {
    const { people, reasons, deps } = await become(Buffer.from(`${text},${JSON.stringify(two)}xyz`));
    expect([people, reasons, keptOf(deps)]).toEqual([["one", "two"], ["trailing"], ["xyz"]]);
    const torn = await become(Buffer.from(`${text}{"a" 1}`));
    expect([torn.people, keptOf(torn.deps)]).toEqual([["one"], [`${text}{"a" 1}`]]);
  });

  it("is kept alone after a batch if it cannot be read", async () => {
    const { people, reasons, deps } = await become(Buffer.from(`[${text},${JSON.stringify(two)}]xyz`));
    expect([people, reasons, keptOf(deps)]).toEqual([["one", "two"], ["trailing"], ["xyz"]]);
  });

  it.each(["{}xyz", '{"a":1}}', "[1]]", '{"a":"', "{} {}", 'xyz{"a":1}', '{"a":[}'])(
    "is not searched after %j, which is no event",
    async (body) => {
      expect((await become(Buffer.from(body))).reasons).toEqual(["not-json"]);
    },
  );

  it("is not read if it has more values than a box may send", async () => {
    expect((await become(Buffer.from(`${text}${"{}".repeat(100_001)}`))).reasons).toEqual(["too-many-reports"]);
  });
});

describe("a form of several fields", () => {
  it("may hold the report in one of them", async () => {
    const { people, flags, reasons } = await become(Buffer.from(`token=abc&event=${encodeURIComponent(text)}`));
    expect([people, flags, reasons]).toEqual([["one"], ["unwrapped"], []]);
  });

  it("may have the members of ext_data at its root", async () => {
    const { deps, reasons } = await become(
      multipartOf([
        ["identity_id", "rF"],
        ["timestamp", `${noon}`],
        ["want_action", "1001"],
        ["person_type", "4"],
        ["device_ip", "10.0.0.7"],
        ["ep_id", "AK__10.0.0.7"],
        ["device_type", "0"],
        ["spot_pic", jpeg("scene").toString("base64")],
        ["box_fiqa_info", JSON.stringify({ fiqa_result: false })],
      ]),
    );
    const [event] = deps.events();
    expect(event?.device).toMatchObject({ ip: "10.0.0.7", endpoint: "AK__10.0.0.7", type: "turnstile" });
    expect([event?.person.type, event?.quality.registrable, reasons]).toEqual(["stranger", false, []]);
    expect([event?.actions[0]?.state, deps.announced]).toEqual(["withheld", []]);
  });

  it("may repeat a file's name", async () => {
    const fields: [string, string | Buffer][] = [
      ...Object.entries(realtime()).map(([name, value]): [string, string] => [
        name,
        typeof value === "object" ? JSON.stringify(value) : `${value}`,
      ]),
      ["spot_pic", jpeg("one")],
      ["spot_pic", jpeg("two")],
    ];
    const { deps, flags, reasons } = await become(multipartOf(fields));
    expect([flags, reasons]).toEqual([["second-picture:scene"], ["picture"]]);
    expect(deps.storedPictures()).toEqual([jpeg("one")]);
    expect(JSON.stringify(deps.events())).not.toContain(photo("two").slice(0, 40));
  });
});

describe("an event of any documented form", () => {
  const anyEvent = fc.constantFrom(...eventFixtures()).map(([dialect, name]) => fixture(dialect, name));
  const wraps: ((value: Json, beside: JsonObject) => Json)[] = [
    (value, beside) => ({ ...beside, payload: value }),
    (value, beside) => ({ ...beside, payload: JSON.stringify(value) }),
    (value, beside) => ({ ...beside, payload: Buffer.from(JSON.stringify(value)).toString("base64") }),
    (value, beside) => ({ ...beside, payload: [value] }),
  ];
  const anyBeside = fc.dictionary(fc.constantFrom("topic", "id", "meta", "qos"), anyJson);

  it("is one event, or kept whole, in any wrapping", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEvent,
        fc.array(fc.tuple(fc.constantFrom(...wraps), anyBeside), { minLength: 1, maxLength: 3 }),
        async (event, layers) => {
          const body = layers.reduce<Json>((value, [wrap, beside]) => wrap(value, beside), event);
          const { deps, inEvents, inQuarantine, inHealth } = await deliver(JSON.stringify(body));
          expect([inEvents, inQuarantine, inHealth]).toEqual([1, 0, 0]);
          for (const read of deps.events()) expect(eventSchema.safeParse(read).error).toBeUndefined();
          expect(deps.events()[0]?.flags).toContain("unwrapped");
        },
      ),
    );
  });
});
