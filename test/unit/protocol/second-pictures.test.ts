import { interpret, type Json, type JsonObject, type PictureKind } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { jpeg, photo, png, sha256 } from "../../support/pictures.ts";
import { arrival, history, passRecord, realtime, stranger, understood } from "../../support/reports.ts";

const [one, other] = [photo("one"), photo("other")];
const flat = () => ({ ...fixture("history-flat", "minimal"), ext_data: {} });
const v6 = () => fixture("history-v6", "minimal");
const platformA = () => fixture("platform-a", "minimal");

/** The result for the pictures of a body: hashes, flags, the reason to keep it whole, and whether one stayed inline. */
function kept(body: JsonObject) {
  const { report, pictures, keepWhole } = understood(body);
  return {
    pictures: Object.fromEntries([...pictures].map(([kind, { sha256: hash }]) => [kind, hash])),
    flags: report.flags ?? [],
    keepWhole,
    isInline: /\/9j\//.test(JSON.stringify(report)),
  };
}
const first = (kind: PictureKind) => ({
  pictures: { [kind]: sha256(jpeg("one")) },
  flags: [`second-picture:${kind}`],
  keepWhole: "picture",
  isInline: false,
});

describe("the first of two pictures of a kind is kept, and the other quarantined:", () => {
  it.each<[string, PictureKind, JsonObject]>([
    ["two names of V6", "registered", { ...v6(), register_image: one, reg_pic: other }],
    ["V6 with a name of V5 for its scene", "scene", { ...v6(), spot_image: one, spot_pic: other }],
    ["V6 with a name of V5 for its face", "face", { ...v6(), recognize_face_image: one, recognize_face: other }],
    ["V6 with a name of V5 in infrared", "infrared", { ...v6(), ir_image: one, ir_pic: other }],
    [
      "V6 with pictures of V5 in ext_data",
      "face",
      { ...v6(), recognize_face_image: one, ext_data: { recognize_face: other } },
    ],
    ["a nested report with a scene at its root", "scene", history({ spot_pic: other }, { spot_pic: one })],
    ["a nested report with a face at its root", "face", history({ recognize_face: other }, { recognize_face: one })],
    ["a nested report with a registered picture inside", "registered", history({ reg_pic: one }, { reg_pic: other })],
    ["a flat report with ext_data", "scene", { ...flat(), spot_pic: one, ext_data: { spot_pic: other } }],
    ["a pass record with pictures at its root", "face", passRecord({ recognize_face: other }, { recognize_face: one })],
    ["a pass record of the older generation", "scene", { ...platformA(), crossSrcPhoto: one, spot_pic: other }],
    ["real-time with a scene at its root", "scene", realtime({ spot_pic: other }, { spot_pic: one })],
    [
      "a stored event",
      "face",
      { ...fixture("stored-v6", "minimal"), recognize_face_image: one, recognize_face: other },
    ],
    ["a form's files of one name", "face", history({}, { recognize_face: [one, other] })],
    ["three of them", "face", history({ recognize_face: other }, { recognize_face: [one, photo("third")] })],
  ])("%s", (_, kind, body) => {
    expect(kept(body)).toEqual(first(kind));
  });

  it.each<[string, Json]>([
    ["is none", "no picture"],
    ["is broken", "/9j/…"],
    ["is an object", { data: "" }],
  ])("even if the first one %s", (_, broken) => {
    expect(kept(history({ spot_pic: one }, { spot_pic: broken }))).toEqual(first("scene"));
    expect(kept(history({ spot_pic: broken }, { spot_pic: one }))).toEqual(first("scene"));
  });

  it("for each kind by itself", () => {
    const body = history({ spot_pic: other, reg_pic: "x" }, { spot_pic: one, recognize_face: [one, other] });
    expect(kept(body).flags).toEqual(["picture-unreadable:registered", "second-picture:scene", "second-picture:face"]);
  });
});

describe("a picture in a place of another dialect", () => {
  it.each<[string, JsonObject, PictureKind]>([
    ["at the root of a nested report", history({ spot_pic: one }), "scene"],
    ["at the root of real-time", realtime({ ir_pic: one }), "infrared"],
    ["at the root of a pass record", passRecord({ recognize_face: one }), "face"],
    ["in the ext_data of a flat report", { ...flat(), ext_data: { recognize_face: one } }, "face"],
    ["in V6 under a name of V5", { ...v6(), spot_pic: one }, "scene"],
    [
      "in a stored event's common",
      { ...fixture("stored-v5", "minimal"), common: { identity_id: "1", spot_pic: one } },
      "scene",
    ],
    ["in a pass record of the older generation", { ...platformA(), recognize_face: one }, "face"],
  ])("is a picture of the event, and needs no flag: %s", (_, body, kind) => {
    expect(kept(body)).toEqual({
      pictures: { [kind]: sha256(jpeg("one")) },
      flags: [],
      keepWhole: null,
      isInline: false,
    });
  });

  it("leaves other members in extra, but not itself", () => {
    expect(understood({ ...flat(), ext_data: { spot_pic: one } }).report).not.toHaveProperty("extra");
    expect(understood({ ...flat(), ext_data: { spot_pic: one, lamp: 1 } }).report.extra).toEqual({
      ext_data: { lamp: 1 },
    });
    expect(understood(history({ spot_pic: "", lamp: 1 })).report.extra).toEqual({ lamp: 1 });
  });

  it("leaves the body that was sent as it was", () => {
    const body = { ...flat(), ext_data: { spot_pic: one } };
    interpret(body, arrival);
    expect(body.ext_data).toEqual({ spot_pic: one });
  });
});

it("treats two equal pictures as one", () => {
  const again = `data:image/jpeg;base64,${one}`;
  expect(kept(history({ spot_pic: again }, { spot_pic: one }))).toMatchObject({
    flags: [],
    keepWhole: null,
    isInline: false,
  });
});

it("counts every picture by its hash, wherever it is", () => {
  const [dense, inLines] = [other, other.replaceAll(/.{76}/g, "$&\n")].map((second) =>
    understood(stranger({ spot_pic: second }, { spot_pic: one })),
  );
  expect(dense?.fingerprint).toBe(inLines?.fingerprint);
});

describe("a picture without its end", () => {
  it("is kept and flagged, and nothing of it is lost", () => {
    const torn = [jpeg("torn").subarray(0, -9), png.subarray(0, -9)].map((data) => data.toString("base64"));
    const { report, pictures, keepWhole } = understood(
      history({ reg_pic: torn[1] ?? "" }, { recognize_face: torn[0] ?? "" }),
    );
    expect(report.flags).toEqual(["picture-truncated:registered", "picture-truncated:face"]);
    expect([...pictures.values()].map(({ data }) => data.toString("base64"))).toEqual(torn.toReversed());
    expect(keepWhole).toBeNull();
  });
});
