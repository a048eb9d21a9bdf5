import {
  actionChangeSchema,
  actionStates,
  boxStatusKinds,
  changedMappingSchema,
  limits,
  pictureKinds,
  reportKinds,
  setDirections,
} from "@gatepost/protocol";
import * as z from "zod";
import { scopes } from "../keys/key.ts";

/** The last ms of the year 9999, since 1970. */
export const lastTime = Date.UTC(10_000, 0) - 1;

/* The data sent from another store. Reports are read by their own schema once they are here. */

/** ms since 1970, up to the end of the year 9999: the last one whose ISO text has four digits of a year. */
const time = z.int().min(0).max(lastTime);
const eventId = z.string().regex(/^evt_[0-9a-z]{26}$/, "must be the id of an event");
const boxName = z.string().min(1).max(64);
const month = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, "must be a month as 2026-11");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hex");
const json = z.record(z.string(), z.json());

const action = z.strictObject({
  wantAction: z.enum(["1001", "1002"]),
  state: z.enum(actionStates),
  reason: z.string().max(10_000).nullable(),
  at: time,
  // An earlier build does not say it. Then no one is told again.
  isTold: z.boolean().default(true),
  history: z.array(actionChangeSchema).max(200),
});

const event = z.strictObject({
  id: eventId,
  box: boxName,
  isSecondFace: z.boolean(),
  expiresAt: time,
  reports: z
    .array(z.strictObject({ report: json, fingerprint: z.string().min(1).max(200) }))
    .min(1)
    .max(reportKinds.length),
  actions: z.array(action).max(2),
});

const pictureOf = z.object({
  eventId,
  report: z.enum(reportKinds),
  kind: z.enum(pictureKinds),
  month,
  sha256,
});

const key = z.strictObject({
  id: z.string().regex(/^key_\w{1,64}$/),
  tokenHash: sha256,
  scope: z.enum(scopes),
  box: boxName.nullable(),
  createdAt: time,
  lastUsedAt: time.nullable(),
  revokedAt: time.nullable(),
  note: z.string().max(200).exactOptional(),
  expiresAt: time.exactOptional(),
  boxes: z.array(boxName).min(1).max(50).exactOptional(),
  site: z.string().min(1).max(64).exactOptional(),
  people: z.literal(true).exactOptional(),
  serials: z.array(z.string().min(1).max(64)).max(50).exactOptional(),
  rate: z.strictObject({ perSecond: z.number().positive(), burst: z.int().positive() }).exactOptional(),
  dailyBytes: z.int().positive().exactOptional(),
});

const name = z.string().min(1).max(64);

const deviceSettings = z.strictObject({
  label: name.nullable(),
  direction: z.enum(setDirections).nullable(),
  counts: z.boolean(),
});

const box = z.strictObject({
  box: boxName,
  name: name.nullable().exactOptional(),
  site: z.string().max(64).nullable(),
  zone: z.string().max(64).nullable().exactOptional(),
  afterMs: time.nullable(),
  isExpected: z.boolean(),
  silentSince: time.nullable(),
  isAnnounced: z.boolean(),
  deviceSettings: z
    .record(z.string().regex(/^dev_[0-9a-z]{26}$/, "must be the key of a device"), deviceSettings)
    .refine((settings) => Object.keys(settings).length <= limits.devicesOfBox, "too many devices")
    .exactOptional(),
});

const site = z.strictObject({
  id: name,
  name,
  place: z.string().max(200).nullable(),
  zone: z.string().max(64).exactOptional(),
  workWeek: z.array(z.int().min(1).max(7)).max(7),
  holidays: z.array(z.iso.date()).max(400),
  sharesPeople: z.boolean(),
  keepsPeopleApart: z.boolean().exactOptional(),
});

// The schema is of the small build of zod. Nothing is changed before it reads a mapping.
const mapping = z.preprocess((sent) => sent, changedMappingSchema());

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, "must be base64");

const record = z.strictObject({
  id: z.string().regex(/^qrt_[\w-]{1,64}$/),
  box: boxName,
  path: z.string().max(2000),
  reason: z.string().max(200),
  receivedAt: time,
  headers: z.record(z.string(), z.string()),
  body: base64,
  event: z.strictObject({ id: eventId, fingerprint: z.string().max(200) }).nullable(),
  // As many as one request has room for.
  eventsOfBatch: z.array(eventId).max(250_000),
});

const replay = z.strictObject({
  ...record.pick({ id: true, receivedAt: true, reason: true }).shape,
  keptFor: z.string().max(200).nullable(),
  event: eventId.nullable(),
  until: time,
  parts: z
    .array(
      z.strictObject({
        mapping: z.string().regex(/^map_[0-9a-z]{1,40}$/),
        number: z.int().min(0),
        events: z.array(eventId).max(2000),
        isUndone: z.boolean(),
        until: time,
      }),
    )
    .max(10_000),
  // Null if it is not set aside.
  record: record.nullable(),
});

/** One kind of thing in each request. */
export const imported = z.union([
  z.strictObject({ events: z.array(event).min(1).max(100) }),
  z.strictObject({ picture: z.strictObject({ ...pictureOf.shape, data: base64 }) }),
  z.strictObject({ keys: z.array(key).min(1).max(100) }),
  z.strictObject({
    erasures: z.strictObject({
      secret: base64.max(200),
      erased: z
        .array(z.strictObject({ name: z.string().regex(/^[\w-]{22}$/), box: boxName.nullable(), at: time }))
        .max(1000),
    }),
  }),
  z.strictObject({ boxes: z.array(box).min(1).max(100) }),
  z.strictObject({ sites: z.array(site).min(1).max(100) }),
  z.strictObject({ mappings: z.array(mapping).min(1).max(100) }),
  z.strictObject({
    statuses: z
      .array(z.strictObject({ box: boxName, kind: z.enum(boxStatusKinds), receivedAt: time, report: json }))
      .min(1)
      .max(20),
  }),
  z.strictObject({ record }),
  z.strictObject({ replay }),
  z.strictObject({ compare: z.array(eventId).min(1).max(200) }),
]);

export type Imported = z.output<typeof imported>;

export const takenAnswer = z.object({
  taken: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum([
        ...(["created", "changed", "same", "conflict", "erased", "expired", "pictures"] as const),
        ...(["made", "known", "put", "other-secret"] as const),
      ]),
      missing: z.array(pictureOf).exactOptional(),
    }),
  ),
  held: z
    .array(
      z.object({
        id: z.string(),
        expiresAt: z.int(),
        reports: z.record(z.string(), z.string()),
        received: z.record(z.string(), z.int()),
        actions: z.record(z.string(), z.string()),
        missing: z.int(),
      }),
    )
    .meta({ description: "Of `compare`: the events that exist here, with digests of their parts." }),
});

export type Taken = z.output<typeof takenAnswer>;
