import { dayMs } from "@gatepost/protocol";
import * as z from "zod";

/** ms for which a removal is kept, also where no bridge ever takes it. */
export const removalLifetimeMs = 30 * dayMs;

/** Removals that are read at once. */
export const maxRemovals = 500;

/** That an erased person is to go from the person library of a box, too. Once it has ended it holds nobody's id. */
export const removalSchema = z.object({
  id: z.string(),
  box: z.string(),
  person: z.string().nullable(),
  state: z.enum(["waiting", "done", "failed"]),
  reason: z.string().nullable(),
  /** When it was asked for, ms. */
  at: z.int(),
});

export type Removal = z.output<typeof removalSchema>;

/** How a removal ended. */
export type RemovalEnd = Pick<Removal, "reason"> & { state: "done" | "failed" };

/** What is asked of boxes for erased persons. It is gone after `removalLifetimeMs`. */
export interface RemovalStore {
  /** Asks for a removal. One that was asked for already stays as it is. */
  ask(removal: Omit<Removal, "state" | "reason"> & { person: string }): Promise<void>;
  /** Those that wait, of these boxes or of all (null): the oldest first, `maxRemovals` at most. */
  waiting(boxes: readonly string[] | null): Promise<Removal[]>;
  /** Null where there is none, or it is over. */
  get(id: string): Promise<Removal | null>;
  /** Notes how it ended; the id of the person leaves no byte. False where there is none. What is done stays done. */
  end(id: string, end: RemovalEnd): Promise<boolean>;
}
