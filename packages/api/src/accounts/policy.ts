import { roles } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { administratorsAlone } from "../access/who.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const requiredFrom = z
  .enum(roles)
  .nullable()
  .meta({ description: "People from this role upwards need a factor; null: nobody does." });

const policyAnswer = namedObject("SignInPolicy", {
  version: z.string().meta({ description: "For the next change." }),
  requiredFrom,
});

const getPolicy = route({
  method: "GET",
  path: "/v1/sign-in/policy",
  who: administratorsAlone,
  about: {
    summary: "Get who needs a second factor",
    answer: { status: 200, is: "The policy.", schema: policyAnswer },
  },
  async answer(_, deps) {
    return Response.json(await deps.factorPolicy.read());
  },
});

const putPolicy = route({
  method: "PUT",
  path: "/v1/sign-in/policy",
  who: administratorsAlone,
  about: {
    summary: "Change who needs a second factor",
    detail:
      "Of the people who sign in with a password. Who has none adds it within seven days of the policy, of the first " +
      "invitation, or of a higher role; later by a new link (`POST /v1/accounts/{id}/invitation`).",
    answer: { status: 200, is: "The policy as it is now.", schema: policyAnswer },
    others: {
      409: "The caller has no factor (`own-factor`).",
      412: "Someone else has changed it.",
    },
    example: { body: { version: "0", requiredFrom: "administrator" } },
  },
  asks: { body: z.strictObject({ version: z.string().regex(/^\d{1,15}$/), requiredFrom }) },
  dear: true,
  audits: {
    action: "setting-changed",
    about: ({ body }) => ({ setting: "second-factor", requiredFrom: body.requiredFrom ?? "nobody" }),
  },
  async answer({ body, caller }, deps) {
    if (body.requiredFrom !== null) await requireOwn(caller, deps);
    if (!(await deps.factorPolicy.write(body.requiredFrom, body.version))) {
      throw new GatepostError("outdated", "someone else has changed the settings; read them again");
    }
    return Response.json(await deps.factorPolicy.read());
  },
});

export const policyRoutes = [getPolicy, putPolicy];

/** Throws 409 for a person without a factor: else all administrators could be locked out seven days later. */
async function requireOwn({ account }: Caller, { factors }: ApiPorts): Promise<void> {
  if (account?.with !== "password" || (await factors.has(account.id))) return;
  throw new GatepostError("conflict", "set up a second factor of your own first, under Settings › You", {
    code: "own-factor",
  });
}
