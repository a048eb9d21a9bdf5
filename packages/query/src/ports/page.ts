export interface Page<Item> {
  items: Item[];
  /** Where the next page begins; only the adapter that made it can read it. Null at the end. */
  next: string | null;
}

export interface PageRequest {
  limit: number;
  /**
   * `next` of the page before; null for the first page. An adapter throws GatepostError bad-request on a cursor that it
   * did not make.
   */
  cursor: string | null;
}
