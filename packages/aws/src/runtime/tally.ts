import { BoxNotes } from "@gatepost/core/boxes";
import type { Log } from "@gatepost/core/log";
import { PeopleSettings } from "@gatepost/core/people";
import { PushSubscriptions } from "@gatepost/core/push";
import * as z from "zod/mini";
import { Pulse } from "../boxes/pulse.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems } from "../dynamo/items.ts";
import { SignReader } from "../events/box-signs.ts";
import { DynamoEventReader } from "../events/reader.ts";
import type { SendMessage } from "../jobs/queue.ts";
import { lambdaLog } from "../lambda/log.ts";
import { PassingNotifications } from "../push/notifications.ts";
import { ProfileNotes, profilesOn } from "../statistics/passings.ts";
import { batchIn } from "../statistics/stream-batch.ts";
import { Tally } from "../statistics/tally.ts";
import { boxesOn } from "./boxes.ts";
import { type Clients, connect, type Limits, limits as usual } from "./clients.ts";
import {
  type Environment,
  readEnvironment,
  resourceName,
  statisticsKeptMs,
  statisticsVariables,
} from "./environment.ts";
import { queueAt } from "./queues.ts";
import { serviceClock } from "./service-clock.ts";

const variables = z.object({
  GATEPOST_TABLE: resourceName,
  // Absent if the bus gets every event, and notifies of it.
  GATEPOST_NOTIFICATIONS_URL: z.optional(z.url()),
  ...statisticsVariables,
});

/** What tests replace. */
export interface TallyWiring {
  clients: Pick<Clients, "dynamo">;
  limits: Limits;
  log: Log;
  clock(): number;
  sendNotification: SendMessage;
}

/**
 * Makes the handler of the table's stream that counts events, notes signs of boxes and people, and has browsers notified
 * of passings. Call it once in a process.
 */
export function awsTally(env: Environment = process.env, wiring: Partial<TallyWiring> = {}) {
  const { limits = usual, log = lambdaLog() } = wiring;
  const { clients = connect({ ...limits, index: limits.read }), clock = serviceClock(clients) } = wiring;
  const { GATEPOST_TABLE: table, GATEPOST_NOTIFICATIONS_URL: url, ...chosen } = readEnvironment(variables, env);
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const tally = new Tally({ dynamo, log, clock, keptMs: statisticsKeptMs(chosen) });
  const items = new DynamoItems(dynamo, clock);
  const { boxes, hours } = boxesOn({ items, bus: null, log, clock });
  const notes = new BoxNotes({ boxes, hours, clock });
  const signs = new SignReader({ notes, pulse: new Pulse(dynamo, log), log });
  const profiles = profilesOn({ items, events: new DynamoEventReader(dynamo, clock) });
  const people = new ProfileNotes({ profiles, settings: new PeopleSettings(items), log });
  const { sendNotification: send = url === undefined ? null : queueAt(url, limits.read) } = wiring;
  const passings =
    send && new PassingNotifications({ subscriptions: new PushSubscriptions({ items, clock }), send, log });
  return async (event: unknown) => {
    const counted = await tally.count(event);
    const { records } = batchIn(event);
    await signs.note(records);
    await people.note(records);
    await passings?.note(records);
    return counted;
  };
}
