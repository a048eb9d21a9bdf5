import type { StoredEvent } from "@gatepost/protocol";
import type { EventFilter } from "../listing.ts";
import type { ApiPorts } from "../ports/api-ports.ts";
import type { DeadLetters } from "../ports/dead-letters.ts";
import type { Deliveries, EntryDelivery } from "../ports/deliveries.ts";
import type { HalfHourRange } from "../ports/half-hour-counts.ts";
import type { Rules } from "../ports/rules.ts";
import { valuesOf } from "../several.ts";
import { limitedActions } from "./limited-actions.ts";
import { type Seen, seenFeed, seenPage } from "./limited-lists.ts";
import { cursorSeal } from "./sealed-cursor.ts";

/**
 * The ports of the API for a key that is limited to some boxes: none of them returns anything of another box. Every
 * route gets its ports from here, so no route can forget the limit. Each port is listed by name: whoever adds one has
 * to decide here what a limited key gets of it.
 */
export function limitedPorts(ports: ApiPorts, boxes: readonly string[]): ApiPorts {
  const names = new Set(boxes);
  const isSeen = (box: string) => names.has(box);
  const { events, actionReader, feed, devices, quarantine, deadLetters, deliveries } = ports;
  const getEvent: ApiPorts["events"]["get"] = async (id) => {
    const event = await events.get(id);
    return event !== null && isSeen(event.box) ? event : null;
  };
  const hasEvent = async (id: string) => (await getEvent(id)) !== null;
  const getEvents: ApiPorts["events"]["getAll"] = async (ids) => {
    const found = await events.getAll(ids);
    return new Map([...found].filter(([, { box }]) => isSeen(box)));
  };
  const eventsAmong = async (ids: readonly string[]) => new Set((await getEvents([...new Set(ids)])).keys());
  const seen: Seen = { boxes, isSeen, hasEvent, eventsAmong, seal: cursorSeal(ports.cursorSecret) };
  const actionsSeen = limitedActions(actionReader, seen);
  return {
    events: {
      get: getEvent,
      list: async (filter, page) => {
        const filters = narrowed(filter, seen);
        if (filters === null) return { items: [], next: null };
        const seenOf = (found: readonly StoredEvent[]) => found.filter(({ box }) => isSeen(box));
        return seenPage(page, (asked) => events.list(filters, asked), { ...seen, seenOf });
      },
      async count(filter, max) {
        const filters = narrowed(filter, seen);
        return filters === null ? { count: 0, isExact: true } : events.count(filters, max);
      },
      async neighbours(event, filter) {
        const filters = narrowed(filter, seen);
        return filters === null ? { newer: null, older: null } : events.neighbours(event, filters);
      },
      getAll: getEvents,
    },
    actionReader: actionsSeen,
    seen: {
      mark: async (eventId) => (await hasEvent(eventId)) && ports.seen.mark(eventId),
      // Only the events of a list that is narrowed already are asked for.
      among: (eventIds) => ports.seen.among(eventIds),
    },
    feed: seenFeed(feed, seen),
    devices: { devices: () => devices.devices(boxes) },
    boxes: limitedBoxes(ports.boxes, seen),
    quarantine: limitedQuarantine(quarantine, seen),
    deadLetters: deadLetters && limitedDeadLetters(deadLetters, seen),
    deliveries: deliveries && limitedDeliveries(deliveries, seen),
    orders: {
      order: async (actionId, ...order) =>
        (await actionsSeen.get(actionId)) === null ? { answer: "unknown" } : ports.orders.order(actionId, ...order),
    },
    statistics: limitedStatistics(ports.statistics, boxes),
    counts: { read: (asked) => ports.counts.read({ ...asked, boxes: among(boxes, asked.boxes) }) },
    rules: ports.rules && limitedRules(ports.rules),
    // Pictures, and the bodies of records, are asked for by what an event or a record says of them.
    pictures: ports.pictures,
    pictureLinks: ports.pictureLinks,
    resizer: ports.resizer,
    quarantineLinks: ports.quarantineLinks,
    // What a job of a limited key reads is limited by its filter; nobody sees a job of another key.
    jobs: ports.jobs,
    // Only admin keys come to these, and no admin key is limited.
    eraser: ports.eraser,
    keyAdmin: ports.keyAdmin,
    imports: ports.imports,
    replay: ports.replay,
    auditReader: ports.auditReader,
    // Only the link of an alert leads there.
    alertRows: ports.alertRows,
    // These know of no box.
    rangeFor: ports.rangeFor,
    tickets: ports.tickets,
    audit: ports.audit,
    server: ports.server,
    retentionEditor: ports.retentionEditor,
    metrics: ports.metrics,
    health: ports.health,
    keys: ports.keys,
    authRateLimiter: ports.authRateLimiter,
    refusals: ports.refusals,
    log: ports.log,
    clock: ports.clock,
    cursorSecret: ports.cursorSecret,
  };
}

function limitedBoxes({ reader, ...forAdmins }: ApiPorts["boxes"], seen: Seen): ApiPorts["boxes"] {
  return {
    reader: {
      list: (page, asked = null) => reader.list(page, among(seen.boxes, asked)),
      names: (asked = null) => reader.names(among(seen.boxes, asked)),
      get: async (box) => (seen.isSeen(box) ? reader.get(box) : null),
    },
    // Only admin keys set boxes and look at what arrives, and none of them is limited.
    ...forAdmins,
  };
}

function limitedStatistics(statistics: ApiPorts["statistics"], boxes: readonly string[]): ApiPorts["statistics"] {
  const within = (range: HalfHourRange) => ({ ...range, boxes: among(boxes, range.boxes) });
  return {
    read: (range) => statistics.read(within(range)),
    totals: (range) => statistics.totals(within(range)),
    flags: (range) => statistics.flags(within(range)),
    flagged: (range) => statistics.flagged(within(range)),
  };
}

/** Those of the asked boxes that are seen. */
function among(seen: readonly string[], asked: readonly string[] | null): readonly string[] {
  return asked === null ? seen : asked.filter((box) => seen.includes(box));
}

/** The filter, narrowed to boxes that are seen; null where it could find nothing. */
function narrowed(filter: EventFilter, { boxes, isSeen }: Seen): EventFilter | null {
  if (filter.box === undefined) return boxes.length === 0 ? null : { ...filter, boxes };
  const box = valuesOf(filter.box).filter(isSeen);
  return box.length === 0 ? null : { ...filter, box };
}

function limitedQuarantine(quarantine: ApiPorts["quarantine"], seen: Seen): ApiPorts["quarantine"] {
  const get: typeof quarantine.get = async (id) => {
    const record = await quarantine.get(id);
    return record !== null && seen.isSeen(record.box) ? record : null;
  };
  return {
    get,
    async list(of, page, which) {
      const asked = of === null ? seen.boxes : [of].flat().filter(seen.isSeen);
      return seenPage(page, (request) => quarantine.list(asked, request, which), {
        ...seen,
        seenOf: (records) => records.filter(({ box }) => seen.isSeen(box)),
      });
    },
    groups: (of) => quarantine.groups(of === null ? seen.boxes : of.filter(seen.isSeen)),
    // Only jobs come to it, and nobody sees a job of another key.
    put: (record) => quarantine.put(record),
    async remove(id) {
      if ((await get(id)) !== null) await quarantine.remove(id);
    },
    // The ids come from events that the key sees.
    countOf: (events) => quarantine.countOf(events),
    async dropped() {
      return Object.fromEntries(Object.entries(await quarantine.dropped()).filter(([box]) => seen.isSeen(box)));
    },
  };
}

/** An entry of the bus belongs to the box of its event. One without an event is about a box: no limited key gets it. */
function entriesSeen({ eventsAmong }: Seen) {
  return async <Entry extends { event: string | null }>(entries: readonly Entry[]): Promise<Entry[]> => {
    const known = await eventsAmong(entries.flatMap(({ event }) => event ?? []));
    return entries.filter(({ event }) => event !== null && known.has(event));
  };
}

/** Reasons that contain nothing of a rule: the status of an answer, and one word, as `cooldown`. */
const harmlessReason = /^(?:answered \d{3}|[a-z]{1,16})$/;

/** The name of a rule is not told, nor a reason that may contain the address of its target. */
function withoutRule<Reason extends string | undefined>({ reason }: { reason?: Reason }) {
  const told = reason === undefined || harmlessReason.test(reason) ? reason : "not delivered";
  return { rule: null, ...(told === undefined ? {} : { reason: told }) };
}

function limitedDeadLetters(letters: DeadLetters, seen: Seen): DeadLetters {
  const seenOf = entriesSeen(seen);
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

/** A rule may name boxes and persons that are not seen, in its pattern, its target, its name, and in what is wrong with it. */
function limitedRules(rules: Rules): Rules {
  return {
    read: async () => ({ version: "", rules: [], faults: [] }),
    tryPattern: (pattern, events) => rules.tryPattern(pattern, events),
    tryRules: () => [],
    // Only admin keys come to these, and none of them is limited.
    put: (...asked) => rules.put(...asked),
    remove: (...asked) => rules.remove(...asked),
    ping: (name) => rules.ping(name),
  };
}

function limitedDeliveries(deliveries: Deliveries, seen: Seen): Deliveries {
  const seenOf = entriesSeen(seen);
  return {
    // Only admin keys list and send, and none of them is limited.
    list: (rule, page) => seenPage(page, (asked) => deliveries.list(rule, asked), { ...seen, seenOf }),
    async ofEvents(eventIds) {
      const found = await deliveries.ofEvents([...(await seen.eventsAmong(eventIds))]);
      const without = (delivery: EntryDelivery) => ({ ...delivery, ...withoutRule(delivery) });
      return new Map([...found].map(([entry, ofEntry]) => [entry, ofEntry.map(without)]));
    },
    send: (id) => deliveries.send(id),
  };
}
