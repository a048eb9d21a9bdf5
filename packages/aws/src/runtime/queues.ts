import { SQSClient } from "@aws-sdk/client-sqs";
import { type SendMessage, sendingTo } from "../jobs/queue.ts";
import { unlogged, within } from "./clients.ts";
import { namingRights } from "./missing-right.ts";

/** @param limit ms within which the queue must accept a message */
export function queueAt(url: string, limit: number): SendMessage {
  return sendingTo(
    namingRights(unlogged(new SQSClient({ maxAttempts: 3, requestHandler: within(limit) }))),
    url,
    limit,
  );
}
