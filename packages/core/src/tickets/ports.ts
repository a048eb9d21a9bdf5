/** Tickets of one key that are kept at least, the newest of them. */
export const ticketsOfKey = 100;

/** Tickets: each replaces a key for a short time, in the cookie for pictures. */
export interface TicketStore {
  /**
   * Stores the SHA-256 (hex) of a ticket and of the token it replaces, until `expiresAt` (ms). The newest
   * `ticketsOfKey` of one token are kept, however many are issued. A token with more may lose its oldest ones, and no
   * other token loses any.
   */
  issue(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void>;
  /** Returns the hash of the token; null if there is no such ticket, or once it has expired or was ended. */
  find(ticketHash: string): Promise<string | null>;
  /** Ends all tickets that were issued for the token with this hash until now. */
  endAll(tokenHash: string): Promise<void>;
}
