import { isPushed, maxPassingAgeSeconds, type Notifier, pushedTypes, pushPattern } from "@gatepost/alerts/push";
import { PassingAge, type Timeouts } from "@gatepost/alerts/targets";
import type { Log } from "@gatepost/core/log";
import type { PushSubscriptions } from "@gatepost/core/push";
import { compile, type JsonObject, matches } from "@gatepost/event-pattern";
import { type FaceEvent, isCheckBox, merge, type PersonType } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import { forEachLimit } from "../dynamo/groups.ts";
import { textOf } from "../dynamo/item.ts";
import { eventOf } from "../events/row.ts";
import type { SendMessage } from "../jobs/queue.ts";
import type { StreamRecord } from "../statistics/stream-batch.ts";

interface Deps {
  subscriptions: Pick<PushSubscriptions, "all">;
  notifier: Pick<Notifier, "notify">;
  log: Log;
  clock(): number;
}

/** Notifies the browsers that asked for entries of the bus. */
export class Notifications {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Returns false if the entry must be delivered again, because a browser may not have got it. Then the others are not
   * notified a second time.
   *
   * @param entryId the same each time the same entry is put on the bus
   * @param timeouts the limits of one notification, or null if no other one may begin
   */
  async tell(entry: { entryId: string; envelope: object }, timeouts: () => Timeouts | null): Promise<boolean> {
    const { subscriptions, log, clock } = this.#deps;
    const age = new PassingAge(JSON.stringify(entry.envelope), clock());
    if (age.isTooOld({ maxAgeSeconds: maxPassingAgeSeconds })) return true;
    const asking = (await subscriptions.all()).filter(({ kinds }) => {
      return matches(compile(pushPattern(kinds)), entry.envelope as JsonObject);
    });
    const failures: object[] = [];
    await forEachLimit(asking, async ({ id }) => {
      const failure = await this.#failureOf(id, entry, timeouts());
      if (failure !== null) failures.push({ subscription: id, ...failure });
    });
    for (const failure of failures)
      log.warn("notification not sent, trying again", { entry: entry.entryId, ...failure });
    return failures.length === 0;
  }

  async #failureOf(
    id: string,
    entry: { entryId: string; envelope: object },
    timeouts: Timeouts | null,
  ): Promise<object | null> {
    if (timeouts === null) return { reason: "no time left" };
    try {
      const { failure } = await this.#deps.notifier.notify(id, entry, timeouts);
      return failure === null ? null : { reason: failure };
    } catch (cause) {
      return { cause };
    }
  }
}

interface PassingDeps {
  subscriptions: Pick<PushSubscriptions, "all">;
  send: SendMessage;
  log: Log;
}

/** Puts the passings of which browsers are notified into the queue of notifications, if the bus does not get them. */
export class PassingNotifications {
  readonly #deps: PassingDeps;

  constructor(deps: PassingDeps) {
    this.#deps = deps;
  }

  /** Throws if a store fails; then the batch is delivered again, and no browser is notified twice. */
  async note(records: readonly StreamRecord[]): Promise<void> {
    const { subscriptions, send } = this.#deps;
    const begun = records.flatMap(({ before, after }) => {
      const now = this.#eventIn(after);
      if (now === null || !isPushed(now.person.type)) return [];
      return this.#eventIn(before)?.person.type === now.person.type ? [] : [now];
    });
    if (begun.length === 0) return;
    const types = new Set<PersonType>((await subscriptions.all()).flatMap(({ kinds }) => pushedTypes(kinds)));
    const wanted = begun.filter(({ person }) => types.has(person.type));
    await forEachLimit(wanted, (event) => send(JSON.stringify(entryOf(event))));
  }

  /** A row that cannot be read must not hold up all later ones. */
  #eventIn(row: Item | undefined): FaceEvent | null {
    if (row === undefined || !textOf(row, "pk").startsWith("evt_")) return null;
    try {
      const event = merge(eventOf(row));
      return isCheckBox(event.box.id) ? null : event;
    } catch (cause) {
      this.#deps.log.error("browsers are not notified of an event", { cause });
      return null;
    }
  }
}

/** The entry of a recorded event, with what a notification needs of it. */
function entryOf({ id, receivedAt: time, timestamp, flags, person: { type } }: FaceEvent): object {
  const event = { id, timestamp, flags, person: { type } };
  return { id, source: "gatepost", "detail-type": "Face Event Recorded", time, detail: { event } };
}
