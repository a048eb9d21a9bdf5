import type { TicketStore } from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";

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
    const row = await this.#dynamo.remove(ticketRow(ticketHash));
    return row !== null && Number(row["expiresAt"]) > this.#clock() ? String(row["tokenHash"]) : null;
  }
}

function ticketRow(ticketHash: string): string {
  return `ticket ${ticketHash}`;
}
