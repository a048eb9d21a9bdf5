import { SQSClient } from "@aws-sdk/client-sqs";
import { type SendMessage, sendingTo } from "../jobs/queue.ts";
import { prepared, within } from "./clients.ts";

/** @param limit ms within which the queue must accept a message */
export function queueAt(url: string, limit: number): SendMessage {
  return sendingTo(prepared(new SQSClient({ maxAttempts: 3, requestHandler: within(limit) })), url, limit);
}
