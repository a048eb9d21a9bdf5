import type { JsonObject } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Body } from "../../../../packages/receive/src/decode/body.ts";
import { decode } from "../../../../packages/receive/src/decode/decode.ts";
import { CutPictures, free } from "../../../../packages/receive/src/decode/pictures.ts";
import { deliver } from "../../../support/ends.ts";
import { eventFixtures, fixture } from "../../../support/fixtures.ts";
import { anyMutant, textOf } from "../../../support/mutations.ts";
import { photo } from "../../../support/pictures.ts";
import { runs } from "../../../support/seeded.ts";

/** As base64 long enough to be cut out. */
const long = (seed: string) => photo(seed.slice(0, 500).padEnd(60_000, "."));

/** A picture just long enough to be cut out of a short body. */
const small = photo(".".repeat(3700));

/** The text with every picture in it made so long that it is cut out; equal ones stay equal. */
function withLongPictures(text: string): string {
  return text.replace(/"(\/9j\/|iVBORw0KGgo)[A-Za-z0-9+/=]*"/g, (picture) => `"${long(picture)}"`);
}

/** The same JSON, as text from which nothing can be cut: a string with an escape in it is not cut. */
const uncut = (text: string) => text.replaceAll("/9j/", "\\/9j\\/");

async function outcome(text: string) {
  const { deps, answer } = await deliver(Buffer.from(text));
  const records = [...deps.records.values()].map(({ body, id: _, ...record }) => ({
    ...record,
    headers: {},
    value: parsed(Buffer.from(body).toString()),
  }));
  const outcomes = answer.headers["gatepost-outcome"]?.replace(/qrt_\w+/, "qrt_…");
  return {
    answer: { ...answer, headers: { ...answer.headers, "gatepost-outcome": outcomes } },
    events: deps.events(),
    announced: deps.announced,
    statuses: [...deps.boxStatuses],
    pictures: deps.storedPictures().map((picture) => picture.toString("base64")),
    records,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isCut = (text: string) => {
  const decoded = decode(new Body(Buffer.from(text)), {});
  return "parts" in decoded && decoded.parts.some(({ cut }) => cut !== undefined);
};

describe("a report with its pictures cut out has the same result as without cutting:", () => {
  it.each(eventFixtures())("%s/%s", async (dialect, name) => {
    const text = withLongPictures(JSON.stringify(fixture(dialect, name)));
    expect([isCut(text), isCut(uncut(text))]).toEqual([text.length > 60_000, false]);
    expect(await outcome(text)).toEqual(await outcome(uncut(text)));
  });

  const history: JsonObject = { identity_id: "7", timestamp: 1_772_366_400_000, ext_data: { device_ip: "10.0.0.7" } };
  const face = { ...history, recognize_face: long("face") };
  const key = `gpi_${"k".repeat(43)}`;
  it.each<[string, JsonObject | JsonObject[]]>([
    ["a picture in a member that holds none", { ...face, remark: long("remark") }],
    ["a picture twice", { ...face, spot_pic: long("face") }],
    ["two pictures of a kind", { ...face, ext_data: { recognize_face: long("other") } }],
    ["a picture without its end", { ...history, recognize_face: long("face").slice(0, -8) }],
    ["a picture of a type that nobody knows", { ...history, recognize_face: `/9j/AAAA${"A".repeat(50_000)}` }],
    ["base64 that is none", { ...face, spot_pic: `/9j/4AAQ${"A".repeat(50_000)}=A` }],
    ["a text that begins like a picture", { ...face, spot_pic: `/9j/${"no base64! ".repeat(5000)}` }],
    ["a text as long as what stands for a picture", { ...face, remark: "x".repeat(80) }],
    ["a picture that is too large", { ...face, spot_pic: `/9j/${"A".repeat(7_000_000)}` }],
    ["a long text", { ...face, remark: "x".repeat(50_000) }],
    ["a key beside a picture", { ...face, remark: key }],
    ["the form of a key in a picture", { ...face, spot_pic: `/9j/4AAQ${key}${"A".repeat(50_001)}` }],
    ["a batch", [face, { ...history, identity_id: "8", recognize_face: long("8") }, { nothing: long("none") }]],
    [
      "reports in wrappings",
      [
        { payload: face, topic: long("topic") },
        { payload: history, topic: "x" },
      ],
    ],
    ["a list of pictures", [long("a"), long("b")] as never],
    ["a picture as the name of a member", { ...face, [long("name")]: 1 }],
  ])("%s", async (_, value) => {
    const text = JSON.stringify(value);
    expect(await outcome(text)).toEqual(await outcome(uncut(text)));
  });

  it("anything else", async () => {
    await fc.assert(
      fc.asyncProperty(anyMutant, async (mutant) => {
        const text = withLongPictures(textOf(mutant));
        expect(await outcome(text)).toEqual(await outcome(uncut(text)));
      }),
      runs(75),
    );
  });
});

it("a small picture of a text body leaves other buffers of its memory unchanged", async () => {
  const text = JSON.stringify({ identity_id: "7", timestamp: 1_772_366_400_000, recognize_face: small });
  expect(isCut(text)).toBe(true);
  const other = Buffer.from("somebody else's");
  const { deps } = await deliver(text);
  expect(deps.storedPictures()).toHaveLength(1);
  expect(other.toString()).toBe("somebody else's");
  expect(Buffer.from("the next one").toString()).toBe("the next one");
});

it("the memory of a picture is freed once it is stored, and not before", async () => {
  const text = JSON.stringify({ identity_id: "7", timestamp: 1_772_366_400_000, recognize_face: long("face") });
  expect(isCut(text)).toBe(true);
  const { deps } = await deliver(Buffer.from(text));
  expect(deps.storedPictures().length).toBeGreaterThan(0);
  for (const picture of deps.storedPictures()) expect(picture.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
});

describe("the mark of a picture", () => {
  const picture = () => Buffer.allocUnsafeSlow(10);

  it("is replaced wherever it is, and other texts are not", () => {
    const cut = new CutPictures();
    const mark = cut.add({ picture: picture(), text: () => "sent" });
    const like = "x".repeat(mark.length);
    const value = () => ({ a: [mark, like, 1, null], b: { c: mark } });
    expect(cut.restored(value())).toEqual({ a: ["sent", like, 1, null], b: { c: "sent" } });
    expect([mark, like, "", 1, null].map((one) => cut.restored(one))).toEqual(["sent", like, "", 1, null]);
    expect([cut.countIn(value()), cut.countIn(like), cut.countIn(null)]).toEqual([2, 0, 0]);
    expect([cut.find(mark)?.length, cut.find(like), cut.find("")]).toEqual([10, null, null]);
  });

  it("is different from the marks of other bodies", () => {
    const [one, other] = [new CutPictures(), new CutPictures()];
    const mark = one.add({ picture: picture(), text: () => "sent" });
    other.add({ picture: picture(), text: () => "another's" });
    expect([other.find(mark), other.restored(mark)]).toEqual([null, mark]);
  });

  it("is replaced at once if its text is not a picture", () => {
    const cut = new CutPictures();
    const marks = [picture(), null].map((data) => cut.add({ picture: data, text: () => "sent" }));
    const value = [...marks];
    cut.putBack(value, "others");
    expect([value, cut.hasPictures]).toEqual([[marks[0], "sent"], true]);
  });
});

it("memory is freed only if no other buffer uses it", () => {
  const [own, shared] = [Buffer.allocUnsafeSlow(10), Buffer.from(new ArrayBuffer(20), 5, 10)];
  free([own, shared]);
  expect([own.length, shared.length]).toEqual([0, 10]);
});
