/*
 * Does what boxes ask for (1001, 1002) on AWS, and tells Gatepost the result. It takes messages from a queue, each at
 * least once, and those that failed again: so it asks first whether an action is done.
 */
import { client } from "@gatepost/client";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";

interface Announced {
  idempotency_key: string;
  action: "register-stranger" | "update-photo";
  photo: { kind: string; link?: { url: string; expires: string } } | null;
  event: { id: string; box: { id: string }; person: { id: string | null; name: string | null } };
}

const { GATEPOST_URL: url = "", GATEPOST_TOKEN: token = "", PEOPLE_URL: people = "" } = process.env;
/** ms for one answer: a batch has 60 s, and a message that waits must not fail the others. */
const answerMs = 15_000;

// A key of scope settle is enough.
const gatepost = client({ url, token });

/** Tries the messages of a batch at the same time, and names those that failed: the queue gives them again. */
export async function handler({ Records: messages }: Pick<SQSEvent, "Records">): Promise<SQSBatchResponse> {
  const tried = await Promise.allSettled(messages.map(async ({ body }) => take(JSON.parse(body))));
  const failed = messages.filter((_, index) => tried[index]?.status === "rejected");
  for (const result of tried) if (result.status === "rejected") process.stderr.write(`not done: ${result.reason}\n`);
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function take({ detail }: { detail?: Partial<Announced> | null }): Promise<void> {
  const { idempotency_key: id, event, photo, action } = detail ?? {};
  // Other entries of the bus ask for nothing. To throw would have each of them tried again.
  if (id === undefined || event === undefined || photo === undefined || action === undefined) return;
  const { state } = await gatepost.ask("GET /v1/actions/{id}", { path: { id } });
  if (state === "done" || state === "declined") return;
  if (photo === null) return settle(id, "failed", "no photo came with it");
  const picture = await pictureOf(event.id, photo);
  const answer = await fetch(`${people}/people/${encodeURIComponent(event.person.id ?? event.id)}/photo`, {
    method: "PUT",
    headers: { "content-type": picture.type, "idempotency-key": id },
    body: picture,
    signal: AbortSignal.timeout(answerMs),
  });
  // What is our fault is said and over; anything else is tried again.
  if (answer.status >= 400 && answer.status < 500) return settle(id, "failed", `refused with ${answer.status}`);
  if (!answer.ok) throw new Error(`the people's database answers ${answer.status}`);
  await settle(id, "done", `photo ${action === "update-photo" ? "updated" : "registered"}`);
}

/** The photo by the link of the entry, which needs no key and ends after a day; later, or without one, by the key. */
async function pictureOf(event: string, { kind, link }: NonNullable<Announced["photo"]>): Promise<Blob> {
  const linked =
    link === undefined || Date.parse(link.expires) < Date.now()
      ? null
      : await fetch(link.url, { signal: AbortSignal.timeout(answerMs) });
  return linked?.ok ? linked.blob() : gatepost.picture(event, kind);
}

async function settle(id: string, state: "done" | "failed", note: string): Promise<void> {
  await gatepost.settle(id, state, note);
}
