import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodePicture,
  findPicture,
  fold,
  lookThrough,
  typeOf,
} from "../../../../packages/core/src/quarantine/folded.ts";
import { type ScannedText, scanJson } from "../../../../packages/core/src/quarantine/scan.ts";
import { anyJson } from "../../../support/arbitraries.ts";
import { runs } from "../../../support/seeded.ts";
import { turnsOf } from "../../../support/turns.ts";

const picture = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  Buffer.alloc(2000, "x"),
  Buffer.from([0xff, 0xd9]),
]);
const base64 = picture.toString("base64");
const id = "qrt_1";

const textsIn = async (body: string) => {
  const texts: ScannedText[] = [];
  const fault = await scanJson(Buffer.from(body), (text) => texts.push(text));
  return { fault, paths: texts.map(({ path }) => path), texts };
};
const looked = async (body: string, reason = "not-json") => {
  const record = { id, reason, body: Buffer.from(body) };
  const { pictures, fault } = await lookThrough(record);
  return { fault, pictures, ...fold(record, pictures) };
};

describe("a body that is scanned", () => {
  it.each([
    ["one text without end", `["${'\\"'.repeat(1_000_000)}`],
    ["blanks", `[${" ".repeat(1_000_000)}x`],
    ["texts, very deep", `${"[".repeat(500)}${'"",'.repeat(500_000)}x`],
  ])("a scan of %s lets other tasks run", async (_, body) => {
    const [, turns] = await turnsOf(scanJson(Buffer.from(body), () => {}));
    expect(turns).toBeGreaterThan(5);
  });

  it("a torn body is torn at its end, also at the end of a turn", async () => {
    for (const blanks of [99_998, 99_999, 100_000, 200_000]) {
      expect((await textsIn(`[${" ".repeat(blanks)}`)).fault).toMatchObject({ byte: blanks + 1, isTorn: true });
    }
  });

  it("a scan gives the texts with their paths", async () => {
    const body = '\ufeff{"a":"1","b":[{"c":"2"},"3",[ "4" ]],"d":{"e":{"f":"\\"5\\\\"}},"g":1.5e-3,"h":null}';
    expect(await textsIn(body)).toMatchObject({ fault: null, paths: ["a", "b.0.c", "b.1", "b.2.0", "d.e.f"] });
    expect((await textsIn('"one"\n"two" ["three"]')).paths).toEqual(["", "", "0"]);
  });

  it("valid JSON has no fault, and a cut body is torn at its end", async () => {
    const anyText = anyJson.map((value) => JSON.stringify({ value }));
    await fc.assert(
      fc.asyncProperty(anyText, fc.nat(), async (text, at) => {
        expect((await textsIn(text)).fault).toBeNull();
        const body = Buffer.from(text);
        const cut = body.subarray(0, 1 + (at % (body.length - 1)));
        const fault = await scanJson(cut, () => {});
        expect(fault).toMatchObject({ isTorn: true });
        expect(fault?.byte).toBeLessThanOrEqual(cut.length);
      }),
      runs(300),
    );
  });

  it.each([
    ['{"a":1,}', 7, "a"],
    ['{"a":{"b":tru}}', 10, "a.b"],
    ["{'a':1}", 1, ""],
    ['{"a" 1}', 5, "a"],
    ["[1,2,,3]", 5, "1"],
    ["[1}", 2, "0"],
    ['{"a":1]', 6, "a"],
    ['["a" "b"]', 5, "0"],
    ['{"a":01}', 5, "a"],
    ["garbage {", 0, ""],
    ["[".repeat(600), 512, `${"0.".repeat(127)}.-`],
  ])("%s is no JSON from byte %i on", async (body, byte, path) => {
    const { fault } = await textsIn(body);
    expect(fault).toMatchObject({ byte, ...(body.length < 100 ? { path, isTorn: false } : {}) });
  });
});

describe("a body that is folded", () => {
  it("a folded body has each picture as a link, and the link gives its bytes", async () => {
    const body = JSON.stringify({
      name: "小明",
      reg_pic: base64,
      ext_data: { spot_pic: `data:image/jpeg;base64,${base64}` },
    });
    const folded = await looked(body, "picture");
    const link = (path: string, bytes: number) => ({
      $picture: { path, bytes, href: `/v1/quarantine/${id}/pictures/${path}` },
    });
    expect(folded).toMatchObject({ fault: null, isCut: false });
    expect(JSON.parse(folded.body ?? "")).toEqual({
      name: "小明",
      reg_pic: link("reg_pic", (base64.length * 3) / 4),
      ext_data: { spot_pic: link("ext_data.spot_pic", Math.floor(((base64.length + 23) * 3) / 4)) },
    });
    for (const path of ["reg_pic", "ext_data.spot_pic"]) {
      const found = await findPicture(Buffer.from(body), path);
      expect(found === null ? null : decodePicture(Buffer.from(body), found)).toEqual(picture);
    }
    expect(await findPicture(Buffer.from(body), "name")).toBeNull();
    expect(typeOf(picture)).toBe("image/jpeg");
  });

  it("the link of a picture whose name has a slash is a part of a path on any runtime", async () => {
    const folded = await looked(JSON.stringify({ "a/b.pic": base64 }), "picture");
    const href = JSON.parse(folded.body ?? "")["a/b.pic"].$picture.href;
    expect(href).toBe(`/v1/quarantine/${id}/pictures/.YS9iLnBpYw`);
  });

  it("a folded body gives the place where it is torn, also within a picture", async () => {
    const body = `{"identity_id":"7","ext_data":{"spot_pic":"${base64.slice(0, 900)}`;
    const { fault, body: shown = "" } = await looked(body);
    expect(fault).toEqual({ byte: body.length, path: "ext_data.spot_pic", isTorn: true });
    expect(shown).toMatch(
      /^\{"identity_id":"7","ext_data":\{"spot_pic":\{"\$picture":\{"path":"ext_data.spot_pic","bytes":67\d,/,
    );
  });

  it("a fault of a picture names the unreadable picture", async () => {
    const body = JSON.stringify({ reg_pic: base64, ext_data: { spot_pic: "no picture", recognize_face: "" } });
    const byte = body.indexOf('"no picture"');
    expect((await looked(body, "picture")).fault).toEqual({ byte, path: "ext_data.spot_pic", isTorn: false });
    expect((await looked(body, "cut")).fault).toBeNull();
    const broken = JSON.stringify({ reg_pic: `${base64.slice(0, -4)}!!!!` });
    expect((await looked(broken, "picture")).fault).toMatchObject({ path: "reg_pic" });
  });

  it("a folded body is cut at a whole character", async () => {
    const { body = "", isCut } = await looked(`"a${"小".repeat(200_000)}"`);
    expect([isCut, body.endsWith("小")]).toEqual([true, true]);
  });
});
