import * as z from "zod";
import { noBody } from "../body.ts";
import { route } from "../route.ts";

const health = route({
  method: "GET",
  path: "/healthz",
  scopes: null,
  about: {
    summary: "See whether it is there",
    answer: {
      status: 200,
      is: "It is.",
      schema: z.object({ status: z.literal("ok") }),
      example: { status: "ok" },
    },
  },
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  answer: () => Promise.resolve(Response.json({ status: "ok" })),
});

export const healthRoutes = [health];
