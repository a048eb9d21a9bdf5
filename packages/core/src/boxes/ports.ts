import type { Arrival } from "../arrivals/arrivals.ts";
import type { BoxReader } from "./box-reader.ts";
import type { BoxWriter } from "./boxes.ts";
import type { EventLabels } from "./labels.ts";

/** Which boxes are at a site. */
export interface BoxSites {
  /** Each once; none if no box has this site. */
  boxesOf(site: string): Promise<string[]>;
}

export interface DeviceReader {
  /**
   * The ids of the devices of events, each once and in any order: of all boxes, or of those that are given. Some may be of
   * expired events. At most `limits.devicesOfBox` of a box, and `limits.devicesListed` in all; long names are cut, as
   * `deviceName` does.
   */
  devices(boxes?: readonly string[]): Promise<string[]>;
}

/** The latest arrivals from a box, for the person who sets it up. */
export interface ArrivalReader {
  /** The last 20 of a box, the newest first. */
  of(box: string): Promise<readonly ArrivalListing[]>;
  /** Whether requests with a wrong key are known to this process, all of them. */
  isWrongKeyKnown: boolean;
}

/** `bytes` and `from` are null where they are not stored. */
export type ArrivalListing = Omit<Arrival, "bytes" | "from"> & { bytes: number | null; from: string | null };

/** The known facts of boxes. */
export interface BoxPorts {
  reader: Pick<BoxReader, "list" | "names" | "get" | "places" | "boxesOf" | "siteOf">;
  /** Also for a caller who sees some boxes of a site: by them it is found whose people an id is of. */
  sites: BoxSites;
  writer: BoxWriter;
  arrivals: ArrivalReader;
  labels: EventLabels;
}
