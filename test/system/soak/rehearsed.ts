import { seededFor, systemClock } from "@gatepost/simulator";
import { gateBefore } from "../../standins/gate.ts";
import { Client } from "../../support/client.ts";
import { type Rehearsal, rehearse } from "../rehearsal/rehearsal.ts";
import { copyOfUploads } from "../rehearsal/started.ts";
import { heldIn } from "../rehearsal/stores.ts";
import { failureOf, type Service } from "./failures.ts";
import { Killer } from "./killer.ts";
import { Outages } from "./outages.ts";
import type { Runtime } from "./runtime.ts";
import { Sweeping } from "./sweeping.ts";
import type { Troubles } from "./troubles.ts";

/** What a soak of the rehearsal must not count. */
export const notAllowed = "calls that a role did not allow";

/** ms that an answer may take: a box waits for 500 in all. docs/formats.md §3. */
const late = 400;

/**
 * The deployment as it would be uploaded, with a gate before its API and before each service that its functions call.
 */
export async function openRehearsed(seed: number): Promise<Runtime> {
  await using opened = new AsyncDisposableStack();
  const { folder, remove } = await copyOfUploads();
  opened.defer(remove);
  const [outages, delays] = [new Outages(systemClock.now), new Outages(systemClock.now)];
  const troubles: Troubles = {};
  const gated = async (service: Service, url: string) => {
    const gate = await gateBefore(url);
    opened.defer(() => gate.close());
    const failure = failureOf(service, gate, seed);
    // No report needs the bus to be taken.
    troubles[`${service} fails`] = service === "bus" ? failure : (pause) => outages.during(() => failure(pause));
    return gate;
  };
  const killer = new Killer(seededFor(seed, "kills"));
  const rehearsal = await rehearse(folder, {
    invoking: killer.meet,
    between: async ({ dynamo, s3, bus }) => ({
      dynamo: (await gated("table", dynamo)).url,
      s3: (await gated("bucket", s3)).url,
      bus: (await gated("bus", bus)).url,
    }),
  });
  opened.defer(() => rehearsal.stop());
  const chances = seededFor(seed, "entries");
  const front = await gated("api", rehearsal.url);
  front.took = (from, until) => until - from > late && delays.note(from, until);
  const sweeping = new Sweeping(rehearsal);
  opened.defer(() => sweeping.stop());
  const running = opened.move();
  return {
    url: front.url,
    pause: 1000,
    scale: 0.05,
    calm: 800,
    outages,
    delays,
    troubles: {
      ...troubles,
      "functions killed": (pause) => outages.during(() => killer.during(() => pause(3000))),
      async "bus takes only some entries"(pause) {
        rehearsal.bus.takes = () => chances() < 0.5;
        await pause(3000);
        rehearsal.bus.takes = () => true;
      },
    },
    heard: () => heardBy(rehearsal),
    client: () => new Client(rehearsal),
    held: () => heldIn(rehearsal.operator),
    notes: () => ({ "processes killed": killer.killed, ...sweeping.counts, [notAllowed]: rehearsal.refused.length }),
    close: () => running.disposeAsync(),
  };
}

/** The entries that have reached the queues of subscribers: the bus has taken and delivered them. */
function heardBy({ bus }: Rehearsal): ReadonlyMap<string, number> {
  const heard = new Map<string, number>();
  for (const { detail } of [...bus.queues.values()].flat()) {
    if (detail.idempotency_key === undefined) continue;
    heard.set(detail.idempotency_key, (heard.get(detail.idempotency_key) ?? 0) + 1);
  }
  return heard;
}
