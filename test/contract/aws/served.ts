import { gatewayEvent } from "@gatepost/http";
import { hashToken, newToken, receiver } from "@gatepost/ingest";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { bodyOf, listen } from "../../standins/listen.ts";
import type { Machine } from "./runtime.ts";

/** What readers ask for, and not boxes. */
const readers = /^\/(v1|healthz|openapi\.json|docs|SophonDevice)\b/;

/** The Lambdas of a machine behind an HTTP API, with an admin key. */
export async function served({ ingest, reads }: Pick<Machine, "ingest" | "reads">) {
  const admin = newToken("admin");
  await reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
  const [answerReaders, answerBoxes] = [apiHandler(reads), receiver(ingest)];
  const server = await listen(async (request, response) => {
    const event = gatewayEvent(request, { body: await bodyOf(request), now: ingest.clock() });
    const answer = readers.test(event.rawPath) ? answerReaders : answerBoxes;
    const { statusCode, headers = {}, body = "", isBase64Encoded } = await answer(event);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
    response.writeHead(statusCode ?? 200).end(Buffer.from(body, isBase64Encoded ? "base64" : "utf8"));
  });
  return { url: server.url, admin, stop: () => server.close() };
}
