import { deviceName, type FaceEvent, merge, type StoredEvent, shortName } from "@gatepost/protocol";
import type { BoxStatusReader } from "../statuses/box-statuses.ts";
import { noticedDevices } from "./signs.ts";

type Direction = "in" | "out";

/** The directions of the devices of a box, by their ids and, if an address has only one device, by their addresses. */
type OfBox = ReadonlyMap<string, Direction>;

/** ms for which the directions of a box are remembered. */
const rememberedMs = 60_000;

/** Boxes whose directions are remembered. */
const maxBoxes = 10_000;

/**
 * Whether devices are entries or exits. Reports do not say it, only notices of their box do. Events get the direction
 * when they are read; stored reports stay as they were sent.
 */
export class Directions {
  readonly #status: Pick<BoxStatusReader, "of">;
  readonly #clock: () => number;
  readonly #known = new Map<string, { at: number; directions: OfBox }>();

  constructor(status: Pick<BoxStatusReader, "of">, clock: () => number) {
    this.#status = status;
    this.#clock = clock;
  }

  /** Stored events as readers get them. */
  async show(events: readonly StoredEvent[]): Promise<FaceEvent[]> {
    return this.add(events.map(merge));
  }

  /** The same events, with the direction of their device if a notice of its box contains it. */
  async add(events: readonly FaceEvent[]): Promise<FaceEvent[]> {
    const undirected = events.filter(({ device }) => device.direction === null && deviceName(device) !== null);
    if (undirected.length === 0) return [...events];
    await this.#read([...new Set(undirected.map(({ box }) => box.id))]);
    return events.map((event) => {
      const directions = this.#known.get(event.box.id)?.directions;
      if (directions === undefined || event.device.direction !== null) return event;
      const { device } = event;
      const names = [device.id, device.endpoint, device.ip].filter((name) => name !== null);
      const said = names.flatMap((name) => directions.get(shortName(name)) ?? [])[0];
      return said === undefined ? event : { ...event, device: { ...device, direction: said } };
    });
  }

  async #read(boxes: readonly string[]): Promise<void> {
    const now = this.#clock();
    const asked = boxes.filter((box) => Math.abs(now - (this.#known.get(box)?.at ?? 0)) >= rememberedMs);
    if (asked.length === 0) return;
    const notices = Map.groupBy(await this.#status.of(asked), ({ box }) => box);
    if (this.#known.size + asked.length > maxBoxes) this.#known.clear();
    for (const box of asked) {
      const newestLast = (notices.get(box) ?? []).toSorted((a, b) => a.receivedAt - b.receivedAt);
      this.#known.set(box, { at: now, directions: directionsIn(newestLast.map(({ report }) => report)) });
    }
  }
}

function directionsIn(reports: readonly Parameters<typeof noticedDevices>[0][]): OfBox {
  const devices = reports
    .flatMap(noticedDevices)
    .flatMap(({ id, ip, direction }) => (direction === null ? [] : [{ id, ip, direction }]));
  const directions = new Map<string, Direction>();
  const byAddress = Map.groupBy(devices, ({ ip }) => ip);
  for (const [ip, among] of byAddress) {
    const [first] = among;
    const isOne = new Set(among.map(({ id }) => id)).size === 1;
    if (ip !== null && first !== undefined && isOne) directions.set(ip, among.at(-1)?.direction ?? first.direction);
  }
  for (const { id, direction } of devices) directions.set(id, direction);
  return directions;
}
