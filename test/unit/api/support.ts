import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { type ApiPorts, api } from "@gatepost/api";
import type { AuditRecord } from "@gatepost/core/audit";
import type { ArrivalListing } from "@gatepost/core/boxes";
import type { CompanyPorts } from "@gatepost/core/company";
import type { DeadLetter, EntryDelivery, WaitingDelivery } from "@gatepost/core/deliveries";
import { Erasures } from "@gatepost/core/erasure";
import { HoursMails, Rosters, Schedules, viewDigest } from "@gatepost/core/hours";
import type { ImportPorts } from "@gatepost/core/imports";
import { hashToken, keyIdOf } from "@gatepost/core/keys";
import { Mappings, ReplayedRecords } from "@gatepost/core/mappings";
import { undoableMs } from "@gatepost/core/quarantine";
import { type AlertPreview, noneResent, type RuleListing, type Rules, type Trial } from "@gatepost/core/rules";
import { Sites } from "@gatepost/core/sites";
import type { FaceEvent } from "@gatepost/protocol";
import { portsForApi, replay } from "@gatepost/receive";
import { type Item, listOf, MemoryItems, placeAt } from "@gatepost/store";
import type { OpenApi, Operation } from "../../../packages/api/src/openapi/document.ts";
import {
  exampleIds,
  exampleMapping,
  examplePerson,
  exampleSchedule,
  exampleTick,
  exampleTokens,
} from "../../../packages/api/src/openapi/examples.ts";
import type { RequestFacts } from "../../../packages/api/src/ports.ts";
import { hashRecoveryCode } from "../../../packages/core/src/factors/codes.ts";
import { nameOfKey } from "../../../packages/core/src/factors/key.ts";
import { seal } from "../../../packages/core/src/sealing/seal.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { plainPasswords } from "../../support/plain-passwords.ts";

/** The stored data of the examples that no port in memory makes. */
interface Seeds {
  alert: AlertPreview;
  arrival: ArrivalListing;
  auditRecord: AuditRecord;
  deadLetter: DeadLetter;
  deliveries: EntryDelivery[];
  delivery: WaitingDelivery;
  /** The receipt of an erasure. */
  erased: object;
  rule: RuleListing;
  trial: Trial;
}
export const seeds: Seeds = JSON.parse(readFileSync(new URL("seeds.json", import.meta.url), "utf8"));

export const noon = Date.UTC(2026, 10, 5, 4);

/** Bytes that are a picture by their signs. */
export function jpeg(content: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(content), Buffer.from([0xff, 0xd9])]);
}

/** An SE3 history report of one passing. */
export function passing({ extData = {}, ...body }: { extData?: object; [member: string]: unknown } = {}) {
  const ext_data = { device_ip: "10.0.0.7", device_type: "0", ep_id: "BOX1__10.0.0.2", person_type: 1, ...extData };
  return { identity_id: "77", identity_name: "Ada", timestamp: noon, score: 0.9, want_action: "0", ...body, ext_data };
}

/** The report of which the examples of the document are made. */
export const seen = passing({
  identity_id: "666666",
  identity_name: "小明",
  group_name: "default_group",
  score: 0.62,
  want_action: "1002",
  reg_pic: "cut off",
  extData: {
    ep_id: "AKOPKKKKK__192.168.1.25",
    dev_sno: "AKOPKKKKK",
    device_ip: "192.168.1.243",
    person_type: 5,
    recognize_face: jpeg("example").toString("base64"),
  },
});

/** A running API over stores in memory, with a key of each scope. */
export async function runtime() {
  const ingest = new MemoryPorts();
  ingest.now = noon + 1000;
  // Actions stay pending.
  ingest.failing.set("bus", new Error("there is no bus"));
  const own = { passwords: plainPasswords, cursorSecret: Buffer.alloc(32, 7) };
  const deps: ApiPorts = { ...ingest.reads, ...portsForApi(ingest), ...own };
  const tokens = { ingest: ingest.addKey(), read: ingest.addKey("read", null), admin: ingest.addKey("admin", null) };

  return {
    deps,
    ingest,
    lines: ingest.lines,
    tokens,
    pictures: ingest.reads.pictures,
    quarantine: ingest.quarantine,
    /** Asks the API without a port. */
    async ask(path: string, { method = "GET", token = tokens.admin, body, headers, by }: Asking = {}) {
      const sent = {
        method,
        headers: { authorization: `Bearer ${token}`, "sec-fetch-site": "same-origin", ...headers },
        ...(body === undefined ? {} : { body, duplex: "half" as const }),
      };
      return api(deps).request(path, sent, by);
    },
    /** Delivers a body as a report. */
    async deliver(
      body: unknown,
      { box = "gate-1", path = "/HistoryEvent", receivedAt = noon + 500, headers = {} as Record<string, string> } = {},
    ) {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
      const origin = { id: "", reason: "", box, path, receivedAt, headers, event: null };
      return replay({ ...origin, body: bytes }, ingest);
    },
  };
}

/** The rules of the examples. */
export const exampleRules: Rules = {
  read: async () => ({ version: "v1", rules: [seeds.rule], faults: [] }),
  put: async () => "written",
  remove: async () => "written",
  versionOf: async () => "v1",
  resend: async () => noneResent,
  waitingAgain: () => 0,
  outcomesOf: () => ({}),
  takeBack: async () => undefined,
  tryPattern: async (_, events) => events.map(() => seeds.trial),
  countMatching: async (_, events) => events.length,
  warningOf: () => null,
  preview: () => seeds.alert,
  tryRules: async () => [],
  ping: async () => ({ status: 204, ms: 83, reason: null }),
};

/** A store that accepts everything and is empty. */
export function takingImports(): ImportPorts {
  const records = new Map<string, Parameters<ImportPorts["boxes"]["put"]>[0]>();
  return {
    index: { upsert: async () => ({ outcome: "created", enqueued: false, event: null }) },
    setAction: async () => false,
    pictures: { has: async () => false, put: async () => undefined },
    putKey: async () => "made",
    putErasures: async () => true,
    expiries: async () => new Map(),
    boxes: {
      get: async (box) => records.get(box) ?? null,
      put: async (stored) => records.set(stored.record.box, stored) !== undefined,
    },
    sites: new Sites({ items: new MemoryItems({ clock: () => noon }), zone: "UTC" }),
    mappings: new Mappings({ items: new MemoryItems({ clock: () => noon }) }),
    quarantine: { put: async () => undefined, setAside: async () => undefined },
    replayed: new ReplayedRecords(new MemoryItems({ clock: () => noon }), () => noon),
    boxStatus: { put: async () => undefined },
    suppression: { of: async () => ({ erasures: new Erasures([], new Uint8Array()), [Symbol.dispose]: () => {} }) },
  };
}

/** The same with all data of the document's examples. */
export async function withExamples(): Promise<TestRuntime> {
  const deps = await runtime();
  await deps.deliver(seen);
  deps.deps.keyAdmin.revoke = async (id) => id === exampleIds.key;
  deps.deps.quarantine.dropped = async () => ({ "gate-1": 3 });
  deps.deps.deadLetters = {
    list: async () => ({ items: [seeds.deadLetter], next: null }),
    send: async (id) => (id === exampleIds.deadLetter ? "sent" : "unknown"),
    sendAll: async () => 1,
  };
  const { seq, hash } = seeds.auditRecord;
  deps.deps.auditReader = {
    list: async ({ actions = [] }) => {
      const isErased = actions.includes("person-erased");
      const about = isErased ? { box: "gate-1", job: exampleIds.receiptJob } : {};
      return { items: [{ ...seeds.auditRecord, about }], next: null };
    },
    head: async () => ({ seq, hash }),
  };
  const site = { name: "HQ", place: "Riverside Road 8", zone: "Asia/Shanghai", holidays: ["2026-10-01"] };
  await deps.deps.sites.put("default", site);
  deps.deps.sites.remove = async (id) => id === "depot";
  deps.deps.boxes.arrivals = { of: async () => [seeds.arrival], isWrongKeyKnown: true };
  deps.ingest.refusals.noteConnection("not-http", { address: "192.168.1.25", segments: [] });
  deps.deps.refusals.note("wrong-key", { address: "192.168.1.25", segments: ["gpi_x", "RealTimeEvent"] });
  await deps.ingest.unknownTerminals.note("CN1234567890", "192.168.1.60");
  const gate = { key: exampleIds.device, set: null, said: "in" as const };
  deps.deps.boxes.labels.gates = async () => () => gate;
  await addExampleDeparture(deps);
  await addExampleRoll(deps);
  const keyHash = hashToken(deps.tokens.admin);
  await deps.deps.rollLinks.make(hashToken(exampleTokens.rollLink), {
    roll: exampleIds.roll,
    name: "Gate S2",
    boxes: null,
    by: keyIdOf(keyHash),
    keyHash,
    lowered: null,
  });
  await addExampleView(deps);
  await addExampleMapping(deps);
  await addExamplePeople(deps);
  await addExampleFactors(deps);
  await addExampleMail(deps);
  await addExampleAcknowledgement(deps);
  await addExampleJobs(deps);
  await addExampleRemoval(deps);
  const since = 1_772_366_400_000;
  const source = { name: "door", box: exampleIds.box, broker: "mqtts://broker.example:8883", topics: ["doors/+/card"] };
  const state = { key: "key_0123456789abcdefghjkmnpqrs", isConnected: true, since, lastMessageAt: since, fault: null };
  deps.deps.sources = { read: async () => ({ sources: [{ ...source, ...state }], fault: null }) };
  const deliveries = new Map([[exampleIds.action, seeds.deliveries]]);
  deps.deps.deliveries = {
    list: async () => ({ items: [seeds.delivery], next: null }),
    ofEvents: async () => deliveries,
    send: async () => "sent",
  };
  deps.deps.rules = exampleRules;
  deps.deps.company = exampleCompany();
  approveBeforeUndo(deps.deps);
  deps.deps.imports = takingImports();
  return deps;
}

/** A correction, a schedule and a correction of hours, as the examples have them. */
async function addExampleDeparture({ deps, ingest }: TestRuntime): Promise<void> {
  const made = { site: "default", library: "gate-1", key: "666666", by: "key_1", madeAt: noon };
  const left = { ...made, leftAt: noon - 1000, reason: "Was seen leaving by the side door" };
  await ingest.items.write({ pk: exampleIds.departure, set: left });
  const { site: of, ...facts } = exampleSchedule;
  const [inFrom = "", inTo = ""] = facts.inWindow;
  const [outFrom = "", outTo = ""] = facts.outWindow;
  await new Schedules(ingest.items).put(of, {
    id: exampleIds.schedule,
    ...facts,
    inWindow: [inFrom, inTo],
    outWindow: [outFrom, outTo],
  });
  const boxes = await deps.boxes.sites.boxesOf(of);
  const writing = { site: of, month: "2026-11", shown: viewDigest(boxes, (box) => box), rev: 0, now: noon };
  const planned = { ...examplePerson, key: examplePerson.id, boxes: [exampleIds.box] };
  await new Rosters(ingest.items).write({ ...writing, keptDays: 30 }, [
    { ...planned, days: { "2026-11-06": exampleIds.schedule } },
  ]);
  const hours = { ...made, day: "2026-11-05", kind: "times", reason: "Was at the dock at 08:25, no gate there" };
  await ingest.items.write({ pk: exampleIds.hoursCorrection, set: hours });
}

/** The evacuation list of the examples. Its person went out since. */
async function addExampleRoll({ deps, ingest: { items } }: TestRuntime): Promise<void> {
  const { roll: id, event, device } = exampleIds;
  const site = "default";
  await items.write({ pk: id, set: { site, isDrill: 1, begunAt: noon, begunBy: "acc_1", begunName: "陈敏" } });
  await items.write({
    pk: "roll-person 1",
    set: {
      roll: id,
      library: "gate-1",
      key: "666666",
      id: "666666",
      known: "小明",
      type: "vip",
      since: noon,
      group: "Office",
      event,
      device,
      byBox: `roll ${id}`,
      at: placeAt(noon, "1"),
      tick: exampleTick.id,
      tickAt: noon,
      isSafe: 1,
      by: "acc_1",
      byName: "陈敏",
    },
  });
  const { presence } = deps;
  const facts = { key: "666666", id: "666666", name: "小明", type: "vip", group: null } as const;
  const out = { event, box: "gate-1", device, at: noon + 500 };
  const passings = [{ ...out, direction: "out" as const, isClockWrong: false, group: null, pictures: [] }];
  const outside = { library: "gate-1", facts, groups: [], boxes: ["gate-1"], passings };
  deps.alike = { count: async () => [{ site: "default", people: 19 }] };
  deps.presence = {
    async of(range, ...settings) {
      const ofDay = await presence.of(range, ...settings);
      return range.dayStart === null ? { ...ofDay, people: new Map([[exampleTick.key, outside]]) } : ofDay;
    },
  };
}

/** The view of the examples, which the admin key has saved. */
async function addExampleView({ ingest, tokens }: TestRuntime): Promise<void> {
  const owner = keyIdOf(hashToken(tokens.admin));
  const { view: id } = exampleIds;
  const [name, address] = ["Strangers at night", "#/events?type=stranger&from=yesterday&to=today"];
  const set = { name, address, owner, isForEverybody: 0, byBox: `views ${owner}`, at: placeAt(0, id) };
  await ingest.items.write({ pk: id, set });
}

/** The mapping of the examples. */
async function addExampleMapping({ ingest, deps: { quarantine, replayed } }: TestRuntime): Promise<void> {
  const { mapping: id } = exampleIds;
  const set = { mapping: JSON.stringify(exampleMapping), rev: 1, byBox: "mappings", at: placeAt(0, id) };
  await ingest.items.write({ pk: id, set });
  const came = { box: "gate-1", path: "/HistoryEvent", reason: "unknown-shape", receivedAt: noon + 500, headers: {} };
  const record = { ...came, id: "qrt_5d2k7m9xw1q8r3t6v4y0z2b5c7", event: null, body: Buffer.alloc(412) };
  await quarantine.put(record);
  await quarantine.setAside(record.id, { events: [exampleIds.event], until: noon + undoableMs });
  await replayed.note({ ...record, event: exampleIds.event, keptFor: null }, new Map([[id, [exampleIds.event]]]));
}

/** The token of the session of the examples. */
const exampleSessionToken = `gps_${"x".repeat(27)}`;

/** The account of the examples, its session, and an open invitation. */
async function addExamplePeople({ ingest }: TestRuntime): Promise<void> {
  const write = (pk: string, set: Item) => ingest.items.write({ pk, set });
  const [now, manager] = [ingest.now, exampleIds.account];
  const password = await plainPasswords.hash("seven green boats");
  const [name, email] = ["陈敏", "chen.min@example.com"];
  const account = { role: "manager", sites: '["hq"]', createdAt: now, epoch: 1, byTime: "accounts" };
  const seen = { name, email, password, lastSeenAt: now, at: placeAt(now, manager) };
  await write(manager, { ...account, ...seen });
  await write(`account-email ${hash("sha256", email)}`, { account: manager });
  const tokenHash = hashToken(exampleSessionToken);
  const session = { account: manager, epoch: 1, with: "password", startedAt: now, usedAt: now, agent: "Mozilla/5.0" };
  const listed = { byBox: listOf("sessions", manager), at: placeAt(now, exampleIds.session) };
  await write(exampleIds.session, { ...session, tokenHash: "another", ...listed });
  await write(keyIdOf(tokenHash).replace("key_", "ses_"), { ...session, tokenHash });
  const invited = `acc_${"1".repeat(18)}`;
  const inviteHash = hashToken(exampleTokens.invitation);
  const until = { inviteHash, invitedBy: manager, invitedUntil: now + 1000 };
  const { subscription: subscribed } = exampleIds;
  await write(subscribed, {
    account: manager,
    epoch: 1,
    session: exampleIds.session,
    endpoint: "https://push.example/a",
    p256dh: "",
    auth: "",
    name: "Mozilla/5.0",
    kinds: '["blacklist","strangers"]',
    locked: 0,
    badge: 1,
    language: "en",
    madeAt: now,
    byTime: "push",
    byBox: listOf("push", manager),
    at: placeAt(now, subscribed),
  });
  await write(invited, { ...account, email: "li.mei@example.com", ...until, at: placeAt(now + 1, invited) });
  await write(`invitation ${inviteHash}`, { account: invited });
  await write(`setup ${hashToken(exampleTokens.setup)}`, { expiresAt: now + 1000 });
}

/**
 * The factors of the account of the examples: a seed that awaits its first code, and recovery codes; and a sign-in of
 * another account that awaits its second step.
 */
async function addExampleFactors({ ingest: { items, now } }: TestRuntime): Promise<void> {
  const { account, factor: id } = exampleIds;
  const key = Buffer.alloc(32, 7);
  const sealed = seal("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", key, `gatepost seed of ${account} ${id}`);
  const common = { createdAt: now, lastUsedAt: null };
  const pending = { sealed, sealedBy: nameOfKey(key), lastStep: 0, pendingUntil: now + 1000 };
  const code = { ...common, id, kind: "code", name: "Phone", ...pending };
  const other = `acc_${"2".repeat(18)}`;
  const credential = { id: "Xo3cJq0dT6vK8mWn2bRsYQ", publicKey: "", counter: 0, transports: ["internal"] };
  const known = { ...common, kind: "passkey", name: "Laptop", host: "localhost", credential, asked: null };
  const passkey = { ...known, id: `fac_${"2".repeat(18)}` };
  const add = (of: string, ...given: object[]) => {
    const hashes = [hashRecoveryCode("k7qh-2m9x-tb4w-zp6d", of)];
    const recovery = { ...common, id: `fac_${"1".repeat(18)}`, kind: "recovery", hashes };
    return items.write({ pk: `factors ${of}`, set: { factors: JSON.stringify([...given, recovery]), rev: "1" } });
  };
  await add(account, code);
  await add(other, { ...code, pendingUntil: null }, { ...passkey, pendingUntil: null });
  await items.write({ pk: other, set: { role: "guard", createdAt: now, epoch: 1 } });
  const half = { account: other, epoch: 1, expiresAt: now + 1000 };
  await items.write({ pk: `half ${hashToken(exampleTokens.half)}`, set: half });
}

/** The mail of hours of the examples, and the account that gets it. */
async function addExampleMail({ ingest: { items, now } }: TestRuntime): Promise<void> {
  const id = "acc_222222222222222222";
  const account = { role: "manager", name: "李梅", email: "hours@example.com", password: "scrypt$x", createdAt: now };
  await items.write({ pk: id, set: { ...account, epoch: 1, byTime: "accounts", at: placeAt(now + 2, id) } });
  await new HoursMails(items).put({
    site: "default",
    to: [id],
    at: "08:00",
    what: "yesterday",
    namesOpen: false,
    doneOn: "2026-11-05",
  });
}

/** The note of the examples, and their acknowledgement: of no event, so that the event of the examples has none. */
async function addExampleAcknowledgement({ deps, ingest }: TestRuntime): Promise<void> {
  ingest.failing.delete("bus");
  const asked = { id: exampleIds.acknowledgement, by: { id: "key_1", name: null }, reason: null, note: null };
  await deps.acknowledgements.acknowledge({ ...asked, events: new Map([[`evt_${"0".repeat(26)}`, "gate-1"]]) });
  const note = { id: "not_2c9a54f08be14b0d9a3e61f7c85d2b17", text: "The driver had a pass after all." };
  await deps.notes.add(exampleIds.event, { ...note, at: noon, by: "key_1", byName: null });
}

/** A company whose provider sends the browser on, and has sent no person back. */
function exampleCompany(): CompanyPorts {
  const settings = {
    name: "Northgate",
    scope: "openid",
    ca: null,
    requires: [],
    groupsClaim: "groups",
    groups: { guards: { role: "guard" as const, sites: ["hq"] } },
  };
  const begun = { state: "s", nonce: "n", verifier: "v", redirectUri: "r", address: "https://login.example.com" };
  return {
    provider: {
      begin: async () => begun,
      finish: () => Promise.reject(new Error("no person was sent back")),
      refresh: async () => ({ is: "ended" }),
    },
    settings: { read: async () => ({ settings, version: "1", isFile: false }), write: async () => true },
  };
}

/** The approval that the examples undo. */
function approveBeforeUndo(deps: ApiPorts): void {
  const { orders } = deps;
  deps.orders = {
    async order(id, order, by) {
      const request = {
        person: "666666",
        name: "小明",
        type: null,
        group: null,
        photo: "05eb153b9878f531de693039f4da74d2c3f1e18cedb2af8a84b1bebc5b00d4c3",
        note: null,
        validFrom: null,
        validUntil: null,
        host: null,
        boxes: ["gate-1"],
      };
      if (order.kind === "undo") await orders.order(id, { kind: "approve", request }, by);
      return orders.order(id, order, by);
    },
  };
}

/** The jobs of the examples: one that waits, one with its receipt, and one whose result the link opens. */
async function addExampleJobs({ deps, ingest }: TestRuntime): Promise<void> {
  const job = {
    step: 0,
    by: "key_1",
    progress: null,
    done: 0,
    of: 0,
    result: null,
    reason: null,
    createdAt: ingest.now,
    startedAt: ingest.now,
    endedAt: ingest.now,
  };
  const asked = { kind: "export" as const, format: "csv" as const, filter: {} };
  const { store, exports } = deps.jobs;
  const room = { ofKey: 10, inAll: null, aDay: null, results: null };
  await store.create({ ...job, id: exampleIds.job, state: "waiting", asked, startedAt: null, endedAt: null }, room);
  const erased = { kind: "erase" as const, subject: "x" };
  await store.create({ ...job, id: exampleIds.receiptJob, state: "done", asked: erased, result: seeds.erased }, room);
  const decided = { decided: [0], leftOut: [], failed: [] };
  const decision = { kind: "decide" as const, do: "decline" as const, reason: null, actions: [exampleIds.action] };
  const deciding = { ...job, id: exampleIds.decidedJob, asked: { ...decision, together: [] } };
  await store.create({ ...deciding, state: "done", done: 1, of: 1, result: decided }, room);
  const file = await exports.append(exampleExportedJob, Readable.from([Buffer.from("id")]), null);
  await store.create({ ...job, id: exampleExportedJob, state: "done", asked, result: { events: 0, file } }, room);
}

/** The removal of the examples, and that it waits. */
async function addExampleRemoval({ deps }: TestRuntime): Promise<void> {
  await deps.jobs.removals.ask({ id: exampleIds.removal, box: "gate-1", person: "888031", at: noon + 500 });
}

/** The job that the link of the examples names. */
const exampleExportedJob = "job_0f1e2d3c4b5a69788796a5b6";

/** The document of a runtime. */
export async function documentOf(deps: TestRuntime): Promise<OpenApi> {
  const answer = await deps.ask("/openapi.json", { headers: { authorization: "" } });
  return (await answer.json()) as OpenApi;
}

/** The cookie of a person instead of a key, for a route that takes no key. */
export function asPerson({ operationId, security }: Operation): Record<string, string> {
  if (["signInByFactor", "getFactorOptions"].includes(operationId))
    return { cookie: `gatepost-half=${exampleTokens.half}` };
  const takesKey = security.length === 0 || security.some((way) => "key" in way);
  return takesKey ? {} : { authorization: "", cookie: `gatepost=${exampleSessionToken}` };
}

/** The request that the document shows. */
export function requestOf(path: string, { parameters, requestBody }: Operation) {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let address = path;
  for (const { name, in: location, example } of parameters) {
    const values = [example ?? []].flat();
    if (location === "path") address = address.replace(`{${name}}`, encodeURIComponent(values.join()));
    else if (location === "header") headers[name] = values.join();
    else for (const value of values) query.append(name, `${value}`);
  }
  const body = requestBody?.content?.["application/json"]?.example;
  return { address: `${address}?${query}`, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

interface Asking {
  method?: string;
  token?: string;
  body?: string | ReadableStream<Uint8Array>;
  headers?: Record<string, string>;
  /** How the client reaches the server. */
  by?: RequestFacts;
}

export type TestRuntime = Awaited<ReturnType<typeof runtime>>;

/** The status of an answer, and its body; null without one. */
export async function told(deps: Pick<TestRuntime, "ask">, ...asked: Parameters<TestRuntime["ask"]>) {
  const answer = await deps.ask(...asked);
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
}

/** A known person of the group Office passes at a time of Shanghai, as `2026-11-02T08:30`. */
export async function passes(deps: TestRuntime, time: string, { id = "1", box = "gate-1" } = {}): Promise<void> {
  const timestamp = Date.parse(`${time}:00+08:00`);
  const body = passing({ identity_id: id, identity_name: `P${id}`, group_name: "Office", timestamp });
  await deps.deliver(body, { box, receivedAt: timestamp + 500 });
}

export interface EventPage {
  events: FaceEvent[];
  next: string | null;
}
