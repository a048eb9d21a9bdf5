import { GatepostError } from "@gatepost/core/errors";
import { hashToken, newToken, scopes } from "@gatepost/core/keys";
import { dayMs, omitAbsent } from "@gatepost/protocol";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { consoleAt } from "../access/own-origin.ts";
import { administratorsAlone, managersAlone } from "../access/who.ts";
import { exampleIds } from "../openapi/examples.ts";
import { nextPage, optionalPaging, readPage, usualLimit } from "../page.ts";
import { route } from "../route.ts";
import { newKey } from "./new-key.ts";

const keyAnswer = z.object({ id: z.string(), scope: z.enum(scopes), box: z.string().nullable() });

const keyListing = keyAnswer
  .extend({
    note: z.string().exactOptional(),
    expiresAt: z.iso.datetime().exactOptional(),
    boxes: z.array(z.string()).exactOptional().meta({ description: "The boxes that it sees, if it is limited." }),
    site: z.string().exactOptional(),
    people: z.literal(true).exactOptional().meta({ description: "It may read people, presence and hours." }),
    serials: z
      .array(z.string())
      .exactOptional()
      .meta({ description: "The serials of terminals of ZKTeco that deliver with it without sending it." }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    rate: z.object({ perSecond: z.number(), burst: z.int() }).exactOptional(),
    dailyBytes: z.int().exactOptional(),
  })
  .meta({ id: "Key" });

/** A key for a screen ends within so many days, and after so many if its maker does not say when. */
const [maxScreenDays, usualScreenDays] = [31, 30];

type Wish = z.output<typeof newKey>;

/** Managers make keys for the screens of sites that they see whole, and no others. Throws 403. */
function requireMay(wish: Wish, { isAdministrator, boxes, sites }: Caller): void {
  if (isAdministrator) return;
  if (wish.for !== "screen") {
    throw new GatepostError("forbidden", 'your role makes keys for screens alone: add "for": "screen"', {
      code: "role",
    });
  }
  if (boxes !== null && !sites.includes(wish.site ?? "")) {
    throw new GatepostError("forbidden", "you do not see the whole of this site; name one of yours");
  }
}

/** The end of a key, ms since 1970; undefined if it has none. Throws 400. */
function endOf({ expiresAt, for: use }: Wish, now: number): number | undefined {
  if (expiresAt !== undefined && expiresAt <= now) {
    throw new GatepostError("bad-request", "expiresAt: must be later than now");
  }
  if (use !== "screen") return expiresAt;
  if (expiresAt !== undefined && expiresAt > now + maxScreenDays * dayMs) {
    throw new GatepostError("bad-request", `expiresAt: must be within ${maxScreenDays} days for a screen`);
  }
  return expiresAt ?? now + usualScreenDays * dayMs;
}

const createKey = route({
  method: "POST",
  path: "/v1/keys",
  who: managersAlone,
  about: {
    summary: "Make a key",
    detail:
      "Only an ingest key is for a box: beyond its `rate` or `dailyBytes` reports are answered 429. A read key that is limited to " +
      "boxes gets nothing of any other. A key of scope `settle` reports results of actions, reads their events and photos, and " +
      "nothing else. A manager may make keys for screens alone. `serials` lets terminals of ZKTeco deliver, which cannot send a key; " +
      "a serial that another live key lists is answered 409.",
    answer: {
      status: 201,
      is: "The key. Only this answer contains its token.",
      schema: keyAnswer.extend({
        token: z.string(),
        signIn: z
          .string()
          .exactOptional()
          .meta({ description: "For a screen: the link that opens screen mode with this key." }),
      }),
    },
    example: { body: { scope: "read", site: "hq", for: "screen" } },
  },
  asks: { body: newKey },
  dear: ({ body: { scope } }) => scope === "admin" || scope === "settle",
  audits: {
    action: "key-made",
    about: ({ body: { scope, box, boxes, site, serials, for: use } }) => ({
      scope,
      for: use,
      box,
      boxes,
      site,
      serials,
    }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ key: id })),
  },
  refuses: async ({ body, caller }) => requireMay(body, caller),
  async answer({ body: { for: use, ...body }, headers, caller }, deps) {
    const expiresAt = endOf({ ...body, ...(use && { for: use }) }, deps.clock());
    const token = newToken(body.scope);
    const made = { ...body, ...omitAbsent({ expiresAt }), tokenHash: hashToken(token) };
    const { id, scope, box } = await deps.keyAdmin.create(made);
    deps.log.info("key created", { id, scope, box });
    const link = use === "screen" ? { signIn: `${consoleAt(headers, caller)}/#token=${token}&screen=m` } : {};
    return Response.json({ id, scope, box, token, ...link }, { status: 201 });
  },
});

const listKeys = route({
  method: "GET",
  path: "/v1/keys",
  who: administratorsAlone,
  about: {
    summary: "List all keys",
    detail: "All at once, or with `limit` in pages.",
    answer: {
      status: 200,
      is: "The keys, the oldest first, the revoked ones included.",
      schema: z.object({ keys: z.array(keyListing), next: nextPage }),
    },
  },
  asks: { query: z.object(optionalPaging) },
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
  who: administratorsAlone,
  about: {
    summary: "Revoke a key",
    detail: "The key is refused at once on one machine, within 60 s on AWS. Its live connections end.",
    answer: { status: 204, is: "It is revoked." },
    example: { path: { id: exampleIds.key } },
  },
  asks: { path: z.object({ id: z.string().meta({ description: "`key_…`" }) }) },
  audits: { action: "key-revoked", about: ({ path: { id } }) => ({ key: named(id) }) },
  async answer({ path: { id } }, deps) {
    if (!(await deps.keyAdmin.revoke(id))) throw new GatepostError("not-found", "there is no such key; list them");
    deps.log.info("key revoked", { id });
    return new Response(null, { status: 204 });
  },
});

/** The id of a key as it may be logged: the sent text may be anything, even a key itself. */
function named(id: string): string {
  return /^key_\w{1,64}$/.test(id) ? id : "no key";
}

export const keyRoutes = [createKey, listKeys, revokeKey];
