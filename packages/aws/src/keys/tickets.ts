import { parseStored } from "@gatepost/protocol";
import type { TicketStore } from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";

const ticket = z.object({ tokenHash: z.string(), expiresAt: z.number() });

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
    await this.#dynamo.update({ pk: ticketRow(ticketHash), set: { tokenHash, expiresAt, ttl } });
  }

  async redeem(ticketHash: string): Promise<string | null> {
    const pk = ticketRow(ticketHash);
    // A read costs a tenth of a write: so who guesses cannot have many writes made.
    if (!(await this.#dynamo.getAll([pk])).has(pk)) return null;
    const row = await this.#dynamo.remove(pk);
    if (row === null) return null;
    const { tokenHash, expiresAt } = parseStored(ticket, row, "a ticket");
    return expiresAt > this.#clock() ? tokenHash : null;
  }
}

function ticketRow(ticketHash: string): string {
  return `ticket ${ticketHash}`;
}
