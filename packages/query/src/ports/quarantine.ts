import type { Quarantine, QuarantineRecord } from "@gatepost/ingest";
import type { QuarantineGroup } from "../quarantine/groups.ts";
import type { Page, PageRequest } from "./page.ts";

export interface QuarantineReader extends Quarantine {
  /** Newest first, without their bodies: of one box, of several, or of all (null); of one reason and path, if given. */
  list(
    of: string | readonly string[] | null,
    page: PageRequest,
    which?: { reason?: string; path?: string },
  ): Promise<Page<Omit<QuarantineRecord, "body"> & { bytes: number }>>;
  /**
   * All records of several boxes, or of all (null), by reason, box and path. A store that has to look at each stops at
   * the newest 10,000; then the groups are not exact.
   */
  groups(of: readonly string[] | null): Promise<{ groups: QuarantineGroup[]; isExact: boolean }>;
  get(id: string): Promise<QuarantineRecord | null>;
  remove(id: string): Promise<void>;
  /** How many records there are of these events. */
  countOf(events: readonly string[]): Promise<number>;
  /** How many records were removed because quarantine was full, by box, since the store was made. */
  dropped(): Promise<Record<string, number>>;
}

export interface QuarantineLinks {
  /** A URL for the body of a record that needs no key, valid until `expires` (ISO instant). */
  link(record: Pick<QuarantineRecord, "id" | "box" | "receivedAt">): Promise<{ url: string; expires: string }>;
}
