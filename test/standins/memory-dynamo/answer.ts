import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import type { Tables } from "./tables.ts";

/** A request of the SDK, as far as the tables look at it. */
interface Asked {
  authorization: string | undefined;
  /** As "DynamoDB_20120810.GetItem". */
  target: string | undefined;
  body: string;
}

/** What the service answers: the status, and JSON. */
export interface Answered {
  status: 200 | 400;
  body: string;
}

export const json = { "content-type": "application/x-amz-json-1.0" };

/** Has the tables answer a request. It never throws: a refusal is an answer. */
export function answerTo(tables: Tables, { authorization, target, body }: Asked): Answered {
  const operation = target?.split(".")[1] ?? "";
  try {
    return { status: 200, body: JSON.stringify(tables.answer(signerOf(authorization), operation, JSON.parse(body))) };
  } catch (error) {
    return { status: 400, body: JSON.stringify(refusalOf(error)) };
  }
}

/** The name by which the tables know a caller. */
export function callerOf(accessKey: string | undefined, region: string | undefined): string {
  return `${accessKey} ${region}`;
}

/** Who signs, and for which region: the signature is not looked at. */
function signerOf(authorization = ""): string {
  const [, accessKey, region] = /Credential=([^/]+)\/[^/]+\/([^/]+)/.exec(authorization) ?? [];
  return callerOf(accessKey, region);
}

function refusalOf(error: unknown): object {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const __type = `com.amazonaws.dynamodb.v20120810#${name === "Error" ? "ValidationException" : name}`;
  const held = error instanceof ConditionalCheckFailedException && error.Item !== undefined;
  return { __type, message, ...(held && { Item: error.Item }) };
}
