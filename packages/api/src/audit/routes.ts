import {
  type AuditFilter,
  auditActions,
  auditKeptMs,
  auditOutcomes,
  ChainCheck,
  type ChainFinding,
  type ChainPlace,
  shownAuditRecord,
} from "@gatepost/core/audit";
import { moment } from "@gatepost/core/events";
import { cursorSigner, several, valuesOf } from "@gatepost/core/lists";
import * as z from "zod";
import { withActors } from "../access/actors.ts";
import { administratorsAlone } from "../access/who.ts";
import { siteText } from "../names.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const head = z.object({ seq: z.int(), hash: z.string() });

const listAudit = route({
  method: "GET",
  path: "/v1/audit",
  who: administratorsAlone,
  about: {
    summary: "List the actions of people and keys, newest first",
    detail:
      "Accounts and keys made and changed, sign-ins, erasures, replays, approvals, exports, and how many pictures each has read. " +
      "Each entry has the hash of the previous one. A page of a filter that few entries match may be short and still have a `next`.",
    answer: {
      status: 200,
      is: "One page, the last entry of the whole log, and the time since which entries are kept.",
      schema: z.object({
        entries: z.array(shownAuditRecord),
        next: nextPage,
        head: head.nullable().meta({ description: "The last entry of the log; null if it has none." }),
        keptFrom: z.iso.datetime(),
      }),
    },
    example: { query: { from: "2026-11-05T00:00:00Z", to: "2026-11-06T00:00:00Z", limit: "20" } },
  },
  asks: {
    query: z.object({
      from: moment.meta({ description: "The earliest time shown." }).exactOptional(),
      to: moment.meta({ description: "The time before which entries must be." }).exactOptional(),
      by: z.string().max(64).meta({ description: "The id of an account or a key." }).exactOptional(),
      action: several(z.enum(auditActions)).exactOptional(),
      site: siteText.meta({ description: "Entries about this site, or a box that is at it now." }).exactOptional(),
      outcome: several(z.enum(auditOutcomes)).exactOptional(),
      ...paging,
    }),
  },
  async answer({ query }, deps) {
    // The head is read first: an entry that is noted meanwhile is on the page and behind this head.
    const end = await deps.auditReader.head();
    const { items, next } = await readPage(
      "audit",
      query,
      async (asked, page) => deps.auditReader.list(await filterOf(asked, deps), page),
      deps,
    );
    const keptFrom = new Date(deps.clock() - auditKeptMs).toISOString();
    return Response.json({ entries: await withActors(items, deps), next, head: end, keptFrom });
  },
});

type AskedEntries = Pick<AuditFilter, "from" | "to" | "by"> & {
  site?: string;
  action?: Parameters<typeof valuesOf<(typeof auditActions)[number]>>[0];
  outcome?: Parameters<typeof valuesOf<(typeof auditOutcomes)[number]>>[0];
};

async function filterOf({ site, action, outcome, ...range }: AskedEntries, { boxes }: ApiPorts): Promise<AuditFilter> {
  const of = site === undefined ? site : { site, boxes: await boxes.reader.boxesOf(site) };
  return { ...range, of, actions: valuesOf(action), outcomes: valuesOf(outcome) };
}

/** Entries that one request follows: some seconds of reading on AWS. */
const checkedAtOnce = 5000;

const place = z.object({
  head: head.nullable(),
  from: z.object({ seq: z.int(), hash: z.string().nullable(), at: z.string().nullable() }),
  entries: z.int(),
  cursor: z.string(),
});

const verifyAudit = route({
  method: "POST",
  path: "/v1/audit/verify",
  who: administratorsAlone,
  about: {
    summary: "Verify that the audit log is unchanged",
    detail:
      `Follows the chain from its end, ${checkedAtOnce} entries a request: ask again with \`after\` until \`next\` is null or \`isWhole\` ` +
      "is false. An end that was cut off shows only against a head that was noted elsewhere: `gatepost audit verify --head`.",
    answer: {
      status: 200,
      is: "The finding so far.",
      schema: z.object({
        isWhole: z.boolean(),
        entries: z.int().meta({ description: "Entries that were followed, by all requests so far." }),
        brokenAt: z.int().nullable().meta({ description: "The newest entry that is wrong or missing." }),
        next: nextPage,
      }),
    },
    example: { body: {} },
  },
  asks: {
    body: z.strictObject({
      after: z.string().max(2000).meta({ description: "`next` of the answer before." }).exactOptional(),
    }),
  },
  auditedBy: "GET /v1/audit",
  async answer({ body: { after } }, deps) {
    const signer = cursorSigner("audit verify", deps.cursorSecret);
    const before = after === undefined ? null : place.parse(JSON.parse(signer.verify(after, "after")));
    const { finding, next } = await follow(before, deps);
    const { brokenAt, entries } = finding;
    const isOver = next === null || brokenAt !== null;
    const signed = isOver ? null : signer.sign(JSON.stringify(next));
    return Response.json({
      isWhole: brokenAt === null,
      entries: entries + (before?.entries ?? 0),
      brokenAt,
      next: signed,
    });
  },
});

type Place = z.output<typeof place>;

/** Follows the chain from a place for some thousand entries. */
async function follow(
  before: Place | null,
  { auditReader, clock }: ApiPorts,
): Promise<{ finding: ChainFinding; next: Place | null }> {
  const end = before === null ? await auditReader.head() : before.head;
  const from: ChainPlace | undefined = before?.from;
  const check = new ChainCheck(end, null, from);
  let cursor = before?.cursor ?? null;
  let read = 0;
  do {
    const page: Awaited<ReturnType<typeof auditReader.list>> = await auditReader.list({}, { limit: 500, cursor });
    for (const record of page.items) check.take(record);
    read += page.items.length;
    cursor = page.next;
  } while (cursor !== null && read < checkedAtOnce);
  if (cursor === null) return { finding: check.end(clock() - auditKeptMs), next: null };
  const entries = (before?.entries ?? 0) + check.finding.entries;
  return { finding: check.finding, next: { head: end, from: check.place, entries, cursor } };
}

export const auditRoutes = [listAudit, verifyAudit];
