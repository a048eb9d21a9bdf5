import type { AuditRecord, ShownAuditRecord } from "@gatepost/core/audit";
import type { ArrivalListing } from "@gatepost/core/boxes";
import type { EntryDelivery } from "@gatepost/core/deliveries";
import type { AlertPreview, RuleListing, Trial } from "@gatepost/core/rules";
import type { ActionChange, Approval, EventAction, FaceEvent, ShownBox } from "@gatepost/protocol";

/* The examples of the document. All follow from one history report, which the tests deliver. */

const id = "evt_3fdpfghpbxkebwx2hbf0pn9c4z";
const receivedAt = "2026-11-05T04:00:00.500Z";

const photo = "05eb153b9878f531de693039f4da74d2c3f1e18cedb2af8a84b1bebc5b00d4c3";

const action: EventAction = {
  id: "act_3fdpfghpbxkebwx2hbf0pn9c4z_1002",
  wantAction: "1002",
  name: "update-photo",
  state: "pending",
  reason: null,
  at: receivedAt,
};

/** A link to the face of the example, signed with a secret of 32 times 7. */
export const exampleLink =
  "vV98kY_fZFvaZb3lk7UPqlsiZXZ0XzNmZHBmZ2hwYnhrZWJ3eDJoYmYwcG45YzR6IiwiZmFjZSIsIjA1ZWIxNTNiOTg3OGY1MzFk" +
  "ZTY5MzAzOWY0ZGE3NGQyYzNmMWUxOGNlZGIyYWY4YTg0YjFiZWJjNWIwMGQ0YzMiLDE3OTM4NTE1MDEwMDBd";

/** A link that mutes the person of the example, signed with a secret of 32 times 7. */
export const exampleMuteLink =
  "o2pL0UA4UxhtZNRNxgsuIlsidmlwLWFycml2ZXMiLCJldnRfM2ZkcGZnaHBieGtlYnd4MmhiZjBwbjljNHoiLDE3OTM5Mzc2MDEwMDBd";

/** The header of a request that may be sent again. */
export const exampleRepeatable = { "idempotency-key": "b1946ac9-2f5d-4c7b-9d55-0f0a3c1d7e11" };

export const exampleEvent: FaceEvent = {
  id,
  time: "2026-11-05T04:00:00.000Z",
  timestamp: 1_793_851_200_000,
  receivedAt,
  reportedTime: "2026-11-05T04:00:00.000Z",
  clockOffsetMs: null,
  enteredAt: null,
  leftAt: null,
  result: null,
  reason: null,
  method: null,
  card: null,
  box: { id: "gate-1", serial: "AKOPKKKKK", name: null, site: null },
  device: {
    id: null,
    ip: "192.168.1.243",
    type: "turnstile",
    name: null,
    endpoint: "AKOPKKKKK__192.168.1.25",
    direction: null,
    label: null,
  },
  person: { id: "666666", name: "小明", type: "vip", group: "default_group", info: {} },
  score: 0.62,
  scoreScale: 1,
  wantAction: "1002",
  actions: [action],
  pictures: {
    face: {
      sha256: photo,
      bytes: 13,
      contentType: "image/jpeg",
      href: `/v1/events/${id}/pictures/face`,
    },
  },
  quality: { registrable: null, box: {}, grab: {} },
  attributes: { age: null, gender: null, glasses: null, faceBox: [], temperature: null, mask: null },
  acknowledgement: null,
  reports: [{ kind: "history", dialect: "history-nested", dialectName: null, receivedAt, brought: ["face"] }],
  flags: ["picture-unreadable:registered"],
  extra: {},
};

/** Every filter at once. The example event meets all of them. */
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

const history: ActionChange[] = [{ state: "pending", at: receivedAt }];

export const exampleEventWithHistory = { ...exampleEvent, actions: [{ ...action, history }] };

/** The same without paging. */
export const exampleCountFilter = { from: exampleFilter.from, to: exampleFilter.to, type: "vip", box: "gate-1" };

export const exampleAction = {
  ...action,
  eventId: id,
  box: "gate-1",
  approval: null,
  decline: null,
  told: true,
  history,
};

const waitingAtGate = { box: "gate-1", state: "waiting" as const, reason: null };

const approval: Approval & { byName: null } = {
  number: 1,
  order: "approve",
  isAutomatic: false,
  person: "666666",
  name: "小明",
  type: null,
  group: null,
  photo,
  note: null,
  validUntil: null,
  host: null,
  boxes: [waitingAtGate],
  earlierBoxes: [],
  since: receivedAt,
  isOpen: true,
  at: receivedAt,
  by: "key_c4a8",
  byName: null,
};

const approved: ActionChange & { byName: null } = {
  state: "pending",
  at: receivedAt,
  decision: "approve",
  reason: "小明; 1 box",
  by: "key_c4a8",
  byName: null,
};

export const exampleApprovedAction = { ...exampleAction, approval, history: [...history, approved] };

export const exampleUndoneAction = {
  ...exampleAction,
  approval: { ...approval, number: 2, order: "undo" as const },
  history: [...history, approved, { ...approved, decision: "undo" as const }],
};

const deliveries: EntryDelivery[] = [
  {
    id: "17",
    rule: "register",
    state: "waiting",
    tries: 4,
    status: 500,
    ms: 212,
    reason: "answered 500",
    at: "2026-11-05T04:00:20.500Z",
    nextAt: "2026-11-05T04:00:36.500Z",
  },
];

export const exampleListedAction = {
  ...exampleAction,
  event: exampleEvent,
  match: 62,
  library: "gate-1",
  registeredHref: null,
  declinedBefore: null,
  deliveries,
};

export const exampleRecord = {
  id: "qrt_ewzkgbw14r0qzked296v1ts91z",
  box: "gate-1",
  path: "/HistoryEvent",
  reason: "picture",
  receivedAt,
  headers: {},
  event: { id },
  bytes: 329,
  replay: null,
};

/** A record that a mapping has replayed. */
export const exampleReplayed = {
  id: "qrt_5d2k7m9xw1q8r3t6v4y0z2b5c7",
  box: "gate-1",
  path: "/HistoryEvent",
  reason: "unknown-shape",
  receivedAt,
  headers: {},
  event: { id },
  bytes: 412,
  replay: null,
};

export const exampleGroup = {
  reason: "picture",
  box: "gate-1",
  path: "/HistoryEvent",
  count: 1,
  dropped: 3,
  bytes: 329,
  first: receivedAt,
  last: receivedAt,
};

/** A link to the result of a job, signed with a secret of 32 times 7. */
export const exampleExportLink = "aVgomHH2J1781WVP8Hl6vlsiam9iXzBmMWUyZDNjNGI1YTY5Nzg4Nzk2YTViNiIsMTc5Mzg1MTgwMTAwMF0";

export const exampleJob = {
  id: "job_0f1e2d3c4b5a69788796a5b4",
  kind: "export",
  state: "waiting",
  done: 0,
  of: 0,
  startedAt: null,
  endedAt: null,
  reason: null,
  result: null,
};

export const exampleRemoval = {
  id: "rem_0f1e2d3c4b5a69788796a5b4c3",
  box: "gate-1",
  person: "888031",
  state: "waiting",
  reason: null,
  at: receivedAt,
};

export const exampleDecidedJob = { id: "job_0f1e2d3c4b5a69788796a5b7" };

/** The job that takes `exampleDecidedJob` back: its id derives from that one. */
export const exampleUndoJob = { ...exampleJob, id: "job_1b7b16ff2affcacfa1be54d3", kind: "decide", of: 1 };

export const exampleBesideEvents = {
  records: [
    { what: "list", id: "rol_0f1e2d3c4b5a697887", site: "hq" },
    { what: "month", id: "2026-10", site: "hq" },
  ],
  keptOutUntil: receivedAt,
};

export const exampleReceiptJob = {
  id: "job_0f1e2d3c4b5a69788796a5b5",
  kind: "erase",
  state: "done",
  done: 218,
  of: 218,
  startedAt: receivedAt,
  endedAt: receivedAt,
  reason: null,
  result: {
    erased: { events: 218, pictures: 637, quarantine: 2, outbox: 1 },
    kept: { pictures: 3 },
    unknown: { quarantine: 14, goneBy: "2027-02-03" },
    agesOut: [
      { what: "packs", goneBy: "2027-03-06" },
      { what: "backups", goneBy: null },
    ],
    suppressed: true,
    removals: { asked: 1, boxes: [{ box: "gate-1", state: "waiting", reason: null }] },
    at: receivedAt,
    by: "key_0f1e2d3c4b5a697887",
    ...exampleBesideEvents,
  },
};

export const exampleListedPerson = {
  library: "gate-1",
  id: "666666",
  name: "小明",
  pinyin: "xiao ming",
  type: "vip",
  group: "default_group",
  last: { event: id, at: "2026-11-05T04:00:00.000Z", device: "dev_ngmkqkyfsghfhtdzp81ewrb46x" },
  days: "00000000000001",
  score: 62,
  asked: "1002",
  validUntil: null,
  href: { registered: null, face: `/v1/events/${id}/pictures/face` },
};

export const examplePersonDay = {
  day: "2026-11-05",
  in: "2026-11-05T04:00:00.000Z",
  out: null,
  late: 0,
  early: 0,
  state: "inside",
  passings: ["2026-11-05T04:00:00.000Z"],
};

export const exampleLastDay = {
  day: "2026-11-20",
  at: "2026-11-05T04:00:01.000Z",
  by: { account: null, name: null },
};

const noDay = { in: null, out: null, late: 0, early: 0, state: "none", passings: [] };

export const examplePersonOfLibrary = {
  library: "gate-1",
  id: "666666",
  names: ["小明"],
  type: "vip",
  groups: ["default_group"],
  schedule: null,
  boxes: ["gate-1"],
  first: "2026-11-05T04:00:00.000Z",
  last: "2026-11-05T04:00:00.000Z",
  inside: { site: "default", since: "2026-11-05T04:00:00.000Z" },
  registered: null,
  latest: id,
  events: 1,
  leftOn: null,
  open: [`act_${id.slice("evt_".length)}-1002`],
  conflict: null,
  usual: null,
  days: [{ ...noDay, day: "2026-11-04" }, examplePersonDay],
  gates: [{ device: "dev_ngmkqkyfsghfhtdzp81ewrb46x", count: 1 }],
};

const exampleDay = {
  day: "2026-11-05",
  in: "2026-11-05T04:00:00.000Z",
  out: null,
  inEvent: id,
  outEvent: null,
  minutes: null,
  late: 0,
  early: 0,
  state: "inside",
  isCorrected: false,
  flags: [],
};

export const exampleHours = {
  site: "default",
  from: "2026-11-05",
  to: "2026-11-05",
  zone: "Asia/Shanghai",
  closed: null,
  wouldHaveChanged: [],
  sum: { people: 1, minutes: 0, late: 0, absent: 0, open: 0, corrected: 0 },
  people: [
    {
      library: "gate-1",
      id: "666666",
      name: "小明",
      type: "vip",
      group: "default_group",
      schedule: null,
      days: [{ ...exampleDay, passings: ["2026-11-05T04:00:00.000Z"] }],
      minutes: 0,
      corrections: [],
    },
  ],
  next: null,
};

export const exampleHoursDay = {
  day: "2026-11-05",
  schedule: null,
  counted: exampleDay,
  corrections: [],
  passings: [
    {
      event: id,
      at: "2026-11-05T04:00:00.000Z",
      device: "dev_ngmkqkyfsghfhtdzp81ewrb46x",
      direction: "in",
      use: "first-in",
      by: "direction",
    },
  ],
};

export const exampleHoursCorrection = {
  id: "cor_5c0e1d2b4a69787f3a",
  site: "default",
  library: "gate-1",
  day: "2026-11-05",
  kind: "times",
  in: "2026-11-05T00:25:00.000Z",
  out: null,
  reason: "Was at the dock at 08:25, no gate there",
  at: "2026-11-05T04:00:01.000Z",
  by: { account: null, name: null },
  was: { in: "2026-11-05T04:00:00.000Z", out: null },
};

export const exampleHoursMail = {
  site: "default",
  to: ["acc_222222222222222222"],
  at: "08:00",
  what: "yesterday",
  doneOn: "2026-11-05",
};

export const exampleSchedule = {
  id: "sch_night",
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
  validFrom: "2026-11-02",
};

const halfHoursOf = (count: number, inside: number) => Array.from({ length: count }, () => inside);

export const examplePresence = {
  site: "default",
  at: "2026-11-05T05:00:00.000Z",
  inside: 1,
  byKind: { vip: 1 },
  strangers: { in: 0, out: 0 },
  leftWithoutIn: 0,
  today: halfHoursOf(27, 1),
  before: halfHoursOf(48, 0),
  people: [
    {
      library: "gate-1",
      id: "666666",
      name: "小明",
      pinyin: "xiao ming",
      type: "vip",
      group: "default_group",
      since: "2026-11-05T04:00:00.000Z",
      event: id,
      device: "dev_ngmkqkyfsghfhtdzp81ewrb46x",
      pictures: ["face"],
      isOverdue: false,
      why: null,
      host: null,
      validUntil: null,
      flags: [],
    },
  ],
  corrections: [],
  counted: { in: [], out: [], none: ["dev_ngmkqkyfsghfhtdzp81ewrb46x"] },
  next: null,
};

export const exampleDeparture = {
  id: "left_5c0e1d2b4a69787f3a",
  site: "default",
  library: "gate-1",
  leftAt: "2026-11-05T04:00:00.000Z",
  reason: "Was seen leaving by the side door",
  at: "2026-11-05T04:00:01.000Z",
  by: { account: null, name: null },
};

export const exampleTick = {
  id: "tic_5f2b9c04d1e8",
  key: "gate-1/666666",
  isSafe: true,
  at: "2026-11-05T04:00:00.000Z",
};

const exampleAuthor = { account: "acc_5c0e1d2b4a69787f3a", name: "陈敏" };

export const exampleRoll = {
  id: "rol_8e41c7f2a95d036b1e",
  site: "default",
  isDrill: true,
  state: "begun",
  begunAt: "2026-11-05T04:00:00.000Z",
  begunBy: exampleAuthor,
  closedAt: null,
  closedBy: null,
  people: [
    {
      key: exampleTick.key,
      library: "gate-1",
      id: "666666",
      name: "小明",
      pinyin: "xiao ming",
      type: "vip",
      group: "Office",
      since: "2026-11-05T04:00:00.000Z",
      event: id,
      device: "dev_ngmkqkyfsghfhtdzp81ewrb46x",
      pictures: ["face"],
      passings: [
        {
          library: "gate-1",
          since: "2026-11-05T04:00:00.000Z",
          event: id,
          device: "dev_ngmkqkyfsghfhtdzp81ewrb46x",
          pictures: ["face"],
        },
      ],
    },
  ],
  ticks: [{ ...exampleTick, name: null, by: exampleAuthor }],
  outs: [{ key: exampleTick.key, at: "2026-11-05T04:00:00.500Z", event: id, device: "dev_ngmkqkyfsghfhtdzp81ewrb46x" }],
};

const linkToken = "gpe_Vq3kZ0x7hT2mN5sJ8wB4cR6yUaE";

export const exampleRollLink = {
  id: "lnk_0f1e2d3c4b5a697887",
  name: "Gate S2",
  url: `https://gate.example.com/#roll=${linkToken}`,
  token: linkToken,
  expires: "2026-11-06T04:00:01.000Z",
};

export const exampleRule: RuleListing = {
  name: "register",
  isOn: true,
  changed: { by: "acc_0f1e2d3c4b5a697887", at: "2026-11-03T08:00:00.000Z", offSince: null },
  today: 4,
  line: 2,
  pattern: { detail: { want_action: ["1002"] } },
  target: { url: "https://desk.example/hooks/gatepost", headers: ["x-tenant"], isSigned: true, allowPrivate: false },
  waiting: 0,
  dead: 0,
  last: null,
};

const { changed: _, ...listedRule } = exampleRule;

/** The same rule, as readers get it. */
export const exampleShownRule = {
  ...listedRule,
  card: {
    kind: "requests",
    wants: ["1002"],
    gates: null,
    from: null,
    to: null,
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    zone: null,
  },
  by: { account: "acc_0f1e2d3c4b5a697887", name: null },
  changedAt: "2026-11-03T08:00:00.000Z",
  offSince: null,
};

/** The tag of the version "v1", signed with a secret of 32 times 7. */
export const exampleRuleTag = '"bde8a84d392eb7aa"';

export const exampleAlert: AlertPreview = {
  title: "Passing: 小明",
  lines: [
    [
      { text: "Who: ", isLink: false },
      { text: "小明", isLink: false },
    ],
    [{ text: "Open the event", isLink: true }],
  ],
  picture: "sent",
};

export const exampleTrial: Trial = {
  event: id,
  detailType: "Base Photo Update Requested",
  matches: true,
  why: [{ path: "detail.want_action", holds: true, is: "1002", wants: '"1002"' }],
};

export const exampleKey = {
  id: "key_0f1e2d3c4b5a697887",
  scope: "ingest",
  box: "gate-1",
  createdAt: receivedAt,
  lastUsedAt: null,
  revokedAt: null,
};

/** Signed with a secret of 32 times 7. */
export const exampleImport = { id: "imp_mw4g4nvs_T1-Oe8CiyTrDkGS9eRAsPQ", until: "2026-11-06T04:00:01.000Z" };

export const exampleMe = {
  key: { id: "key_7f3a5c0e1d2b4a6978", scope: "admin" },
  account: null,
  administrators: [],
  now: "2026-11-05T04:00:01.000Z",
  server: {
    version: "0.1.0",
    runtime: "one-machine",
    feed: "waits",
    rules: "editable",
    people: true,
    rangeFor: [],
  },
  reached: { publicUrl: null, host: "192.168.1.5:9528", isHttps: false, from: "192.168.1.20" },
  limits: { bodyBytes: 67_108_864, pictureBytes: 5_242_880, textBytes: 8192, nesting: 32 },
  retention: { eventDays: 90, quarantineDays: 90, sceneDays: null },
  room: { usedBytes: 234_075_717_632, ofBytes: 429_496_729_600 },
  clock: null,
  erasuresUntil: null,
  erasing: 0,
  shipping: null,
};

export const exampleAuditRecord: AuditRecord = {
  action: "signed-in",
  outcome: "done",
  by: exampleMe.key.id,
  from: "5f2b7c0e9a1d4e83",
  about: {},
  seq: 1,
  id: "0a1b2c3d4e5f607182",
  at: receivedAt,
  previous: null,
  previousAt: null,
  hash: "578b9ca1e225924821f447856bd00c655938a324de1d673b0f9b1f21f82fba17",
};

/** The same as readers get it. */
export const exampleShownAuditRecord: ShownAuditRecord = {
  ...exampleAuditRecord,
  by: { key: exampleMe.key.id, note: null },
};

export const exampleDelivery = {
  id: "18",
  rule: "register",
  entry: action.id,
  detailType: "Base Photo Update Requested",
  event: id,
  tries: 2,
  lastAnswer: "answered 422",
  aside: true,
  since: receivedAt,
  nextTry: "2026-11-05T04:10:00.500Z",
};

export const exampleDeadLetter = {
  id: "17",
  rule: "register",
  entry: action.id,
  detailType: "Base Photo Update Requested",
  event: id,
  tries: 40,
  reason: "the target answered 500",
  since: receivedAt,
  at: "2026-11-06T04:00:00.500Z",
};

export const exampleFlag = {
  flag: "picture-unreadable:registered",
  box: "gate-1",
  count: 1,
  latest: id,
  at: "2026-11-05T04:00:00.000Z",
};

const quietNight = Array.from({ length: 47 }, () => 0);

export const exampleBox: ShownBox = {
  id: "gate-1",
  name: null,
  site: null,
  zone: null,
  state: "reports",
  since: receivedAt,
  firstSeen: receivedAt,
  lastSeen: receivedAt,
  kinds: [{ kind: "history", dialect: "history-nested", lastSeen: receivedAt, today: 1, lagMs: 500 }],
  silence: { afterMs: 3_600_000, usualMs: null, isOverride: false, isExpected: false },
  rhythm: { by: "half-hour", from: "2026-11-04T04:30:00.000Z", counts: [...quietNight, 1], usual: [...quietNight, 0] },
  clock: { skewMs: -500 },
  flagged: { rate: 1 },
  refused: { "413": 0, "429": 0, turnOff: null },
  unexpectedPaths: [],
  about: {
    model: null,
    firmware: "V2R1 to V2R4, V5R2 or V5R3",
    name: null,
    ip: null,
    serial: "AKOPKKKKK",
    alternatingSerials: [],
    via: "direct",
    temperature: null,
    diskFreeBytes: null,
    memoryRate: null,
  },
  devices: [
    {
      id: "AKOPKKKKK__192.168.1.25",
      key: "dev_ngmkqkyfsghfhtdzp81ewrb46x",
      name: null,
      label: null,
      ip: "192.168.1.243",
      type: "turnstile",
      direction: null,
      directionSet: null,
      directionSaid: null,
      directionsSent: [],
      counts: true,
      isOnline: null,
      state: "reports",
      since: null,
      lastSeen: receivedAt,
    },
  ],
};

/** The same as the API shows it. */
export const exampleNamedBox = {
  ...exampleBox,
  kinds: exampleBox.kinds.map((kind) => ({ ...kind, dialectName: null })),
};

export const exampleArrival: ArrivalListing = {
  at: receivedAt,
  path: "/HistoryEvent",
  bytes: 412,
  from: "192.168.1.25",
  outcome: "event",
  event: id,
  kind: "history",
  quarantine: "qrt_ewzkgbw14r0qzked296v1ts91z",
  reason: "picture",
};

export const exampleRefusedConnections = { reason: "not-http", from: "192.168.1.25", count: 3, last: receivedAt };

export const exampleWrongKey = { at: receivedAt, from: "192.168.1.25", path: "/…/RealTimeEvent" };

export const exampleTerminal = { serial: "CN1234567890", from: "192.168.1.60", count: 12, last: receivedAt };

export const exampleSite = {
  id: "default",
  name: "HQ",
  place: "Riverside Road 8",
  zone: "Asia/Shanghai",
  boxes: ["gate-1"],
  devices: 1,
  sharesPeople: false,
  keepsPeopleApart: false,
  workWeek: [1, 2, 3, 4, 5],
  holidays: ["2026-10-01"],
  presence: "none",
  why: ["dev_ngmkqkyfsghfhtdzp81ewrb46x"],
};

export const exampleMapping = {
  id: "map_5c0e1d2b4a69787f3a" as const,
  rev: 1,
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

/** The mapping that is suggested for the example of a record. */
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

export const exampleView = {
  id: "view_5c0e1d2b4a69787f3a",
  name: "Strangers at night",
  address: "#/events?type=stranger&from=yesterday&to=today",
  isForEverybody: false,
};

export const exampleAcknowledgement = {
  id: "ack_7d1f0a64c2b94e1a8f5d3c0b6e2a9f48",
  events: [exampleEvent.id],
  kept: [],
  reason: null,
  note: null,
  at: receivedAt,
  by: { account: null, name: null },
};

export const exampleAlarms = { tellAfterMinutes: 5 };

/** No one stands out in the examples: their event is of a VIP. */
export const exampleStanding = { groups: [], more: 0, unseen: 0, isWhole: true };

export const exampleNote = {
  id: "not_2c9a54f08be14b0d9a3e61f7c85d2b17",
  text: "The driver had a pass after all.",
  at: receivedAt,
  by: { account: null, name: null },
};

export const exampleAccount = {
  id: "acc_5c0e1d2b4a69787f3a",
  name: "陈敏",
  email: "chen.min@example.com",
  role: "manager" as const,
  sites: ["hq"],
  boxes: null,
  isDisabled: false,
  with: "password" as const,
  lastSeen: receivedAt,
  isHere: true,
  isByGroups: false,
  invitation: null,
};

export const exampleInvitation = {
  url: "https://gatepost.example.com/#/invite/gpv_Xo3cJq0dT6vK8mWn2bRsYfHuLpE",
  token: "gpv_Xo3cJq0dT6vK8mWn2bRsYfHuLpE",
  expires: "2026-11-12T04:00:01.000Z",
};

export const exampleSetupLink = {
  url: "https://gatepost.example.com/#setup=gps_Xo3cJq0dT6vK8mWn2bRsYfHuLpE",
  code: "gps_Xo3cJq0dT6vK8mWn2bRsYfHuLpE",
  expires: "2026-11-12T04:00:01.000Z",
};

export const exampleSession = {
  id: "ses_0a1b2c3d4e5f607182",
  account: exampleAccount.id,
  with: "password" as const,
  agent: "Mozilla/5.0",
  startedAt: receivedAt,
  usedAt: receivedAt,
  expiresAt: "2026-11-05T16:00:00.500Z",
  isThis: true,
};

export const exampleSubscription = {
  id: "sub_0a1b2c3d4e5f607182",
  name: "Mozilla/5.0",
  kinds: ["blacklist" as const, "strangers" as const],
  locked: false,
  badge: true,
  language: "en" as const,
  lastAt: null,
};
