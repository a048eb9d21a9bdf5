import { type TicketStore, ticketsOfKey } from "@gatepost/core/tickets";

/** As many tickets as a hundred keys can have. With more, the oldest of all is removed. */
const maxTickets = 100 * ticketsOfKey;

/** Tickets, in memory: they are valid for an hour at most, and after a restart a page asks for another. */
export class ProcessTickets implements TicketStore {
  readonly #clock: () => number;
  /** By the hash of the ticket, and the hashes for each key, the oldest first. */
  readonly #issued = new Map<string, { tokenHash: string; expiresAt: number }>();
  readonly #ofKey = new Map<string, Set<string>>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async issue(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void> {
    this.#makeRoom(tokenHash);
    this.#issued.set(ticketHash, { tokenHash, expiresAt });
    const hashes = this.#ofKey.get(tokenHash) ?? new Set();
    this.#ofKey.set(tokenHash, hashes.add(ticketHash));
  }

  async find(ticketHash: string): Promise<string | null> {
    return this.#tokenOf(ticketHash);
  }

  async endAll(tokenHash: string): Promise<void> {
    for (const hash of this.#ofKey.get(tokenHash) ?? []) this.#remove(hash);
  }

  /** Makes room for one more ticket of a key. It removes only the oldest of that key. */
  #makeRoom(tokenHash: string): void {
    this.#removeExpired();
    const hashes = [...(this.#ofKey.get(tokenHash) ?? [])];
    if (hashes.length >= ticketsOfKey) {
      const expired = hashes.filter((hash) => !this.#isValid(hash));
      for (const hash of expired.length > 0 ? expired : hashes.slice(0, 1)) this.#remove(hash);
    }
    const [oldest] = this.#issued.keys();
    if (this.#issued.size >= maxTickets && oldest !== undefined) this.#remove(oldest);
  }

  /** Removes expired tickets from the oldest on, up to the first valid one. */
  #removeExpired(): void {
    for (const hash of this.#issued.keys()) {
      if (this.#isValid(hash)) return;
      this.#remove(hash);
    }
  }

  #isValid(ticketHash: string): boolean {
    return this.#tokenOf(ticketHash) !== null;
  }

  #tokenOf(ticketHash: string): string | null {
    const ticket = this.#issued.get(ticketHash);
    return ticket !== undefined && ticket.expiresAt > this.#clock() ? ticket.tokenHash : null;
  }

  #remove(ticketHash: string): void {
    const tokenHash = this.#issued.get(ticketHash)?.tokenHash;
    if (tokenHash === undefined) return;
    this.#issued.delete(ticketHash);
    const hashes = this.#ofKey.get(tokenHash);
    hashes?.delete(ticketHash);
    if (hashes?.size === 0) this.#ofKey.delete(tokenHash);
  }
}
