import { GatepostError, hashToken, masked, newToken, scopes } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { exampleKey } from "../openapi/examples.ts";
import { nextPage, paging, readPage, usualLimit } from "../page.ts";
import { admins, route } from "../route.ts";

const boxName = z
  .string()
  .normalize()
  .regex(
    /^[\p{L}\p{Nd}][\p{L}\p{Nd}._-]{0,63}$/u,
    "must be 1 to 64 letters, digits, dots, underscores or hyphens, the first a letter or digit",
  );

const newRate = z
  .strictObject({ perSecond: z.number().positive().max(10_000), burst: z.int().min(1).max(1_000_000).exactOptional() })
  .transform(({ perSecond, burst = Math.ceil(perSecond) }) => ({ perSecond, burst }));

const maxBoxes = 50;

const note = z
  .string()
  .trim()
  .min(1, "leave it out, or say whom the key is for")
  .max(200)
  .refine((text) => masked(text) === text, "must not be a key")
  .meta({ description: "Whom it is for, in 200 characters." });

/** Only an ingest key belongs to a box and may have limits; only a read key may be limited to some boxes. */
const newKey = z
  .strictObject({
    scope: z.enum(scopes),
    box: boxName.nullable().default(null),
    rate: newRate.exactOptional().meta({ description: "Reports a second, and how many at once. On one machine only." }),
    dailyBytes: z
      .int()
      .min(1)
      .exactOptional()
      .meta({ description: "Bytes of bodies a day (UTC). On one machine only." }),
    note: note.exactOptional(),
    expiresAt: z.iso
      .datetime({ offset: true, error: "must be an instant with its zone, as 2027-01-31T00:00:00Z" })
      .transform((instant) => Date.parse(instant))
      .exactOptional()
      .meta({ description: "When it ends: an instant with its zone. From then on it opens nothing." }),
    boxes: z
      .array(boxName)
      .min(1, "name a box, or leave it out")
      .max(maxBoxes)
      .transform((names) => [...new Set(names)])
      .exactOptional()
      .meta({ description: "The boxes that a read key sees. For it, nothing exists of any other." }),
    site: z
      .string()
      .trim()
      .min(1, "leave it out, or name a site of boxes")
      .max(64)
      .exactOptional()
      .meta({ description: "The site whose boxes a read key sees, as `PATCH /v1/boxes/{id}` sets it." }),
  })
  .refine(({ scope, boxes }) => scope === "read" || boxes === undefined, {
    path: ["boxes"],
    message: "only a read key is limited to boxes; leave them out",
  })
  .refine(({ scope, boxes, site }) => site === undefined || (scope === "read" && boxes === undefined), {
    path: ["site"],
    message: "only a read key without boxes is limited to a site; leave it out",
  })
  .refine(({ scope, box }) => scope !== "ingest" || box !== null, {
    path: ["box"],
    message: "name the box that an ingest key is for",
  })
  .refine(({ scope, box }) => scope === "ingest" || box === null, {
    path: ["box"],
    message: "only an ingest key is for a box; leave it out",
  })
  .refine(({ scope, rate, dailyBytes }) => scope === "ingest" || (rate === undefined && dailyBytes === undefined), {
    path: ["scope"],
    message: "only an ingest key delivers; leave rate and dailyBytes out",
  });

const keyAnswer = z.object({ id: z.string(), scope: z.enum(scopes), box: z.string().nullable() });

const keyListing = keyAnswer.extend({
  note: z.string().exactOptional(),
  expiresAt: z.iso.datetime().exactOptional(),
  boxes: z.array(z.string()).exactOptional().meta({ description: "The boxes that it sees, where it is limited." }),
  site: z.string().exactOptional(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  rate: z.object({ perSecond: z.number(), burst: z.int() }).exactOptional(),
  dailyBytes: z.int().exactOptional(),
});

const createKey = route({
  method: "POST",
  path: "/v1/keys",
  scopes: admins,
  about: {
    summary: "Make a key",
    detail:
      "Only an ingest key is for a box. On one machine it may have limits: beyond `rate` or `dailyBytes` what it delivers is " +
      "answered 429 with `Retry-After`. A read key may see some boxes alone: lists, feeds, counts and pictures then have " +
      "nothing of any other.",
    answer: {
      status: 201,
      is: "The key. Its token is in this answer and never again.",
      schema: keyAnswer.extend({ token: z.string() }),
      example: { id: exampleKey.id, scope: "ingest", box: "gate-1", token: "gpi_…" },
    },
    example: { body: { scope: "ingest", box: "gate-1" } },
  },
  asks: { path: z.object({}), query: z.object({}), body: newKey },
  audits: {
    action: "key-made",
    about: ({ body: { scope, box, boxes, site } }) => ({
      scope,
      ...(box === null ? {} : { box }),
      ...(boxes === undefined ? {} : { boxes }),
      ...(site === undefined ? {} : { site }),
    }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ key: id })),
  },
  async answer({ body }, deps) {
    if (body.expiresAt !== undefined && body.expiresAt <= deps.clock()) {
      throw new GatepostError("bad-request", "expiresAt: must be later than now");
    }
    const token = newToken(body.scope);
    const { id, scope, box } = await deps.keyAdmin.create({ ...body, tokenHash: hashToken(token) });
    deps.log.info("key created", { id, scope, box });
    return Response.json({ id, scope, box, token }, { status: 201 });
  },
});

/** Keys were listed whole before there were pages, and are where none is asked for. */
const keyPaging = {
  limit: paging.limit
    .unwrap()
    .meta({ description: "The most that one page may hold; all keys where neither this nor `cursor` is given." })
    .exactOptional(),
  cursor: paging.cursor,
};

const listKeys = route({
  method: "GET",
  path: "/v1/keys",
  scopes: admins,
  about: {
    summary: "List all keys",
    detail: "All at once, or with `limit` in pages.",
    answer: {
      status: 200,
      is: "The keys, the oldest first, the revoked ones included.",
      schema: z.object({ keys: z.array(keyListing), next: nextPage }),
      example: { keys: [exampleKey], next: null },
    },
  },
  asks: { path: z.object({}), query: z.object(keyPaging), body: noBody },
  async answer({ query: { limit, ...given } }, deps) {
    const { keyAdmin } = deps;
    if (limit === undefined && given.cursor === undefined) {
      return Response.json({ keys: await keyAdmin.list(), next: null });
    }
    const asked = { ...given, limit: limit ?? usualLimit };
    const { items, next } = await readPage("keys", asked, (_, page) => keyAdmin.page(page), deps);
    return Response.json({ keys: items, next });
  },
});

const revokeKey = route({
  method: "DELETE",
  path: "/v1/keys/:id",
  scopes: admins,
  about: {
    summary: "Revoke a key",
    detail: "It is dead at once on one machine, within 60 s on AWS. Live connections that it opened end.",
    answer: { status: 204, is: "It is revoked." },
    example: { path: { id: exampleKey.id } },
  },
  asks: { path: z.object({ id: z.string().meta({ description: "`key_…`" }) }), query: z.object({}), body: noBody },
  audits: { action: "key-revoked", about: ({ path: { id } }) => ({ key: named(id) }) },
  async answer({ path: { id } }, deps) {
    if (!(await deps.keyAdmin.revoke(id))) throw new GatepostError("not-found", "there is no such key; list them");
    deps.log.info("key revoked", { id });
    return new Response(null, { status: 204 });
  },
});

/** The id of a key as it may be logged: what was sent may be anything, even a key itself. */
function named(id: string): string {
  return /^key_\w{1,64}$/.test(id) ? id : "no key";
}

export const keyRoutes = [createKey, listKeys, revokeKey];
