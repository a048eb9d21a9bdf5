import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../../packages/simulator/src/random.ts";
import { Subscriber } from "../../../test/support/subscriber.ts";
import type { Arrival } from "../claims.ts";
import { wallClock } from "../wall-clock.ts";

/** ms that an announcement may take once a server is up again. */
const timeoutMs = 15_000;

/** The reaction of a subscriber to an entry. `lost`: it takes the entry, and its answer does not arrive. */
export const behaviours = ["takes", "fails", "refuses", "forbids", "cuts", "lost"] as const;
type Behaviour = (typeof behaviours)[number];

const statuses = { takes: 204, fails: 500, refuses: 422, forbids: 401 } as const;

/** One attempt to deliver an entry, as the subscriber sees it. */
export interface Tried {
  /** The action or event that is announced, and its person. */
  id: string;
  person: string | null;
  behaviour: Behaviour;
}

export function isTaking({ behaviour }: Tried): boolean {
  return behaviour === "takes" || behaviour === "lost";
}

/** A subscriber that records each delivery, and fails in every way, as often as it is set to. */
export class Hearer {
  /** The entries that it has taken. */
  readonly arrivals: Arrival[] = [];
  readonly tried: Tried[] = [];
  /** The behaviour for a share of the entries, and that share, from 0 to 1. */
  mood: { behaviour: Behaviour; strength: number } = { behaviour: "takes", strength: 0 };
  readonly #subscriber: Subscriber;

  private constructor(subscriber: Subscriber, random: Random) {
    this.#subscriber = subscriber;
    subscriber.behaviour = (response, { headers, envelope }) => {
      const behaviour = random() < this.mood.strength ? this.mood.behaviour : "takes";
      const tried: Tried = { id: String(headers["webhook-id"]), person: envelope.detail.event.person.id, behaviour };
      this.tried.push(tried);
      if (isTaking(tried)) this.arrivals.push({ at: wallClock(), id: tried.id });
      if (behaviour === "cuts" || behaviour === "lost") response.destroy();
      else response.writeHead(statuses[behaviour]).end();
    };
  }

  static async listen(random: Random): Promise<Hearer> {
    return new Hearer(await Subscriber.listen(), random);
  }

  /** The text of `rules.json`. */
  get rules(): string {
    const target = { url: this.#subscriber.url, allowPrivate: true };
    return JSON.stringify([
      { name: "strangers", pattern: { source: ["gatepost"], detail: { want_action: ["1001"] } }, target },
      { name: "everybody", pattern: { source: ["gatepost"], "detail-type": ["Face Event Recorded"] }, target },
    ]);
  }

  /** The actions and events that have not been delivered to it after a while. */
  async hears(ids: readonly string[]): Promise<string[]> {
    const missing = () => ids.filter((id) => !this.arrivals.some((arrival) => arrival.id === id));
    for (const since = Date.now(); missing().length > 0 && Date.now() - since < timeoutMs; ) await sleep(20);
    return missing();
  }

  close(): Promise<void> {
    return this.#subscriber.close();
  }
}
