import { resultLifetimeMs } from "@gatepost/core/jobs";
import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { exportFile } from "../jobs/export-file.ts";
import { openExportLink } from "../jobs/export-link.ts";
import { exampleExportLink } from "../openapi/examples.ts";
import { openRoute } from "../route.ts";

const getExport = openRoute({
  method: "GET",
  path: "/v1/exports/:link",
  about: {
    summary: "Get the result of an export",
    detail:
      "Links come from `GET /v1/jobs/{id}`, on one machine; each opens one result for ten minutes, without a key.",
    answer: {
      status: 200,
      is: "The file.",
      contentTypes: ["text/csv; charset=utf-8", "application/x-ndjson", "application/zip"],
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
        "this result is gone: it was kept for a day, or its job was removed, or an erasure concerned it",
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
