import { readFileSync } from "node:fs";
import { readConfiguration } from "@gatepost/core/live";
import fc from "fast-check";
import { expect, it } from "vitest";
import { anyJson } from "../../../support/arbitraries.ts";
import { runs } from "../../../support/seeded.ts";

const plain = { version: 5, face: false, registered: false, devices: new Set() };

it("a configuration is read as the documents print it", () => {
  const printed = readFileSync(new URL("../../../fixtures/live-config.json", import.meta.url), "utf8");
  const devices = new Set(JSON.parse(printed).event_list);
  expect(readConfiguration(printed)).toEqual({ version: 5, face: true, registered: true, devices });
});

it("an empty configuration gives the documented defaults, and unknown members are ignored", () => {
  expect(readConfiguration("{}")).toEqual(plain);
  expect(readConfiguration('{"since":"evt_1","form":"event","colour":"red"}')).toEqual(plain);
});

it("any member of V6's form marks a configuration as V6's", () => {
  const read = (sent: object) => readConfiguration(JSON.stringify(sent));
  expect(read({ media_device_ids: ["a"] })).toEqual({ ...plain, version: 6, devices: new Set(["a"]) });
  expect(read({ with_face_image: true })).toEqual({ ...plain, version: 6, face: true });
  expect(read({ with_register_image: true })).toEqual({ ...plain, version: 6, registered: true });
});

it.each(["{", "[]", '"*"', "", "ping", '{"need_face":"yes"}', '{"event_list":"*"}', '{"media_device_ids":[1]}'])(
  "%j is no configuration",
  (text) => {
    expect(readConfiguration(text)).toBeNull();
  },
);

it("any text is a configuration or none", () => {
  const names = ["need_face", "need_register", "event_list", "with_face_image", "media_device_ids", "__proto__"];
  const message = fc.oneof(
    fc.string(),
    anyJson.map((value) => JSON.stringify(value)),
    fc.dictionary(fc.constantFrom(...names), anyJson).map((sent) => JSON.stringify(sent)),
  );
  fc.assert(
    fc.property(message, (text) => {
      const read = readConfiguration(text);
      if (read !== null) expect(read.devices).toBeInstanceOf(Set);
    }),
    runs(600),
  );
});
