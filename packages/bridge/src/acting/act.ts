import { parseActionId } from "@gatepost/protocol";
import type { Kept } from "../people/kept.ts";
import type { Attempt, PersonLibrary, OrderOutcome as Tried } from "../people/library.ts";
import { contentDigest, neverSeen } from "../people/seen.ts";
import type { CloudOrders } from "./cloud-orders.ts";
import { type KeptFiles, keptForMs } from "./kept-files.ts";
import type { OrderSpool } from "./order-spool.ts";
import type { Task } from "./task.ts";

export interface ActDeps {
  spool: OrderSpool;
  kept: KeptFiles;
  cloud: Pick<CloudOrders, "photo" | "isThere">;
  /** The person library of a box; null if the file names none. */
  libraryOf(box: string): PersonLibrary | null;
  now(): number;
}

/**
 * `gone`: the action was erased, so nothing is done and all of it is forgotten. `left`: it is not done automatically,
 * but a person may decide.
 */
export type Acted = Tried | { state: "gone" } | { state: "left"; reason: string };

const notKept =
  "How the box was is not kept any more, as after 7 days, or not here, as on another bridge: look at the box, and remove the person or replace the photo there.";

const notApproved =
  "The photo is another one than was approved, so nothing was done with it: look at the passing, and approve it again.";

/** ms within which work on a photo that no one approved must begin. */
const lateAfterMs = 60_000;

/**
 * Tries once to carry out an order at a box. It may be repeated after any end of an earlier try, also after the process
 * was killed: the library reads first, and the old state of the box is on disk before anything is changed.
 */
export async function act(task: Task, deps: ActDeps, signal: AbortSignal): Promise<Acted> {
  return withoutPerson(await tried(task, deps, signal), task.subject.person);
}

/** A box's message may contain the id of the person: it must not be logged, or stay after an erasure. */
function withoutPerson(acted: Acted, person: string): Acted {
  const hidden = (text: string) =>
    text.split(person).reduce((before, after) => {
      const isPart = /[\p{L}\p{N}]$/u.test(before) || /^[\p{L}\p{N}]/u.test(after);
      return `${before}${isPart ? person : "…"}${after}`;
    });
  if (acted.state === "gone" || person === "") return acted;
  if (acted.state === "done") return { ...acted, note: acted.note === null ? null : hidden(acted.note) };
  return { ...acted, reason: hidden(acted.reason) };
}

async function tried(task: Task, deps: ActDeps, signal: AbortSignal): Promise<Acted> {
  const library = deps.libraryOf(task.box);
  if (library === null) return failed("The bridge's file names no `people` for this box.");
  if (task.kind === "undo") return undo(task, library, { deps, signal });
  if (task.kind === "remove") return remove(task, library, { deps, signal });
  const { photo: sha256 } = task.subject;
  const photo = await deps.cloud.photo(task.ref, sha256, signal);
  if (photo.state === "gone") return withoutPhoto(task, photo.reason, { deps, signal });
  if (photo.state === "refused") return failed(`The photo cannot be had: ${photo.reason}.`);
  // A store of pictures to which the cloud redirects may give other bytes.
  if (sha256 !== null && contentDigest(photo.value) !== sha256) return failed(notApproved);
  return bring(task, library, { photo: photo.value, deps, signal });
}

/**
 * A picture may be lost without an erasure. Then the order fails with a reason, and the old state for an undo is kept.
 */
async function withoutPhoto(
  { ref }: Task,
  reason: string,
  { deps, signal }: { deps: ActDeps; signal: AbortSignal },
): Promise<Acted> {
  return (await deps.cloud.isThere(ref, signal)) ? failed(`The photo cannot be had: ${reason}.`) : { state: "gone" };
}

async function bring(
  task: Task,
  library: PersonLibrary,
  { photo, deps, signal }: { photo: Buffer; deps: ActDeps; signal: AbortSignal },
): Promise<Acted> {
  const { ref, box, subject } = task;
  const { person: personId, name, type, group } = subject;
  const before = deps.kept.get(ref, box);
  // Once something was kept, the box may have the photo: a try that was interrupted is finished, so that it is
  // reported.
  if (task.number === 0 && before === null) {
    if (deps.now() - task.takenAt > lateAfterMs) return { state: "left", reason: "It would come late." };
    const compared = await library.compare(personId, photo, signal);
    if (compared.state === "later") return compared;
    if (compared.state === "failed") return { state: "left", reason: compared.reason };
    if (compared.state === "different") {
      return { state: "left", reason: "The box does not call the two faces the same." };
    }
  }
  const attempt = { kept: before, ...keeping(task, photo, deps), began: task.began, ...noting(task, deps), signal };
  if (task.kind === "update-photo" || name === null || type === null) {
    return library.updatePhoto({ personId, name, photo }, attempt);
  }
  // A person left on the box by an earlier order of this action has its name and its photo.
  const isStranger = task.changedAt === null && isOfStranger(task);
  const order = { personId, name, type, group, photo, ...(isStranger ? { isStranger } : {}) };
  return library.register(order, attempt);
}

function isOfStranger({ ref }: Task): boolean {
  return parseActionId(ref)?.wantAction === "1001";
}

function keeping(task: Task, photo: Buffer, { spool, kept, now }: ActDeps): Pick<Attempt, "keep" | "unkeep"> {
  const { ref, box, changedAt } = task;
  return {
    keep: async (before) => {
      spool.setChanged(task, changedAt ?? now());
      if (!isDoneAlready(task, photo, before)) kept.put(ref, box, before);
    },
    unkeep: async () => {
      if (kept.get(ref, box) === null) return;
      spool.setChanged(task, changedAt);
      kept.remove(ref, box);
    },
  };
}

/**
 * Whether the box has the person as this action leaves them, by another bridge or by a spool that is lost: a person under
 * a stranger's id, or the very photo. Restoring that would not be an undo.
 */
function isDoneAlready(task: Task, photo: Buffer, { before }: Kept): boolean {
  return before !== null && (isOfStranger(task) || before.photo === photo.toString("base64"));
}

function noting(task: Task, { spool }: ActDeps): Pick<Attempt, "begin" | "end"> {
  return {
    begin: async (seen) => spool.begin(task, seen),
    end: async (left) => spool.end(task, left),
  };
}

async function undo(
  task: Task,
  library: PersonLibrary,
  { deps, signal }: { deps: ActDeps; signal: AbortSignal },
): Promise<Acted> {
  const { ref, box, changedAt, isWhole, began, leftAs } = task;
  const kept = deps.kept.get(ref, box);
  if (kept === null && changedAt === null && isWhole) return { state: "done", note: "Nothing had been changed." };
  // The kept state may be the one that an earlier approval left on the box, about which nothing else is known now.
  const isOfEarlier = changedAt !== null && (deps.kept.keptAt(ref, box) ?? 0) - changedAt > keptForMs;
  const isKept = kept !== null && !isOfEarlier;
  // After the spool was started anew, someone else may have changed the person since the kept state: only an unchanged
  // person is restored.
  const isForgotten = changedAt === null && began === null && leftAs === null;
  // An order that was begun and not finished may have left the person in any state.
  const left = isForgotten ? neverSeen : began === null ? leftAs : null;
  const attempt = { left, ...noting(task, deps), signal };
  const outcome = await (isKept ? library.undo(kept, attempt) : undoUnknown(task, library, signal));
  if (outcome.state === "failed" && isKept && isForgotten) return failed(notKept);
  if (outcome.state !== "done") return outcome;
  // In this order: with the kept state, an interrupted undo can be repeated.
  deps.spool.setChanged(task, null);
  deps.kept.remove(ref, box);
  return outcome;
}

/**
 * An undo if this bridge does not know whether the box was changed, or its old state. It is done only if the person of
 * the order is not on the box: nothing else would prove it.
 */
async function undoUnknown({ subject }: Task, library: PersonLibrary, signal: AbortSignal): Promise<Tried> {
  if (subject.type === null) return failed(notKept);
  const found = await library.has(subject.person, signal);
  if (found.state === "absent") return { state: "done", note: "The box does not have the person." };
  return found.state === "there" ? failed(notKept) : found;
}

async function remove(
  { box, subject: { person } }: Task,
  library: PersonLibrary,
  { deps, signal }: { deps: ActDeps; signal: AbortSignal },
): Promise<Acted> {
  // Removed first, so that no undo brings an erased person back.
  deps.kept.removePerson(person, box);
  return library.remove(person, signal);
}

function failed(reason: string): Tried {
  return { state: "failed", reason };
}
