import type { ActionFilter, ListedAction } from "@gatepost/core/actions";
import { eventToErase } from "@gatepost/core/events";
import { comparable } from "@gatepost/protocol";
import * as z from "zod";
import type { JobDeps } from "../ports.ts";

const pageSize = 500;

/** The page of actions at which this continues (null: the first, or after the last), and the erased data so far. */
export const registeredProgress = z.object({
  cursor: z.string().nullable(),
  isDone: z.boolean(),
  events: z.int(),
  pictures: z.int(),
  quarantine: z.int(),
  outbox: z.int(),
});
export type RegisteredProgress = z.output<typeof registeredProgress>;

const nothing: RegisteredProgress = { cursor: null, isDone: false, events: 0, pictures: 0, quarantine: 0, outbox: 0 };

type Deps = Pick<JobDeps, "actionReader" | "events" | "quarantine" | "eraser">;

/**
 * Erases the passings of strangers who were registered under the id of a person: they have the face, and the approval
 * has the name. A store does not find them by the person, because the id of a stranger is not a person's. Call it with
 * its last result until `isDone`. Repeated with the same progress, it erases the rest, and counts only the rest.
 *
 * @param boxes those whose events of the person go; null for all
 * @param limit actions that are looked at, about
 */
export async function eraseRegistered(
  { person, boxes }: { person: string; boxes: readonly string[] | null },
  { limit, before = nothing }: { limit: number; before?: RegisteredProgress | undefined },
  deps: Deps,
): Promise<RegisteredProgress> {
  let progress = before;
  for (let looked = 0; looked < limit && !progress.isDone; looked += pageSize) {
    const { named, next } = await registeredAs(person, { boxes, cursor: progress.cursor }, deps);
    for (const action of named) progress = await erased(action, progress, deps);
    progress = { ...progress, cursor: next, isDone: next === null };
  }
  return progress;
}

/**
 * Reads a page of requested registrations. Returns those that were approved as a person, and the cursor of the next
 * page.
 */
export async function registeredAs(
  person: string,
  { boxes, cursor }: { boxes: readonly string[] | null; cursor: string | null },
  { actionReader }: Pick<Deps, "actionReader">,
): Promise<{ named: ListedAction[]; next: string | null }> {
  const filter: ActionFilter = { wants: ["1001"], boxes: boxes ?? undefined };
  const { items, next } = await actionReader.list(filter, { limit: pageSize, cursor });
  const isNamed = ({ approval }: ListedAction) => comparable(approval?.person ?? "") === comparable(person);
  return { named: items.filter(isNamed), next };
}

async function erased(
  { eventId, state }: ListedAction,
  progress: RegisteredProgress,
  { events, quarantine, eraser }: Deps,
): Promise<RegisteredProgress> {
  const event = await eventToErase(eventId, { events });
  const records = await quarantine.countOf([eventId]);
  if (event === null || !(await eraser.eraseEvent(eventId))) return progress;
  const reports = event === "broken" ? [] : event.reports;
  const pictures = new Set(
    reports.flatMap((report) => Object.values(report.pictures ?? {}).map(({ sha256 }) => sha256)),
  );
  return {
    ...progress,
    events: progress.events + 1,
    pictures: progress.pictures + pictures.size,
    quarantine: progress.quarantine + records,
    outbox: progress.outbox + Number(state === "pending"),
  };
}
