import { GatepostError, hashToken, newToken, scopes } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { admins, route } from "../route.ts";

const boxName = z
  .string()
  .normalize()
  .regex(
    /^[\p{L}\p{Nd}][\p{L}\p{Nd}._-]{0,63}$/u,
    "must be 1 to 64 letters, digits, dots, underscores or hyphens, the first a letter or digit",
  );

/** Only an ingest key is of a box. */
const newKey = z
  .strictObject({ scope: z.enum(scopes), box: boxName.nullable().default(null) })
  .refine(({ scope, box }) => scope !== "ingest" || box !== null, {
    path: ["box"],
    message: "name the box that an ingest key is for",
  })
  .refine(({ scope, box }) => scope === "ingest" || box === null, {
    path: ["box"],
    message: "only an ingest key is for a box; leave it out",
  });

const createKey = route({
  method: "POST",
  path: "/v1/keys",
  scopes: admins,
  asks: { path: z.object({}), query: z.object({}), body: newKey },
  async answer({ body }, on) {
    const token = newToken(body.scope);
    const { id, scope, box } = await on.keyAdmin.create({ ...body, tokenHash: hashToken(token) });
    on.ingest.log.info("key created", { id, scope, box });
    return Response.json({ id, scope, box, token }, { status: 201 });
  },
});

const listKeys = route({
  method: "GET",
  path: "/v1/keys",
  scopes: admins,
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  answer: async (_, on) => Response.json({ keys: await on.keyAdmin.list() }),
});

const revokeKey = route({
  method: "DELETE",
  path: "/v1/keys/:id",
  scopes: admins,
  asks: { path: z.object({ id: z.string() }), query: z.object({}), body: noBody },
  async answer({ path: { id } }, on) {
    if (!(await on.keyAdmin.revoke(id))) throw new GatepostError("not-found", "there is no such key; list them");
    on.ingest.log.info("key revoked", { id });
    return new Response(null, { status: 204 });
  },
});

export const keyRoutes = [createKey, listKeys, revokeKey];
