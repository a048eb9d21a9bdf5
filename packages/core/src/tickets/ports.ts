/** Tickets of one key that are kept at least, the newest of them. */
export const ticketsOfKey = 100;

/** Tickets: each replaces a key for a short time, once or, for pictures, any number of times. */
export interface TicketStore {
  /**
   * Stores the SHA-256 (hex) of a ticket and of the token it replaces, until `expiresAt` (ms). The newest
   * `ticketsOfKey` of one token are kept, however many are issued. A token with more may lose its oldest ones, but not
   * those of others.
   */
  issue(ticketHash: string, tokenHash: string, expiresAt: number): Promise<void>;
  /**
   * Returns the hash of the token. If several callers ask at once, exactly one gets it, and none once the ticket has
   * expired.
   */
  redeem(ticketHash: string): Promise<string | null>;
  /** Returns the hash of the token, and leaves the ticket as it is. Null once it has expired or was ended. */
  find(ticketHash: string): Promise<string | null>;
  /** Ends all tickets that were issued for the token with this hash until now. */
  endAll(tokenHash: string): Promise<void>;
}
