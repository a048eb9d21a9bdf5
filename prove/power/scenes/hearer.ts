import { setTimeout as sleep } from "node:timers/promises";
import { Subscriber } from "../../../test/support/subscriber.ts";
import type { Arrival } from "../claims.ts";

/** ms that an announcement may take once a server is up again. */
const timeoutMs = 15_000;

/** A subscriber that notes when it heard of which action or event. */
export async function hearer() {
  const subscriber = await Subscriber.listen();
  const arrivals: Arrival[] = [];
  subscriber.behaviour = (response, { headers }) => {
    arrivals.push({ at: performance.timeOrigin + performance.now(), id: String(headers["webhook-id"]) });
    response.writeHead(204).end();
  };
  return {
    arrivals,
    rules: JSON.stringify([
      {
        name: "strangers",
        pattern: { source: ["gatepost"], detail: { want_action: ["1001"] } },
        target: { url: subscriber.url, allowPrivate: true },
      },
      {
        name: "everybody",
        pattern: { source: ["gatepost"], "detail-type": ["Face Event Recorded"] },
        target: { url: subscriber.url, allowPrivate: true },
      },
    ]),
    /** Those of the actions and events that it has not heard of after a while. */
    async hears(ids: readonly string[]): Promise<string[]> {
      const missing = () => ids.filter((id) => !arrivals.some((arrival) => arrival.id === id));
      for (const since = Date.now(); missing().length > 0 && Date.now() - since < timeoutMs; ) await sleep(20);
      return missing();
    },
    close: () => subscriber.close(),
  };
}
