import { randomBytes } from "node:crypto";
import { GatepostError } from "@gatepost/core/errors";
import type { EventFilter } from "@gatepost/core/events";
import { resultLifetimeMs, roomFor } from "@gatepost/core/jobs";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { requirePeople } from "../access/people-on.ts";
import { seesSite } from "../access/ports-for.ts";
import { isOfKind, managers, managersOfPeople } from "../access/who.ts";
import { noBody } from "../body.ts";
import { dropExport, withinBoxes } from "../jobs/drop-exports.ts";
import { contentTypes, exportFile, openExportLink } from "../jobs/export-link.ts";
import { type ExportRequest, type Job, type JobRequest, jobRequest, type SeenRequest } from "../jobs/job.ts";
import { noRoom } from "../jobs/results.ts";
import { stopJob } from "../jobs/run.ts";
import { auditAbout, auditedAs, jobAnswer, shownJob } from "../jobs/shown-job.ts";
import { exampleExportLink, exampleJob, exampleReceiptJob } from "../openapi/examples.ts";
import { requireDays } from "../people/days-asked.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute, route } from "../route.ts";
import { requireRange } from "./events.ts";

const jobPath = z.object({ id: z.string().meta({ description: "`job_…`" }) });

const createJob = route({
  method: "POST",
  path: "/v1/jobs",
  who: managers,
  about: {
    summary: "Create a job, for work that takes longer than one request",
    detail:
      "`export` writes events into a file: `csv`, `xlsx`, `ndjson`, or `zip` with their pictures; 10 GB at most, gone after 24 hours " +
      "or with an erasure of anything in it. `erase` erases a person, with a receipt; `replay` reads the records in " +
      "quarantine again; `seen` marks events as seen. A job continues after a restart. A read key may export, and sees only its own jobs. " +
      'With `"what":"hours"` or `"people"` it writes those, for managers and for keys made with `--people`.',
    answer: { status: 202, is: "The job.", schema: jobAnswer, example: exampleJob },
    example: {
      body: { kind: "export", format: "csv", filter: { from: "2026-11-05T00:00:00Z" }, columns: ["time", "name"] },
    },
  },
  asks: { path: z.object({}), query: z.object({}), body: jobRequest },
  audits: {
    action: ({ body: { kind } }) => auditedAs[kind],
    about: ({ body }, hidden) => auditAbout(body, hidden),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ job: id })),
  },
  async refuses({ body, caller }, deps) {
    if (body.kind !== "export" && !caller.isAdministrator) {
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
    const job: Job = {
      ...{
        id: `job_${randomBytes(12).toString("hex")}`,
        step: 0,
        by: caller.id,
        state: "waiting",
        asked,
        progress: null,
      },
      ...{ done: 0, of: 0, createdAt: deps.clock(), startedAt: null, endedAt: null, result: null, reason: null },
    };
    const admitted = await deps.jobs.store.create(job, roomFor(body.kind, caller));
    if (admitted !== "created") throw await noRoom(admitted, caller.id, deps);
    // The job is stored, so the search for forgotten jobs will run it. Refusing it now would run a refused job.
    await deps.jobs.queue
      .push(job.id)
      .catch((cause: unknown) => deps.log.warn("could not start a job, it is started later", { id: job.id, cause }));
    deps.log.info("job created", { id: job.id, kind: body.kind, by: caller.id });
    return Response.json(await shownJob(job, deps), { status: 202 });
  },
});

const getJob = route({
  method: "GET",
  path: "/v1/jobs/:id",
  who: managers,
  about: {
    summary: "Get the progress and the result of a job",
    answer: {
      status: 200,
      is: "The job. It is kept for 30 days after its end.",
      schema: jobAnswer,
      example: exampleReceiptJob,
    },
    example: { path: { id: exampleReceiptJob.id } },
  },
  asks: { path: jobPath, query: z.object({}), body: noBody },
  async answer({ path: { id }, caller }, deps) {
    return Response.json(await shownJob(await findJob(id, caller, deps), deps));
  },
});

const deleteJob = route({
  method: "DELETE",
  path: "/v1/jobs/:id",
  who: managers,
  about: {
    summary: "Stop a job, or remove the result of an export",
    detail:
      "Finished work is kept; the file of an export is removed, also if the job has ended. Any other job that has " +
      "ended stays unchanged.",
    answer: { status: 204, is: "The job is stopped, or its file is removed." },
    example: { path: { id: exampleJob.id } },
  },
  asks: { path: jobPath, query: z.object({}), body: noBody },
  async answer({ path: { id }, caller }, deps) {
    const job = await findJob(id, caller, deps);
    if (await stopJob(id, deps)) deps.log.info("job stopped", { id });
    else if (job.asked.kind === "export") await dropExport(job, { state: "stopped", reason: null }, deps);
    return new Response(null, { status: 204 });
  },
});

export const jobRoutes = [createJob, getJob, deleteJob];

/** The stored part of a request: with the boxes to ask, the boxes of a site, and the limits of the caller. */
async function requestToStore(body: JobRequest, { boxes, sites }: Caller, deps: ApiPorts): Promise<Job["asked"]> {
  if (body.kind === "erase" && body.fromBoxes === true) {
    return { ...body, libraries: body.boxes ?? (await allBoxes(deps)) };
  }
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
    answer: {
      status: 200,
      is: "The file.",
      contentTypes: Object.values(contentTypes),
    },
    others: { 404: "The link was not made here.", 410: "The link has ended, or the result is gone." },
    example: { path: { link: exampleExportLink } },
  },
  asks: {
    path: z.object({ link: z.string().meta({ description: "As it came." }) }),
    query: z.object({}),
    body: noBody,
  },
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
