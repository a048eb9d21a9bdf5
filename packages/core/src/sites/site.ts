import { storedJson } from "@gatepost/protocol";
import type { List } from "@gatepost/store";
import * as z from "zod/mini";
import { sitePrefix } from "../boxes/sites.ts";
import { RecordKind } from "../records/record-kind.ts";

/** A place with boxes. Its id is the text that boxes, keys and accounts have as their site. */
export interface Site {
  id: string;
  /** Its display name. */
  name: string;
  /** Its address, or another text by which people find it; null if none was given. */
  place: string | null;
  /** An IANA zone. */
  zone: string;
  /** The days of work, from 1 (Monday) to 7, in order. */
  workWeek: readonly number[];
  /** Dates (`2026-10-01`) without work, in order. */
  holidays: readonly string[];
  /** Whether one id of a person means the same person at all of its boxes. */
  sharesPeople: boolean;
  /** Whether someone has said that one id at several of its boxes means different people, also with one name. */
  keepsPeopleApart: boolean;
}

/** The members of a site that a person sets; absent ones stay. */
export type SiteChange = Partial<Omit<Site, "id">>;

const flag = z.union([z.literal(0), z.literal(1)]);

/** `site ID`: the settings of a site by a person. A site that only boxes name has no record. */
export const sites = new RecordKind(
  sitePrefix,
  z.object({
    name: z.string(),
    /** Empty if none was given. */
    place: z.string(),
    /** Absent if none is set: the zone of the server may change, and times of boxes take only one that is set. */
    zone: z.optional(z.string()),
    workWeek: storedJson(z.array(z.int())),
    holidays: storedJson(z.array(z.string())),
    sharesPeople: flag,
    /** Absent in records of earlier builds. */
    keepsPeopleApart: z.optional(flag),
  }),
);

export const siteList: List = { index: "byTime", name: "sites" };

/** A site of which nothing is set. */
export function newSite(id: string, zone: string): Site {
  const unset = { place: null, workWeek: [1, 2, 3, 4, 5], holidays: [], sharesPeople: false, keepsPeopleApart: false };
  return { id, name: id, zone, ...unset };
}

/** The attributes of some members of a site. */
export function siteAttributes({ name, place, zone, workWeek, holidays, sharesPeople, keepsPeopleApart }: SiteChange) {
  return {
    name,
    place: place === null ? "" : place,
    zone,
    workWeek: workWeek && JSON.stringify(workWeek),
    holidays: holidays && JSON.stringify(holidays),
    sharesPeople: flagOf(sharesPeople),
    keepsPeopleApart: flagOf(keepsPeopleApart),
  };
}

const flagOf = (is?: boolean): z.infer<typeof flag> | undefined => (is === undefined ? undefined : is ? 1 : 0);

/** @param usual the zone of a site for which none is set */
export function siteIn(id: string, stored: ReturnType<typeof sites.read>, usual: string): Site {
  const { place, zone = usual, sharesPeople, keepsPeopleApart, ...facts } = stored;
  return {
    id,
    ...facts,
    zone,
    place: place || null,
    sharesPeople: sharesPeople === 1,
    keepsPeopleApart: keepsPeopleApart === 1,
  };
}
