import { effect, type ReadonlySignal, type Signal } from "@preact/signals";
import { clockAhead, noteServerTime } from "../clock.ts";
import { isFresh, keptNames, keptOfUsers, linkOwner, nameOfKept, removeKept } from "../kept-rolls.ts";
import type { OwnTick, Roll, Tick } from "./ticks.ts";

/** An evacuation list as this browser keeps it. It has no faces. */
export interface KeptRoll {
  /** When the server answered last, ms since 1970 by this browser's clock, and ms by which that is ahead of the server's. */
  at: number;
  ahead: number;
  roll: Roll;
  /** Ticks that are not sent. */
  own: readonly OwnTick[];
  /** The display name of the site, and the name of own ticks. */
  site: string;
  name: string | null;
}

/** The list of an owner; null if it is not kept, or no longer. */
export function readKept(owner: string, roll: string): KeptRoll | null {
  try {
    const text = localStorage.getItem(nameOfKept(owner, roll)) ?? "";
    const [at = ""] = text.split(" ", 1);
    const kept = isFresh(Number(at)) ? { ...JSON.parse(text.slice(at.length)), at: Number(at) } : null;
    // The text may be of another version.
    return isWhole(kept) ? kept : null;
  } catch {
    return null;
  }
}

/** The list of the user whom the server was not asked about yet. */
export function readKeptOfUser(roll: string): (KeptRoll & { owner: string }) | null {
  const held = keptOfUsers().find((one) => one.roll === roll);
  const kept = held === undefined ? null : readKept(held.owner, roll);
  return held === undefined || kept === null ? null : { ...kept, owner: held.owner };
}

/** The list that a link opens. It is found by the link alone. */
export async function readKeptOfLink(token: string): Promise<KeptRoll | null> {
  const owner = await ownerOfLink(token);
  const held = keptNames().find((one) => one.owner === owner);
  return held === undefined ? null : readKept(owner, held.roll);
}

/** The owner of what a link opens. Its token stays in its tab. */
export async function ownerOfLink(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return linkOwner([...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
}

/** Corrects the clock of this browser as it was corrected when the list was kept. */
export function correctClock({ ahead }: KeptRoll): void {
  const here = Date.now();
  noteServerTime(here - ahead, here);
}

/** The parts of a `Book` that are kept. */
interface Kept {
  roll: ReadonlySignal<Roll>;
  ticks: ReadonlySignal<readonly Tick[]>;
  own: ReadonlySignal<readonly OwnTick[]>;
  readAt: ReadonlySignal<number>;
  site: ReadonlySignal<string>;
  isKept: Signal<boolean>;
  source: { name(): string | null };
}

/**
 * Keeps a list up to date in this browser until the returned function is called, and removes it as soon as it is closed,
 * or may not be read any more.
 */
export function keepBook(book: Kept, owner: string): () => void {
  const { id } = book.roll.peek();
  const [name, made] = [nameOfKept(owner, id), new Set<string>()];
  let written = "";
  return effect(() => {
    const [roll, at] = [{ ...book.roll.value, ticks: book.ticks.value }, book.readAt.value];
    for (const tick of book.own.value) made.add(tick.id);
    // Another tab may have this list, too, and ticks that are not sent.
    const others = readKept(owner, id)?.own.filter((tick) => !made.has(tick.id)) ?? [];
    const unsentTicks = [...book.own.value, ...others];
    const kept = { ahead: clockAhead(), roll, own: unsentTicks, site: book.site.value, name: book.source.name() };
    const text = `${at} ${JSON.stringify(kept)}`;
    if (text === written) return;
    written = text;
    book.isKept.value = roll.state !== "closed" && hasWritten(name, text);
    // A full storage would show an older list.
    if (!book.isKept.peek()) removeKept(name);
  });
}

function hasWritten(name: string, text: string): boolean {
  try {
    localStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

function isWhole(kept: unknown): kept is KeptRoll {
  if (typeof kept !== "object" || kept === null) return false;
  const { ahead, roll, own, site, name } = kept as Partial<KeptRoll>;
  const isNamed = typeof site === "string" && (name === null || typeof name === "string");
  return (
    isNamed &&
    typeof ahead === "number" &&
    Array.isArray(own) &&
    Array.isArray(roll?.people) &&
    roll.people.every(({ passings }) => Array.isArray(passings)) &&
    Array.isArray(roll.outs)
  );
}
