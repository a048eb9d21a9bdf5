import * as z from "zod";
import { noBody } from "../body.ts";
import { type OpenApi, openApi } from "../openapi/document.ts";
import { pageOf } from "../openapi/page.ts";
import { openRoute, type Route } from "../route.ts";

const nothing = { path: z.object({}), query: z.object({}), body: noBody };
const caching = { "cache-control": "public, max-age=300" };

/** The document of these routes, for programs and for people. */
export function documentRoutes(routes: readonly Route[]): Route[] {
  // Made at the first request: most processes never need it.
  let document: OpenApi | undefined;
  const made = () => (document ??= openApi(routes));
  return [
    openRoute({
      method: "GET",
      path: "/openapi.json",
      about: { summary: "This document", answer: { status: 200, is: "It." } },
      asks: nothing,
      answer: async () => Response.json(made(), { headers: caching }),
    }),
    openRoute({
      method: "GET",
      path: "/docs",
      about: { summary: "This document as a page", answer: { status: 200, is: "The page." } },
      asks: nothing,
      async answer() {
        const page = pageOf(made());
        return new Response(page.html, { headers: { ...caching, ...page.headers } });
      },
    }),
  ];
}
