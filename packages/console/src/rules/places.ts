import { boxNameOf, deviceNameOf } from "../format/event.ts";
import { readPages, useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { listAllSites } from "../state/sites.ts";
import type { Places } from "./card.ts";

const noPlaces: Places = { sites: [], boxes: [] };

/** The sites, boxes and devices that a card may name; none until the server has answered. */
export function usePlaces(): Places {
  const { state } = useLoading("places of rules", async (signal) => {
    const [sites, { items }] = await Promise.all([
      listAllSites(signal),
      readPages(
        () => false,
        async (from) => {
          const { boxes, next } = await gatepost().ask("GET /v1/boxes", { query: { limit: 500, ...from }, signal });
          return { items: boxes, next };
        },
      ),
    ]);
    const boxes = items.map(({ id, name, devices }) => ({
      id,
      name: boxNameOf({ id, name }),
      devices: devices.map((device) => ({ id: device.id, name: deviceNameOf(device) ?? device.ip ?? device.id })),
    }));
    return { sites, boxes };
  });
  return state.value.value ?? noPlaces;
}

/** The name of a person, as the latest passing has it; null if none is stored. */
export function usePersonName(who: string | null): { name: string | null; isKnown: boolean } {
  const { state } = useLoading(`person ${who}`, async (signal) => {
    if (who === null || who === "") return { name: null, isKnown: false };
    const { events } = await gatepost().ask("GET /v1/events", { query: { person: who, limit: 1 }, signal });
    return { name: events[0]?.person.name ?? null, isKnown: events.length > 0 };
  });
  return state.value.value ?? { name: null, isKnown: true };
}
