import { setTimeout as sleep } from "node:timers/promises";
import { Subscriber } from "../../../test/support/subscriber.ts";
import type { Arrival } from "../claims.ts";

/** ms that an announcement may take once a server is up again. */
const patienceMs = 15_000;

/** A subscriber that notes when it heard of which action. */
export async function hearer() {
  const subscriber = await Subscriber.listen();
  const arrivals: Arrival[] = [];
  subscriber.behaviour = (response, { envelope }) => {
    arrivals.push({ at: performance.timeOrigin + performance.now(), id: envelope.detail.idempotency_key ?? "" });
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
    ]),
    /** Those of the actions that it has not heard of after a while. */
    async hears(actions: readonly string[]): Promise<string[]> {
      const missing = () => actions.filter((id) => !arrivals.some((arrival) => arrival.id === id));
      for (const since = Date.now(); missing().length > 0 && Date.now() - since < patienceMs; ) await sleep(20);
      return missing();
    },
    close: () => subscriber.close(),
  };
}
