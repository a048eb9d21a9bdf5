import { gzipSync } from "node:zlib";
import type { Json, JsonObject } from "@gatepost/protocol";
import { replay } from "@gatepost/receive";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Body } from "../../../../packages/receive/src/decode/body.ts";
import {
  readMultipart,
  readUrlencoded,
  readUrlencodedBytes,
  withFields,
} from "../../../../packages/receive/src/decode/form.ts";
import { readBody, readText } from "../../../../packages/receive/src/decode/read.ts";
import { send } from "../../../support/http.ts";
import { MemoryPorts } from "../../../support/memory-ports.ts";
import { jpeg, photo, png } from "../../../support/pictures.ts";
import { history, received } from "../../../support/reports.ts";
import { isWhole, rounds } from "../../../support/seeded.ts";
import { bodyOfParts, multipartOf, type SentPart } from "../../../support/wrappings.ts";

/** Fields as they are written here: `a=1 b=2`. */
function fieldsOf(text: string): [string, string][] {
  return text.split(" ").map((field): [string, string] => {
    const [name = "", value = ""] = field.split("=");
    return [name, value];
  });
}

describe("the object behind fields", () => {
  it.each<[string, string, Json]>([
    ["of plain names", "a=1 b=", { a: "1", b: "" }],
    ["of bracketed names", "a[b][c]=1 a[d]=2", { a: { b: { c: "1" }, d: "2" } }],
    ["of dotted names", "a.b=1", { a: { b: "1" } }],
    ["of lists", "a[]=1 b[c][]=2 b[c][]=3", { a: ["1"], b: { c: ["2", "3"] } }],
    [
      "of names that are repeated with equal values",
      "want_action=1002 want_action=1002 a[b]=None a[b]=null c[]=1 c[]=1",
      { want_action: "1002", a: { b: null }, c: ["1", "1"] },
    ],
    ["of names that are repeated", "a=1 a=2", { a: ["1", "2"] }],
    ["without values", "a=None b=null", { a: null, b: null }],
    ["without names", "=1 []=2", { "": "1", "[]": ["2"] }],
    ["of any name", "__proto__[a]=1 constructor=2", JSON.parse('{"__proto__":{"a":"1"},"constructor":"2"}')],
    ["of more brackets than anyone sends", `a${"[b]".repeat(8)}=1`, { [`a${"[b]".repeat(8)}`]: "1" }],
    ["of text that gives way to members", "a=1 a[b]=2", { a: { b: "2" } }],
  ])("%s is made", (_, fields, value) => {
    expect(withFields(fieldsOf(fields)).value).toEqual(value);
  });
});

describe("an urlencoded form", () => {
  it.each<[string, [string, string][]]>([
    [
      "a=1&b=2",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      " a=x+y%2Bz&&b&c==\n",
      [
        ["a", "x y+z"],
        ["b", ""],
        ["c", "="],
      ],
    ],
    ["identity_name=%E5%B0%8F%E6%98%8E", [["identity_name", "小明"]]],
    ["ext_data%5Ba%5D=1", [["ext_data[a]", "1"]]],
    [
      "a=%zz&b=小%20明",
      [
        ["a", "%zz"],
        ["b", "小 明"],
      ],
    ],
  ])("%j is read", (text, fields) => {
    expect(readUrlencoded(text, "")).toEqual(fields);
  });

  it("is read in the charset that was declared", () => {
    expect(readUrlencoded("a=%D0%A1%C3%F7", "gbk")).toEqual([["a", "小明"]]);
    expect(readUrlencoded("a=%D0%A1%C3%F7", "")).toEqual([["a", "小明", true]]);
    expect(readUrlencoded("a=%A4p%A9%FA", "big5")).toEqual([["a", "小明"]]);
  });

  it.each(["", "hello", "{'a=1': 2}", "<a b='c'/>", "a=1&b=%e5%b", "a=1%", "a=&".repeat(20_001)])(
    "is not read from %.20j",
    (text) => {
      expect(readUrlencoded(text, "")).toBeNull();
    },
  );

  it.each([
    "a=1&b=2",
    "a=x+y%2Bz&&b&c==",
    "%7b%22a%22%3a1%7d",
    "a=%D0%A1%C3%F7&",
    "a[b]=1&=",
    `p=/9j/${"A+".repeat(9)}`,
  ])("is read from bytes without a text of all of them: %.20j", (text) => {
    for (const charset of ["", "gbk"])
      expect(readUrlencodedBytes(Buffer.from(text), charset)).toEqual(readUrlencoded(text, charset));
  });

  it.each(["", "{", "a=1\nb=2", "a=小", " a=1", "a=1 ", "a=1\0", "a=1&b=%e5%b", "a=1%", "a=&".repeat(20_001)])(
    "is not read from the bytes of %.20j",
    (text) => {
      expect(readUrlencodedBytes(Buffer.from(text), "")).toBeNull();
    },
  );

  it("gives back to pictures the plus signs that became blanks", () => {
    const picture = `/9j/${"a+b/".repeat(20)}==`;
    const base64Png = png.toString("base64").replaceAll("A", "+");
    expect(readUrlencoded(`a=${picture}&b=x+y&c=${base64Png}`, "")).toEqual([
      ["a", picture],
      ["b", "x y"],
      ["c", base64Png],
    ]);
    expect(readUrlencoded(`a={"p":"${picture}","q":"x+y"}`, "")).toEqual([["a", `{"p":"${picture}","q":"x y"}`]]);
  });
});

describe("a form in parts", () => {
  const read = (body: string | Buffer, charset = "") => {
    const form = readMultipart(Buffer.from(body), charset);
    if (form === null || typeof form === "string") return form;
    return form.isTorn
      ? "torn-form"
      : form.fields.map(([name, text, isGuess]) => (isGuess ? [name, text, isGuess] : [name, text]));
  };

  it("has texts and files, binary ones as base64", () => {
    const body = multipartOf([
      ["a", "小\r\n明"],
      ["b", jpeg("b")],
      ["c", Buffer.from(photo("c"))],
      ["d", ""],
    ]);
    expect(read(body)).toEqual([
      ["a", "小\r\n明"],
      ["b", photo("b")],
      ["c", photo("c")],
      ["d", ""],
    ]);
  });

  it("may have bare line ends, names without quotes, and parts without a name", () => {
    const body = "--x\nContent-Disposition: form-data; name=a\n\n1\n--x\nX: y\n\n2\n--x\nname\n--x--";
    expect(read(body)).toEqual([
      ["a", "1"],
      ["\0", "2"],
      ["\0", "\nname"],
    ]);
  });

  const part = (headers: string, content: string) => `--x\r\n${headers}\r\n\r\n${content}\r\n`;
  const json = (content: string, type = "application/json") => part(`Content-Type: ${type}`, content);
  const named = part('Content-Disposition: form-data; name="b"', "2");
  it.each([
    ["is the report", json('{"a":1}'), { a: 1 }],
    [
      "is the report, whatever it is called besides",
      json('{"a":1}', "application/vnd.box+json; charset=utf-8"),
      { a: 1 },
    ],
    ["has the other parts as members", json('{"a":1}') + named, { a: 1, b: "2" }],
    ["is one of several reports", json('{"a":1}') + json('{"a":2}'), [{ a: 1 }, { a: 2 }]],
    ["is one of several, beside other parts", json('{"a":1}') + json("[]") + named, [{ a: 1 }, [], { b: "2" }]],
    ["that is a list has the other parts beside it", json('[{"a":1}]') + named, [[{ a: 1 }], { b: "2" }]],
    ["that cannot be read is a text", json("{") + named, { "": "{", b: "2" }],
  ])("reads JSON in an unnamed part: that part %s", (_, parts, value) => {
    expect(readBody(new Body(Buffer.from(`${parts}--x--`)), "")).toEqual({ value, flags: [] });
  });

  it("may have line ends before its first boundary, as bytes and as text", () => {
    const body = `\r\n\n${multipartOf([["a", "小明"]])}`;
    expect(read(body)).toEqual([["a", "小明"]]);
    expect(read("\r\n")).toBeNull();
    expect(readBody(new Body(body), "")).toEqual({ value: { a: "小明" }, flags: [] });
  });

  it("is read in the charset that was declared", () => {
    const head = '--x\r\nContent-Disposition: form-data; filename="f"; name="a"\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xd0, 0xa1, 0xc3, 0xf7]), Buffer.from("\r\n--x--")]);
    expect(read(body, "gbk")).toEqual([["a", "小明"]]);
    expect(read(body)).toEqual([["a", "小明", true]]);
  });

  it("is read in the charset that a part declares", () => {
    const head = '--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=big5\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xa4, 0x70, 0xa9, 0xfa]), Buffer.from("\r\n--x--")]);
    expect(read(body, "utf-8")).toEqual([["a", "小明"]]);
  });

  it("keeps the last byte and empty lines of a file with bare line ends", () => {
    const file = Buffer.concat([jpeg("a"), Buffer.from("\r\n\r\n\r")]);
    const head = '--x\nContent-Disposition: form-data; name="a"; filename="a.jpg"\n\n';
    const body = Buffer.concat([Buffer.from(head), file, Buffer.from("\n--x--")]);
    expect(read(body)).toEqual([["a", file.toString("base64")]]);
  });

  it.each([
    ["nothing", ""],
    ["JSON", "{}"],
    ["dashes alone", "--"],
    ["a line too long to be a boundary", `--${"x".repeat(300)}\n`],
  ])("is not %s", (_, body) => {
    expect(read(body)).toBeNull();
  });

  it("is torn if its end is missing", () => {
    const body = multipartOf([["a", "1"]]);
    expect(read(body.subarray(0, -6))).toBe("torn-form");
    expect(read("--x")).toBe("torn-form");
  });

  const sized = (length: number, content: string, end: string) =>
    `--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Length:${length}\r\n\r\n${content}${end}`;
  it.each([
    ["no line end", sized(2, "12", "--x--"), "12"],
    ["three line ends", sized(2, "12", "\r\n\r\n\r\n--x--"), "12"],
    ["bare line ends", sized(2, "12", "\n\n--x--"), "12"],
    ["a line end of its own", sized(4, "12\r\n", "\r\n--x--"), "12\r\n"],
    ["a boundary within", sized(7, "1\r\n--x2", "\r\n--x--"), "1\r\n--x2"],
    ["a length that is too short", sized(1, "12", "\r\n--x--"), "12"],
    ["a length that is too long", sized(99, "12", "\r\n--x--"), "12"],
    ["the length of its headers as well", sized(60, "12", "\r\n--x--"), "12"],
  ])("has the content of a part by its own length, also with %s", (_, body, content) => {
    expect(read(body)).toEqual([["a", content]]);
  });

  it("has the length of a part for that part alone, also after an empty one", () => {
    expect(read(`--x\r\n${sized(2, "12", "\r\n--x--")}`)).toEqual([
      ["\0", ""],
      ["a", "12"],
    ]);
    expect(read(`--x\r\nA: 1\r\n${sized(2, "12", "\r\n--x--")}`)).toEqual([
      ["\0", "\r\nA: 1"],
      ["a", "12"],
    ]);
  });

  it("has at most 20,000 fields", () => {
    expect(read(`--x${"\n\n\n--x".repeat(20_000)}--`)).toHaveLength(20_000);
    expect(read(`--x${"\n\n\n--x".repeat(20_001)}--`)).toBe("too-many-fields");
  });
});

describe("a form of one field", () => {
  it.each([
    ["its value", `data=${encodeURIComponent('{"a":1}')}`],
    ["its value, as it is", 'data={"a":1}'],
    ["its name", `${encodeURIComponent('{"a":1}')}=`],
    ["its name, alone", encodeURIComponent('{"a":1}')],
  ])("may contain the whole report as %s", (_, text) => {
    expect(readText(text, "")).toEqual({ value: { a: 1 }, flags: [] });
  });

  it("is flagged if it is in Python's words", () => {
    expect(readText("event={'a': None}", "")).toEqual({
      value: { a: null },
      flags: ["tolerant-parse"],
    });
  });

  it("is a member if it contains no report", () => {
    expect(readText("a=1", "")).toEqual({ value: { a: "1" }, flags: [] });
  });
});

describe("a body of parts", () => {
  const gif = (seed: string) => Buffer.concat([Buffer.from("GIF89a\b\0\b\0\x80\0\0"), Buffer.from(seed)]);
  const json = (value: Json): SentPart => ["Content-Type: application/json", JSON.stringify(value)];
  const kinds = ["related", "mixed", "form-data"] as const;
  const nested = (delimiter: string, ...parts: SentPart[]): SentPart => [
    `Content-Type: multipart/mixed; boundary=${delimiter}`,
    bodyOfParts(parts, delimiter),
  ];

  /** Receives a body. */
  async function deliver(
    parts: readonly SentPart[],
    body = bodyOfParts(parts),
    kind: (typeof kinds)[number] = "related",
  ) {
    const deps = new MemoryPorts();
    deps.now = received;
    const headers = { "content-type": `multipart/${kind}; boundary=3a9f0c6e1b2d4f58` };
    await send(deps, { path: `/${deps.addKey()}/HistoryEvent`, headers, body });
    return deps;
  }

  /** Whether a content is a picture of an event, in a record of quarantine or, if it is text, in an event. */
  function isThere(deps: MemoryPorts, content: Buffer, isText: boolean): boolean {
    const bodies = [...deps.records.values()].map(({ body }) => Buffer.from(body));
    const shown = isText ? Buffer.from(JSON.stringify(deps.events())) : Buffer.alloc(0);
    // The members of JSON may be among others in an envelope.
    const members = content.toString().replace(/^\{(.*)\}$/, "$1");
    const texts = [members, content.toString(), new TextDecoder("gbk").decode(content)];
    const ways = [
      content,
      members,
      content.toString("base64"),
      ...texts.map((text) => JSON.stringify(text).slice(1, -1)),
    ];
    return (
      deps
        .storedPictures()
        .some((picture) => [picture, Buffer.from(picture.toString("base64"))].some((one) => one.equals(content))) ||
      [shown, ...bodies].some((bytes) => ways.some((way) => bytes.includes(way)))
    );
  }

  const named = (name: string, content: string | Buffer): SentPart => [
    `Content-Disposition: form-data; name="${name}"`,
    content,
  ];
  const ofId = (id: string, content: string | Buffer): SentPart => [
    `Content-Type: image/jpeg\r\nContent-ID: <${id}>`,
    content,
  ];
  const ofFile = (file: string, content: string | Buffer): SentPart => [
    `Content-Disposition: attachment; filename="${file}"`,
    content,
  ];
  /** The kinds of the pictures of the only event, its flags, and the reasons of the records. */
  const outcome = (deps: MemoryPorts) => {
    const [event, ...others] = deps.events();
    expect(others).toEqual([]);
    return [Object.keys(event?.pictures ?? {}), event?.flags, deps.reasons()];
  };

  it.each<[string, JsonObject, SentPart[]]>([
    ["its Content-ID", { reg_pic: "cid:a@x" }, [ofId("a@x", jpeg("a"))]],
    ["its Content-ID with escapes", { reg_pic: "CID:a%40x" }, [ofId("a@x", jpeg("a"))]],
    ["the name of its field", { reg_pic: "a" }, [named("a", jpeg("a"))]],
    ["its own name", { reg_pic: "cid:reg_pic" }, [named("reg_pic", jpeg("a"))]],
    ["the name of its file", { reg_pic: "face 1.jpg" }, [ofFile("face 1.jpg", jpeg("a"))]],
    ["a name, in a part within another form", { reg_pic: "cid:a" }, [nested("inner", ofId("a", jpeg("a")))]],
    ["a name, as a PNG", { reg_pic: "cid:a" }, [ofId("a", png)]],
  ])("has a picture in the place that names it by %s", async (_, names, parts) => {
    for (const sent of [
      [json(history(names)), ...parts],
      [...parts, json(history(names))],
    ])
      expect(outcome(await deliver(sent))).toEqual([["registered"], [], []]);
  });

  it.each<[string, SentPart[], string]>([
    [
      "JSON in a text",
      [named("event", JSON.stringify({ message: JSON.stringify(history({ reg_pic: "cid:a" })) }))],
      "registered",
    ],
    [
      "a field",
      [
        ...["identity_id=1", "timestamp=1772366400000", "ext_data[device_ip]=10.0.0.7", "ext_data[spot_pic]=a.jpg"].map(
          (field) => named(field.split("=")[0] ?? "", field.split("=")[1] ?? ""),
        ),
      ],
      "scene",
    ],
  ])("has a picture in the place that names it in %s", async (_, parts, kind) => {
    const [pictures, , reasons] = outcome(
      await deliver([...parts, [`${ofId("a", "")[0]}\r\nX: filename="a.jpg"`, jpeg("a")]]),
    );
    expect([pictures, reasons]).toEqual([[kind], []]);
  });

  it.each<[string, JsonObject, SentPart[], (string | undefined)[]]>([
    ["no name", {}, [["Content-Type: image/jpeg", jpeg("a")]], ["part"]],
    ["an id that nothing names", {}, [ofId("a", jpeg("a"))], ["part"]],
    [
      "a name that two have",
      { reg_pic: "a.jpg" },
      [ofFile("a.jpg", jpeg("a")), ofFile("a.jpg", jpeg("b"))],
      ["picture"],
    ],
    ["a name that a member of another kind has", { note: "a.jpg" }, [ofFile("a.jpg", jpeg("a"))], ["part"]],
    ["another type", { reg_pic: "cid:a" }, [ofId("a", gif("a"))], ["picture"]],
  ])("is kept as it was sent, for its event, if an image in it has %s", async (_, names, parts, reasons) => {
    const sent = bodyOfParts([json(history(names)), ...parts]);
    const deps = await deliver([], sent);
    const [event] = deps.events();
    expect([deps.reasons(), deps.lastRecord.event?.id]).toEqual([reasons, event?.id]);
    expect(Buffer.from(deps.lastRecord.body).equals(sent)).toBe(true);
  });

  it.each<[string, SentPart[]]>([
    ["text without a name", [["X: 1", "lost"]]],
    ["a part without a head", [[null, "lost"]]],
    ["a form without its end", [["Content-Type: multipart/mixed", "--inner\r\n\r\nlost"]]],
    [
      "forms in six forms",
      [Array.from({ length: 6 }).reduce<SentPart>((one, _, at) => nested(`i${at}`, one), named("a", "lost"))],
    ],
    ["another value of a member", [named("score", "0.5")]],
    ["a member within a text", [named("identity_name[first]", "lost")]],
    ["a text for an object", [named("ext_data", "lost")]],
    ["a text for an object of any members", [named("a[toString]", "1"), named("a", "lost")]],
    ["a text for a list", [named("a[]", "1"), named("a[]", "2"), named("a", "lost")]],
  ])("is kept for its event if it has %s", async (_, parts) => {
    const deps = await deliver([json(history()), ...parts]);
    expect([deps.reasons(), deps.lastRecord.event?.id]).toEqual([["part"], deps.events()[0]?.id]);
  });

  it("is kept for text behind its end, and not for blanks and zeros", async () => {
    const sent = (text: string) => Buffer.concat([bodyOfParts([json(history())]), Buffer.from(text)]);
    expect((await deliver([], sent("lost"))).reasons()).toEqual(["part"]);
    expect((await deliver([], sent("\r\n \0\0"))).reasons()).toEqual([]);
  });

  it("is not kept if fields only say the same again, nothing, or more", async () => {
    const parts = [named("score", "0.87"), named("identity_name", ""), named("ext_data[group_name]", "staff")];
    const deps = await deliver([json(history()), ...parts]);
    expect(deps.reasons()).toEqual([]);
    expect(deps.events()[0]).toMatchObject({ score: 0.87, person: { name: "王芳" }, device: { ip: "192.168.1.60" } });
  });

  it.each(kinds.flatMap((kind) => ["x_unknown", "photo", "file1"].map((name) => [kind, name] as const)))(
    "as multipart/%s is kept for its event with a picture named %s",
    async (kind, name) => {
      const picture: SentPart = [`Content-Disposition: attachment; name="${name}"; filename="f.jpg"`, jpeg("a")];
      const sent = bodyOfParts([json(history()), picture, named("note", "of the sender")]);
      const deps = await deliver([], sent, kind);
      const [event] = deps.events();
      expect([deps.reasons(), deps.lastRecord.event?.id]).toEqual([["part"], event?.id]);
      expect([event?.extra, event?.flags, event?.pictures]).toEqual([{ note: "of the sender" }, [], {}]);
      expect(Buffer.from(deps.lastRecord.body).equals(sent)).toBe(true);
    },
  );

  it("is kept with the events of all its reports", async () => {
    const reports = [json(history()), json(history({ identity_id: "2" }))];
    const deps = await deliver([...reports, ["Content-Type: image/gif", gif("a")]]);
    expect([deps.events().length, deps.reasons()]).toEqual([2, ["part"]]);
    for (const { id } of deps.events()) expect(await deps.reads.quarantine.countOf([id])).toBe(1);
  });

  it("is kept if it is the base64 of a member", async () => {
    const payload = (...parts: SentPart[]) =>
      Buffer.from(JSON.stringify({ payload: bodyOfParts(parts).toString("base64") }));
    expect((await deliver([], payload(json(history()), ["X: 1", "lost"]))).reasons()).toEqual(["part"]);
    expect((await deliver([], payload(json({ timestamp: "x" }), ["X: 1", "lost"]))).reasons()).toEqual([
      "unknown-shape",
    ]);
  });

  it("has no key in quarantine, packed or in UTF-16", async () => {
    const deps = new MemoryPorts();
    const token = deps.addKey();
    const utf16: SentPart = ["X: 1", Buffer.from(`\ufeff${token}`, "utf16le")];
    for (const parts of [
      [json(history()), ["X: 1", token]],
      [json(history({ identity_id: token })), ["X: 1", "lost"], utf16],
    ] as SentPart[][])
      await send(deps, { path: `/${token}/`, body: gzipSync(bodyOfParts(parts)) });
    expect(deps.reasons()).toEqual(["part", "part"]);
    for (const { body } of deps.records.values()) {
      expect(Buffer.from(body).toString("latin1").replaceAll("\0", "")).not.toContain(token);
      expect(Buffer.from(body).includes("X: 1") || Buffer.from(body).includes("lost")).toBe(true);
    }
  });

  it("grows at most to five times its length if many members name one picture", async () => {
    const names = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`a${at}`, "cid:a"]));
    const sent = bodyOfParts([
      json(history({ ...names, reg_pic: "cid:a" })),
      ofId("a", Buffer.concat([jpeg("a"), Buffer.alloc(20_000)])),
    ]);
    const read = readBody(new Body(sent), "");
    expect(JSON.stringify(read).length).toBeLessThan(5.5 * sent.length);
    const own = bodyOfParts([
      [`Content-Type: application/json\r\nContent-ID: <a>`, JSON.stringify(history({ note: "cid:a" }))],
      ofId("b", jpeg("b")),
    ]);
    expect(JSON.stringify(readBody(new Body(own), "")).length).toBeLessThan(2 * own.length);
  });

  it.runIf(isWhole)("is kept if it names a picture of 15 MB twice", async () => {
    const large = Buffer.concat([jpeg("a"), Buffer.alloc(15_000_000)]);
    const deps = await deliver([json(history({ reg_pic: "cid:a" }, { recognize_face: "cid:a" })), ofId("a", large)]);
    expect(outcome(deps)).toEqual([[], ["picture-unreadable:face", "picture-unreadable:registered"], ["picture"]]);
  });

  it("has too many fields if the forms in it have too many", async () => {
    const inner = nested("inner", ...Array.from({ length: 15_000 }, (_, at) => named(`a${at}`, "1")));
    expect((await deliver([json(history()), inner, inner])).reasons()).toEqual(["too-many-fields"]);
  });

  const contents: { isText: boolean; of(seed: string): Buffer }[] = [
    { isText: false, of: jpeg },
    { isText: false, of: (seed) => Buffer.concat([png, Buffer.from(seed)]) },
    { isText: false, of: (seed) => Buffer.concat([jpeg(seed), Buffer.alloc(20_000)]) },
    { isText: true, of: gif },
    { isText: true, of: (seed) => Buffer.from(`小明 ${seed}`) },
    { isText: true, of: (seed) => Buffer.from(JSON.stringify({ note: seed })) },
    { isText: true, of: (seed) => Buffer.concat([Buffer.from(seed), Buffer.from([0xd0, 0xa1, 0xc3, 0xf7])]) },
    { isText: false, of: (seed) => Buffer.from(jpeg(seed).toString("base64")) },
  ];
  const heads: ((seed: string) => string | null)[] = [
    () => "Content-Type: image/jpeg",
    () => "Content-Type: application/json",
    () => "X: 1",
    () => null,
    (seed) => `Content-Type: image/jpeg\r\nContent-ID: <${seed}>`,
    (seed) => `Content-Disposition: attachment; filename="${seed}"`,
    (seed) => `Content-Disposition: form-data; name="${seed}"`,
    (seed) => `Content-Disposition: attachment; name="x_unknown-${seed}"; filename="f.jpg"`,
    // Names that dialects know, names that none knows, which several parts then have, and none.
    ...[
      ...["spot_pic", "ext_data[recognize_face]", "reg_pic", "score", "identity_name", "ext_data", "faceImage"],
      ...["x_unknown", "photo", "a[b]", ""],
    ].map((name) => (seed: string) => `Content-Disposition: form-data; name="${name}"; filename="${seed}.jpg"`),
  ];
  const terminal = {
    macAddress: "00:11",
    eventType: "AccessControllerEvent",
    dateTime: "2026-03-01T12:00:01+08:00",
    AccessControllerEvent: { majorEventType: 5, subEventType: 75, serialNo: 7, employeeNoString: "42" },
  };
  const part = fc.record({
    content: fc.constantFrom(...contents),
    head: fc.constantFrom(...heads),
    level: fc.constantFrom(0, 0, 0, 1, 2, 6),
  });
  const body = fc.record({
    parts: fc.array(part, { maxLength: 6 }),
    report: fc.constantFrom<JsonObject>(history(), terminal),
    places: fc.array(fc.constantFrom("reg_pic", "recognize_face", "note"), { maxLength: 3 }),
    scheme: fc.constantFrom("cid:", ""),
    isNamed: fc.boolean(),
    at: fc.nat(6),
    kind: fc.constantFrom(...kinds),
  });

  it("of any kind is in its event or kept for it, also after a replay", async () => {
    await fc.assert(
      fc.asyncProperty(body, async ({ parts, report, places, scheme, isNamed, at, kind }) => {
        const names = Object.fromEntries(places.map((place, index) => [place, `${scheme}part-${index}.`]));
        const text = JSON.stringify({ ...report, ...names });
        const sent = parts.map(({ content, head, level }, index): SentPart => {
          const seed = `part-${index}.`;
          const inner: SentPart = [head(seed), content.of(seed)];
          return Array.from({ length: level }).reduce<SentPart>((one, _, depth) => nested(`inner${depth}`, one), inner);
        });
        const ofReport: SentPart = [
          isNamed ? 'Content-Disposition: form-data; name="event"' : "Content-Type: application/json",
          text,
        ];
        const deps = await deliver([], bodyOfParts(sent.toSpliced(at, 0, ofReport)), kind);
        const lost = () =>
          parts.filter(({ content }, index) => !isThere(deps, content.of(`part-${index}.`), content.isText));
        expect(lost()).toEqual([]);
        const [event, ...others] = deps.events();
        expect(others).toEqual([]);
        const kept = [...deps.records.values()];
        const ofPart = kept.filter(({ reason }) => reason === "part").length;
        if (event !== undefined) expect(await deps.reads.quarantine.countOf([event.id])).toBeGreaterThanOrEqual(ofPart);
        for (const one of kept) await replay(one, deps);
        expect(deps.events().map(({ id }) => id)).toEqual(event === undefined ? [] : [event.id]);
        expect([...deps.records.keys()]).toEqual(kept.map(({ id }) => id));
        expect(deps.reasons().filter((reason) => reason === "part")).toHaveLength(ofPart);
        expect(lost()).toEqual([]);
      }),
      { numRuns: rounds(300) },
    );
  });
});
