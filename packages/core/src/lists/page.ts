export interface Page<Item> {
  items: Item[];
  /** The beginning of the next page; only the adapter that made it can read it. Null at the end. */
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
  maxBytes?: number | undefined;
}

/** Most bytes of a page as JSON: an answer of Lambda has at most 6 MB, and the process makes it in one turn. */
export const maxPageBytes = 4_000_000;

/** Bytes of JSON for an item without its texts: its member names and empty members. */
const itemBytes = 2048;

/** The room on a page while its items are read. */
export class PageRoom {
  readonly #bytes: number;
  #used = 0;

  constructor(bytes = maxPageBytes) {
    this.#bytes = bytes;
  }

  /** Bytes that the items use. */
  get used(): number {
    return this.#used;
  }

  /**
   * Takes room for an item. False if the page ends before it. The first item has always room.
   *
   * @param bytes of its texts
   */
  takes(bytes: number): boolean {
    const used = this.#used + bytes + itemBytes;
    if (used > this.#bytes && this.#used > 0) return false;
    this.#used = used;
    return true;
  }

  /** The same for an item that is answered as it is. */
  takesItem(item: unknown): boolean {
    return this.takes(Buffer.byteLength(JSON.stringify(item)));
  }
}
