export interface Page<Item> {
  items: Item[];
  /** Where the next page begins; only the adapter that made it can read it. Null at the end. */
  next: string | null;
  /** Bytes of the page that the items use, if that is not their own JSON: an answer may have more of each. */
  bytes?: number;
}

export interface PageRequest {
  limit: number;
  /**
   * `next` of the page before; null for the first page. An adapter throws GatepostError bad-request on a cursor that it
   * did not make.
   */
  cursor: string | null;
  /** Most bytes of the page as JSON; `maxPageBytes` if absent. A larger item is a page by itself. */
  maxBytes?: number;
}
