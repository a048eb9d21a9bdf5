import type { DeadLetters, Deliveries, EntryDelivery } from "@gatepost/core/deliveries";
import { type Seen, seenPage } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";

type Events = Pick<ApiPorts["events"], "getAll">;

/** An entry of the bus belongs to the box of its event. One without an event is about a box: no limited key gets it. */
function entriesSeen(events: Events) {
  return async <Entry extends { event: string | null }>(entries: readonly Entry[]): Promise<Entry[]> => {
    const ids = new Set(entries.flatMap(({ event }) => event ?? []));
    const known = await events.getAll([...ids]);
    return entries.filter(({ event }) => event !== null && known.has(event));
  };
}

/** Reasons that contain nothing of a rule: the status of an answer, and one word, as `cooldown`. */
const harmlessReason = /^(?:answered \d{3}|[a-z]{1,16})$/;

/** The name of a rule is not told, nor a reason that may contain the address of its target. */
function withoutRule<Reason extends string | undefined>({ reason }: { reason?: Reason }) {
  const shownReason = reason === undefined || harmlessReason.test(reason) ? reason : "not delivered";
  return { rule: null, ...(shownReason === undefined ? {} : { reason: shownReason }) };
}

/** The letters of some boxes, unchanged. Here and below, `events` are those that the caller sees. */
export function filteredDeadLetters(letters: DeadLetters, events: Events, seen: Seen): DeadLetters {
  const seenOf = entriesSeen(events);
  return {
    list: (rule, page) => seenPage(page, (asked) => letters.list(rule, asked), { ...seen, seenOf }),
    send: (id) => letters.send(id),
    sendAll: (rule) => letters.sendAll(rule),
  };
}

export function limitedDeadLetters(letters: DeadLetters, events: Events, seen: Seen): DeadLetters {
  const seenOf = entriesSeen(events);
  return {
    async list(rule, page) {
      // To find something by the name of a rule would tell that there is a rule of that name.
      if (rule !== null) return { items: [], next: null };
      const { items, next } = await seenPage(page, (asked) => letters.list(null, asked), { ...seen, seenOf });
      return { items: items.map((letter) => ({ ...letter, ...withoutRule(letter) })), next };
    },
    // Only admin keys send, and none of them is limited.
    send: (id) => letters.send(id),
    sendAll: (rule) => letters.sendAll(rule),
  };
}

export function limitedDeliveries(deliveries: Deliveries, events: Events, seen: Seen): Deliveries {
  const seenOf = entriesSeen(events);
  return {
    // Only admin keys list and send, and none of them is limited.
    list: (rule, page) => seenPage(page, (asked) => deliveries.list(rule, asked), { ...seen, seenOf }),
    async ofEvents(eventIds) {
      const known = await events.getAll([...new Set(eventIds)]);
      const found = await deliveries.ofEvents([...known.keys()]);
      const without = (delivery: EntryDelivery) => ({ ...delivery, ...withoutRule(delivery) });
      return new Map([...found].map(([entry, ofEntry]) => [entry, ofEntry.map(without)]));
    },
    send: (id) => deliveries.send(id),
  };
}
