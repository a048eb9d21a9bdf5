import { type TicketStore, ticketsOfKey } from "@gatepost/query";

/** Tickets in memory. */
export class MemoryTickets implements TicketStore {
  readonly #clock: () => number;
  readonly #issued = new Map<string, { tokenHash: string; expiresAt: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async issue(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void> {
    this.#issued.set(ticketHash, { tokenHash, expiresAt });
    const own = [...this.#issued].filter(([, ticket]) => ticket.tokenHash === tokenHash);
    for (const [hash] of own.slice(0, -ticketsOfKey)) this.#issued.delete(hash);
  }

  async redeem(ticketHash: string): Promise<string | null> {
    const issued = this.#issued.get(ticketHash);
    this.#issued.delete(ticketHash);
    return issued === undefined || issued.expiresAt <= this.#clock() ? null : issued.tokenHash;
  }

  async find(ticketHash: string): Promise<string | null> {
    const issued = this.#issued.get(ticketHash);
    return issued === undefined || issued.expiresAt <= this.#clock() ? null : issued.tokenHash;
  }

  async endAll(tokenHash: string): Promise<void> {
    for (const [hash, issued] of this.#issued) if (issued.tokenHash === tokenHash) this.#issued.delete(hash);
  }
}
