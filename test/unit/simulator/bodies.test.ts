import { interpret, type JsonObject } from "@gatepost/protocol";
import { picturesOf } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { encode } from "../../../packages/simulator/src/bodies/encode.ts";
import { liveV6 } from "../../../packages/simulator/src/bodies/flat.ts";
import { historyBody } from "../../../packages/simulator/src/bodies/history.ts";
import { liveV5, passRecord, realtime } from "../../../packages/simulator/src/bodies/nested.ts";
import { platformA } from "../../../packages/simulator/src/bodies/platform-a.ts";
import { readPictureId, storedSeconds, storedV5, storedV6 } from "../../../packages/simulator/src/bodies/stored.ts";
import { arrival } from "../../support/reports.ts";
import { album, passings } from "./support.ts";

const [passing] = passings(1);
if (passing === undefined) throw new Error("there must be one");
const pictures = picturesOf(passing, album);

/** The dialect that Gatepost reads a body in. */
function knownAs(body: JsonObject, route: string): string {
  const interpretation = interpret(body, { ...arrival, route });
  return "passing" in interpretation ? interpretation.passing.report.dialect : JSON.stringify(interpretation);
}

describe("A simulated report is recognised as its original:", () => {
  it.each([
    ["V2R2", "history-nested"],
    ["V2R4", "history-nested"],
    ["V5R2", "history-nested"],
    ["V5R3", "history-nested"],
    ["V2R6", "history-flat"],
    ["V5R4", "history-flat"],
    ["V5R6", "history-flat"],
    ["V5R7", "history-flat"],
    ["V6", "history-v6"],
  ] as const)("the history of %s as %s", (version, dialect) => {
    expect(knownAs(historyBody(passing, pictures, version), "HistoryEvent")).toBe(dialect);
  });

  it.each([
    ["se3-realtime", realtime(passing, pictures), "RealTimeEvent"],
    ["platform-b", passRecord(passing, pictures), "PassRecord"],
    ["platform-a", platformA(passing, pictures), "PassRecord"],
    ["ws-v5", liveV5(passing, pictures), "LiveEvent"],
    ["ws-v6", liveV6(passing, pictures), "LiveEvent"],
    ["stored-v5", storedV5(passing), "StoredEvent"],
    ["stored-v6", storedV6(passing), "StoredEvent"],
  ] as const)("%s", (dialect, body, route) => {
    expect(knownAs(body, route)).toBe(dialect);
  });
});

it("V2R2 has no want_action, as on master", () => {
  expect(historyBody(passing, pictures, "V2R2")).not.toHaveProperty("want_action");
});

it("only V5R7 and V6 name the version of their API", () => {
  expect(historyBody(passing, pictures, "V5R6")).not.toHaveProperty("api_version");
  expect(historyBody(passing, pictures, "V5R7")).toMatchObject({ api_version: "1.0" });
  expect(historyBody(passing, pictures, "V6")).toMatchObject({ api_version: "2.0" });
});

it("the pushes of V6 carry data URIs", () => {
  expect(liveV6(passing, pictures)["recognize_face_image"]).toMatch(/^data:image\/jpeg;base64,\/9j\//);
});

it("a V5 push has the two ids that the documents' client reads", () => {
  expect(liveV5(passing, pictures)).toMatchObject({ video_id: passing.device.id, event_id: expect.any(String) });
});

it("a stored time is in seconds, and at most a millisecond from the pushed one", () => {
  for (const passing of passings(9)) {
    expect(Math.abs(Math.round(storedSeconds(passing) * 1000) - passing.at)).toBeLessThanOrEqual(1);
  }
});

it("the id of a stored picture contains its kind", () => {
  const { common } = storedV5(passing) as { common: { spot_pic_id: string } };
  expect(readPictureId(common.spot_pic_id)).toEqual({ name: "scene", number: passing.number });
  expect(readPictureId("../../etc/passwd")).toBeNull();
});

it("form-data has a part for every member, and ext_data as JSON text", async () => {
  const body = historyBody(passing, pictures, "V2R4");
  const { contentType, bytes } = encode(body, "form-data");
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData();
  expect([...form.keys()].sort()).toEqual(Object.keys(body).sort());
  expect(JSON.parse(String(form.get("ext_data")))).toEqual(body["ext_data"]);
});
