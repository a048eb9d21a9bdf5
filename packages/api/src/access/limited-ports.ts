import type { ActionReader, ListedAction } from "@gatepost/core/actions";
import type { DeadLetters, Deliveries, EntryDelivery } from "@gatepost/core/deliveries";
import { GatepostError } from "@gatepost/core/errors";
import type { ChangeFeed, ChangePage, EventFilter, News } from "@gatepost/core/events";
import { type CursorSeal, cursorSeal, maxPageBytes, type Page, type PageRequest, valuesOf } from "@gatepost/core/lists";
import type { Rules } from "@gatepost/core/rules";
import type { HalfHourRange } from "@gatepost/core/statistics";
import type { StoredEvent } from "@gatepost/protocol";
import { enoughBytes, jsonBytes } from "../page.ts";
import type { ApiPorts } from "../ports.ts";

/**
 * The ports of the API for a caller who is limited to some boxes: none of them returns anything of another box. Every
 * route gets its ports from here, so no route can forget the limit. A port that is not here is passed on as it is:
 * because it knows of no box, because its routes ask for the event, box or site first, or because only callers without
 * a limit come to it. A test lists these ports.
 *
 * @param as `filter` for a caller who sees every box and asks for some: their items are unchanged then
 */
export function limitedPorts(ports: ApiPorts, boxes: readonly string[], as: "limit" | "filter" = "limit"): ApiPorts {
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
  const actionsSeen = as === "filter" ? filteredActions(actionReader, seen) : limitedActions(actionReader, seen);
  const lettersSeen = as === "filter" ? filteredDeadLetters : limitedDeadLetters;
  return {
    ...ports,
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
      mark: async (eventId, ...mark) => ((await hasEvent(eventId)) ? ports.seen.mark(eventId, ...mark) : null),
      // Only the events of a list that is narrowed already are asked for, or marked together.
      markAll: (eventIds, by) => ports.seen.markAll(eventIds, by),
      among: (eventIds) => ports.seen.among(eventIds),
    },
    feed: seenFeed(feed, { ...seen, boxesOf: (site) => ports.boxes.reader.boxesOf(site) }),
    feedCounts: { read: (asked) => ports.feedCounts.read(among(boxes, asked)) },
    devices: { devices: () => devices.devices(boxes) },
    boxes: limitedBoxes(ports.boxes, seen),
    quarantine: limitedQuarantine(quarantine, seen),
    deadLetters: deadLetters && lettersSeen(deadLetters, seen),
    deliveries: deliveries && limitedDeliveries(deliveries, seen),
    orders: {
      order: async (actionId, ...order) =>
        (await actionsSeen.get(actionId)) === null ? { answer: "unknown" } : ports.orders.order(actionId, ...order),
    },
    statistics: limitedStatistics(ports.statistics, boxes),
    counts: { read: (asked) => ports.counts.read({ ...asked, boxes: among(boxes, asked.boxes) }) },
    passings: {
      read: (range) => ports.passings.read({ ...range, boxes: among(boxes, range.boxes) }),
      lastBefore: (people, time) =>
        ports.passings.lastBefore(
          people.map(({ key, boxes: asked }) => ({ key, boxes: among(boxes, asked) })),
          time,
        ),
      known: (asked) => ports.passings.known(among(boxes, asked)),
      forget: (asked) => ports.passings.forget(among(boxes, asked)),
    },
    presence: {
      of: (asked, ...how) => ports.presence.of({ ...asked, boxes: among(boxes, asked.boxes) }, ...how),
    },
    ...(as === "filter" ? {} : limitedThings(ports, isSeen)),
    rules: ports.rules && limitedRules(ports.rules),
  };
}

/**
 * A caller who sees some boxes of a site makes and changes nothing that the site has as a whole. Their routes show the
 * caller's part of it.
 */
function limitedThings(ports: ApiPorts, isSeen: Seen["isSeen"]) {
  const { rolls, rollLinks, schedules, lastDays, closedMonths, hoursMails, sites, alike, boxes } = ports;
  const isWhole = async (site: string) => (await boxes.reader.boxesOf(site)).every(isSeen);
  const requireWhole = async (site: string) => {
    if (await isWhole(site)) return;
    throw new GatepostError("forbidden", "this is for the whole site, and you see a part of it; ask who sees all", {
      code: "part-of-site",
    });
  };
  const requireWholeOf = async (roll: string) => {
    const found = await rolls.get(roll);
    if (found !== null) await requireWhole(found.site);
  };
  // A person of a box is its own; one whom boxes share is of the site.
  const requireLibrary = async ({ library, site }: { library: string; site: string }) => {
    if (library.startsWith("~")) await requireWhole(site);
  };
  return {
    sites: {
      list: () => sites.list(),
      get: (id) => sites.get(id),
      unset: (id) => sites.unset(id),
      put: async (site, change) => requireWhole(site).then(() => sites.put(site, change)),
      remove: async (site) => requireWhole(site).then(() => sites.remove(site)),
    },
    alike: {
      async count() {
        const counted = await alike.count();
        const areWhole = await Promise.all(counted.map(({ site }) => isWhole(site)));
        return counted.filter((_, n) => areWhole[n]);
      },
    },
    rolls: {
      get: (id) => rolls.get(id),
      open: () => rolls.open(),
      people: (id) => rolls.people(id),
      tick: (...asked) => rolls.tick(...asked),
      begin: async (roll, ...people) => requireWhole(roll.site).then(() => rolls.begin(roll, ...people)),
      close: async (id, end) => requireWholeOf(id).then(() => rolls.close(id, end)),
    },
    rollLinks: {
      make: (...asked) => rollLinks.make(...asked),
      find: (tokenHash) => rollLinks.find(tokenHash),
      endAll: async (roll) => requireWholeOf(roll).then(() => rollLinks.endAll(roll)),
    },
    schedules: {
      of: (site) => schedules.of(site),
      put: async (site, schedule) => requireWhole(site).then(() => schedules.put(site, schedule)),
      remove: async (site, ...which) => requireWhole(site).then(() => schedules.remove(site, ...which)),
    },
    lastDays: {
      of: (site) => lastDays.of(site),
      get: (person) => lastDays.get(person),
      set: async (lastDay, ...kept) => requireLibrary(lastDay).then(() => lastDays.set(lastDay, ...kept)),
      remove: async (person) => requireLibrary(person).then(() => lastDays.remove(person)),
      keepFor: (days) => lastDays.keepFor(days),
    },
    closedMonths: {
      ...limitedMonths(closedMonths, { reader: boxes.reader, isSeen }),
      close: async (month, people) => requireWhole(month.site).then(() => closedMonths.close(month, people)),
    },
    hoursMails: {
      all: () => hoursMails.all(),
      get: (site) => hoursMails.get(site),
      put: async (mail) => requireWhole(mail.site).then(() => hoursMails.put(mail)),
      remove: async (site) => requireWhole(site).then(() => hoursMails.remove(site)),
      claim: (...asked) => hoursMails.claim(...asked),
      done: (...asked) => hoursMails.done(...asked),
    },
  } satisfies Partial<ApiPorts>;
}

/** Closed months with the people who are known at boxes that are seen; unchanged if all boxes of their site are. */
export function limitedMonths(
  months: ApiPorts["closedMonths"],
  { reader, isSeen }: Pick<Seen, "isSeen"> & { reader: Pick<ApiPorts["boxes"]["reader"], "boxesOf"> },
): ApiPorts["closedMonths"] {
  return {
    get: (...asked) => months.get(...asked),
    async people(month) {
      const people = await months.people(month);
      if ((await reader.boxesOf(month.site)).every(isSeen)) return people;
      return people
        .filter(({ boxes }) => boxes.some(isSeen))
        .map((person) => (person.boxes.every(isSeen) ? person : { ...person, isPart: true as const }));
    },
    close: (...asked) => months.close(...asked),
    keepFor: (days) => months.keepFor(days),
  };
}

/** The boxes of a store, of some boxes alone. */
export function limitedBoxes(
  { reader, ...forAdmins }: ApiPorts["boxes"],
  seen: Pick<Seen, "boxes" | "isSeen">,
): ApiPorts["boxes"] {
  return {
    reader: {
      list: (page, asked = null) => reader.list(page, among(seen.boxes, asked)),
      names: (asked = null) => reader.names(among(seen.boxes, asked)),
      get: async (box) => (seen.isSeen(box) ? reader.get(box) : null),
      places: (asked) => reader.places(among(seen.boxes, asked)),
      boxesOf: async (site) => (await reader.boxesOf(site)).filter(seen.isSeen),
      // The people of a box that is not seen are not read.
      siteOf: (box) => reader.siteOf(box),
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

/** The asked boxes that the key sees. */
function among(seen: readonly string[], asked: readonly string[] | null): readonly string[] {
  return asked === null ? seen : asked.filter((box) => seen.includes(box));
}

/** The filter, narrowed to boxes that are seen; null if it could find nothing. */
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
    isNext: (id) => quarantine.isNext(id),
    async list(of, page, which) {
      const asked = of === null ? seen.boxes : [of].flat().filter(seen.isSeen);
      return seenPage(page, (request) => quarantine.list(asked, request, which), {
        ...seen,
        seenOf: (records) => records.filter(({ box }) => seen.isSeen(box)),
      });
    },
    groups: (of) => quarantine.groups(of === null ? seen.boxes : of.filter(seen.isSeen)),
    // It receives only jobs, and no key sees a job of another key.
    put: (record) => quarantine.put(record),
    async remove(id) {
      if ((await get(id)) !== null) await quarantine.remove(id);
    },
    async listAside(records) {
      return (await quarantine.listAside(records)).filter(({ box }) => seen.isSeen(box));
    },
    async getAside(record) {
      const aside = await quarantine.getAside(record);
      return aside !== null && seen.isSeen(aside.box) ? aside : null;
    },
    // Records are set aside and put back by jobs, and by callers without a limit.
    setAside: (id, how) => quarantine.setAside(id, how),
    putBack: (record) => quarantine.putBack(record),
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
  const shownReason = reason === undefined || harmlessReason.test(reason) ? reason : "not delivered";
  return { rule: null, ...(shownReason === undefined ? {} : { reason: shownReason }) };
}

/** The letters of some boxes, unchanged. */
function filteredDeadLetters(letters: DeadLetters, seen: Seen): DeadLetters {
  const seenOf = entriesSeen(seen);
  return {
    list: (rule, page) => seenPage(page, (asked) => letters.list(rule, asked), { ...seen, seenOf }),
    send: (id) => letters.send(id),
    sendAll: (rule) => letters.sendAll(rule),
  };
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

/** A rule is asked about the entries of every box. */
async function rulesOfAll(): Promise<never> {
  throw new GatepostError("forbidden", "rules are for all boxes, and you see some of them; ask who sees all");
}

/** The pattern, target, name and faults of a rule may name boxes and persons that the key does not see. */
function limitedRules(rules: Rules): Rules {
  return {
    read: async () => ({ version: "", rules: [], faults: [] }),
    tryPattern: (pattern, events) => rules.tryPattern(pattern, events),
    countMatching: (pattern, events) => rules.countMatching(pattern, events),
    preview: (asked) => rules.preview(asked),
    warningOf: (pattern) => rules.warningOf(pattern),
    tryRules: async () => [],
    put: rulesOfAll,
    remove: rulesOfAll,
    ping: rulesOfAll,
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

/** The events and boxes that a limited key sees. */
interface Seen {
  boxes: readonly string[];
  isSeen(box: string): boolean;
  /** Whether it is an event of a box that is seen. */
  hasEvent(id: string): Promise<boolean>;
  /** The events whose box the key sees. They are read in parallel. */
  eventsAmong(ids: readonly string[]): Promise<ReadonlySet<string>>;
  seal: CursorSeal;
}

/** How often a store is asked for one page: nearly everything it returns may be invisible to the key. */
const maxReads = 10;

type ReadPage<Item> = (page: PageRequest) => Promise<Page<Item>>;

/**
 * Reads a page of the items that the key sees. It is full unless the list ends, half of its bytes are used, or the
 * store was asked ten times.
 *
 * @param seenOf picks the visible items from a page of the store
 */
export async function seenPage<Item>(
  { limit, cursor, maxBytes = maxPageBytes }: PageRequest,
  read: ReadPage<Item>,
  { seenOf, seal }: { seenOf: (items: readonly Item[]) => Item[] | Promise<Item[]>; seal: CursorSeal },
): Promise<Page<Item>> {
  const items: Item[] = [];
  let next = cursor === null ? null : seal.open(cursor);
  let bytes = 0;
  for (let reads = 0; reads < maxReads && bytes < maxBytes / 2; reads++) {
    const page = await read({ limit: limit - items.length, cursor: next, maxBytes: maxBytes - bytes });
    const seen = await seenOf(page.items);
    items.push(...seen);
    bytes += page.bytes ?? jsonBytes(seen);
    next = page.next;
    if (next === null || items.length === limit) break;
  }
  return { items, next: next === null ? null : seal.seal(next), bytes };
}

type SeenOfFeed = Pick<Seen, "isSeen" | "seal"> & { boxesOf(site: string): Promise<readonly string[]> };

/** The feed of changes that a limited key sees. Its cursors stay valid for ever, too. */
function seenFeed(feed: ChangeFeed, { isSeen, seal, boxesOf }: SeenOfFeed): ChangeFeed {
  const isTold = async ({ box, site }: News) =>
    box === null ? site === null || (await boxesOf(site)).some(isSeen) : isSeen(box);
  return {
    async read(after, limit) {
      const [items, news]: [ChangePage["items"], News[]] = [[], []];
      const begin = after === null ? null : seal.open(after);
      let cursor = begin;
      let bytes = 0;
      for (let reads = 1; ; reads++) {
        const left = limit - items.length - news.length;
        const page = await feed.read(cursor, left, maxPageBytes - bytes);
        const seen = page.items.filter(({ event }) => isSeen(event.box));
        const visibleNews = await Promise.all(page.news.map(async (one) => ((await isTold(one)) ? one : null)));
        items.push(...seen);
        news.push(...visibleNews.filter((one) => one !== null));
        bytes += jsonBytes(seen);
        cursor = page.next;
        // A reader to whom nothing is new keeps its cursor.
        const next = after !== null && cursor === begin ? after : seal.seal(cursor);
        const isFull = items.length + news.length === limit || bytes >= enoughBytes;
        if (page.isEnd || isFull || reads === maxReads) return { items, news, next, isEnd: page.isEnd };
      }
    },
    end: async () => seal.seal(await feed.end()),
  };
}

/** The actions of some boxes, unchanged. */
function filteredActions(actions: ActionReader, { boxes, isSeen }: Seen): ActionReader {
  return {
    get: (id) => actions.get(id),
    eventOf: (id) => actions.eventOf(id),
    ofEvent: (id) => actions.ofEvent(id),
    async list({ boxes: asked, ...filter }, page) {
      const among = asked === undefined ? boxes : asked.filter(isSeen);
      return among.length === 0 ? { items: [], next: null } : actions.list({ ...filter, boxes: among }, page);
    },
  };
}

/**
 * The actions that a limited key sees: actions of its boxes, and actions of other boxes that a person has ordered for
 * its boxes, because the bridge there carries them out. It sees only its own boxes in an order.
 */
function limitedActions(actions: ActionReader, seen: Seen): ActionReader {
  const get = async (id: string) => {
    const action = await actions.get(id);
    return action === null ? null : seenOf(action, seen);
  };
  return {
    get,
    list({ boxes: asked, ...filter }, page) {
      const among = asked?.filter(seen.isSeen);
      // An ordered action may be of any box; every other one must be of a box that is seen.
      const boxes = filter.isOrdered === true ? among : (among ?? seen.boxes);
      const filters = { ...filter, ...(boxes === undefined ? {} : { boxes }) };
      return seenPage(
        page,
        async (request) => {
          const { items, ...page } = await actions.list(filters, request);
          return { items: items.flatMap((action) => seenOf(action, seen) ?? []), ...page };
        },
        {
          ...seen,
          seenOf: (found) => found.filter((action) => filter.isOrdered !== true || isWaiting(action)),
        },
      );
    },
    eventOf: async (id) => ((await get(id)) === null ? null : actions.eventOf(id)),
    ofEvent: async (eventId) => (await actions.ofEvent(eventId)).flatMap((action) => seenOf(action, seen) ?? []),
  };
}

/** The action as the key sees it; null if the key does not see it. */
function seenOf(action: ListedAction, { isSeen }: Seen): ListedAction | null {
  const approval = action.approval && {
    ...action.approval,
    boxes: action.approval.boxes.filter(({ box }) => isSeen(box)),
    earlierBoxes: action.approval.earlierBoxes.filter(isSeen),
  };
  if (isSeen(action.box)) return { ...action, approval };
  // An action of another box is shown for its order here, without its reason, notes and history.
  const isHere = approval !== null && approval.boxes.length > 0;
  if (!isHere) return null;
  return { ...action, approval: { ...approval, note: null, host: null }, reason: null, decline: null, history: [] };
}

function isWaiting({ approval }: ListedAction): boolean {
  return approval?.boxes.some(({ state }) => state === "waiting") === true;
}
