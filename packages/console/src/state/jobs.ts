import type { Api, Job, JobResult } from "@gatepost/client";
import { type Signal, signal } from "@preact/signals";
import { failureOf, isPassing } from "./failure.ts";
import { gatepost, session } from "./session.ts";

const everyMs = 500;
/** After an answer that did not come. */
const retryMs = 2000;

/** The jobs that this page has begun: they continue, and are shown again, after another page was open. */
const begun = new Map<string, Signal<Job | null>>();

// Another user may sign in next.
session.subscribe(() => {
  for (const job of begun.values()) job.value = null;
  begun.clear();
});

/** Names under which one is asked for at the moment. */
const beginning = new Set<string>();

/** The job that was begun last under a name, as it is now; null before there is one. */
export function jobOf(name: string): Signal<Job | null> {
  const known = begun.get(name) ?? signal<Job | null>(null);
  begun.set(name, known);
  return known;
}

/** How a job is asked for. */
interface How {
  /** Whether its progress is shown again after a reload of this tab, by `resumeJob`. */
  isKept?: boolean;
  /** Whether the request outlasts the page. */
  keepalive?: boolean;
}

/**
 * Runs a job and notes its progress under a name. Resolves with how it ended, or with null if the user has signed out
 * meanwhile, or a job of that name is running; a lost connection does not end it. Rejects if the job cannot be started.
 */
export async function runJob(name: string, wish: Api["POST /v1/jobs"]["body"], how: How = {}): Promise<Job | null> {
  const asked = session.value;
  if (beginning.has(name) || isUnfinished(jobOf(name).value)) return null;
  return follow(name, await begin(name, wish, how), { asked, ...how });
}

/** Notes the progress of a job that was begun already, as `runJob` does. */
export async function followJob(name: string, job: Job, how: How = {}): Promise<Job | null> {
  return follow(name, job, { asked: session.value, ...how });
}

/** Follows the kept job of a name after a reload. Resolves with null if there is none. */
export async function resumeJob(name: string): Promise<Job | null> {
  const id = keptJob(name);
  if (id === null || beginning.has(name) || jobOf(name).value !== null) return null;
  beginning.add(name);
  try {
    const job = await gatepost().ask("GET /v1/jobs/{id}", { path: { id } });
    return await follow(name, job, { asked: session.value, isKept: true });
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== null && !isPassing(failure)) keepJob(name, null);
    return null;
  } finally {
    beginning.delete(name);
  }
}

async function follow(
  name: string,
  begun: Job,
  { asked, isKept = false }: How & { asked: typeof session.value },
): Promise<Job | null> {
  const shown = jobOf(name);
  let job = begun;
  if (isKept) keepJob(name, job.id);
  try {
    shown.value = job;
    while (isUnfinished(job)) {
      await pause(everyMs);
      if (asked !== session.value) return null;
      job = await progressOf(job);
      shown.value = job;
    }
    if (isKept) keepJob(name, null);
    return job;
  } catch (error) {
    shown.value = null;
    throw error;
  }
}

async function begin(name: string, wish: Api["POST /v1/jobs"]["body"], { keepalive = false }: How): Promise<Job> {
  beginning.add(name);
  try {
    return await gatepost().ask("POST /v1/jobs", { body: wish, keepalive });
  } finally {
    beginning.delete(name);
  }
}

/** Kept for this tab alone. A browser may refuse to keep anything. */
function keepJob(name: string, id: string | null): void {
  try {
    if (id === null) sessionStorage.removeItem(keptAs(name));
    else sessionStorage.setItem(keptAs(name), id);
  } catch {}
}

function keptJob(name: string): string | null {
  try {
    return sessionStorage.getItem(keptAs(name));
  } catch {
    return null;
  }
}

const keptAs = (name: string) => `gatepost-job-${name}`;

/** The job as it is now, or as it was if no answer arrives. */
async function progressOf(job: Job): Promise<Job> {
  try {
    return await gatepost().ask("GET /v1/jobs/{id}", { path: { id: job.id } });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null || !isPassing(failure)) throw error;
    await pause(retryMs);
    return job;
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export const isUnfinished = (job: Job | null): job is Job => job?.state === "waiting" || job?.state === "running";

/** The address of the file of an export; null before it is made, and if there was nothing to export. */
export function exportUrl({ kind, state, result }: Job): string | null {
  if (kind !== "export" || state !== "done" || result === null) return null;
  return (result as JobResult<"url">).url;
}

/** Asks once more for a job that has ended: the link of an export is valid for minutes only. */
export async function renewJob(name: string): Promise<void> {
  const shown = jobOf(name);
  const ended = shown.value;
  if (ended === null) return;
  const renewed = await progressOf(ended);
  // Another may have begun meanwhile.
  if (shown.value === ended) shown.value = renewed;
}

export const stopJob = (id: string) => gatepost().ask("DELETE /v1/jobs/{id}", { path: { id } });
