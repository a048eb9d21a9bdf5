import { includes } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import { masked } from "@gatepost/core/masking";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { guardsAlone } from "../access/who.ts";
import { displayName } from "../names.ts";
import { exampleIds } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const viewAnswer = namedObject("View", {
  id: z.string(),
  name: z.string(),
  address: z.string(),
  isForEverybody: z
    .boolean()
    .meta({ description: "Whether it is shared: then all people see it, and otherwise the caller alone." }),
});

const address = z
  .string()
  .max(2000)
  .regex(/^#\/\P{C}*$/u, "must be the part of a console's address that begins with #/, without control characters")
  .refine((text) => masked(text) === text, "must not have a key in it")
  .meta({ description: "An address in the console, from its `#/` on: 2,000 characters at most." });

const viewPath = z.object({ id: z.string().max(64).meta({ description: "`view_…`" }) });

const listViews = route({
  method: "GET",
  path: "/v1/views",
  who: guardsAlone,
  about: {
    summary: "List saved views",
    detail: "A view is a name for an address of the console, such as a list of events with its filter.",
    answer: {
      status: 200,
      is: "The views of the caller and the shared ones, by name.",
      schema: z.object({ views: z.array(viewAnswer) }),
    },
  },
  async answer({ caller }, deps) {
    return Response.json({ views: await deps.views.list(caller.id) });
  },
});

const addView = route({
  method: "POST",
  path: "/v1/views",
  who: guardsAlone,
  about: {
    summary: "Save a view",
    detail: "To share it takes a manager who sees every box.",
    answer: { status: 201, is: "The view.", schema: viewAnswer },
    others: { 409: "The caller has 64 views already, or there are 64 shared ones." },
    example: { body: { name: "Strangers at night", address: "#/events?type=stranger&from=yesterday&to=today" } },
  },
  asks: { body: z.strictObject({ name: displayName, address, isForEverybody: z.boolean().default(false) }) },
  audits: {
    action: "setting-changed",
    about: ({ body }) => ({ setting: "views", isForEverybody: body.isForEverybody }),
  },
  refuses: async ({ body, caller }) => refuseForEverybody(body.isForEverybody, caller),
  async answer({ body, caller }, deps) {
    return Response.json(await deps.views.add(body, caller.id), { status: 201 });
  },
});

const changeView = route({
  method: "PATCH",
  path: "/v1/views/:id",
  who: guardsAlone,
  about: {
    summary: "Rename a view, or give it another address",
    answer: { status: 200, is: "The view as it is now.", schema: viewAnswer },
    example: { path: { id: exampleIds.view }, body: { address: "#/events?type=stranger&from=yesterday&to=today" } },
  },
  asks: {
    path: viewPath,
    body: z
      .strictObject({ name: displayName.exactOptional(), address: address.exactOptional() })
      .refine((change) => Object.keys(change).length > 0, "give a member to set"),
  },
  audits: { action: "setting-changed", about: ({ path }) => ({ setting: "views", view: masked(path.id) }) },
  refuses: ({ path, caller }, deps) => refuseUnlessTheirs(path.id, caller, deps),
  async answer({ path, body, caller }, deps) {
    const view = await deps.views.change(path.id, body, caller.id);
    if (view === null) throw noSuchView;
    return Response.json(view);
  },
});

const removeView = route({
  method: "DELETE",
  path: "/v1/views/:id",
  who: guardsAlone,
  about: {
    summary: "Remove a view",
    answer: { status: 204, is: "It is removed." },
    example: { path: { id: exampleIds.view } },
  },
  asks: { path: viewPath },
  audits: { action: "setting-changed", about: ({ path }) => ({ setting: "views", view: masked(path.id) }) },
  refuses: ({ path, caller }, deps) => refuseUnlessTheirs(path.id, caller, deps),
  async answer({ path, caller }, deps) {
    if (!(await deps.views.remove(path.id, caller.id))) throw noSuchView;
    return new Response(null, { status: 204 });
  },
});

export const viewRoutes = [listViews, addView, changeView, removeView];

const noSuchView = new GatepostError("not-found", "there is no such view");

/** Throws 404 for a view that the caller does not see, 403 if it is shared and the caller may not change it. */
async function refuseUnlessTheirs(id: string, caller: Caller, deps: ApiPorts): Promise<void> {
  const view = await deps.views.get(id, caller.id);
  if (view === null) throw noSuchView;
  refuseForEverybody(view.isForEverybody, caller);
}

/** Throws 403 unless the caller may share views: people of other sites see them, too. */
function refuseForEverybody(isForEverybody: boolean, { account, boxes }: Caller): void {
  if (!isForEverybody || account === null || (includes(account.role, "manager") && boxes === null)) return;
  throw new GatepostError("forbidden", "to share a view takes a manager who sees every box; save it for yourself", {
    code: "role",
  });
}
