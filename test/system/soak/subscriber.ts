import * as z from "zod";
import { bodyOf, type Listening, listen } from "../../standins/listen.ts";

/** A subscriber to all actions, which sometimes does not answer. An hour of them is only counted, not kept. */
export interface SoakSubscriber extends Listening {
  /** Idempotency keys that it has taken, with the number of deliveries of each. */
  heard: ReadonlyMap<string, number>;
  isAway: boolean;
}

const envelope = z.object({ detail: z.object({ idempotency_key: z.string() }) });

export async function openSubscriber(): Promise<SoakSubscriber> {
  const heard = new Map<string, number>();
  const manner = { heard, isAway: false };
  const server = await listen(async (request, response) => {
    const { detail } = envelope.parse(JSON.parse((await bodyOf(request)).toString()));
    const { isAway } = manner;
    if (!isAway) heard.set(detail.idempotency_key, (heard.get(detail.idempotency_key) ?? 0) + 1);
    response.writeHead(isAway ? 500 : 200).end();
  });
  return Object.assign(manner, server);
}
