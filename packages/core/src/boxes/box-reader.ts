import { isCheckBox, type ShownBox } from "@gatepost/protocol";
import type { KeyedBoxes } from "../keys/keyed-boxes.ts";
import { type Page, type PageRequest, PageRoom } from "../lists/page.ts";
import type { BoxStatusReader, BoxStatusRecord } from "../statuses/box-statuses.ts";
import type { BoxStore } from "./box-store.ts";
import { activityAfter } from "./noted.ts";
import { type BoxActivity, type BoxRecord, newRecord } from "./record.ts";
import type { LocalHours, Rhythms } from "./rhythms.ts";
import { sameHours } from "./silence.ts";
import { defaultSite } from "./sites.ts";
import { showBox, showDevices } from "./view.ts";

export interface BoxReaderDeps {
  store: BoxStore;
  keyed: Pick<KeyedBoxes, "all" | "has">;
  status: Pick<BoxStatusReader, "of">;
  /** Null if events are not counted by half-hour. */
  rhythms: Rhythms | null;
  hours: LocalHours;
  /** Signs that are not stored yet; absent if another process gathers them. */
  heard?: { of(box: string): BoxActivity | null; names(): string[] };
  /** Whether every report and every refusal is counted. */
  isCounted: boolean;
  clock(): number;
}

/** A box at its site, with its devices. */
export interface BoxAtSite extends Pick<ShownBox, "id" | "name" | "devices"> {
  site: string;
}

/** Boxes that are read at the same time. Each takes several reads, and each read has a time limit. */
const batchSize = 50;

/** Reads boxes: those that gave a sign, and those that only have a key. */
export class BoxReader {
  readonly #deps: BoxReaderDeps;

  constructor(deps: BoxReaderDeps) {
    this.#deps = deps;
  }

  /**
   * Silent boxes first, then by name. A page of large boxes is shorter than asked for, and has `next`.
   *
   * @param among only these boxes; null for all
   */
  async list(
    { limit, cursor, maxBytes }: PageRequest,
    among: readonly string[] | null = null,
  ): Promise<Page<ShownBox>> {
    const keys = (await this.#names(among)).map(({ box, isSilent }) => `${isSilent ? 0 : 1} ${box}`).toSorted();
    const after = cursor === null ? keys : keys.filter((key) => key > cursor);
    const items: ShownBox[] = [];
    const room = new PageRoom(maxBytes);
    for (let isFull = false; !isFull && items.length < Math.min(limit, after.length); ) {
      const part = after.slice(items.length, Math.min(limit, items.length + batchSize));
      const shown = await this.#show(part.map((key) => key.slice(2)));
      const fitting = shown.findIndex((box) => !room.takesItem(box));
      isFull = fitting !== -1;
      items.push(...(isFull ? shown.slice(0, fitting) : shown));
    }
    return { items, next: after.length > items.length ? (after[items.length - 1] ?? null) : null };
  }

  /** The names of all boxes, in any order. */
  async names(among: readonly string[] | null = null): Promise<string[]> {
    const { store, heard, keyed } = this.#deps;
    const [known, withKey] = await Promise.all([store.known(), keyed.all()]);
    const names = new Set([...known, ...withKey, ...(heard?.names() ?? [])]);
    const wanted = among === null ? names : new Set(among);
    return [...names].filter((box) => wanted.has(box) && !isCheckBox(box));
  }

  /** These boxes, which exist, with their sites and devices, by name. */
  async places(boxes: readonly string[]): Promise<BoxAtSite[]> {
    const names = boxes.toSorted();
    const places: BoxAtSite[] = [];
    for (let next = 0; next < names.length; next += batchSize) {
      for (const { record, notices } of await this.#records(names.slice(next, next + batchSize))) {
        const { box: id, name, site } = record;
        places.push({ id, name, site: site ?? defaultSite, devices: showDevices(record, notices) });
      }
    }
    return places;
  }

  /** The names of the boxes of a site. Boxes that only have a key are at the default site. */
  async boxesOf(site: string): Promise<string[]> {
    const { store, heard, keyed } = this.#deps;
    if (site !== defaultSite) return (await store.boxesOf(site)).filter((box) => !isCheckBox(box));
    const [{ known, atSite }, withKey] = await Promise.all([store.knownAt(site), keyed.all()]);
    const isStored = new Set(known);
    const others = [...withKey, ...(heard?.names() ?? [])].filter((box) => !isStored.has(box));
    return [...new Set([...atSite, ...others])].filter((box) => !isCheckBox(box));
  }

  /** The site of a box; the default site if no site is set. */
  async siteOf(box: string): Promise<string> {
    return (await this.#deps.store.get(box))?.record.site ?? defaultSite;
  }

  /** Null if there is no such box: it sent nothing, and has no key. */
  async get(box: string): Promise<ShownBox | null> {
    const { store, heard, keyed } = this.#deps;
    const isHeard = (heard?.of(box) ?? null) !== null || (await store.get(box)) !== null;
    const isKnown = isHeard || (await keyed.has(box));
    return isKnown ? ((await this.#show([box]))[0] ?? null) : null;
  }

  /** A record as readers get it. */
  async show(record: BoxRecord): Promise<ShownBox> {
    const notices = await this.#deps.status.of([record.box]);
    return this.#shown(record, notices);
  }

  async #show(boxes: readonly string[]): Promise<ShownBox[]> {
    const records = await this.#records(boxes);
    return Promise.all(records.map(({ record, notices }) => this.#shown(record, notices)));
  }

  /** The records of boxes, in the same order, with their notices. */
  async #records(boxes: readonly string[]): Promise<{ record: BoxRecord; notices: readonly BoxStatusRecord[] }[]> {
    const { store, status } = this.#deps;
    const [stored, notices] = await Promise.all([store.getAll(boxes), status.of(boxes)]);
    const records = new Map(stored.map(({ record }) => [record.box, record]));
    const noticesOf = Map.groupBy(notices, ({ box }) => box);
    return boxes.map((box) => ({
      record: this.#withHeard(records.get(box) ?? newRecord(box)),
      notices: noticesOf.get(box) ?? [],
    }));
  }

  async #shown(record: BoxRecord, notices: readonly BoxStatusRecord[]): Promise<ShownBox> {
    const { store, rhythms, hours, isCounted, clock } = this.#deps;
    const now = clock();
    const { box, activity } = record;
    const life = activity?.life ?? null;
    const [pauses, rhythm] = await Promise.all([
      life === null ? {} : store.pauses({ box, device: null }, sameHours(hours.hourOf(now))),
      life === null || rhythms === null ? null : rhythms.of(box, now, life.first),
    ]);
    return showBox(record, { hours, now, pauses, notices, rhythm, isCounted });
  }

  #withHeard(record: BoxRecord): BoxRecord {
    const { heard, hours } = this.#deps;
    const more = heard?.of(record.box) ?? null;
    if (more === null) return record;
    return { ...record, activity: activityAfter(record, more, hours, () => true) };
  }

  async #names(among: readonly string[] | null): Promise<{ box: string; isSilent: boolean }[]> {
    const [stored, keyed] = await Promise.all([this.#deps.store.names(), this.#deps.keyed.all()]);
    const others = [...keyed, ...(this.#deps.heard?.names() ?? [])];
    const names = new Map(others.map((box) => [box, { box, isSilent: false }]));
    for (const record of stored) names.set(record.box, record);
    const wanted = among === null ? null : new Set(among);
    return [...names.values()].filter(({ box }) => !isCheckBox(box) && (wanted?.has(box) ?? true));
  }
}
