import type { Page } from "playwright-core";

const now = () => Date.now();
const ago = (ms: number) => new Date(now() - ms).toISOString();
const minute = 60_000;
const hour = 60 * minute;

const usual = Array.from({ length: 48 }, (_, at) => 4 + Math.round(10 * Math.abs(Math.sin(at / 7))));

function box(id: string, more: object = {}) {
  return {
    id,
    state: "reports",
    since: ago(30 * 24 * hour),
    firstSeen: ago(40 * 24 * hour),
    lastSeen: ago(4000),
    kinds: [
      { kind: "realtime", dialect: "se3-realtime", lastSeen: ago(4000), today: 148, lagMs: 200 },
      { kind: "history", dialect: "history-nested", lastSeen: ago(4000), today: 151, lagMs: 1100 },
    ],
    silence: { afterMs: 22 * minute, usualMs: 40_000, isOverride: false, isExpected: false },
    rhythm: { by: "half-hour", from: ago(24 * hour), counts: usual.map((value) => Math.round(value * 0.9)), usual },
    clock: { skewMs: -300 },
    flagged: { rate: 0.004 },
    refused: null,
    about: {
      model: "SE3",
      firmware: "V5R7",
      name: id,
      ip: "192.168.1.25",
      serial: "ZKZCPI0001",
      via: "direct",
      temperature: 61,
      diskFreeBytes: 2_254_857_830,
      memoryRate: 0.38,
    },
    devices: [
      {
        id: "a",
        name: "ramp",
        ip: "192.168.1.60",
        type: "turnstile",
        direction: "in",
        isOnline: true,
        lastSeen: ago(4000),
      },
      {
        id: "b",
        name: "ramp",
        ip: "192.168.1.61",
        type: "turnstile",
        direction: "out",
        isOnline: false,
        lastSeen: ago(hour),
      },
    ],
    ...more,
  };
}

const silentFor = 3.2 * hour;
const boxes = () => [
  box("north-dock", {
    state: "silent",
    since: ago(silentFor),
    lastSeen: ago(silentFor),
    rhythm: { by: "half-hour", from: ago(24 * hour), counts: usual.map((value, at) => (at < 41 ? value : 0)), usual },
  }),
  box("garage", {
    clock: { skewMs: 27 * hour },
    flagged: { rate: 1 },
    refused: { 413: 41, turnOff: "history_need_spot_pic" },
  }),
  box("gate-1"),
  box("lobby", { about: { model: "SE5", firmware: "V5R7", via: "bridge" } }),
  box("south-gate", {
    state: "new",
    since: null,
    lastSeen: null,
    kinds: [],
    rhythm: null,
    clock: null,
    flagged: null,
    about: null,
    devices: [],
  }),
];

const torn = `{
  "identity_id": "888007",
  "identity_name": "赵强",
  "timestamp": 1795164066214,
  "want_action": "1002",
  "reg_pic": {"$picture":{"path":"reg_pic","bytes":38912,"href":"/v1/quarantine/qrt_1/pictures/reg_pic"}},
  "ext_data": {
    "device_ip": "192.168.197.60",
    "spot_pic": "`;

const record = (id: string, reason: string) => ({
  id,
  box: "garage",
  path: "/HistoryEvent",
  reason,
  receivedAt: ago(10 * minute),
  headers: { "content-type": "application/json", "content-length": "381772" },
  event: null,
  bytes: 41_216,
});

const rules = {
  etag: '"9f2c"',
  rules: [
    {
      name: "people-system",
      line: 3,
      pattern: { source: ["gatepost"], detail: { want_action: ["1001", "1002"] } },
      target: { url: "https://people.example/hooks", headers: [], isSigned: true, allowPrivate: false },
      waiting: 0,
      dead: 0,
      last: { at: ago(minute), status: 202, ms: 83 },
    },
    {
      name: "guard-desk",
      line: 14,
      pattern: {
        source: ["gatepost"],
        detail: { want_action: ["1001"], event: { box: { id: [{ prefix: "gate-" }] } } },
      },
      target: {
        url: "https://desk.example/hooks/gatepost",
        headers: ["x-tenant"],
        isSigned: true,
        allowPrivate: false,
      },
      waiting: 4,
      dead: 2,
      last: { at: ago(minute), status: 500, ms: 212 },
    },
  ],
  faults: [{ rule: "photo-archive", line: 31, reason: "url: must have no password" }],
};

let jobSteps = 0;
const job = (state: string) => ({
  id: "job_1",
  kind: "erase",
  state,
  done: state === "done" ? 218 : 96,
  of: 218,
  startedAt: ago(1000),
  endedAt: state === "done" ? ago(0) : null,
  result:
    state !== "done"
      ? null
      : {
          erased: { events: 218, pictures: 637, quarantine: 2, outbox: 1 },
          kept: { pictures: 3 },
          unknown: { quarantine: 14, goneBy: "2026-12-04" },
          agesOut: [
            { what: "packs", goneBy: "2026-12-21" },
            { what: "backups", goneBy: null },
          ],
          suppressed: true,
          at: ago(0),
          by: "key_7f3a",
        },
});

/** Events of the page's own server, for the tester of rules. */
type EventIds = readonly string[];

/** What the routes that are asked for are answered with, by method and path. */
function answerTo(method: string, path: string, events: EventIds): unknown {
  const exact: Record<string, () => unknown> = {
    "GET /v1/boxes": () => ({ boxes: boxes(), next: null }),
    "GET /v1/quarantine/groups": () => ({
      groups: [
        {
          reason: "not-json",
          box: "garage",
          path: "/HistoryEvent",
          count: 14,
          bytes: 577_024,
          first: ago(hour),
          last: ago(minute),
        },
        {
          reason: "picture",
          box: "gate-1",
          path: "/HistoryEvent",
          count: 5,
          bytes: 41_000,
          first: ago(hour),
          last: ago(minute),
        },
        {
          reason: "made-up-reason",
          box: "gate-1",
          path: "/push",
          count: 1,
          bytes: 41,
          first: ago(hour),
          last: ago(hour),
        },
      ],
      dropped: { "gate-9": 3 },
    }),
    "GET /v1/quarantine": () => ({
      records: [record("qrt_1", "not-json"), record("qrt_2", "not-json")],
      next: null,
      dropped: {},
    }),
    "GET /v1/rules": () => rules,
    "POST /v1/rules/try": () => ({
      tried: events.length,
      matched: 1,
      events: events.map((event, at) => ({
        event,
        detailType: "Stranger Registration Requested",
        matches: at === 0,
        why: [
          { path: "detail.want_action", holds: true, is: "1001", wants: '"1001"' },
          { path: "detail.event.box.id", holds: at === 0, is: "canteen", wants: 'prefix "gate-"' },
        ],
      })),
    }),
    "GET /v1/people": () => ({
      people: [
        {
          box: "gate-1",
          id: "888031",
          names: ["陈洋"],
          type: "employee",
          events: 218,
          pictures: 640,
          quarantine: 2,
          first: ago(24 * hour),
          last: ago(hour),
          latest: null,
        },
      ],
      suppressedSince: null,
    }),
    "POST /v1/jobs": () => {
      jobSteps = 0;
      return job("running");
    },
    "GET /v1/jobs/job_1": () => job(jobSteps++ < 1 ? "running" : "done"),
  };
  const answer = exact[`${method} ${path}`];
  if (answer !== undefined) return answer();
  if (path.endsWith("/arrivals")) {
    return {
      arrivals: [
        {
          at: ago(1000),
          path: "/HistoryEvent",
          bytes: 41_216,
          from: "192.168.1.25",
          outcome: "quarantined",
          quarantine: "qrt_1",
          reason: "not-json",
        },
      ],
      wrongKeys: [],
    };
  }
  if (path.startsWith("/v1/quarantine/"))
    return {
      ...record("qrt_1", "not-json"),
      body: torn,
      fault: { byte: 41_216, path: "ext_data.spot_pic", isTorn: true },
    };
  return path.startsWith("/v1/boxes/")
    ? box(decodeURIComponent(path.slice("/v1/boxes/".length)), { clock: { skewMs: 27 * hour } })
    : undefined;
}

/** Answers what the server does not offer yet with what its design says; everything else goes to the server. */
export async function answerRecorded(page: Page, events: EventIds): Promise<void> {
  await page.route(/\/v1\/(boxes|quarantine|rules|people|jobs)/, async (route) => {
    const request = route.request();
    const answer = answerTo(request.method(), new URL(request.url()).pathname, events);
    if (answer === undefined) await route.continue();
    else await route.fulfill({ json: answer });
  });
}
