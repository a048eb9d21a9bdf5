import { hourMs } from "@gatepost/protocol";
import { absent, all, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import type { TicketStore } from "./ports.ts";

const tickets = new RecordKind(
  "ticket ",
  z.object({ tokenHash: z.string(), expiresAt: z.number(), issuedAt: z.number() }),
);

/** `tickets-ended TOKEN`: tickets of this token that were issued until then are no longer valid. */
const ends = new RecordKind("tickets-ended ", z.object({ endedAt: z.number() }));

/** ms for which a ticket is valid at most. */
const maxAgeMs = hourMs;

/** Tickets as records. Their number has no limit: all expire within an hour. */
export class Tickets implements TicketStore {
  readonly #items: Rows;
  readonly #clock: () => number;

  /** @param clock ms since 1970 */
  constructor(items: Rows, clock: () => number) {
    this.#items = items;
    this.#clock = clock;
  }

  /** Throws if the ticket exists. */
  async issue(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void> {
    const record = { tokenHash, expiresAt, issuedAt: this.#clock(), ttl: ttlAt(expiresAt) };
    const { applied } = await this.#items.write(tickets.record(ticketHash, record, absent()));
    if (!applied) throw new Error("this ticket exists already");
  }

  async find(ticketHash: string): Promise<string | null> {
    const pk = tickets.pk(ticketHash);
    const item = (await this.#items.getAll([pk])).get(pk);
    return item === undefined ? null : this.#validToken(tickets.read(item));
  }

  async endAll(tokenHash: string): Promise<void> {
    const endedAt = this.#clock();
    await this.#items.write(ends.record(tokenHash, { endedAt, ttl: ttlAt(endedAt + maxAgeMs) }, all()));
  }

  /** The hash of the token of a ticket; null if the ticket has expired or was ended. */
  async #validToken({ tokenHash, expiresAt, issuedAt }: ReturnType<typeof tickets.read>): Promise<string | null> {
    if (expiresAt <= this.#clock()) return null;
    const pk = ends.pk(tokenHash);
    const end = (await this.#items.getAll([pk])).get(pk);
    return end !== undefined && issuedAt <= ends.read(end).endedAt ? null : tokenHash;
  }
}
