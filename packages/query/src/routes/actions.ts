import { actionStates } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { paging, readPage } from "../page.ts";
import { readers, route } from "../route.ts";

const listActions = route({
  method: "GET",
  path: "/v1/actions",
  scopes: readers,
  asks: {
    path: z.object({}),
    query: z.object({ state: z.enum(actionStates).exactOptional(), ...paging }),
    body: noBody,
  },
  async answer({ query }, on) {
    const { items, next } = await readPage(
      "actions",
      query,
      ({ state }, page) => on.events.actions(state ?? null, page),
      on,
    );
    return Response.json({ actions: items, next });
  },
});

export const actionRoutes = [listActions];
