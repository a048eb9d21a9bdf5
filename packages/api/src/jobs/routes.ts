import { includes } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import type { EventFilter } from "@gatepost/core/events";
import { hasEnded, resultLifetimeMs, roomFor } from "@gatepost/core/jobs";
import { dayMs, instant, minuteMs } from "@gatepost/protocol";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { requirePeople } from "../access/people-on.ts";
import { seesSite } from "../access/ports-for.ts";
import { guards, isOfKind, managersOfPeople } from "../access/who.ts";
import { decisionToStore, requireToDecide, visible } from "../acting/asked.ts";
import { maxDecisionBytes, outcomeOf, type StoredDecision, type StoredUndo } from "../acting/decision.ts";
import { requireRange } from "../events/routes.ts";
import { contentTypes, exportFile, openExportLink } from "../exports/link.ts";
import { requireDays } from "../hours/days-asked.ts";
import { exampleIds, exampleLinks } from "../openapi/examples.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute, route } from "../route.ts";
import { dropExport, withinBoxes } from "./drop-exports.ts";
import {
  type ExportRequest,
  type Job,
  type JobRequest,
  jobRequest,
  newJob,
  newJobId,
  queueJob,
  type SeenRequest,
} from "./job.ts";
import { noRoom } from "./results.ts";
import { stopJob } from "./run.ts";
import { auditAbout, auditedAs, jobAnswer, shownJob, undoOf } from "./shown-job.ts";

const jobPath = z.object({ id: z.string().meta({ description: "`job_…`" }) });

const createJob = route({
  method: "POST",
  path: "/v1/jobs",
  who: guards,
  maxBodyBytes: maxDecisionBytes,
  about: {
    summary: "Create a job, for work that takes longer than one request",
    detail:
      "`export` writes events into a file, or with `what` hours or people, for managers and for keys made with `--people`; `erase` erases " +
      "a person, with a receipt; `replay` reads the records in quarantine again; `seen` marks events as seen; `decide` declines open " +
      "actions, marks them as done or takes their photos: a guard may decline. A job continues after a restart. A read key may " +
      "export, and sees only its own jobs.",
    answer: { status: 202, is: "The job.", schema: jobAnswer },
    example: {
      body: { kind: "export", format: "csv", filter: { from: "2026-11-05T00:00:00Z" }, columns: ["time", "name"] },
    },
  },
  asks: { body: jobRequest },
  dear: ({ body: { kind } }) => kind === "erase",
  audits: {
    action: ({ body: { kind } }) => auditedAs[kind],
    about: ({ body }, hidden) => auditAbout(body, hidden),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ job: id })),
  },
  async refuses({ body, caller }, deps) {
    if (body.kind === "decide") requireToDecide(body.do, caller);
    else if (caller.account !== null && !includes(caller.account.role, "manager")) {
      throw new GatepostError("forbidden", "this is for a manager; a guard can decline actions");
    } else if (body.kind !== "export" && !caller.isAdministrator) {
      throw new GatepostError(
        "forbidden",
        `you may export; for the job "${body.kind}" use an admin key, or sign in as administrator`,
      );
    }
    if (body.kind === "export" && (body.what === "hours" || body.what === "people")) {
      requirePeopleKey(caller);
      await requirePeople(deps);
      if (body.what === "hours") requireDays(body.filter);
      await requireBoxes(body.filter.site, deps);
    } else if (body.kind === "export" || body.kind === "seen") {
      requireRange(body.filter, deps);
      await requireBoxes(body.filter.site, deps);
    }
    const lack = await deps.jobs.store.lackOfRoom(caller.id, roomFor(body.kind, caller));
    if (lack !== null) throw await noRoom(lack, caller.id, deps);
  },
  async answer({ body, caller }, deps) {
    const asked = await requestToStore(body, caller, deps);
    const job = await createStored(newJobId(), asked, { caller, deps });
    return Response.json(await shownJob(job, deps), { status: 202 });
  },
});

/** Stores a job, and queues it. Throws 429 if there is no room for it. */
export async function createStored(
  id: string,
  asked: Job["asked"],
  { caller, deps }: { caller: Caller; deps: ApiPorts },
) {
  const job = newJob(id, { by: caller.id, asked }, deps.clock());
  const admitted = await deps.jobs.store.create(job, roomFor(asked.kind, caller));
  if (admitted !== "created") throw await noRoom(admitted, caller.id, deps);
  await queueJob(id, deps);
  deps.log.info("job created", { id, kind: asked.kind, by: caller.id });
  return job;
}

const getJob = route({
  method: "GET",
  path: "/v1/jobs/:id",
  who: guards,
  about: {
    summary: "Get the progress and the result of a job",
    answer: { status: 200, is: "The job. It is kept for 30 days after its end.", schema: jobAnswer },
    example: { path: { id: exampleIds.receiptJob } },
  },
  asks: { path: jobPath },
  async answer({ path: { id }, caller }, deps) {
    return Response.json(await shownJob(await findJob(id, caller, deps), deps));
  },
});

const deleteJob = route({
  method: "DELETE",
  path: "/v1/jobs/:id",
  who: guards,
  about: {
    summary: "Stop a job, or remove the result of an export",
    detail:
      "Finished work is kept; the file of an export is removed, also if the job has ended. Any other job that has " +
      "ended stays unchanged.",
    answer: { status: 204, is: "The job is stopped, or its file is removed." },
    example: { path: { id: exampleIds.job } },
  },
  asks: { path: jobPath },
  async answer({ path: { id }, caller }, deps) {
    const job = await findJob(id, caller, deps);
    if (await stopJob(id, deps)) deps.log.info("job stopped", { id });
    else if (job.asked.kind === "export") await dropExport(job, { state: "stopped", reason: null }, deps);
    return new Response(null, { status: 204 });
  },
});

/** ms for which the decisions of a job can be taken back. */
const undoableMs = 7 * dayMs;

const undoJob = route({
  method: "POST",
  path: "/v1/jobs/:id/undo",
  who: guards,
  about: {
    summary: "Take back the decisions of a job, within seven days",
    detail:
      "Declined actions are open again, and photos are undone at the boxes, by another job. An action that was decided " +
      "again since stays. Asked again, the answer is the same job.",
    answer: { status: 202, is: "The job that takes them back.", schema: jobAnswer },
    others: {
      409: "The job has not ended, or its decisions cannot be taken back.",
      410: "It ended more than seven days ago.",
    },
    example: { path: { id: exampleIds.decidedJob } },
  },
  asks: { path: jobPath },
  audits: { action: "actions-undone", about: ({ path: { id } }) => ({ job: id }) },
  async refuses({ path: { id }, caller }, deps) {
    requireToDecide(decisionOf(await findJob(id, caller, deps)).do, caller);
  },
  async answer({ path: { id }, caller }, deps) {
    const begun = await deps.jobs.store.get(undoOf(id));
    if (begun !== null) return Response.json(await shownJob(begun, deps), { status: 202 });
    const job = await findJob(id, caller, deps);
    const asked = await undoToStore(job, deps);
    return Response.json(await shownJob(await createStored(undoOf(id), asked, { caller, deps }), deps), {
      status: 202,
    });
  },
});

export const jobRoutes = [createJob, getJob, deleteJob, undoJob];

function decisionOf({ asked }: Job): StoredDecision {
  if (asked.kind === "decide" && asked.do !== "undo") return asked;
  throw new GatepostError("conflict", "this job has decided nothing that could be taken back");
}

/** Throws 409 and 410 if the decisions of a job cannot be taken back. */
async function undoToStore(job: Job, deps: ApiPorts): Promise<StoredUndo> {
  const { do: does, actions } = decisionOf(job);
  if (does === "done") throw new GatepostError("conflict", "results of actions cannot be taken back");
  if (!hasEnded(job)) throw new GatepostError("conflict", "this job has not ended; stop it first, or wait");
  if (deps.clock() - (job.endedAt ?? 0) > undoableMs)
    throw new GatepostError("gone", "this job ended more than seven days ago");
  const decided = outcomeOf(job).decided.flatMap((place) => actions[place] ?? []);
  if (decided.length === 0) throw new GatepostError("conflict", "this job has decided nothing");
  // The boxes of the caller may be others by now.
  const seen = await visible(decided, deps);
  // A slice of a stopped job ends a little later.
  const endedAt = (job.endedAt ?? 0) + (job.state === "stopped" ? minuteMs : 0);
  const undone = { job: job.id, do: does, by: job.by, since: instant(job.createdAt), until: instant(endedAt) };
  return { kind: "decide", do: "undo", of: undone, actions: seen };
}

/** The stored part of a request: with the boxes to ask, the boxes of a site, and the limits of the caller. */
async function requestToStore(body: JobRequest, { boxes, sites }: Caller, deps: ApiPorts): Promise<Job["asked"]> {
  if (body.kind === "erase" && body.fromBoxes === true) {
    return { ...body, libraries: body.boxes ?? (await allBoxes(deps)) };
  }
  if (body.kind === "decide") return decisionToStore(body, deps);
  if (body.kind !== "export" && body.kind !== "seen") return body;
  const { site } = body.filter;
  const asked = site === undefined ? boxes : await deps.boxes.reader.boxesOf(site);
  const within = withBoxes(body, asked);
  return boxes === null || sites.length === 0 || within.kind === "seen" ? within : { ...within, ofSites: [...sites] };
}

/** A request whose filter names boxes (null: every box). Events are found by them alone; a table needs its site, too. */
function withBoxes(body: ExportRequest | SeenRequest, boxes: readonly string[] | null): ExportRequest | SeenRequest {
  const named = boxes === null ? {} : { boxes: [...boxes] };
  if (body.kind === "export" && (body.what === "hours" || body.what === "people")) {
    return { ...body, filter: { ...body.filter, ...named } } as ExportRequest;
  }
  const { site: _, ...filter } = body.filter as EventFilter & { site?: string };
  return { ...body, filter: { ...filter, ...named } };
}

/** Throws 403 for a read key that was not made for people. */
function requirePeopleKey({ key }: Caller): void {
  if (key === null || isOfKind(key, managersOfPeople.keys)) return;
  throw new GatepostError("forbidden", "this key does not read people or hours; make one with --people");
}

/** Throws 400 if the caller sees no box of a site: the job would have no boxes. */
async function requireBoxes(site: string | undefined, { boxes }: ApiPorts): Promise<void> {
  if (site === undefined || (await seesSite(site, { boxes }))) return;
  throw new GatepostError("bad-request", "filter.site: no box that you see is at this site; list the sites");
}

/** Throws 404 also for a job of another caller, if this one is not an administrator. */
async function findJob(id: string, caller: Caller, deps: Pick<ApiPorts, "jobs" | "clock">): Promise<Job> {
  const job = await deps.jobs.store.get(id);
  if (job !== null && (caller.isAdministrator || job.by === caller.id)) return withinBoxes(job, caller, deps);
  throw new GatepostError("not-found", "there is no such job, or it is older than 30 days");
}

/** Boxes that are asked to remove one person, at most. */
const maxLibraries = 500;

async function allBoxes({ boxes }: ApiPorts): Promise<string[]> {
  const names = await boxes.reader.names();
  if (names.length <= maxLibraries) return names.toSorted();
  throw new GatepostError("bad-request", `fromBoxes: there are more than ${maxLibraries} boxes; name 50 at a time`);
}

const getExport = openRoute({
  method: "GET",
  path: "/v1/exports/:link",
  about: {
    summary: "Get the result of an export",
    detail:
      "`GET /v1/jobs/{id}` gives the links, on one machine; each opens one result for ten minutes, without a key.",
    answer: { status: 200, is: "The file.", contentTypes: Object.values(contentTypes) },
    others: { 404: "The link was not made here.", 410: "The link has ended, or the result is gone." },
    example: { path: { link: exampleLinks.export } },
  },
  asks: { path: z.object({ link: z.string() }) },
  async answer({ path: { link } }, deps) {
    const id = openExportLink(link, deps);
    const job = await deps.jobs.store.get(id);
    const isThere = job?.asked.kind === "export" && job.state === "done" && job.result !== null;
    const isFresh = isThere && deps.clock() < (job.endedAt ?? 0) + resultLifetimeMs;
    const read = isFresh ? await deps.jobs.exports.read(id) : null;
    if (read === null || job?.asked.kind !== "export") {
      throw new GatepostError(
        "gone",
        "this result is gone: it is kept for a day, until its job is removed, or until an erasure removes data from it",
      );
    }
    const { name, contentType } = exportFile(id, job.asked);
    return new Response(read.stream, {
      headers: {
        "content-type": contentType,
        "content-length": String(read.bytes),
        "content-disposition": `attachment; filename="${name}"`,
      },
    });
  },
});

export const exportRoutes = [getExport];
