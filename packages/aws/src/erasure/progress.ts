import { type ErasureProgress, maxShared } from "@gatepost/core/erasure";
import type { Item } from "@gatepost/store";
import type { PictureRef } from "../pictures/refs.ts";
import { ownPicturesIn, pendingIn, refsOf } from "./event-row.ts";

/** An erased event: its row, and the number of quarantine records that were erased with it. */
export interface Erased {
  row: Item;
  quarantine: number;
  isLive: boolean;
}

export function addCounts(progress: ErasureProgress, { row, quarantine, isLive }: Erased): ErasureProgress {
  return {
    ...progress,
    events: progress.events + Number(isLive),
    pictures: progress.pictures + ownPicturesIn(row),
    quarantine: progress.quarantine + quarantine,
    outbox: progress.outbox + pendingIn(row),
    shared: withNames(progress.shared, refsOf(row).map(nameOf)),
  };
}

/** Called for each event of a person: mostly there is nothing to add. */
function withNames(shared: string[], names: readonly string[]): string[] {
  if (shared.length >= maxShared) return shared;
  const added = new Set(names.filter((name) => !shared.includes(name)));
  return added.size === 0 ? shared : [...shared, ...added].slice(0, maxShared);
}

/** The name of a shared picture in the progress of an erasure, and the reverse. */
function nameOf({ month, sha256, contentType }: PictureRef): string {
  return `${month} ${sha256} ${contentType}`;
}

export function refOf(name: string): PictureRef {
  const [month = "", sha256 = "", contentType] = name.split(" ");
  return { month, sha256, contentType: contentType === "image/png" ? contentType : "image/jpeg" };
}
