import { cursorSeal } from "@gatepost/core/lists";
import { filteredActions, limitedActions, limitedOrders } from "../acting/limited.ts";
import { limitedBoxes, limitedDevices } from "../boxes/limited.ts";
import { filteredDeadLetters, limitedDeadLetters, limitedDeliveries } from "../deliveries/limited.ts";
import { limitedEvents } from "../events/limited.ts";
import { limitedHours } from "../hours/limited.ts";
import { limitedAlike, limitedPassings } from "../people/limited.ts";
import type { ApiPorts } from "../ports.ts";
import { limitedPresence } from "../presence/limited.ts";
import { limitedQuarantine } from "../quarantine/limited.ts";
import { limitedRolls } from "../rolls/limited.ts";
import { limitedRules } from "../rules/limited.ts";
import { limitedMarks } from "../seen/limited.ts";
import { limitedSites } from "../sites/limited.ts";
import { limitedStatistics } from "../statistics/limited.ts";
import { limitedVisits } from "../visits/limited.ts";
import type { Seen } from "./seen-boxes.ts";

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
  const seen: Seen = {
    boxes,
    isSeen: (box) => names.has(box),
    boxesOf: (site) => ports.boxes.reader.boxesOf(site),
    seal: cursorSeal(ports.cursorSecret),
  };
  const { deadLetters, deliveries, rules } = ports;
  const ofEvents = limitedEvents(ports, seen);
  const lettersSeen = as === "filter" ? filteredDeadLetters : limitedDeadLetters;
  const actionsSeen = as === "filter" ? filteredActions : limitedActions;
  const actionReader = actionsSeen(ports.actionReader, seen);
  return {
    ...ports,
    ...ofEvents,
    actionReader,
    orders: limitedOrders(ports.orders, actionReader),
    boxes: limitedBoxes(ports.boxes, seen),
    devices: limitedDevices(ports.devices, seen),
    quarantine: limitedQuarantine(ports.quarantine, seen),
    seen: limitedMarks(ports.seen, ofEvents.events),
    deadLetters: deadLetters && lettersSeen(deadLetters, ofEvents.events, seen),
    deliveries: deliveries && limitedDeliveries(deliveries, ofEvents.events, seen),
    rules: rules && limitedRules(rules),
    passings: limitedPassings(ports.passings, seen),
    presence: limitedPresence(ports.presence, seen),
    visits: limitedVisits(ports.visits, seen),
    ...limitedStatistics(ports, seen),
    ...(as === "limit" && {
      sites: limitedSites(ports.sites, seen),
      alike: limitedAlike(ports.alike, seen),
      ...limitedRolls(ports, seen),
      ...limitedHours(ports, seen),
    }),
  };
}
