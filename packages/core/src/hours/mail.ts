import { storedJson } from "@gatepost/protocol";
import { absent, all, any, compare, type Items, type List, placeAt, present } from "@gatepost/store";
import * as z from "zod/mini";
import { GatepostError } from "../errors/errors.ts";
import { RecordKind } from "../records/record-kind.ts";

/** The days of a mail: yesterday, each day; or the last week from Monday to Sunday, each Monday. */
export const mailedDays = ["yesterday", "last-week"] as const;
/** A table of hours that is mailed at a time of the site's clocks. */
export interface HoursMail {
  site: string;
  /** The ids of the accounts that get it. */
  to: readonly string[];
  /** As `08:00`. */
  at: string;
  /** Whether it names the people whose days have no last out. */
  namesOpen: boolean;
  what: (typeof mailedDays)[number];
  /** The last day that needs no further mail, as `2026-11-26`: it was sent then, or set after its time. */
  doneOn: string;
}

/**
 * `hours-mail SITE`: who gets the hours of a site, and when. `namesOpen`: 1 if it names days without a last out.
 * `triedUntil`: a process is sending until then, or the next try is due then, ms since 1970.
 */
const mails = new RecordKind(
  "hours-mail ",
  z.object({
    to: storedJson(z.array(z.string())),
    mailAt: z.string(),
    namesOpen: z.optional(z.int()),
    what: z.enum(mailedDays),
    doneOn: z.string(),
    triedUntil: z.optional(z.int()),
  }),
);

/** Most sites whose hours are mailed: each minute all of them are read. */
const maxMails = 500;

const everyMail: List = { index: "byTime", name: "hours-mails" };

/** The mails of hours, one for a site at most, and which of them were sent. */
export class HoursMails {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  /** All that can be read, by site. One that was set within the last second may be missing on AWS. */
  async all(): Promise<HoursMail[]> {
    const found: HoursMail[] = [];
    for await (const { pk, item } of this.#items.list({ lists: [everyMail], order: "ascending" })) {
      const stored = mails.readable(item);
      if (stored !== null) found.push(mailIn(mails.id(pk), stored));
    }
    return found;
  }

  /** Null if the hours of the site are not mailed. */
  async get(site: string): Promise<HoursMail | null> {
    const item = await this.#items.get(mails.pk(site));
    return item === null ? null : mailIn(site, mails.read(item));
  }

  /** Sets the mail of a site. A day that is done stays so. Throws 409 if 500 sites have one. */
  async put({ site, to, at, what, namesOpen, doneOn }: HoursMail): Promise<HoursMail> {
    const before = await this.get(site);
    if (before === null && (await this.all()).length >= maxMails) {
      throw new GatepostError("conflict", `the hours of at most ${maxMails} sites are mailed; remove one first`);
    }
    const done = before !== null && before.doneOn > doneOn ? before.doneOn : doneOn;
    const placed = { byTime: everyMail.name, at: placeAt(0, site) };
    const record = { to: JSON.stringify(to), mailAt: at, what, namesOpen: namesOpen ? 1 : 0, doneOn: done, ...placed };
    await this.#items.write(mails.record(site, record, all()));
    return { site, to, at, what, namesOpen, doneOn: done };
  }

  /** False if there is none. */
  async remove(site: string): Promise<boolean> {
    return (await this.#items.remove(mails.pk(site), present())) !== null;
  }

  /** Takes the mail of a day for this process until a time (ms). False if it is done, or another one has it. */
  async claim(site: string, { day, now, until }: { day: string; now: number; until: number }): Promise<boolean> {
    const isFree = any(absent("triedUntil"), compare("triedUntil", "<=", now));
    const when = all(present(), compare("doneOn", "<", day), isFree);
    return (await this.#items.write(mails.change(site, { set: { triedUntil: until }, when }))).applied;
  }

  /** Notes that the mail of a day was sent, or is not to be sent. */
  async done(site: string, day: string): Promise<void> {
    const when = all(present(), compare("doneOn", "<", day));
    await this.#items.write(mails.change(site, { set: { doneOn: day }, remove: ["triedUntil"], when }));
  }
}

function mailIn(site: string, { to, mailAt, what, namesOpen, doneOn }: ReturnType<typeof mails.read>): HoursMail {
  return { site, to, at: mailAt, what, namesOpen: namesOpen === 1, doneOn };
}
