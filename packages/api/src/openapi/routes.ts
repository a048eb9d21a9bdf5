import type { From } from "../access/caller.ts";
import { openRoute, type Route } from "../route.ts";
import { openApi } from "./document.ts";
import { documentPage } from "./page.ts";
import { shared } from "./shared.ts";

const caching = { "cache-control": "public, max-age=300" };

/** The document of these routes, for programs and for people. */
export function documentRoutes(routes: readonly Route[]): Route[] {
  // Made at the first request: most processes never need them. A server has one public address.
  let made: Made | undefined;
  const documents = ({ basePath }: From) => (made ??= makeFor(routes, basePath));
  return [
    openRoute({
      method: "GET",
      path: "/openapi.json",
      about: { summary: "This document", answer: { status: 200, is: "It." } },
      answer: async ({ from }) => answerOf(documents(from).json, { "content-type": "application/json" }),
    }),
    openRoute({
      method: "GET",
      path: "/docs",
      about: { summary: "This document as a page", answer: { status: 200, is: "The page." } },
      async answer({ from }) {
        const { html, headers } = documents(from).page;
        return answerOf(html, headers);
      },
    }),
  ];
}

/** Both documents as bytes: making them takes milliseconds, and any client may ask without a key. */
interface Made {
  json: Uint8Array;
  page: { html: Uint8Array; headers: Record<string, string> };
}

function makeFor(routes: readonly Route[], basePath: string): Made {
  const document = openApi(routes, basePath);
  const { html, headers } = documentPage(document);
  return { json: Buffer.from(JSON.stringify(shared(document))), page: { html: Buffer.from(html), headers } };
}

/** A stream of one piece: a Response copies bytes that it is given, and each slow reader would hold a copy. */
function answerOf(bytes: Uint8Array, headers: Record<string, string>): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  return new Response(body, { headers: { ...caching, ...headers } });
}
