import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FaceLibrary, Se3, Se5, seeded, type Version, withFaces } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { album, atEnd, ManualClock, noFaults, receiver, siteOf, temporary, until } from "./support.ts";

const look = 321;
const photo = album.picture("face", look, "x").toString("base64");
const other = album.picture("face", 40, "x").toString("base64");
const faceless = withFaces(album.picture("scene", 1, "x"), [], "").toString("base64");
const users = "/SophonFogSys/api/users";
const fog = ["V2R4", "V5R6", "V5R7"] as const;

async function boxOf(version: Version, file: string | null = null) {
  const clock = new ManualClock();
  const site = siteOf("gate-1", clock);
  const library = new FaceLibrary({ people: site.people.slice(0, 25), file, album, random: seeded(3) });
  const people = { library, passingOf: (seen: number, ip: string | null) => site.passingOf(seen, ip) };
  const box = new Se3({ album, version, faults: noFaults(), watch: () => {}, clock, people });
  const served = await box.serve({ host: "127.0.0.1", port: 0 });
  atEnd(() => served.close());
  const ask = async (method: string, path: string, body?: unknown, type = "application/json") => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const request = body === undefined ? { method } : { method, body: text, headers: { "content-type": type } };
    const answer = await fetch(`http://127.0.0.1:${served.port}${path}`, request);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isJson = answer.headers.get("content-type") === "application/json";
    return { status: answer.status, bytes, body: isJson ? JSON.parse(bytes.toString()) : null };
  };
  const v6 = async (name: string, body: unknown) => (await ask("POST", `/sophon/v2/face/${name}`, body)).body;
  return { box, site, clock, library, ask, v6 };
}

const person = (changes: object = {}, info: object = {}) => ({
  identity_id: "x1",
  reg_photo: photo,
  group_name: "default_group",
  info: { name: "X", type: 1, ...info },
  ...changes,
});

describe.each(fog)("%s", (version) => {
  it("people are created, read, listed in pages, updated and deleted", async () => {
    const { ask } = await boxOf(version);
    expect((await ask("POST", users, person())).body.data).toMatchObject({
      identity_id: "x1",
      group_name: "default_group",
    });
    const read = async () => (await ask("GET", `${users}?identity_id=x1`)).body.data.identities_list[0];
    const first = await read();
    expect(first).toMatchObject({
      reg_photo: photo,
      group_name: ["default_group"],
      info: { name: "X", type: 1, user_id: "x1" },
    });
    const page = async (skip: number) =>
      (await ask("GET", `${users}?group_name=default_group&skip_num=${skip}&limit=20`)).body.data.identities_list;
    expect([(await page(0)).length, (await page(20)).length]).toEqual([20, 6]);
    const changed = { identity_id: "x1", reg_photo: other, info: { name: "Y", aaa: 1, permission_ids: [] } };
    const { image_id } = (await ask("PUT", users, changed)).body.data;
    expect(image_id).not.toBe(first.info.image_id);
    expect(await read()).toMatchObject({ reg_photo: other, info: { name: "Y", type: 1, aaa: 1, image_id } });
    expect((await ask("DELETE", users, { identity_id: "x1" })).body.data.group_name).toEqual(["default_group"]);
    expect((await ask("GET", `${users}?identity_id=x1`)).body.error.code).toBe(40401);
  });

  it.each([
    ["an id that is there", person({ identity_id: "888001" }), 40011],
    ["a photo without a face", person({ reg_photo: faceless }), 40004],
    ["no JPEG", person({ reg_photo: "R0lGODlh" }), 40003],
    ["an empty photo, which is a value", person({ reg_photo: "" }), 40003],
    ["more than 5 MB", person({ reg_photo: Buffer.alloc(5 * 1024 * 1024 + 1).toString("base64") }), 40007],
    ["no id", person({ identity_id: null }), 40002],
    ["no photo", person({ reg_photo: undefined }), 40002],
    ["no name", person({}, { name: undefined }), 40002],
    ["a type that is none", person({}, { type: 9 }), 40091],
    ["a group that it does not have", person({}, { permission_ids: ["p"] }), 40012],
  ])("refuses %s", async (_, body, code) => {
    const { ask, library } = await boxOf(version);
    const refused = await ask("POST", users, body);
    expect(refused).toMatchObject({ status: 400, body: { error: { code } } });
    library.settings.errorStatus = 200;
    expect(await ask("POST", users, body)).toMatchObject({ status: 200, body: { error: { code } } });
    expect(library.size).toBe(25);
  });

  it("a body that is no JSON, and another content type, are refused", async () => {
    const { ask } = await boxOf(version);
    expect((await ask("POST", users, "{half")).body.error.code).toBe(40005);
    expect((await ask("POST", users, person(), "text/plain")).body.error.code).toBe(41591);
    expect((await ask("PUT", users, { identity_id: "nobody", info: {} })).body.error.code).toBe(40401);
    expect((await ask("DELETE", users, { identity_id: "nobody" })).body.error.code).toBe(40401);
  });

  it("a person beyond the capacity is refused", async () => {
    const { ask, library } = await boxOf(version);
    library.settings.capacity = 25;
    expect((await ask("POST", users, person())).body.error.code).toBe(40015);
    const known = person({ identity_id: "888001", ignore_exist: true });
    expect((await ask("POST", users, known)).status).toBe(200);
  });

  it("base64 is accepted plain, with a prefix and in lines", async () => {
    const { ask, library } = await boxOf(version);
    const lines = photo.replace(/.{76}/g, "$&\r\n");
    for (const [index, reg_photo] of [photo, `data:image/jpg;base64,${photo}`, lines].entries()) {
      await ask("POST", users, person({ identity_id: `p${index}`, reg_photo }));
      expect(library.get(`p${index}`).faces[0]?.photo).toBe(photo);
    }
  });

  it("a registered person is known at the next passing, a removed one is not", async () => {
    const { ask, box, site, clock } = await boxOf(version);
    const cloud = await receiver();
    box.settings.historyUrls = [new URL(`${cloud.url}/x`)];
    const stop = new AbortController();
    atEnd(() => stop.abort());
    void box.run(stop.signal);
    const told = async () => {
      const before = cloud.heard.length;
      box.passes(site.passingOf(look));
      await until(() => {
        clock.move(1000);
        return cloud.heard.length > before;
      });
      return JSON.parse(cloud.heard[before]?.body ?? "{}");
    };
    const typeOf = (event: { person_type?: number; ext_data?: { person_type: number } }) =>
      event.person_type ?? event.ext_data?.person_type;
    expect(typeOf(await told())).toBe(4);
    await ask("POST", users, person({}, { type: 5 }));
    const known = await told();
    expect(known).toMatchObject({ identity_id: "x1", reg_pic: photo });
    expect(typeOf(known)).toBe(5);
    await ask("DELETE", users, { identity_id: "x1" });
    expect(typeOf(await told())).toBe(4);
  });
});

it("generation A keeps an overwritten face; B does unless told otherwise", async () => {
  for (const [version, single, faces] of [
    ["V2R4", true, 2],
    ["V5R6", false, 2],
    ["V5R6", true, 1],
  ] as const) {
    const { ask, library } = await boxOf(version);
    await ask("POST", users, person());
    await ask("POST", users, person({ ignore_exist: true, support_single_face: single, reg_photo: other }));
    expect(library.get("x1").faces).toHaveLength(faces);
  }
});

it("V5R7 creates no person on the blacklist, but can move one onto it", async () => {
  const { ask, library } = await boxOf("V5R7");
  expect((await ask("POST", users, person({}, { type: 3 }))).body.error.code).toBe(40091);
  await ask("PUT", users, { identity_id: "888001", info: { type: 3, permission_ids: [] } });
  expect(library.get("888001").type).toBe(3);
  const { data } = (await ask("DELETE", users, { identity_ids: ["888001", "nobody", "888002"] })).body;
  expect(data.identity_ids).toEqual(["888001", "888002"]);
});

it("groups are created at one path, ids found at another; A has none", async () => {
  const { ask } = await boxOf("V5R6");
  await ask("POST", "/SophonFogSys/api/permissions", { permission_name: "Staff", description: "" });
  const { data } = (await ask("GET", "/SophonFace/api/permissions?info.name=Staff&exact=true")).body;
  expect(data).toEqual([{ _id: expect.any(String), info: { name: "Staff", description: "" } }]);
  const again = await ask("POST", "/SophonFogSys/api/permissions", { permission_name: "Staff", description: "" });
  expect(again.status).toBe(400);
  const listed = (await ask("GET", "/SophonFogSys/api/permissions")).body.data.permissions_list;
  expect(listed).toEqual([{ name: "Staff", description: "" }]);
  const old = await boxOf("V2R4");
  for (const path of ["/SophonFace/api/permissions", "/SophonFace/api/FIQA", "/SophonMatch/api/compare"]) {
    expect((await old.ask("POST", path, {})).status).toBe(404);
  }
});

it("V5 looks at photos, compares them, and registers by a feature of 512 numbers", async () => {
  const { ask, library } = await boxOf("V5R6");
  const post = async (path: string, body: object) => (await ask("POST", path, body)).body;
  library.settings.failingItems = ["clarity"];
  const quality = await post("/SophonFace/api/FIQA", { image_base64_str: photo });
  expect(quality.data).toMatchObject([{ fiqa_result: false, fails: ["clarity"] }]);
  const none = await post("/SophonFace/api/FIQA", { image_base64_str: photo, fiqa_level: "no" });
  expect(none.data[0].fiqa_result).toBe(true);
  const compare = (face_image_base64: string) =>
    post("/SophonMatch/api/compare", { card_image_base64: photo, face_image_base64, threshold: "high" });
  expect([(await compare(photo)).retcode, (await compare(other)).retcode]).toEqual(["1", "0"]);
  const detected = await post("/SophonFace/api/detect", { image_base64_str: photo, with_feature: true });
  const feature: number[] = detected.data[0].feature;
  expect(Math.hypot(...feature)).toBeCloseTo(1, 6);
  await ask("POST", users, person({ reg_photo: undefined, import_mode: true, feature }));
  expect(
    (await ask("POST", users, person({ identity_id: "x2", import_mode: true, feature: [1] }))).body.error.code,
  ).toBe(40010);
  expect(library.get("x1").faces).toHaveLength(1);
});

it.each([
  ["V5R6", "/SophonMatch/api/PictureMatch", { rgb_image_base64: photo }, "device_ip"],
  ["V6", "/sophon/v2/face/search", { rgb_image_base64: photo }, "media_device_ip"],
] as const)("%s makes an event of a match, as of a passing", async (version, path, body, device) => {
  const { ask, box, site } = await boxOf(version);
  expect((await ask("POST", path, body)).status).toBe(400);
  expect(box.waiting).toBe(0);
  const matched = await ask("POST", path, { ...body, [device]: site.devices[1]?.ip });
  expect(matched.body.identity_id).toBe("");
  expect(box.waiting).toBe(1);
});

const imageAt = "/sophon/v2/face/getregisterimage/";
describe("V6", () => {
  const identity = { identity_id: "x1", register_image: photo };

  it("V6 creates, reads, lists, updates by force, replaces faces and deletes", async () => {
    const { v6, ask } = await boxOf("V6");
    const created = await v6("createidentity", identity);
    expect(created.identity_id).toBe("x1");
    const read = () => v6("getidentity", { identity_id: "x1" });
    expect(await read()).toMatchObject({ identity_name: "佚名", user_type: "employee", face_ids: [created.face_id] });
    expect((await ask("GET", `${imageAt}${created.register_image_id}`)).bytes.toString("base64")).toBe(photo);
    await v6("updateidentity", { identity_id: "x1", identity_name: "Y", user_type: "vip" });
    await v6("updateidentity", { identity_id: "x1", identity_name: "Z" });
    expect(await read()).toMatchObject({ identity_name: "Z", user_type: "employee" });
    const added = await v6("addface", { identity_id: "x1", register_image: other });
    expect(added).toMatchObject({ total_face_cnt: 2, face_ids: [created.face_id, expect.any(String)] });
    const replaced = await v6("replaceface", { identity_id: "x1", register_image_index: 0, register_image: other });
    expect(replaced.register_image_ids[0]).not.toBe(created.register_image_id);
    expect(replaced.register_image_ids[1]).toBe(added.register_image_ids[1]);
    const fewer = await v6("deleteface", { identity_id: "x1", register_image_id: added.register_image_ids[1] });
    expect(fewer.total_face_cnt).toBe(1);
    const found = await v6("getidentities", { filters: { identity_id: "x1" } });
    expect(found.pagination).toEqual({ page_index: 0, page_limit: 10, total_count: 1 });
    const gone = await v6("deleteidentities", { identity_ids: ["x1", "nobody"] });
    expect(gone).toEqual({ success_identity_ids: ["x1"], failed_identity_ids: ["nobody"] });
  });

  it("each request without an id makes a new person, and only force overwrites", async () => {
    const { v6, library } = await boxOf("V6");
    await v6("createidentity", { register_image: photo, identity_id: "" });
    await v6("createidentity", { register_image: photo });
    expect(library.size).toBe(27);
    await v6("createidentity", identity);
    expect((await v6("createidentity", identity)).error).toMatchObject({ code: "ID_REPEAT_ERROR", message: "x1" });
    await v6("createidentity", { ...identity, identity_name: "N", force_replace: true });
    expect(library.get("x1")).toMatchObject({ name: "N", faces: [{ look }] });
  });

  it.each([
    ["NO_FACE_ERROR", { register_image: faceless }],
    ["IMAGE_DECODE_ERROR", { register_image: "R0lGODlh" }],
    ["IMAGE_SIZE_TOO_LARGE_ERROR", { register_image: Buffer.alloc(5 * 1024 * 1024 + 1).toString("base64") }],
    ["MISSING_ARGUMENTS", { register_image: null }],
    ["INVALID_ARGUMENTS", { user_type: "boss" }],
    ["ID_NOT_FOUND", { permission_ids: ["p"] }],
  ])("refuses with %s", async (code, changes) => {
    const { v6, library } = await boxOf("V6");
    expect((await v6("createidentity", { ...identity, ...changes })).error.code).toBe(code);
    expect(library.size).toBe(25);
  });

  it("quality is checked at level high by default, and an empty picture is returned", async () => {
    const { v6, library, ask } = await boxOf("V6");
    library.settings.failingItems = ["headpose"];
    const refused = await v6("createidentity", identity);
    expect(refused.error).toEqual({ code: "LOW_QUALITY_ERROR", message: "headpose" });
    expect(await v6("fiqa", { image_base64_str: photo })).toMatchObject({ fiqa_result: false });
    expect((await v6("createidentity", { ...identity, fiqa_level: "no" })).identity_id).toBe("x1");
    const [blank, nothing] = [await ask("GET", `${imageAt}no`), await ask("GET", `${imageAt}none`)];
    expect([blank.status, blank.bytes.equals(nothing.bytes)]).toEqual([200, true]);
  });

  it("compares on the scale to 100, and gives features as little-endian floats of length 1", async () => {
    const { v6 } = await boxOf("V6");
    const score = async (image: string) =>
      (await v6("compare", { image_1_base64: photo, image_2_base64: image })).score;
    expect([await score(photo), (await score(other)) < 60]).toEqual([100, true]);
    const { faces } = await v6("detect", { image_base64_str: photo, with_feature: true });
    const bytes = Buffer.from(faces[0].feature_base64_str, "base64");
    expect([faces[0].feature_base64_str.length, bytes.length]).toEqual([2732, 2048]);
    const floats = Array.from({ length: 512 }, (_, index) => bytes.readFloatLE(index * 4));
    expect(Math.hypot(...floats)).toBeCloseTo(1, 5);
  });

  it("groups have unique names, and a deleted one is removed from its people", async () => {
    const { v6, library } = await boxOf("V6");
    const { permission_id } = await v6("createpermission", { permission_name: "Staff" });
    expect((await v6("createpermission", { permission_name: "Staff" })).error.code).toBe("NAME_REPEAT_ERROR");
    expect((await v6("getpermission", { permission_name: "Staff" })).permission_id).toBe(permission_id);
    expect((await v6("getpermissions", { permission_name: "taf" })).pagination.total_count).toBe(1);
    await v6("createidentity", { ...identity, permission_ids: [permission_id] });
    await v6("deletepermission", { permission_id });
    expect(library.get("x1").permissionIds).toEqual([]);
    expect((await v6("getpermission", { permission_id })).error.code).toBe("ID_NOT_FOUND");
  });
});

it("the library survives a restart, also beside a half-written file", async () => {
  const file = join(await temporary(), "people.json");
  const first = await boxOf("V5R6", file);
  await first.ask("POST", users, person());
  writeFileSync(`${file}.new`, readFileSync(file, "utf8").slice(0, 100));
  const second = await boxOf("V5R6", file);
  expect(second.library.get("x1")).toEqual(first.library.get("x1"));
  expect(second.library.size).toBe(26);
  // New faces and images get different ids.
  await second.ask("POST", users, person({ identity_id: "x2", reg_photo: other }));
  const made = ["x1", "x2"].flatMap((id) =>
    second.library.get(id).faces.flatMap(({ faceId, imageId }) => [faceId, imageId]),
  );
  expect(new Set(made).size).toBe(4);
});

it("an SE5 reports newly registered people, with the picture of its library", async () => {
  const clock = new ManualClock();
  const site = siteOf("lobby", clock);
  const library = new FaceLibrary({ people: site.people, file: null, album, random: seeded(3) });
  const people = { library, passingOf: (seen: number, ip: string | null) => site.passingOf(seen, ip) };
  const at = { host: "127.0.0.1", livePort: 0, apiPort: 0, devices: site.devices, memoryFile: null };
  const se5 = await Se5.open({ album, version: "V6", faults: noFaults(), watch: () => {}, clock, people, ...at });
  atEnd(() => se5.close());
  const body = JSON.stringify({ identity_id: "x1", identity_name: "X", register_image: photo });
  const headers = { "content-type": "application/json" };
  await fetch(`http://127.0.0.1:${se5.apiPort}/sophon/v2/face/createidentity`, { method: "POST", body, headers });
  se5.passes(site.passingOf(look));
  const [passing] = se5.memory.all();
  expect(passing?.person).toMatchObject({ id: "x1", name: "X", type: 1 });
  const picture = await fetch(`http://127.0.0.1:${se5.apiPort}${imageAt}${passing?.person.imageId}`);
  expect(Buffer.from(await picture.arrayBuffer()).toString("base64")).toBe(photo);
});
