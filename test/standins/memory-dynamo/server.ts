import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { bodyOf, type Listening, listen } from "../listen.ts";
import { Tables } from "./tables.ts";

const json = { "content-type": "application/x-amz-json-1.0" };

/**
 * DynamoDB in this process, as far as Gatepost uses it. Its tables are those of the simulation, which are held against
 * AWS's own DynamoDB Local command by command; what they do not know they refuse.
 */
export async function startMemoryDynamo(): Promise<Listening> {
  const tables = new Tables();
  return listen(async (incoming, outgoing) => {
    // Whoever went away before the end of the request has asked nothing.
    const body = await bodyOf(incoming).catch(() => null);
    if (body === null) return;
    const operation = `${incoming.headers["x-amz-target"]}`.split(".")[1] ?? "";
    try {
      const answer = tables.answer(callerOf(incoming.headers.authorization), operation, JSON.parse(body.toString()));
      outgoing.writeHead(200, json).end(JSON.stringify(answer));
    } catch (error) {
      outgoing.writeHead(400, json).end(JSON.stringify(refusalOf(error)));
    }
  });
}

/** Who signs, and for which region: the signature is not looked at. */
function callerOf(authorization = ""): string {
  const [, accessKey, region] = /Credential=([^/]+)\/[^/]+\/([^/]+)/.exec(authorization) ?? [];
  return `${accessKey} ${region}`;
}

function refusalOf(error: unknown): object {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const __type = `com.amazonaws.dynamodb.v20120810#${name === "Error" ? "ValidationException" : name}`;
  const held = error instanceof ConditionalCheckFailedException && error.Item !== undefined;
  return { __type, message, ...(held && { Item: error.Item }) };
}
