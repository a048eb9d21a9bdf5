/* The requests that the document shows. Their answers are in answers.json, recorded from a run by a test. */

/** Who and what the run has. The ids of event, record and device follow from its one report. */
export const exampleIds = {
  account: "acc_5c0e1d2b4a69787f3a",
  acknowledgement: "ack_7d1f0a64c2b94e1a8f5d3c0b6e2a9f48",
  action: "act_3fdpfghpbxkebwx2hbf0pn9c4z_1002",
  box: "gate-1",
  deadLetter: "17",
  decidedJob: "job_0f1e2d3c4b5a69788796a5b7",
  delivery: "18",
  departure: "left_5c0e1d2b4a69787f3a",
  device: "dev_ngmkqkyfsghfhtdzp81ewrb46x",
  factor: "fac_5c0e1d2b4a69787f3a",
  event: "evt_3fdpfghpbxkebwx2hbf0pn9c4z",
  hoursCorrection: "cor_5c0e1d2b4a69787f3a",
  /** Signed with the secret of the run, 32 times 7. */
  import: "imp_mw4g4nvs_T1-Oe8CiyTrDkGS9eRAsPQ",
  job: "job_0f1e2d3c4b5a69788796a5b4",
  key: "key_0f1e2d3c4b5a697887",
  mapping: "map_5c0e1d2b4a69787f3a",
  receiptJob: "job_0f1e2d3c4b5a69788796a5b5",
  record: "qrt_ewzkgbw14r0qzked296v1ts91z",
  removal: "rem_0f1e2d3c4b5a69788796a5b4c3",
  roll: "rol_8e41c7f2a95d036b1e",
  rule: "register",
  schedule: "sch_night",
  session: "ses_0a1b2c3d4e5f607182",
  subscription: "sub_0a1b2c3d4e5f607182",
  view: "view_5c0e1d2b4a69787f3a",
} as const;

export const examplePerson = { library: exampleIds.box, id: "666666" };

/** Links to the face of the event, to mute its person, and to the result of a job. Signed with the same secret. */
export const exampleLinks = {
  face:
    "vV98kY_fZFvaZb3lk7UPqlsiZXZ0XzNmZHBmZ2hwYnhrZWJ3eDJoYmYwcG45YzR6IiwiZmFjZSIsIjA1ZWIxNTNiOTg3OGY1MzFk" +
    "ZTY5MzAzOWY0ZGE3NGQyYzNmMWUxOGNlZGIyYWY4YTg0YjFiZWJjNWIwMGQ0YzMiLDE3OTM4NTE1MDEwMDBd",
  mute: "o2pL0UA4UxhtZNRNxgsuIlsidmlwLWFycml2ZXMiLCJldnRfM2ZkcGZnaHBieGtlYnd4MmhiZjBwbjljNHoiLDE3OTM5Mzc2MDEwMDBd",
  export: "aVgomHH2J1781WVP8Hl6vlsiam9iXzBmMWUyZDNjNGI1YTY5Nzg4Nzk2YTViNiIsMTc5Mzg1MTgwMTAwMF0",
};

export const exampleTokens = {
  half: "gph_Xo3cJq0dT6vK8mWn2bRsYfHuLpE",
  invitation: "gpv_Xo3cJq0dT6vK8mWn2bRsYfHuLpE",
  rollLink: "gpe_Vq3kZ0x7hT2mN5sJ8wB4cR6yUaE",
  setup: "gps_Xo3cJq0dT6vK8mWn2bRsYfHuLpE",
};

/** The header of a request that may be sent again. */
export const exampleRepeatable = { "idempotency-key": "b1946ac9-2f5d-4c7b-9d55-0f0a3c1d7e11" };

/** Every filter at once. The event of the run meets all of them. */
export const exampleFilter = {
  from: "2026-11-05T12:00:00+08:00",
  to: "1793937600000",
  box: "gate-1",
  device: "192.168.1.243",
  person: "666666",
  type: "vip",
  action: "1002",
  flag: "picture-unreadable:registered",
  q: "小明",
  limit: "20",
};

/** The same without paging. */
export const exampleCountFilter = { from: exampleFilter.from, to: exampleFilter.to, type: "vip", box: "gate-1" };

export const exampleSchedule = {
  site: "default",
  name: "Night shift",
  groups: ["night"],
  start: "22:00",
  end: "06:00",
  lateAfter: 10,
  earlyBefore: 0,
  weekdays: [1, 2, 3, 4, 7],
  inWindow: ["18:00", "02:00"],
  outWindow: ["02:00", "12:00"],
  breaks: [
    { from: "02:00", to: "02:30" },
    { minutes: 15, after: 540 },
  ],
  openDays: "end" as const,
  night: { from: "22:00", to: "06:00" },
  validFrom: "2026-11-02",
};

export const exampleTick = {
  id: "tic_5f2b9c04d1e8",
  key: "gate-1/666666",
  isSafe: true,
  at: "2026-11-05T04:00:00.000Z",
};

/** Of the version "v1", by the same secret. */
export const exampleRuleTag = '"bde8a84d392eb7aa"';

export const examplePattern = { detail: { want_action: ["1002"] } };

export const exampleMapping = {
  name: "North gate",
  box: null,
  isOn: true,
  when: { has: ["record.personCode"], is: { type: "verify" } },
  kind: "history",
  fields: {
    time: { at: "record.verifyTime", as: "YYYY-MM-DD HH:mm:ss" },
    "device.id": { at: "deviceId" },
    "device.direction": { at: "record.inout", values: { 0: "in", 1: "out" } },
    "person.id": { at: "record.personCode" },
    score: { at: "record.score", of: 100 },
  },
  pictures: { face: "record.photo" },
  signs: [{ when: { has: [], is: { type: "heartBeat" } }, sign: "heartbeat" }],
  answer: { status: 200, body: { code: 0, seq: { at: "seq" } } },
};

/** The mapping that is suggested for the record. */
export const exampleDraft = {
  name: "gate-1",
  box: "gate-1",
  isOn: true,
  when: { has: ["timestamp", "identity_id"], is: {} },
  kind: "history",
  fields: {
    time: { at: "timestamp", as: "auto" },
    "person.id": { at: "identity_id" },
    "person.name": { at: "identity_name" },
    "device.ip": { at: "ext_data.device_ip" },
    score: { at: "score", of: 1 },
    "person.group": { at: "group_name" },
  },
  pictures: { face: "ext_data.recognize_face" },
  signs: [],
};
