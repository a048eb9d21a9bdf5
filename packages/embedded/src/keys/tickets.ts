import type { TicketStore } from "@gatepost/query";

/** More than any number of pages opens within a minute; beyond, the oldest go. */
const most = 10_000;

/** Tickets live a minute, and so in memory: after a restart a page asks for another. */
export class ProcessTickets implements TicketStore {
  readonly #clock: () => number;
  readonly #kept = new Map<string, { tokenHash: string; expiresAt: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async keep(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void> {
    this.#kept.set(ticketHash, { tokenHash, expiresAt });
    for (const [hash, ticket] of this.#kept) {
      if (this.#kept.size <= most && ticket.expiresAt > this.#clock()) return;
      this.#kept.delete(hash);
    }
  }

  async take(ticketHash: string): Promise<string | null> {
    const ticket = this.#kept.get(ticketHash);
    this.#kept.delete(ticketHash);
    return ticket !== undefined && ticket.expiresAt > this.#clock() ? ticket.tokenHash : null;
  }
}
