import {
  actionId,
  type EventAction,
  idOf,
  type Json,
  type JsonObject,
  type Report,
  reportKinds,
} from "@gatepost/protocol";
import fc from "fast-check";
import { jpeg, sha256 } from "./pictures.ts";
import { noon, received } from "./reports.ts";

/** Code points from 0xd800 to 0xdfff are no characters. */
const [surrogates, firstBeyond] = [0xd800, 0xe000];

/** Any character there is: what fast-check calls "binary", without its table of all million, which takes a second. */
export const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - (firstBeyond - surrogates) }).map(
  (at) => String.fromCodePoint(at < surrogates ? at : at + firstBeyond - surrogates),
  (character) => {
    const code = typeof character === "string" ? (character.codePointAt(0) ?? -1) : -1;
    const isOne = code >= 0 && character === String.fromCodePoint(code);
    if (!isOne || (code >= surrogates && code < firstBeyond)) throw new Error("not one character");
    return code < surrogates ? code : code - (firstBeyond - surrogates);
  },
);

/** A member's name: an ordinary one, or one that every object inherits. */
const anyName = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toString", "a", "b"),
  fc.string({ maxLength: 4 }),
);

/** Any JSON value a few levels deep, parsed from text so that no name is special. */
export const anyJson: fc.Arbitrary<Json> = fc
  .letrec<{ value: unknown; object: [string, unknown][] }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(
        fc.constant(null),
        fc.boolean(),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string(),
      ),
      fc.array(tie("value"), { maxLength: 4 }),
      tie("object").map((members) => Object.fromEntries(members)),
    ),
    object: fc.array(fc.tuple(anyName, tie("value")), { maxLength: 4 }),
  }))
  .value.map((value) => JSON.parse(JSON.stringify(value)));

const anyObject: fc.Arbitrary<JsonObject> = fc
  .array(fc.tuple(anyName, anyJson), { minLength: 1, maxLength: 4 })
  .map((members) => JSON.parse(JSON.stringify(Object.fromEntries(members))));

const anyText = fc.string({ minLength: 1, maxLength: 6 });
const anyPicture = fc.integer({ min: 0, max: 3 }).map((seed) => {
  const data = jpeg(seed);
  return { sha256: sha256(data), bytes: data.length, contentType: "image/jpeg" as const };
});
const sparsely = { requiredKeys: [] };
const anyPictures = fc.record(
  { registered: anyPicture, scene: anyPicture, face: anyPicture, infrared: anyPicture },
  sparsely,
);

/** Any report of any kind, as a store keeps it; for merge, several of them are of one event. */
export const anyReport: fc.Arbitrary<Report> = fc.record(
  {
    kind: fc.constantFrom(...reportKinds),
    dialect: fc.constantFrom("history-nested", "se3-realtime"),
    receivedAt: fc.integer({ min: received, max: received + 3 }),
    time: fc.constantFrom(noon, noon + 1, 0, -1, noon + 1e9),
    enteredAt: fc.constantFrom(noon - 1, noon - 2),
    leftAt: fc.constantFrom(noon + 1, noon + 2),
    serial: anyText,
    device: fc.record(
      { id: anyText, ip: anyText, type: fc.constantFrom("turnstile", "rtsp"), endpoint: anyText },
      sparsely,
    ),
    person: fc.record(
      { id: anyText, name: anyText, type: fc.constantFrom("vip", "stranger"), group: anyText, info: anyObject },
      sparsely,
    ),
    score: fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(1, 100, null)),
    wantAction: fc.constantFrom("0", "1001", "1002", "9"),
    quality: fc.record({ registrable: fc.boolean(), box: anyObject, grab: anyObject }, sparsely),
    attributes: fc.record(
      { age: anyText, gender: anyText, faceBox: fc.array(fc.integer(), { minLength: 1, maxLength: 4 }) },
      sparsely,
    ),
    extra: anyObject,
    pictures: anyPictures,
    flags: fc.array(fc.constantFrom("picture-unreadable:face", "text-cut:extra"), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ["kind", "dialect", "receivedAt"] },
);

export const anyAction: fc.Arbitrary<EventAction> = fc.constantFrom("1001", "1002").map((wantAction) => ({
  id: actionId(idOf("evt", ["a"]), wantAction),
  wantAction,
  name: wantAction === "1001" ? "register-stranger" : "update-photo",
  state: "pending",
  reason: null,
  at: new Date(received).toISOString(),
}));
