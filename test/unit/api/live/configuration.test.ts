import { readFileSync } from "node:fs";
import { readConfiguration } from "@gatepost/core/live";
import fc from "fast-check";
import { expect, it } from "vitest";
import { anyJson } from "../../../support/arbitraries.ts";
import { runs } from "../../../support/seeded.ts";

const none = { types: null, boxes: null, since: null, counts: false, acknowledgements: false, rolls: new Set() };
const plain = { pictureUrls: false, updates: false };

it("a configuration is read as the documents print it", () => {
  const printed = readFileSync(new URL("../../../fixtures/live-config.json", import.meta.url), "utf8");
  expect(readConfiguration(printed)).toEqual({
    form: { version: 5, face: true, registered: true, ...plain },
    devices: new Set(JSON.parse(printed).event_list),
    ...none,
  });
});

it("an empty configuration gives the documented defaults", () => {
  const form = { version: 5, face: false, registered: false, ...plain };
  expect(readConfiguration("{}")).toEqual({ form, devices: new Set(), ...none });
});

it("any member of V6's form marks a configuration as V6's", () => {
  const read = (sent: object) => readConfiguration(JSON.stringify(sent));
  const form = { version: 6, face: false, registered: false, ...plain };
  expect(read({ media_device_ids: ["a"] })).toEqual({ form, devices: new Set(["a"]), ...none });
  expect(read({ with_face_image: true })).toMatchObject({ form: { ...form, face: true } });
  expect(read({ with_register_image: true })).toMatchObject({ form: { ...form, registered: true } });
});

it("extensions are read, and unknown members ignored", () => {
  const sent = { since: "evt_1", types: ["vip"], boxes: ["门"], picture_urls: true, updates: true, colour: "red" };
  expect(readConfiguration(JSON.stringify(sent))).toMatchObject({
    form: { pictureUrls: true, updates: true },
    since: "evt_1",
    types: new Set(["vip"]),
    boxes: new Set(["门"]),
  });
});

it("events in the API's form ignore the options for pictures and links", () => {
  const form = { version: "event", face: false, registered: false, pictureUrls: false, updates: true };
  const sent = { form: "event", counts: true, updates: true, picture_urls: true };
  for (const names of [
    { need_face: true, event_list: ["*"] },
    { with_face_image: true, media_device_ids: ["*"] },
  ]) {
    const read = readConfiguration(JSON.stringify({ ...sent, ...names }));
    expect(read).toEqual({ ...none, form, devices: new Set(["*"]), counts: true });
  }
  expect(readConfiguration('{"form":"xml"}')).toEqual({ error: "form: must be event, or be left out" });
  expect(readConfiguration('{"rolls":["rol_1"]}')).toMatchObject({ rolls: new Set(["rol_1"]) });
  expect(readConfiguration(JSON.stringify({ rolls: Array(21).fill("rol_1") }))).toHaveProperty("error");
  expect(readConfiguration('{"counts":1}')).toEqual({ error: "counts: must be true or false" });
});

it("any text is either a valid configuration or gives a fault in one line", () => {
  const names = [
    "need_face",
    "need_register",
    "event_list",
    "with_face_image",
    "media_device_ids",
    "since",
    "types",
    "boxes",
  ];
  const likely = fc.dictionary(
    fc.constantFrom(...names, "picture_urls", "updates", "form", "counts", "__proto__"),
    anyJson,
  );
  const message = fc.oneof(
    fc.string(),
    anyJson.map((value) => JSON.stringify(value)),
    likely.map((sent) => JSON.stringify(sent)),
  );
  fc.assert(
    fc.property(message, (text) => {
      const read = readConfiguration(text);
      if ("error" in read) expect(read.error).toMatch(/^[^\n]+$/);
      else expect(read.devices).toBeInstanceOf(Set);
    }),
    runs(600),
  );
});
