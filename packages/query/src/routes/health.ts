import * as z from "zod";
import { noBody } from "../body.ts";
import { route } from "../route.ts";

const health = route({
  method: "GET",
  path: "/healthz",
  scopes: null,
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  answer: () => Promise.resolve(Response.json({ status: "ok" })),
});

export const healthRoutes = [health];
