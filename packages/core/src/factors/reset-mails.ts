import { absent, all, any, compare, equals, type Items, type List, placeAt, present } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** A person who is told by mail that the factors were taken away. Times are ms since 1970. */
export interface ResetMail {
  account: string;
  /** The account or key that did it. */
  by: string;
  resetAt: number;
}

/**
 * `reset-mail ACCOUNT`: the mail is not sent yet. `triedUntil`: a process is sending until then, or the next try is due
 * then, ms since 1970.
 */
const mails = new RecordKind(
  "reset-mail ",
  z.object({ by: z.string(), resetAt: z.number(), triedUntil: z.optional(z.number()) }),
);

const everyMail: List = { index: "byTime", name: "reset-mails" };

/** Mails about factors that were taken away: the process that takes them away may not be the one that sends mail. */
export class ResetMails {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  /** Leaves a mail to be sent, in the place of an earlier one to the same person. */
  async put({ account, by, resetAt }: ResetMail): Promise<void> {
    const placed = { byTime: everyMail.name, at: placeAt(resetAt, account) };
    // All attributes: another process may be sending the earlier one.
    await this.#items.write(mails.change(account, { set: { by, resetAt, triedUntil: null, ...placed }, when: all() }));
  }

  /** All that are not sent yet, the oldest first. */
  async all(): Promise<ResetMail[]> {
    const found: ResetMail[] = [];
    for await (const { pk, item } of this.#items.list({ lists: [everyMail], order: "ascending" })) {
      const stored = mails.readable(item);
      if (stored !== null) found.push({ account: mails.id(pk), by: stored.by, resetAt: stored.resetAt });
    }
    return found;
  }

  /** Takes a mail for this process until a time (ms). False if it was sent, or another one has it. */
  async claim({ account, resetAt }: ResetMail, { now, until }: { now: number; until: number }): Promise<boolean> {
    const when = all(equals("resetAt", resetAt), any(absent("triedUntil"), compare("triedUntil", "<=", now)));
    return (await this.#items.write(mails.change(account, { set: { triedUntil: until }, when }))).applied;
  }

  /** Notes that a mail needs no further try. */
  async end({ account, resetAt }: ResetMail): Promise<void> {
    await this.#items.remove(mails.pk(account), all(present(), equals("resetAt", resetAt)));
  }
}
