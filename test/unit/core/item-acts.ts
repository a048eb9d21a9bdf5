import type { Job, JobQuestion } from "@gatepost/api";
import { openAccounts } from "@gatepost/core/accounts";
import { AlertRows } from "@gatepost/core/alerts";
import { AuditRecords } from "@gatepost/core/audit";
import {
  Boxes,
  BoxReader,
  BoxStore,
  LocalHours,
  newRecord,
  Rhythms,
  showBox,
  signOfReport,
} from "@gatepost/core/boxes";
import { forgottenAfterMs, JobLeases, Jobs, type JobTicket } from "@gatepost/core/jobs";
import { KeyedBoxes, keyIdOf } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import { Removals } from "@gatepost/core/removals";
import { Acknowledgements, SeenMarks } from "@gatepost/core/seen";
import { BoxStatusReader, BoxStatusStore, eraseStatuses } from "@gatepost/core/statuses";
import { Tickets } from "@gatepost/core/tickets";
import { Views } from "@gatepost/core/views";
import type { Items } from "@gatepost/store";
import { noon, replayJob, report } from "../../contract/samples.ts";
import { auditEntries, verified } from "../../support/audit.ts";
import { KeysOfTest } from "../../support/memory/keys.ts";
import { ToldNews } from "../../support/told.ts";

const minute = 60_000;
const hour = 60 * minute;

const sentAway = {
  id: "ack_a",
  by: { id: "acc_1", name: "Ada" },
  reason: "sent-away" as const,
  note: "At the ramp.",
  events: new Map([
    ["evt_a", "gate-1"],
    ["evt_b", "gate-1"],
  ]),
};

/** The parts of the record store that one process uses. */
export function processOn(items: Items, { clock, log }: { clock(): number; log: Log }) {
  const store = new BoxStore({ items, clock });
  const hours = new LocalHours("UTC");
  const jobs = new Jobs<JobQuestion>({ items, log, clock });
  const keyed = new KeyedBoxes({ items, clock, knownForMs: 0 });
  const status = new BoxStatusReader(items, log);
  const deps = { store, hours, clock };
  const seen = new SeenMarks({
    items,
    clock,
    news: new ToldNews(),
    events: { write: async (_, markOf) => ({ box: "gate-1", ...(await items.write(markOf({ box: "gate-1" }))) }) },
  });
  return {
    keys: new KeysOfTest({ items, sites: store, log, clock }),
    keyed,
    jobs,
    store,
    status,
    leases: new JobLeases({ items, jobs, clock }),
    boxes: new Boxes({
      ...deps,
      bus: null,
      log,
      show: async (record) =>
        showBox(record, { hours, now: clock(), pauses: {}, notices: [], rhythm: null, isCounted: true }),
    }),
    reader: new BoxReader({
      ...deps,
      keyed,
      status,
      isCounted: true,
      rhythms: new Rhythms({ totals: async () => new Map() }),
    }),
    statuses: new BoxStatusStore(items, () => 24 * hour),
    erase: (person: string) => eraseStatuses({ person, box: null }, { items, log }),
    seen,
    acknowledgements: new Acknowledgements({ items, clock, marks: seen, news: new ToldNews() }),
    removals: new Removals(items, log),
    alerts: new AlertRows(items, clock),
    tickets: new Tickets(items, clock),
    views: new Views(items),
    ...openAccounts({ items, keys: { find: async () => null }, sites: { boxesOf: async () => [] }, log, clock }),
    audit: new AuditRecords({ items, urgent: items, clock, log, writeCountsEveryMs: 0 }),
  };
}

type Process = ReturnType<typeof processOn>;

/** The world that processes share. */
export interface World {
  now: number;
}

/** Something that a process does in the record store. */
export interface Act {
  what: string;
  /** Earlier work of another process. It returns the input of the act. */
  given?(process: Process, world: World): Promise<unknown>;
  /** @param who 0, or 1 for another process that does the same at the same time */
  act(process: Process, who: number, given: unknown): Promise<unknown>;
  /** The state that any process finds afterwards. It is the same if the act was done again after a failure. */
  seen(process: Process, world: World): Promise<unknown>;
  /** If several do it at once, exactly one gets this answer. Left out: all may. */
  won?(told: unknown): boolean;
  /** A result that must not depend on a broken record: it is the same with each. */
  besides?(process: Process, world: World): Promise<unknown>;
  /** The keys and attributes that are broken, each as `KEY ATTRIBUTE`. Left out: all. */
  breaks?: RegExp;
}

const hash = (name: string) => `hash-of-${name}`;
const view = (name: string) => ({ name, address: "#/events", isForEverybody: false });
const page = { limit: 10, cursor: null };
const newKey = (name: string, box = "gate-1") => ({ scope: "ingest" as const, box, tokenHash: hash(name) });
const room = { ofKey: 1, inAll: null, aDay: null, results: null };
const job = (name: string, overrides: Partial<Job> = {}) => replayJob(name, overrides);
const status = (box: string, receivedAt = noon, report = { id: "888031" }) =>
  ({ box, kind: "status", receivedAt, report }) as const;

const invite = async ({ accounts }: Process, email = "ann@example.com") => {
  const asked = { email, name: null, role: "administrator" as const, sites: null, boxes: null };
  return (await accounts.create(asked, "key_1")).token;
};
const join = async (process: Process, email: string) =>
  process.accounts.accept(await invite(process, email), { name: "Ann", password: "hash" });

const lists = async (process: Process) => ({
  boxes: (await process.reader.list(page)).items.map(({ id }) => id).filter((id) => id === "lobby"),
  keyed: (await process.keyed.all()).has("lobby"),
});

const viewsSeen = async ({ views }: Process) =>
  (await views.list("acc_1")).map(({ name, address }) => `${name} ${address}`);

export const acts: Act[] = [
  {
    what: "a key is made",
    given: (process) => process.keys.admin.create(newKey("other", "lobby")),
    act: (process) => process.keys.admin.create(newKey("a")).then(() => "made"),
    seen: async ({ keys }) => [await keys.finder.find(hash("a")), await keys.admin.list()],
    won: (told) => told === "made",
    besides: lists,
    breaks: new RegExp(keyIdOf(hash("a"))),
  },
  {
    what: "a key is revoked",
    given: async ({ keys }) => (await keys.admin.create(newKey("a"))).id,
    act: ({ keys }, _, id) => keys.admin.revoke(String(id)),
    seen: async ({ keys }) => [await keys.finder.find(hash("a")), await keys.admin.list()],
  },
  {
    what: "a revoked key is taken over where it is not revoked",
    given: async ({ keys }) => {
      const { id } = await keys.admin.create(newKey("a"));
      return { ...newKey("a"), id, createdAt: noon, lastUsedAt: null, revokedAt: noon + 1 };
    },
    act: ({ keys }, _, key) => keys.admin.take(key as Parameters<typeof keys.admin.take>[0]),
    seen: async ({ keys }) => [await keys.finder.find(hash("a")), await keys.admin.list()],
  },
  {
    what: "a key is used",
    given: ({ keys }) => keys.admin.create(newKey("a")),
    act: ({ keys }, _, key) => keys.finder.noteUse(key as Parameters<typeof keys.finder.noteUse>[0]),
    seen: ({ keys }) => keys.finder.find(hash("a")),
    besides: async ({ keys }) => {
      const key = await keys.finder.find(hash("a"));
      if (key !== null) await keys.finder.noteUse(key);
      return keys.admin.list();
    },
    breaks: /^used /,
  },
  {
    what: "one of two jobs gets the one place of a key",
    act: ({ jobs }, who) => jobs.create(job(`${who}`), room),
    seen: async ({ jobs }) => [(await jobs.unfinished()).length, await jobs.create(job("next"), room)],
    won: (told) => told === "created",
    besides: ({ jobs }) => jobs.create(job("of another", { by: "key_2" }), room),
  },
  {
    what: "a job goes on",
    given: ({ jobs }) => jobs.create(job("a"), room),
    act: ({ jobs }, who) => jobs.advance(job("a"), job("a", { state: "running", done: 1 + who })),
    seen: async ({ jobs }) => ({ ...(await jobs.get("job_a")), done: "either" }),
    won: (told) => told === true,
  },
  {
    what: "a job ends, and gives its place to another",
    given: ({ jobs }) => jobs.create(job("a"), room),
    act: ({ jobs }) => jobs.advance(job("a"), job("a", { state: "done", endedAt: noon })),
    seen: async ({ jobs }) => [await jobs.unfinished(), await jobs.get("job_a"), await jobs.create(job("b"), room)],
    won: (told) => told === true,
    besides: ({ jobs }) => jobs.create(job("c"), room),
  },
  {
    what: "a slice of a job is leased",
    async given({ jobs, leases }) {
      await jobs.create(job("a"), room);
      return leases.issue("job_a");
    },
    act: ({ leases }, _, ticket) => leases.lease(ticket as JobTicket, minute),
    seen: ({ jobs }) => jobs.get("job_a"),
    won: (told) => told !== null,
  },
  {
    what: "a job that nobody does is asked for again",
    async given({ jobs, leases }, world) {
      await jobs.create(job("a"), room);
      await leases.lease(await leases.issue("job_a"), minute);
      world.now += forgottenAfterMs;
    },
    act: ({ leases }) => leases.forgotten(),
    seen: async ({ leases }, world) => {
      world.now += forgottenAfterMs;
      return (await leases.forgotten()).map((ticket) => ticket.job);
    },
    won: (told) => Array.isArray(told) && told.length === 1,
    besides: async ({ leases }, world) => {
      world.now += forgottenAfterMs;
      return (await leases.forgotten()).map((ticket) => ticket.job);
    },
    breaks: /^job job_a (pushedAt|leasedUntil|leases|ticket)$/,
  },
  {
    what: "the record of a box is written",
    given: ({ keys }) => keys.admin.create(newKey("other", "lobby")),
    act: ({ store }, who) => store.put({ record: { ...newRecord("gate-1"), site: `site ${who}` }, rev: 0 }),
    seen: async ({ store }) => [await store.names(), (await store.get("gate-1"))?.rev],
    won: (told) => told === true,
    besides: lists,
    breaks: /^box /,
  },
  {
    what: "a sign of a box is noted",
    given: ({ boxes }) => boxes.note([[signOfReport("lobby", report())]]),
    act: ({ boxes }, who) =>
      boxes.note([[signOfReport("gate-1", report({ receivedAt: noon + minute, time: noon + minute * who }))]]),
    seen: async ({ store }) => [await store.names(), (await store.get("gate-1"))?.record.activity?.life?.last],
    besides: lists,
  },
  {
    what: "a person names the site of a box",
    given: ({ boxes }) => boxes.note([[signOfReport("gate-1", report())]]),
    act: ({ boxes }) => boxes.set("gate-1", { site: "east" }),
    seen: async ({ store }) => [await store.boxesOf("east"), (await store.get("gate-1"))?.record.site],
  },
  {
    what: "pauses of a box are noted",
    given: ({ store }) => store.addPauses({ box: "gate-1", device: null }, { 9: 1 }),
    act: ({ store }, who) => store.addPauses({ box: "gate-1", device: null }, { 10: 5, [11 + who]: 7 }),
    seen: ({ store }) => store.pauses({ box: "gate-1", device: null }, [9, 10, 11, 12]),
  },
  {
    what: "a status of a box is kept",
    async given({ statuses, keys }) {
      for (const box of ["gate-1", "lobby"]) await keys.admin.create(newKey(box, box));
      await statuses.put(status("lobby"));
      await statuses.put(status("gate-1", noon - 1));
    },
    act: ({ statuses }) => statuses.put(status("gate-1")),
    seen: (process) => process.status.of(["gate-1"]),
    besides: async (process) => [await lists(process), await process.status.of(["lobby"])],
    breaks: /^notice status gate-1/,
  },
  {
    what: "a person is erased from statuses",
    async given({ statuses }) {
      for (const box of ["gate-1", "lobby"]) await statuses.put(status(box));
      await statuses.put(status("stays", noon, { id: "7" }));
    },
    act: ({ erase }) => erase("888031"),
    seen: (process) => process.status.of(["gate-1", "lobby", "stays"]),
  },
  {
    what: "an event is marked as seen",
    act: ({ seen }) => seen.mark("evt_a", { id: "acc_1", name: "Ada" }),
    seen: async ({ seen }) => [...(await seen.among(["evt_a", "evt_b"])).keys()],
  },
  {
    what: "events are acknowledged",
    act: ({ acknowledgements }) => acknowledgements.acknowledge(sentAway),
    seen: async ({ acknowledgements, seen }) => [
      await acknowledgements.find("ack_a"),
      [...(await seen.among(["evt_a", "evt_b"])).keys()],
    ],
  },
  {
    what: "an acknowledgement is taken back",
    given: async ({ acknowledgements, seen }) => {
      await seen.mark("evt_c", { id: "acc_1", name: "Ada" });
      await acknowledgements.acknowledge(sentAway);
    },
    act: ({ acknowledgements }) =>
      acknowledgements.takeBack("ack_a", { events: ["evt_a", "evt_b", "evt_c"], boxes: [] }),
    seen: async ({ seen }) => [...(await seen.among(["evt_a", "evt_b", "evt_c"])).keys()],
  },
  {
    what: "a removal is asked for",
    given: ({ removals }) => removals.ask({ id: "rem_other", box: "lobby", person: "7", at: noon }),
    act: ({ removals }) => removals.ask({ id: "rem_a", box: "gate-1", person: "888031", at: noon }),
    seen: async ({ removals }) => [await removals.waiting(null, noon), await removals.waiting(["gate-1"], noon)],
    besides: async ({ removals }) => (await removals.waiting(null, noon)).filter(({ box }) => box === "lobby"),
    breaks: /^removal rem_a/,
  },
  {
    what: "a removal ends",
    given: ({ removals }) => removals.ask({ id: "rem_a", box: "gate-1", person: "888031", at: noon }),
    act: ({ removals }) => removals.end("rem_a", { state: "done", reason: null }),
    seen: async ({ removals }) => [await removals.waiting(null, noon), await removals.get("rem_a")],
  },
  {
    what: "alerts remember something",
    act: ({ alerts }, who) => alerts.put("cooldown", { who }, { version: 0, keepMs: minute }),
    seen: async ({ alerts }) => (await alerts.get(["cooldown"])).get("cooldown")?.version,
    won: (told) => told === true,
  },
  {
    what: "a ticket is issued",
    act: ({ tickets }, who) => tickets.issue("ticket", `token ${who}`, noon + hour).then(() => "issued"),
    seen: async ({ tickets }) => typeof (await tickets.find("ticket")),
    won: (told) => told === "issued",
  },
  {
    what: "all tickets of a key are ended",
    async given({ tickets }, world) {
      await tickets.issue("ticket", "token", noon + hour);
      await tickets.issue("of another", "other", noon + hour);
      world.now += 1;
    },
    act: ({ tickets }) => tickets.endAll("token"),
    seen: async ({ tickets }) => [await tickets.find("ticket"), await tickets.find("of another")],
    besides: ({ tickets }) => tickets.find("of another"),
    breaks: /^tickets-ended token/,
  },
  {
    what: "a person is invited",
    act: (process) => invite(process).then(() => "invited"),
    seen: async ({ accounts }) => (await accounts.byEmail("ann@example.com"))?.account.role,
    won: (told) => told === "invited",
  },
  {
    what: "an invitation is accepted",
    given: (process) => invite(process),
    act: ({ accounts }, who, token) =>
      accounts.accept(String(token), { name: "Ann", password: `of ${who}` }).then(() => "accepted"),
    seen: async ({ accounts }) => {
      const found = await accounts.byEmail("ann@example.com");
      // The list of administrators is completed when a session begins.
      return [found?.account.name, found?.account.with];
    },
    won: (told) => told === "accepted",
  },
  {
    what: "an account is removed",
    given: async (process) => {
      await (await join(process, "other@example.com")).id;
      return (await join(process, "ann@example.com")).id;
    },
    act: ({ accounts }, _, id) => accounts.remove(String(id)),
    seen: async ({ accounts }) => [await accounts.byEmail("ann@example.com"), await accounts.administratorNames()],
  },
  {
    what: "all sessions of an account are ended",
    given: async (process) => {
      const account = await join(process, "ann@example.com");
      const { token } = await process.sessions.begin({ account, with: "password", stays: false, agent: null });
      return { id: account.id, token };
    },
    act: ({ accounts }, _, given) => accounts.endSessions((given as { id: string }).id),
    seen: async ({ accounts, sessions }) => {
      const found = await accounts.byEmail("ann@example.com");
      return found === null ? null : await sessions.of(found.account.id);
    },
  },
  {
    what: "a view is saved",
    act: ({ views }) => views.add(view("a"), "acc_1").then(({ name }) => name),
    // A process that got no answer may have saved it, and saves it again.
    seen: async (process) => [...new Set(await viewsSeen(process))],
    breaks: /^view_/,
  },
  {
    what: "a view is changed",
    given: async ({ views }) => (await views.add(view("a"), "acc_1")).id,
    act: ({ views }, _, id) => views.change(String(id), { name: "b" }, "acc_1"),
    seen: viewsSeen,
  },
  {
    what: "a view is removed",
    async given({ views }) {
      await views.add(view("other"), "acc_1");
      return (await views.add(view("a"), "acc_1")).id;
    },
    act: ({ views }, _, id) => views.remove(String(id), "acc_1"),
    seen: viewsSeen,
    won: (told) => told === true,
  },
  {
    what: "an entry is appended to the audit log",
    given: (process) => note(process, "given"),
    act: (process, who) => note(process, `process ${who}`),
    seen: auditSeen,
  },
  {
    what: "the first entry of the audit log is appended",
    act: (process, who) => note(process, `process ${who}`),
    seen: auditSeen,
  },
  {
    what: "a sign-in is noted",
    act: ({ audit }) => audit.noteSignIn({ by: "key_1", from: "a" }),
    seen: auditSeen,
  },
  {
    what: "pictures that a key reads are counted",
    given: ({ audit }) => audit.countPictures("key_2", 5),
    act: ({ audit }) => audit.countPictures("key_1", 3),
    seen: auditSeen,
    besides: async (process, world) => {
      world.now += hour;
      await note(process, "besides");
      return (await auditEntries(process.audit)).map(({ by }) => by).filter((by) => by === "key_2" || by === "besides");
    },
    breaks: /^pictures-read key_1/,
  },
  {
    what: "counted pictures join the audit log after their hour",
    async given({ audit }, world) {
      await audit.countPictures("key_1", 3);
      await audit.countPictures("key_2", 5);
      world.now += hour;
    },
    act: (process, who) => note(process, `process ${who}`),
    // A process that failed to note a count has a lease of it for a minute.
    async seen(process, world) {
      world.now += minute;
      await note(process, "later");
      return auditSeen(process);
    },
  },
];

function note({ audit }: Process, by: string): Promise<number> {
  return audit.note({ action: "key-made", outcome: "done", by, from: null, about: {} });
}

/** The entries of the audit log, each once, because a retry notes another one. Its chain has no fault. */
async function auditSeen({ audit }: Process): Promise<unknown> {
  const entries = await auditEntries(audit);
  const said = entries.map(({ action, by, about }) => `${action} ${by} ${about["count"] ?? ""}`);
  return { entries: [...new Set(said)].sort(), faults: (await verified(audit, { now: noon })).faults };
}
