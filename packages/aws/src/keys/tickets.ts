import { hourMs, parseStored } from "@gatepost/protocol";
import type { TicketStore } from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";
import type { Item } from "../dynamo/item.ts";

const ticket = z.object({ tokenHash: z.string(), expiresAt: z.number(), issuedAt: z.number() });

const end = z.object({ endedAt: z.number() });

/** ms for which a ticket is valid at most. */
const maxAgeMs = hourMs;

/** Tickets are rows. DynamoDB deletes those that nobody redeems. */
export class DynamoTickets implements TicketStore {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  async issue(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void> {
    const ttl = ttlAt(expiresAt);
    await this.#dynamo.update({
      pk: ticketRow(ticketHash),
      set: { tokenHash, expiresAt, issuedAt: this.#clock(), ttl },
    });
  }

  async redeem(ticketHash: string): Promise<string | null> {
    const pk = ticketRow(ticketHash);
    // A read costs a tenth of a write, so guessing cannot cause many writes.
    const row = (await this.#dynamo.getAll([pk])).get(pk);
    if (row === undefined || !(await this.#take(ticketHash))) return null;
    await this.#dynamo.remove(pk);
    return this.#valid(row);
  }

  /**
   * Whether this is the one call that gets the ticket. A removal cannot tell that where its answer was lost; a write with
   * a mark of its own can.
   */
  async #take(ticketHash: string): Promise<boolean> {
    const { applied } = await this.#dynamo.update({
      pk: `redeemed ${ticketHash}`,
      set: { mark: crypto.randomUUID(), ttl: ttlAt(this.#clock() + maxAgeMs) },
      condition: "attribute_not_exists(#pk)",
    });
    return applied;
  }

  async find(ticketHash: string): Promise<string | null> {
    const pk = ticketRow(ticketHash);
    const row = (await this.#dynamo.getAll([pk])).get(pk);
    return row === undefined ? null : this.#valid(row);
  }

  /** Notes the time: older tickets are no longer valid. */
  async endAll(tokenHash: string): Promise<void> {
    const endedAt = this.#clock();
    await this.#dynamo.update({ pk: endRow(tokenHash), set: { endedAt, ttl: ttlAt(endedAt + maxAgeMs) } });
  }

  /** The hash of the token for a ticket; null where the ticket is no longer valid. */
  async #valid(row: Item): Promise<string | null> {
    const { tokenHash, expiresAt, issuedAt } = parseStored(ticket, row, "a ticket");
    if (expiresAt <= this.#clock()) return null;
    const pk = endRow(tokenHash);
    const ended = (await this.#dynamo.getAll([pk])).get(pk);
    const isEnded = ended !== undefined && issuedAt <= parseStored(end, ended, "the end of tickets").endedAt;
    return isEnded ? null : tokenHash;
  }
}

function endRow(tokenHash: string): string {
  return `tickets-ended ${tokenHash}`;
}

function ticketRow(ticketHash: string): string {
  return `ticket ${ticketHash}`;
}
