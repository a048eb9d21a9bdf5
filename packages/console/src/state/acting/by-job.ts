import type { Api, Job, JobResult } from "@gatepost/client";
import { actionWords } from "../../words/actions.ts";
import { attempt, inLanguageOrAsIs } from "../failure.ts";
import { followJob, resumeJob, runJob } from "../jobs.ts";
import { say, sayUndoable } from "../notice.ts";
import { gatepost } from "../session.ts";
import { changes, noteTaken, show } from "./decided.ts";

/** More decisions than these are a job of the server, which continues without this page. */
export const jobBeyond = 100;

/** The name of these jobs in this browser: its progress is shown again after a reload. */
export const decisions = "decide";

type Wish = Extract<Api["POST /v1/jobs"]["body"], { kind: "decide" }>;
type Asked = Omit<Wish, "kind" | "reason"> & { actions: string[]; reason?: Wish["reason"] };

/** One job after the other. */
let last: Promise<unknown> = Promise.resolve();

/** Decides many actions by a job, and offers to take it back once it has ended. */
export function decideByJob(asked: Asked, isLeaving = false): Promise<void> {
  const next = isLeaving ? run(asked, isLeaving) : last.then(() => run(asked, isLeaving));
  last = next;
  return next;
}

async function run({ reason = null, ...asked }: Asked, keepalive: boolean): Promise<void> {
  const ended = await attempt(() =>
    runJob(decisions, { kind: "decide", reason, ...asked }, { isKept: true, keepalive }),
  );
  if (ended === null) show(asked.actions);
  else settle(ended, asked);
}

/** Shows the progress of a job that was begun before a reload of the page, and its end. */
export async function resumeDecisions(): Promise<void> {
  const ended = await attempt(() => resumeJob(decisions));
  if (ended !== null) settle(ended, null);
}

/** @param asked null if it is not known any more, as after a reload */
function settle(job: Job, asked: Asked | null): void {
  const result = job.result as JobResult<"decided"> | null;
  const [leftOut, failed] = [result?.leftOut ?? [], result?.failed ?? []];
  if (asked !== null) {
    const open = new Set([...asked.actions.slice(job.done), ...[...leftOut, ...failed].map(({ action }) => action)]);
    show([...open]);
    for (const id of asked.actions) if (!open.has(id)) noteTaken(id);
  }
  changes.value++;
  const w = actionWords.value;
  const text = [w.byJob(result?.decided ?? 0, leftOut.length + failed.length)];
  if (job.state === "failed" && job.reason !== null) text.push(inLanguageOrAsIs(job.reason));
  if (result === null || result.decided === 0 || asked?.do === "done") say(text.join(" "));
  else sayUndoable(text.join(" "), () => undo(job.id));
}

async function undo(id: string): Promise<void> {
  const ended = await attempt(async () =>
    followJob(decisions, await gatepost().ask("POST /v1/jobs/{id}/undo", { path: { id } }), { isKept: true }),
  );
  changes.value++;
  if (ended === null) return;
  const result = ended.result as JobResult<"decided"> | null;
  say(actionWords.value.takenBackByJob(result?.decided ?? 0));
}
