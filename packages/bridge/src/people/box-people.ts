import type { BoxPeopleConfig } from "../config/people.ts";
import type { BoxPerson, PeopleDialect, Wanted } from "./dialect.ts";
import { type Kept, keptSchema } from "./kept.ts";
import type {
  Attempt,
  Comparison,
  OrderOutcome,
  PersonLibrary,
  PhotoUpdate,
  Presence,
  Registration,
  UndoAttempt,
} from "./library.ts";
import { checkPhoto } from "./photo.ts";
import { ended, judged, Refused, sentence } from "./refused.ts";
import { isSeen, type Seen, seenOf } from "./seen.ts";
import { checkTaken, hasRecord, requireSame, tookPhoto } from "./taken.ts";
import { TaskQueue } from "./turns.ts";
import { isAsBefore, undo } from "./undo.ts";

export interface BoxPeopleOptions {
  /** Finds the generation of the box. Throws BoxError or Refused. */
  dialect(signal: AbortSignal): Promise<PeopleDialect>;
  config: Pick<BoxPeopleConfig, "group">;
}

const gone = "the box does not have this person";
const tooMuch =
  "the box has more of this person than can be kept for an undo, so nothing was changed: look at the photo there";
const removed = "the person was removed from the box since the order began";
const changedSince =
  "the box has the person otherwise than this order left them: changed since by another order, or by hand. Undo that first, or set it right on the box";
/** Tries to remove a person: a box may remove them from only one library at a time. */
const maxRemovals = 5;

/** The states of a person: before all orders of the action, and when this order began. */
interface Start {
  kept: Kept;
  began: Seen;
}

/**
 * The people on one box of any generation. Every try first reads the state of the box, and writes only what differs: so
 * a try may be repeated.
 */
export class BoxPeople implements PersonLibrary {
  readonly #options: BoxPeopleOptions;
  readonly #turns = new TaskQueue();
  #dialect: PeopleDialect | null = null;

  constructor(options: BoxPeopleOptions) {
    this.#options = options;
  }

  register(order: Registration, attempt: Attempt): Promise<OrderOutcome> {
    return this.#try(attempt.signal, async (dialect) => {
      const { personId, photo } = order;
      const start = await this.#prepare(dialect, order, attempt, (held) => held);
      return this.#changing(dialect, start, attempt, async () => {
        const wanted = await this.#wanted(dialect, order, attempt.signal);
        if (start.held === null && start.kept.before !== null) throw new Refused(removed);
        if (start.held === null) await dialect.create(personId, wanted, photo, attempt.signal);
        return this.#settle(dialect, { personId, photo, wanted, ...start }, attempt);
      });
    });
  }

  updatePhoto(order: PhotoUpdate, attempt: Attempt): Promise<OrderOutcome> {
    return this.#try(attempt.signal, async (dialect) => {
      const { personId, photo } = order;
      const start = await this.#prepare(dialect, order, attempt, present);
      return this.#changing(dialect, start, attempt, () =>
        this.#settle(dialect, { personId, photo, wanted: null, ...start }, attempt),
      );
    });
  }

  undo(kept: Kept, attempt: UndoAttempt): Promise<OrderOutcome> {
    const { personId, before } = kept;
    const { left, signal } = attempt;
    return this.#try(signal, async (dialect) => {
      if (kept.generation !== dialect.generation) {
        throw new Refused(
          `the kept state is of generation ${kept.generation}, and the box is of ${dialect.generation} now`,
        );
      }
      const held = await dialect.find(personId, signal);
      const now = seenOf(personId, held);
      const isExpected = held === null || isAsBefore(held, before) || left === null || isSeen(now, left);
      if (!isExpected) throw new Refused(changedSince);
      await attempt.begin(now);
      return this.#noting(dialect, personId, attempt, () =>
        before === null ? this.#remove(dialect, personId, signal) : undo(dialect, personId, before, signal),
      );
    });
  }

  remove(personId: string, signal: AbortSignal): Promise<OrderOutcome> {
    return this.#try(signal, (dialect) => this.#remove(dialect, personId, signal));
  }

  has(personId: string, signal: AbortSignal): Promise<Presence> {
    return this.#try(signal, async (dialect) =>
      (await isThere(dialect, personId, signal)) ? { state: "there" } : { state: "absent" },
    );
  }

  compare(personId: string, photo: Buffer, signal: AbortSignal): Promise<Comparison> {
    return this.#try(signal, async (dialect) => {
      checkPhoto(photo);
      const held = present(await dialect.find(personId, signal));
      if (held.photo === null) throw new Refused("the box does not give out its photo of the person");
      const isSame = await dialect.isSame(held.photo, photo, signal);
      if (isSame === null) throw new Refused("the box cannot compare faces");
      return { state: isSame ? "same" : "different" };
    });
  }

  #try<Done>(signal: AbortSignal, run: (dialect: PeopleDialect) => Promise<Done>) {
    return this.#turns.take(() =>
      ended(signal, async () => {
        // Asked again after every failure: the firmware may have changed.
        const dialect = this.#dialect ?? (await this.#options.dialect(signal));
        this.#dialect = null;
        const done = await run(dialect);
        this.#dialect = dialect;
        return done;
      }),
    );
  }

  /** Reads the person and checks the photo, and stores what an undo needs, before anything is changed. */
  async #prepare<Found extends BoxPerson | null>(
    dialect: PeopleDialect,
    order: Registration | PhotoUpdate,
    { kept, keep, began, begin, signal }: Attempt,
    expected: (held: BoxPerson | null) => Found,
  ): Promise<Start & { held: Found }> {
    const { personId, photo } = order;
    checkPhoto(photo);
    const held = expected(await dialect.find(personId, signal));
    if (kept !== null && began !== null) return { held, kept, began };
    if (kept === null && held !== null && "isStranger" in order) await requireSame(dialect, held, order, signal);
    if (kept === null) await dialect.checkQuality(photo, signal);
    const start = { held, kept: kept ?? keptOf(dialect, personId, held), began: seenOf(personId, held) };
    if (kept === null) await keep(start.kept);
    await begin(start.began);
    return start;
  }

  /** Changes a person. If the box refuses and the person is unchanged, there is nothing to undo. */
  #changing(
    dialect: PeopleDialect,
    { kept: { personId, before }, began }: Start,
    { unkeep, end, signal }: Attempt,
    change: () => Promise<OrderOutcome>,
  ): Promise<OrderOutcome> {
    const refused = async (left: Seen, held: BoxPerson | null) => {
      if (isAsBefore(held, before)) await unkeep();
      else await end(isSeen(left, began) ? null : left);
    };
    return this.#noting(dialect, personId, { end: refused, signal }, change);
  }

  /** Changes a person. If the box refuses, the state of the person is noted. */
  async #noting(
    dialect: PeopleDialect,
    personId: string,
    { end, signal }: { end(left: Seen, held: BoxPerson | null): Promise<void>; signal: AbortSignal },
    change: () => Promise<OrderOutcome>,
  ): Promise<OrderOutcome> {
    try {
      return await change();
    } catch (error) {
      if (!(judged(error) instanceof Refused)) throw error;
      // If the box does not answer now, the kept state stays: otherwise a change could not be undone.
      const found = await dialect.find(personId, signal).then(
        (held) => ({ held }),
        () => null,
      );
      if (found !== null) await end(seenOf(personId, found.held), found.held);
      throw error;
    }
  }

  async #wanted(dialect: PeopleDialect, { name, type, group }: Registration, signal: AbortSignal): Promise<Wanted> {
    const groupName = group ?? this.#options.config.group;
    const permissionIds = groupName === undefined ? [] : [await dialect.groupId(groupName, signal)];
    return { name, type, permissionIds };
  }

  /** Writes what the box lacks, and asks it whether it has everything. */
  async #settle(
    dialect: PeopleDialect,
    { personId, photo, wanted, began }: { personId: string; photo: Buffer; wanted: Wanted | null } & Start,
    { end, signal }: Attempt,
  ): Promise<OrderOutcome> {
    const held = present(await dialect.find(personId, signal));
    if (!tookPhoto(held, photo, began)) await dialect.changePhoto(personId, held, photo, signal);
    if (wanted !== null && !hasRecord(held, wanted)) {
      const joined = { ...wanted, permissionIds: [...new Set([...held.permissionIds, ...wanted.permissionIds])] };
      await dialect.changeRecord(personId, held, joined, signal);
    }
    const now = present(await dialect.find(personId, signal));
    const unchecked = await checkTaken(dialect, { held: now, photo, wanted, began }, signal);
    await end(seenOf(personId, now));
    return { state: "done", note: unchecked === null ? null : sentence(unchecked) };
  }

  async #remove(dialect: PeopleDialect, personId: string, signal: AbortSignal): Promise<OrderOutcome> {
    for (let removals = 0; removals <= maxRemovals; removals++) {
      if (!(await isThere(dialect, personId, signal))) return { state: "done", note: null };
      await dialect.remove(personId, signal);
    }
    throw new Refused("the box says that it removed the person, and still has them");
  }
}

async function isThere(dialect: PeopleDialect, personId: string, signal: AbortSignal): Promise<boolean> {
  if ((await dialect.find(personId, signal)) !== null) return true;
  // A box without this interface does not know the person either.
  await dialect.probe(signal);
  return false;
}

function present(held: BoxPerson | null): BoxPerson {
  if (held === null) throw new Refused(gone);
  return held;
}

function keptOf({ generation }: PeopleDialect, personId: string, held: BoxPerson | null): Kept {
  if (held === null) return { generation, personId, before: null };
  const { record, imageId, photo } = held;
  const kept = { generation, personId, before: { record, imageId, photo: photo?.toString("base64") ?? null } };
  // It could be written, and not be read: a second try would take the changed person for the old one.
  if (!keptSchema.safeParse(kept).success) throw new Refused(tooMuch);
  return kept;
}
