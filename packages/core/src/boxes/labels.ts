import { deviceName, type FaceEvent, limits, merge, type SetDirection, type StoredEvent } from "@gatepost/protocol";
import type { BoxStatusReader } from "../statuses/box-statuses.ts";
import type { BoxStore } from "./box-store.ts";
import type { BoxWriter } from "./boxes.ts";
import {
  type DeviceNames,
  deviceKey,
  type FindSettings,
  heardIn,
  type NamesOf,
  namesIn,
  settingsIn,
} from "./device-settings.ts";
import { type Direction, type DirectionSettings, directionOf } from "./direction.ts";
import type { BoxRecord } from "./record.ts";
import { type NoticedDevice, noticedDevices } from "./signs.ts";

/** The devices that the notices of a box name, and the directions of devices by their names. */
interface Noticed {
  devices: readonly NoticedDevice[];
  /** By ids, and by the names that have only one device. */
  directions: ReadonlyMap<string, Direction>;
}

/** Finds a device, and the settings that decide the direction of its passings. `key` is null if it has no name. */
export type FindGate = (box: string, device: DeviceNames) => DirectionSettings & { key: string | null };

/** The devices of some boxes, with the settings that decide the directions of passings. */
export interface Gates {
  find: FindGate;
  /** Whether passings of a box have a direction that counts, by its settings, notices and reports. Null: not known. */
  mayHaveWays(box: string): boolean | null;
  /** Differs after each change of them. */
  version: string;
}

/** The settings of a box by a person. */
interface OfBox {
  name: string | null;
  site: string | null;
  find: FindSettings;
  namesOf: NamesOf;
  mayHaveWays: boolean | null;
  /** All that `find` and the notices of the box depend on. */
  version: string;
}

/** ms for which the notices of a box are remembered, and for which its settings are. */
const noticesKnownForMs = 60_000;
const settingsKnownForMs = 2000;

/** Boxes whose notices and settings are remembered. */
const maxBoxes = 10_000;

interface Deps {
  store: Pick<BoxStore, "getAll">;
  status: Pick<BoxStatusReader, "of">;
  clock(): number;
}

/**
 * The parts of events that belong to boxes and devices: display names, sites, and whether a device is an entry or an
 * exit. Events get them when they are read, as they are now; stored reports stay as they were sent.
 */
export class EventLabels {
  readonly #deps: Deps;
  readonly #notices: Remembered<Noticed>;
  readonly #settings: Remembered<OfBox>;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#notices = new Remembered(noticesKnownForMs, deps.clock);
    this.#settings = new Remembered(settingsKnownForMs, deps.clock);
  }

  /** Stored events as readers get them. */
  async show(events: readonly StoredEvent[]): Promise<FaceEvent[]> {
    return this.add(events.map(merge));
  }

  /** The same events, with names, sites and directions. All boxes are read at once. */
  async add(events: readonly FaceEvent[]): Promise<FaceEvent[]> {
    const boxes = [...new Set(events.map(({ box }) => box.id))];
    const notices = await this.#notices.of(boxes, (asked) => this.#readNotices(asked));
    const settings = await this.#settings.of(boxes, (asked) => this.#readSettings(asked, notices));
    return events.map((event) => {
      const boxSettings = settings.get(event.box.id);
      const set = boxSettings?.find(event.device) ?? null;
      const said = saidOf(event.device, notices.get(event.box.id), boxSettings);
      const label = set?.label ?? null;
      const direction = event.device.direction ?? (set?.direction == null ? said : oneWay(set.direction));
      const box = { ...event.box, name: boxSettings?.name ?? null, site: boxSettings?.site ?? null };
      return { ...event, box, device: { ...event.device, direction, label } };
    });
  }

  /** The devices of these boxes with their settings and directions, by any names of a device. */
  async gates(boxes: readonly string[]): Promise<FindGate> {
    const asked = [...new Set(boxes)];
    const notices = await this.#notices.of(asked, (some) => this.#readNotices(some));
    const settings = await this.#settings.of(asked, (some) => this.#readSettings(some, notices));
    // Many passings are of one device, and its key is a hash.
    const known = new Map<string, ReturnType<FindGate>>();
    return (box, device) => {
      const names = JSON.stringify([box, device.id, device.endpoint, device.ip]);
      const gate = known.get(names) ?? {
        key: keyOf(box, device),
        set: settings.get(box)?.find(device) ?? null,
        said: saidOf(device, notices.get(box), settings.get(box)),
      };
      known.set(names, gate);
      return gate;
    };
  }

  /** The same, for readers that keep directions. */
  async settings(boxes: readonly string[]): Promise<Gates> {
    const find = await this.gates(boxes);
    const asked = [...new Set(boxes)];
    const settings = await this.#settings.of(asked, async (some) =>
      this.#readSettings(some, await this.#notices.of(some, (unread) => this.#readNotices(unread))),
    );
    return {
      find,
      mayHaveWays: (box) => settings.get(box)?.mayHaveWays ?? null,
      version: JSON.stringify(asked.map((box) => settings.get(box)?.version)),
    };
  }

  /** Reads the notices of a box again, because another one was stored. */
  forgetNotices(box: string): void {
    this.#notices.forget(box);
    this.#settings.forget(box);
  }

  /** The same writer of settings, whose writes this process shows at once. */
  writing(boxes: BoxWriter): BoxWriter {
    return {
      set: async (box, settings) => {
        try {
          return await boxes.set(box, settings);
        } finally {
          this.#settings.forget(box);
        }
      },
      noteSiteZone: (some) => boxes.noteSiteZone(some),
    };
  }

  async #readNotices(boxes: readonly string[]): Promise<Map<string, Noticed>> {
    const notices = Map.groupBy(await this.#deps.status.of(boxes), ({ box }) => box);
    return new Map(
      boxes.map((box) => {
        const newestLast = (notices.get(box) ?? []).toSorted((a, b) => a.receivedAt - b.receivedAt);
        const devices = newestLast.flatMap(({ report }) => noticedDevices(report));
        return [box, { devices, directions: directionsIn(devices) }];
      }),
    );
  }

  async #readSettings(boxes: readonly string[], notices: ReadonlyMap<string, Noticed>): Promise<Map<string, OfBox>> {
    const stored = new Map((await this.#deps.store.getAll(boxes)).map(({ record }) => [record.box, record]));
    return new Map(boxes.map((box) => [box, settingsOf(stored.get(box), notices.get(box))]));
  }
}

function keyOf(box: string, device: DeviceNames): string | null {
  const name = deviceName(device);
  return name === null ? null : deviceKey(box, name);
}

function settingsOf(record: BoxRecord | undefined, noticed: Noticed | undefined): OfBox {
  const { devices, directions } = noticed ?? { devices: [], directions: new Map<string, Direction>() };
  const said = [...directions];
  if (record === undefined) {
    const mayHaveWays = said.length > 0 || null;
    const namesOf = namesIn([], devices);
    return { name: null, site: null, find: () => null, namesOf, mayHaveWays, version: JSON.stringify(said) };
  }
  const { name, site, deviceSettings, activity } = record;
  const find = settingsIn(record, devices);
  const heard = heardIn(record);
  const isSet = Object.values(deviceSettings).some(({ direction }) => direction === "in" || direction === "out");
  const hasSent = heard.some((device) =>
    device.directions.some((own) => directionOf(own, { set: find(device), said: null }) !== null),
  );
  // Devices beyond the limit are not noted, nor are devices of imported events.
  const isWhole = activity !== null && heard.length < limits.devicesOfBox;
  const mayHaveWays = isSet || said.length > 0 || hasSent || (isWhole ? false : null);
  const names = heard.map(({ id, endpoint, ip }) => [id, endpoint, ip]);
  const isFound = said.length > 0 || Object.keys(deviceSettings).length > 0;
  const found = isFound ? [deviceSettings, names, devices] : [];
  const namesOf = namesIn(heard, devices);
  return { name, site, find, namesOf, mayHaveWays, version: JSON.stringify([mayHaveWays, said, found]) };
}

/** A device of both directions has none, nor has one whose direction is ignored. */
function oneWay(direction: SetDirection): Direction | null {
  return direction === "in" || direction === "out" ? direction : null;
}

function saidOf(device: DeviceNames, noticed: Noticed | undefined, ofBox: OfBox | undefined): Direction | null {
  const names = ofBox?.namesOf(device) ?? [];
  return names.flatMap((name) => noticed?.directions.get(name) ?? [])[0] ?? null;
}

/** The newest direction of each device, also by its other names. */
function directionsIn(noticed: readonly NoticedDevice[]): Map<string, Direction> {
  const namesOf = namesIn([], noticed);
  const directions = new Map<string, Direction>();
  const said = noticed.flatMap(({ direction, ...device }) => (direction === null ? [] : [{ device, direction }]));
  for (const { device, direction } of said) for (const name of namesOf(device)) directions.set(name, direction);
  for (const { device, direction } of said) directions.set(device.id, direction);
  return directions;
}

/** Values of boxes that a process uses for some time after it has read them. */
class Remembered<Value> {
  readonly #forMs: number;
  readonly #clock: () => number;
  readonly #known = new Map<string, { at: number; value: Value }>();
  /** Rises when a value is forgotten: a read that began before must not bring it back. */
  #epoch = 0;

  constructor(forMs: number, clock: () => number) {
    this.#forMs = forMs;
    this.#clock = clock;
  }

  async of(
    boxes: readonly string[],
    read: (boxes: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  ): Promise<Map<string, Value>> {
    const at = this.#clock();
    const epoch = this.#epoch;
    const found = new Map<string, Value>();
    for (const box of boxes) {
      const known = this.#known.get(box);
      if (known !== undefined && Math.abs(at - known.at) < this.#forMs) found.set(box, known.value);
    }
    const asked = boxes.filter((box) => !found.has(box));
    if (asked.length === 0) return found;
    const values = await read(asked);
    if (this.#known.size + asked.length > maxBoxes) this.#known.clear();
    for (const [box, value] of values) {
      found.set(box, value);
      if (epoch === this.#epoch) this.#known.set(box, { at, value });
    }
    return found;
  }

  forget(box: string): void {
    this.#epoch += 1;
    this.#known.delete(box);
  }
}
