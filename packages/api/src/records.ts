import { AlarmRecords } from "@gatepost/core/alarms";
import type { NewsWriter } from "@gatepost/core/events";
import { ClosedMonths, HoursCorrections, HoursMails, LastDays, Schedules } from "@gatepost/core/hours";
import type { Log } from "@gatepost/core/log";
import { PeopleSettings } from "@gatepost/core/people";
import { Departures } from "@gatepost/core/presence";
import { RollLinks, Rolls } from "@gatepost/core/rolls";
import { Acknowledgements, EventNotes, type MarkedEvents, SeenMarks } from "@gatepost/core/seen";
import { Sites } from "@gatepost/core/sites";
import { type CountsPorts, FeedCounts, SharedCounts } from "@gatepost/core/statistics";
import { UnknownTerminals } from "@gatepost/core/terminals";
import { Views } from "@gatepost/core/views";
import { Zone } from "@gatepost/core/zones";
import type { Items } from "@gatepost/store";

interface Deps {
  items: Items;
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
}

/** The ports of the API that are records of a store of items: every runtime has the same ones. */
export function openRecords({ items, marked, news, zone, log, clock, believed = clock }: Deps) {
  const seen = new SeenMarks({ items, news, clock, events: marked });
  return {
    seen,
    acknowledgements: new Acknowledgements({ items, news, clock, marks: seen }),
    notes: new EventNotes({ items, news, events: marked }),
    alarms: new AlarmRecords(items),
    sites: new Sites({ items, zone }),
    peopleSettings: new PeopleSettings(items),
    departures: new Departures(items),
    rolls: new Rolls(items, news),
    rollLinks: new RollLinks(items, believed),
    schedules: new Schedules(items),
    hoursCorrections: new HoursCorrections(items),
    lastDays: new LastDays(items),
    closedMonths: new ClosedMonths(items),
    hoursMails: new HoursMails(items),
    views: new Views(items),
    unknownTerminals: new UnknownTerminals({ items, log, clock }),
  };
}

/** The counts of the API, from the stores that count. A day begins by `zone`. */
export function openCounts({ zone, ...counted }: CountsPorts & { zone: string }) {
  const counts = new SharedCounts(counted);
  const { clock } = counted;
  return { counts, feedCounts: new FeedCounts({ counts, zone: Zone.find(zone) ?? Zone.utc, clock }) };
}

type Opened = ReturnType<typeof openRecords> & ReturnType<typeof openCounts>;
type Offered = { readonly [Name in keyof Opened]: Pick<Opened[Name], keyof Opened[Name]> };

/** The methods of the records that routes use. A limited caller gets a part of some. */
export interface Records extends Omit<Offered, "seen" | "counts" | "unknownTerminals"> {
  readonly seen: Pick<SeenMarks, "mark" | "markAll" | "among">;
  readonly unknownTerminals: Pick<UnknownTerminals, "list">;
  readonly counts: Pick<SharedCounts, "read">;
}
