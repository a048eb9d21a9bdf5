import { setImmediate } from "node:timers";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { answerTo, json } from "./answer.ts";
import type { Tables } from "./tables.ts";

// As it is now: a test may put another one in its place.
const nextTurn = setImmediate;

const utf8 = new TextDecoder();

/**
 * Makes a client ask the tables in its process, without HTTP and without a signature, which is more than half of the
 * cost of a call. The rest of a call remains: it is written as JSON, names its caller, is answered in a later turn, so
 * that other calls run in between, and is read from JSON.
 */
export function askWithoutHttp({ config }: DynamoDBClient, tables: Tables): void {
  const handle: typeof config.requestHandler.handle = async ({ headers, body }, options = {}) => {
    await turn(options);
    const { authorization, "x-amz-target": target } = headers;
    const sent: Uint8Array = body;
    const { status, body: answered } = answerTo(tables, { authorization, target, body: utf8.decode(sent) });
    // Other calls may run between the work for a caller and its receipt of the answer.
    await turn(options);
    return { response: { statusCode: status, headers: { ...json }, body: Buffer.from(answered) } };
  };
  config.requestHandler.handle = handle;
  config.signer = async () => ({ sign: (request) => withoutSignature(request, config) });
}

/** Names the caller, as a signed request does. The tables look at nothing else. */
async function withoutSignature<Request extends { headers: Record<string, string> }>(
  request: Request,
  config: DynamoDBClient["config"],
): Promise<Request> {
  const { accessKeyId } = await config.credentials();
  request.headers["authorization"] = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/0/${await config.region()}`;
  return request;
}

function turn({ abortSignal }: { abortSignal?: { aborted: boolean } }): Promise<void> {
  return new Promise((resolve, reject) => {
    nextTurn(() => (abortSignal?.aborted ? reject(new DOMException("it was given up", "AbortError")) : resolve()));
  });
}
