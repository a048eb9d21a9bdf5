import { openAccounts } from "@gatepost/core/accounts";
import { AlarmRecords } from "@gatepost/core/alarms";
import { AlertRows } from "@gatepost/core/alerts";
import { type AuditLog, type AuditReader, AuditRecords } from "@gatepost/core/audit";
import { boxesOfSite } from "@gatepost/core/boxes";
import type { NewsWriter } from "@gatepost/core/events";
import { type FactorKey, FactorPolicy, Factors, HalfSessions, ResetMails } from "@gatepost/core/factors";
import { ClosedMonths, HoursCorrections, HoursMails, LastDays, Rosters, Schedules } from "@gatepost/core/hours";
import { Jobs } from "@gatepost/core/jobs";
import type { KeyStore } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import { Mappings, ReplayedRecords } from "@gatepost/core/mappings";
import { PeopleSettings } from "@gatepost/core/people";
import { Departures } from "@gatepost/core/presence";
import { Removals } from "@gatepost/core/removals";
import { RollLinks, Rolls } from "@gatepost/core/rolls";
import { Acknowledgements, EventNotes, type MarkedEvents, SeenMarks } from "@gatepost/core/seen";
import { readLibraries, Sites } from "@gatepost/core/sites";
import { type CountsPorts, FeedCounts, SharedCounts } from "@gatepost/core/statistics";
import { UnknownTerminals } from "@gatepost/core/terminals";
import { Views } from "@gatepost/core/views";
import { Visits } from "@gatepost/core/visits";
import { Zone } from "@gatepost/core/zones";
import type { Items } from "@gatepost/store";
import type { JobQuestion } from "./jobs/job.ts";

export { AlikePeople } from "./people/alike.ts";

interface Deps {
  items: Items;
  /** The same, for writes that a full disk must not stop; `items` if absent. */
  reserved?: Items;
  /** The same, for the audit log, whose entries must be durable before what they are about; `items` if absent. */
  urgent?: Items;
  /** ms between two writes of the counts of pictures that are read. */
  writeCountsEveryMs?: number;
  /** No other process writes to the store. */
  isAlone?: boolean;
  keys: Pick<KeyStore, "find">;
  /** The key of the seeds of codes. */
  factorKey: FactorKey;
  /** The host for which passkeys count; null if every host does. */
  passkeyHost: string | null;
  /** The stored events, as marks need them. */
  marked: MarkedEvents;
  news: NewsWriter;
  /** The time zone of sites that have none. */
  zone: string;
  log: Log;
  /** The time of new records. */
  clock(): number;
  /** The time by which a record ends; `clock` if absent. */
  believed?(): number;
  /** The clock as people see it, which may have been set back: waits and proofs of minutes go by it; `clock` if absent. */
  machine?(): number;
  /** Called after each change of a mapping by this process. */
  mappingChanged?(): void;
}

/** The ports of the API that are records of a store of items: every runtime has the same ones. */
export function openRecords({ items, reserved = items, marked, news, keys, zone, log, clock, ...deps }: Deps) {
  const {
    urgent = items,
    writeCountsEveryMs = 0,
    isAlone = false,
    believed = clock,
    machine = clock,
    mappingChanged,
  } = deps;
  const seen = new SeenMarks({ items, news, clock, events: marked });
  const audit = new AuditRecords({ items: reserved, urgent, writeCountsEveryMs, log, clock });
  const boxes = { boxesOf: (site: string) => boxesOfSite(site, items) };
  const sites = new Sites({ items, zone });
  const opened = openAccounts({ items: reserved, keys, sites: boxes, log, clock: believed, machine });
  return {
    ...opened,
    factors: new Factors({ items: reserved, key: deps.factorKey, host: deps.passkeyHost, log, clock, believed }),
    factorPolicy: new FactorPolicy({ items: reserved, clock: believed }),
    halfSessions: new HalfSessions({ items: reserved, accounts: opened.accounts, clock: believed, machine }),
    audit,
    auditReader: audit,
    alertRows: new AlertRows(items, believed),
    seen,
    acknowledgements: new Acknowledgements({ items, news, clock, marks: seen }),
    notes: new EventNotes({ items, news, events: marked }),
    alarms: new AlarmRecords(items),
    sites,
    peopleSettings: new PeopleSettings(items),
    departures: new Departures(items),
    rolls: new Rolls(items, news),
    rollLinks: new RollLinks(items, believed),
    schedules: new Schedules(items),
    hoursCorrections: new HoursCorrections(items),
    lastDays: new LastDays(items),
    rosters: new Rosters(items, { isAlone }),
    visits: new Visits(items, () => readLibraries({ sites, boxes })),
    closedMonths: new ClosedMonths(items),
    hoursMails: new HoursMails(items),
    resetMails: new ResetMails(items),
    views: new Views(items),
    unknownTerminals: new UnknownTerminals({ items, log, clock }),
    replayed: new ReplayedRecords(items, believed),
    mappings: new Mappings({ items, changed: mappingChanged }),
  };
}

/** The jobs of the API, and the removals from person libraries of boxes that they ask for. */
export function openJobs({ items, log, clock }: Pick<Deps, "items" | "log" | "clock">) {
  return { store: new Jobs<JobQuestion>({ items, log, clock }), removals: new Removals(items, log) };
}

/** The counts of the API, from the stores that count. A day begins by `zone`. */
export function openCounts({ zone, ...counted }: CountsPorts & { zone: string }) {
  const counts = new SharedCounts(counted);
  const { clock } = counted;
  return { counts, feedCounts: new FeedCounts({ counts, zone: Zone.find(zone) ?? Zone.utc, clock }) };
}

type Opened = ReturnType<typeof openRecords> & ReturnType<typeof openCounts>;
type Offered = { [Name in keyof Opened]: Pick<Opened[Name], keyof Opened[Name]> };

/** The methods of the records that routes use. A limited caller gets a part of some. */
export interface Records extends Omit<Offered, "seen" | "counts" | "audit" | "auditReader" | "unknownTerminals"> {
  readonly seen: Pick<SeenMarks, "mark" | "markAll" | "among">;
  audit: AuditLog;
  auditReader: AuditReader;
  readonly unknownTerminals: Pick<UnknownTerminals, "list">;
  readonly counts: Pick<SharedCounts, "read">;
}
