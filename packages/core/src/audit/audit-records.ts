import type { Items, Page, PageRequest, Rows } from "@gatepost/store";
import { GatepostError } from "../errors/errors.ts";
import { PageRoom } from "../lists/index.ts";
import type { Log } from "../log/log.ts";
import { AuditChain } from "./audit-chain.ts";
import type { AuditEntry, AuditHead, AuditRecord } from "./entry.ts";
import { PictureCounts } from "./picture-counts.ts";
import { type AuditFilter, type AuditLog, type AuditReader, hourOf, picturesRead } from "./ports.ts";
import { noteFirst, type SignIn } from "./sign-ins.ts";

interface Deps {
  items: Items;
  /** The same items, for entries that must also be noted on a full disk. */
  urgent: Rows;
  /** ms since 1970. */
  clock(): number;
  log: Log;
  /**
   * ms for which pictures are counted in memory. A crash loses these counts. 0: each count is written before its call
   * resolves.
   */
  writeCountsEveryMs: number;
}

/** Most entries that are read for one page. */
const maxRead = 2000;

/** Also noted in the last of the reserved room: a person who revokes a key may have to sign in first. */
const urgentActions: readonly AuditEntry["action"][] = ["key-revoked", "signed-in"];

/** The audit log in the record store. */
export class AuditRecords implements AuditLog, AuditReader {
  readonly #deps: Deps;
  readonly #chain: AuditChain;
  readonly #counts: PictureCounts;
  #countsWrittenAt = Number.NEGATIVE_INFINITY;
  /** The hour up to which this process knows that counts are noted. */
  #notedUpTo = 0;
  #headSaid: { hour: number; seq: number } = { hour: 0, seq: 0 };

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#chain = new AuditChain(deps.items, deps.clock);
    this.#counts = new PictureCounts(deps.items, deps);
  }

  async note(entry: AuditEntry): Promise<number> {
    const rows = urgentActions.includes(entry.action) ? this.#deps.urgent : this.#deps.items;
    await this.#writeCounts(rows);
    await this.#noteEndedHours(rows);
    return this.#chain.append(entry, rows);
  }

  async noteSignIn(signIn: SignIn): Promise<void> {
    const { urgent: rows, clock } = this.#deps;
    const entry: AuditEntry = { action: "signed-in", outcome: "done", ...signIn, about: {} };
    await noteFirst(`${signIn.by} ${signIn.from ?? ""}`, { rows, clock }, () => this.note(entry));
  }

  async noteRarely(name: string, entry: AuditEntry): Promise<void> {
    const { items: rows, clock, log } = this.#deps;
    try {
      await noteFirst(name, { rows, clock }, () => this.note(entry));
    } catch (cause) {
      log.error("could not write to the audit log", { cause, action: entry.action, by: entry.by });
    }
  }

  async countPictures(keyId: string, pictures: number): Promise<void> {
    const { clock, writeCountsEveryMs: everyMs } = this.#deps;
    const now = clock();
    this.#counts.add({ keyId, hour: hourOf(now), pictures });
    if (now - this.#countsWrittenAt < everyMs) return;
    const written = this.#countsAreWritten(now);
    if (everyMs === 0) await written;
  }

  /** Writes the counts of pictures. */
  flush(): Promise<void> {
    return this.#writeCounts(this.#deps.items);
  }

  /** Writes the counts, adds entries for hours that have ended, and logs the end of the chain once an hour. */
  async tidy(): Promise<void> {
    await this.flush();
    await this.#noteEndedHours(this.#deps.items);
    await this.#sayHead();
  }

  async list(filter: AuditFilter, { limit, cursor, maxBytes }: PageRequest): Promise<Page<AuditRecord>> {
    const { from = Number.NEGATIVE_INFINITY, to } = filter;
    const room = new PageRoom(maxBytes);
    const begin = cursor === null ? await this.#chain.newestBefore(to) : seqOf(cursor) - 1;
    const items: AuditRecord[] = [];
    let read = 0;
    for await (const record of this.#chain.backFrom(begin)) {
      if (Date.parse(record.at) < from) break;
      const isMatch = matches(record, filter);
      const isFull = items.length === limit || read === maxRead || (isMatch && !room.takesItem(record));
      if (isFull) return { items, next: `${record.seq + 1}` };
      read += 1;
      if (isMatch) items.push(record);
    }
    return { items, next: null };
  }

  async head(): Promise<AuditHead | null> {
    const last = await this.#chain.last();
    return last === null ? null : { seq: last.seq, hash: last.hash };
  }

  /** Never throws. */
  async #countsAreWritten(now: number): Promise<void> {
    try {
      await this.flush();
      if (hourOf(now) > this.#notedUpTo) await this.#noteEndedHours(this.#deps.items);
    } catch (cause) {
      this.#deps.log.warn("pictures that keys read were not counted", { cause });
    }
  }

  async #writeCounts(rows: Rows): Promise<void> {
    this.#countsWrittenAt = this.#deps.clock();
    await this.#counts.write(rows);
  }

  async #noteEndedHours(rows: Rows): Promise<void> {
    const hour = hourOf(this.#deps.clock());
    await this.#counts.noteBefore(hour, rows, (count) =>
      this.#chain.append(picturesRead(count.keyId, count.hour, count.pictures), rows),
    );
    this.#notedUpTo = hour;
  }

  /** A copy of the log elsewhere then shows when the end of the chain was cut off. */
  async #sayHead(): Promise<void> {
    const hour = hourOf(this.#deps.clock());
    const head = await this.head();
    if (head === null || head.seq === this.#headSaid.seq || hour === this.#headSaid.hour) return;
    this.#headSaid = { hour, seq: head.seq };
    this.#deps.log.info("the audit log ends here", { ...head });
  }
}

function matches(record: AuditRecord, { by, actions, outcomes, of }: AuditFilter): boolean {
  if (by !== undefined && record.by !== by) return false;
  if (actions !== undefined && !actions.includes(record.action)) return false;
  if (outcomes !== undefined && !outcomes.includes(record.outcome)) return false;
  return of === undefined || isAbout(record, of);
}

function isAbout({ about }: AuditRecord, { site, boxes }: NonNullable<AuditFilter["of"]>): boolean {
  const named = [about["box"], about["boxes"]].flat();
  const sites = [about["site"], about["sites"]].flat();
  return sites.includes(site) || named.some((box) => typeof box === "string" && boxes.includes(box));
}

function seqOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new GatepostError("bad-request", "this cursor is of another list; begin again without it");
}
