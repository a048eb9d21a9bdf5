import { setTimeout as pause } from "node:timers/promises";
import type { Operations } from "@gatepost/client";
import * as z from "zod";
import type { Api } from "../client.ts";
import { Failure, NotReached } from "../failure.ts";

/** ms between two looks at a job: short at first, because most are. */
const firstPauseMs = 20;
const maxPauseMs = 1000;

const state = z.object({
  id: z.string(),
  state: z.enum(["waiting", "running", "done", "failed", "stopped"]),
  done: z.number(),
  of: z.number(),
  reason: z.string().nullable(),
  result: z.unknown(),
});

/** How far a job is. */
export interface Progress {
  done: number;
  of: number;
}

interface Waiting<Result extends z.ZodType> {
  result: Result;
  show(progress: Progress): void;
}

/**
 * Creates a job and waits for its end. Throws Failure if it fails. The job continues if this process is interrupted.
 */
export async function doJob<Result extends z.ZodType>(
  api: Api,
  body: Operations["POST /v1/jobs"]["body"],
  waiting: Waiting<Result>,
): Promise<{ id: string; result: z.output<Result> }> {
  const { id } = await api.ask("POST /v1/jobs", { body, answer: state });
  return { id, result: await resultOfJob(api, id, waiting) };
}

/** Waits for the end of a job. Throws Failure if it fails. */
export async function resultOfJob<Result extends z.ZodType>(
  api: Api,
  id: string,
  { result, show }: Waiting<Result>,
): Promise<z.output<Result>> {
  for (let ms = firstPauseMs; ; ms = Math.min(ms * 1.5, maxPauseMs)) {
    const job = await api.ask("GET /v1/jobs/{id}", { path: { id }, answer: state }).catch((error: unknown) => {
      throw error instanceof NotReached ? goesOn(error, id) : error;
    });
    show(job);
    if (job.state === "done") return resultOf(job, result);
    if (job.state === "failed") throw new Failure(job.reason ?? "the job failed");
    if (job.state === "stopped") throw new Failure("the job was stopped");
    await pause(ms);
  }
}

/** Throws Failure if this version does not know the result's form. */
function resultOf<Result extends z.ZodType>(job: z.output<typeof state>, schema: Result): z.output<Result> {
  const read = schema.safeParse(job.result);
  if (read.success) return read.data;
  throw new Failure(
    `${job.id} is done, but its result has an unknown form; is the server of another version? ${z.prettifyError(read.error)}`,
  );
}

/** A job is stored, so a user who takes it for lost would ask for it twice. */
function goesOn(cause: NotReached, id: string): Failure {
  return new Failure(`${cause.message} The job is ${id}; it continues once the server runs again`, { cause });
}
