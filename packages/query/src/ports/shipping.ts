/** How shipping goes of what is stored. */
export interface Shipping {
  /** When all that was stored had been shipped, or else since when that is tried; ms. */
  since: number;
  /** Whether the last try failed. */
  isFailing: boolean;
}
