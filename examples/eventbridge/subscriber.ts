/*
 * Does what boxes ask for (1001, 1002) on AWS, and tells Gatepost what became of it. EventBridge invokes it at least once
 * for each announcement, and again where it throws: what it does must stand that, so it asks first whether it was done.
 */
import { client } from "@gatepost/client";
import type { EventBridgeEvent } from "aws-lambda";

interface Announced {
  idempotency_key: string;
  action: "register-stranger" | "update-photo";
  photo: { kind: string } | null;
  event: { id: string; box: { id: string }; person: { id: string | null; name: string | null } };
}

const { GATEPOST_URL: url = "", GATEPOST_TOKEN: token = "", PEOPLE_URL: people = "" } = process.env;
const gatepost = client({ url, token });

type Entry = Pick<EventBridgeEvent<string, Partial<Announced> | null>, "detail">;

export async function handler({ detail }: Entry): Promise<void> {
  const { idempotency_key: id, event, photo, action } = detail ?? {};
  // Other entries of the bus ask for nothing. To throw would have each of them sent again for a day.
  if (id === undefined || event === undefined || photo === undefined || action === undefined) return;
  const { state } = await gatepost.ask("GET /v1/actions/{id}", { path: { id } });
  if (state === "done") return;
  if (photo === null) return settle(id, "failed", "no photo came with it");
  const picture = await gatepost.picture(event.id, photo.kind);
  const answer = await fetch(`${people}/people/${encodeURIComponent(event.person.id ?? event.id)}/photo`, {
    method: "PUT",
    headers: { "content-type": picture.type, "idempotency-key": id },
    body: picture,
  });
  // What is our fault is said and over; of anything else EventBridge tries again, for a day.
  if (answer.status >= 400 && answer.status < 500) return settle(id, "failed", `refused with ${answer.status}`);
  if (!answer.ok) throw new Error(`the people's database answers ${answer.status}`);
  await settle(id, "done", `photo ${action === "update-photo" ? "updated" : "registered"}`);
}

async function settle(id: string, state: "done" | "failed", note: string): Promise<void> {
  await gatepost.settle(id, state, note);
}
