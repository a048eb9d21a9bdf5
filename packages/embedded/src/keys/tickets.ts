import type { TicketStore } from "@gatepost/query";

/** More tickets than pages are opened within a minute; beyond that the oldest are removed. */
const maxTickets = 10_000;

/** Tickets are valid for an hour at most, so they are in memory: after a restart a page asks for another. */
export class ProcessTickets implements TicketStore {
  readonly #clock: () => number;
  readonly #issued = new Map<string, { tokenHash: string; expiresAt: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async issue(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void> {
    this.#issued.set(ticketHash, { tokenHash, expiresAt });
    for (const [hash, ticket] of this.#issued) {
      if (this.#issued.size <= maxTickets && ticket.expiresAt > this.#clock()) return;
      this.#issued.delete(hash);
    }
  }

  async redeem(ticketHash: string): Promise<string | null> {
    const ticket = this.#issued.get(ticketHash);
    this.#issued.delete(ticketHash);
    return ticket !== undefined && ticket.expiresAt > this.#clock() ? ticket.tokenHash : null;
  }

  async find(ticketHash: string): Promise<string | null> {
    const ticket = this.#issued.get(ticketHash);
    return ticket !== undefined && ticket.expiresAt > this.#clock() ? ticket.tokenHash : null;
  }

  async endAll(tokenHash: string): Promise<void> {
    for (const [hash, ticket] of this.#issued) if (ticket.tokenHash === tokenHash) this.#issued.delete(hash);
  }
}
