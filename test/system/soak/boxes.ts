import {
  type Album,
  Faults,
  type Passing,
  Platform,
  Se3,
  Se5,
  Site,
  seededFor,
  systemClock,
  TerminalBox,
  type TerminalMake,
  terminalMakes,
  type Version,
  type Watcher,
} from "@gatepost/simulator";
import type { Outages } from "./outages.ts";

/** The parts of a box, of any kind, that the soak drives. */
export interface SoakBox {
  name: string;
  site: Site;
  /** ms between two people who go by it, at least; absent if it has no limit. */
  pause?: number;
  /** The services that must be up for its real-time reports to arrive. */
  through: Outages;
  box: { readonly waiting: number; passes(passing: Passing): void; run(signal: AbortSignal): Promise<void> };
}

export const kinds = [
  "V2R4",
  "V5R3",
  "V5R6",
  "V6",
  "relay",
  "platform-a",
  "platform-b",
  "se5",
  "se5-v6",
  ...terminalMakes,
] as const;
type Kind = (typeof kinds)[number];

/** The zone of the boxes that are terminals: not all of them send it. */
export const zone = { name: "Asia/Kolkata", minutes: 330 };

/** ms between two people at one terminal, whose times are whole seconds. */
const terminalPauseMs = 1300;

interface Making {
  seed: number;
  album: Album;
  watch: Watcher;
  /** The address, with a key, to which a box delivers. */
  urlOf(name: Kind): string;
  through(name: Kind): Outages;
}

/** A box of every kind. The SE5s wait for a bridge. */
export async function openBoxes(making: Making): Promise<SoakBox[]> {
  const boxes: SoakBox[] = [];
  for (const name of kinds) boxes.push(await openBox(name, making));
  return boxes;
}

async function openBox(name: Kind, { seed, album, watch, urlOf, through }: Making): Promise<SoakBox> {
  const clock = systemClock;
  // Reports about the present are not repeated: only the failures of the account may lose them.
  const make = terminalMakes.find((one) => one === name);
  const chances =
    name.startsWith("platform") || make !== undefined
      ? { cut: 0.05, duplicate: 0.05, slow: 0.05 }
      : { duplicate: 0.05 };
  const faults = new Faults(chances, seededFor(seed, `faults ${name}`));
  const site = new Site({ seed, box: name, devices: 2, strangers: 0.3, actions: 0.5, faults, clock });
  const common = { album, faults, watch, clock };
  const made = { name, site, through: through(name) };
  if (name === "platform-a" || name === "platform-b") {
    const url = new URL(`${urlOf(name)}/PassRecord`);
    return { ...made, box: new Platform(name === "platform-a" ? "A" : "B", url, common) };
  }
  if (isMake(name)) {
    const url = new URL(urlOf(name));
    return {
      ...made,
      pause: terminalPauseMs,
      box: new TerminalBox({ ...common, make: name, name, url, zone: zone.minutes }),
    };
  }
  if (name === "se5" || name === "se5-v6") {
    const at = { host: "127.0.0.1", livePort: 0, apiPort: 0, devices: site.devices, memoryFile: null };
    return {
      ...made,
      box: await Se5.open({ ...common, ...at, version: name === "se5" ? "V5R6" : "V6", splitsFrames: true }),
    };
  }
  const version: Version = name === "relay" ? "V2R4" : name;
  const box = new Se3({ ...common, version, inBatches: name === "relay" });
  box.settings.realtimeUrls = [new URL(`${urlOf(name)}/RealTimeEvent`)];
  box.settings.historyUrls = [new URL(`${urlOf(name)}/HistoryEvent`)];
  return { ...made, box };
}

function isMake(name: Kind): name is TerminalMake {
  return terminalMakes.some((make) => make === name);
}
