import { expect, it } from "vitest";
import * as z from "zod";
import type { Api } from "../../../packages/cli/src/client.ts";
import { NotReached } from "../../../packages/cli/src/failure.ts";
import { doJob } from "../../../packages/cli/src/jobs/wait.ts";

const begun = { id: "job_1", state: "waiting", done: 0, of: 0, reason: null, result: null };

const notAsked = () => Promise.reject(new Error("not asked"));

/** Reads a job by the schema that is asked for. */
function read<Answer>(question: { answer?: z.core.$ZodType<Answer> } | undefined, job: object): Answer {
  if (question?.answer === undefined) throw new Error("no schema is given");
  return z.parse(question.answer, job);
}

/** An API that begins a job, and then shows it in this state. */
const becoming = (job: object): Api => ({
  async ask(operation, question) {
    return read(question, operation === "POST /v1/jobs" ? begun : { ...begun, ...job });
  },
  publicUrl: "",
  url: null,
  get: notAsked,
  open: notAsked,
});

it.each([
  [{ state: "failed", reason: "the disk is full: make room on it" }, "the disk is full: make room on it"],
  [{ state: "failed" }, "the job failed"],
  [{ state: "stopped" }, "the job was stopped"],
  [{ state: "done", result: "x" }, "job_1 is done, but its result has an unknown form"],
])("waits no longer for a job that is %j", async (job, why) => {
  const asked = doJob(becoming(job), { kind: "erase", person: "1", all: true }, { result: z.null(), show() {} });
  await expect(asked).rejects.toThrow(why);
});

/** An API that begins a job, and then does not answer. */
const goneAfter: Pick<Api, "ask"> = {
  async ask(operation, question) {
    if (operation !== "POST /v1/jobs") throw new NotReached("cannot reach it; is it running there?");
    return read(question, begun);
  },
};

it("a job continues if its server is gone meanwhile, and the message names it", async () => {
  const api: Api = { ...goneAfter, publicUrl: "", url: null, get: notAsked, open: notAsked };
  await expect(doJob(api, { kind: "erase", person: "1", all: true }, { result: z.null(), show() {} })).rejects.toThrow(
    "cannot reach it; is it running there? The job is job_1; it continues once the server runs again",
  );
});
