import { storedJson } from "@gatepost/protocol";
import { absent, any, equals, type Items, type List, listOf, placeAt, present } from "@gatepost/store";
import * as z from "zod/mini";
import { GatepostError } from "../errors/errors.ts";
import { RecordKind } from "../records/record-kind.ts";
import { openDayRules, type Schedule } from "./schedule.ts";

const window = storedJson(z.tuple([z.string(), z.string()]));

/** `schedule ID FIRST-DAY`: one version of a schedule of a site. */
const schedules = new RecordKind(
  "schedule ",
  z.object({
    site: z.string(),
    name: z.string(),
    groups: storedJson(z.array(z.string())),
    start: z.string(),
    end: z.string(),
    lateAfter: z.int(),
    earlyBefore: z.int(),
    weekdays: storedJson(z.array(z.int())),
    inWindow: window,
    outWindow: window,
    openDays: z.optional(z.enum(openDayRules)),
    night: z.optional(storedJson(z.nullable(z.object({ from: z.string(), to: z.string() })))),
    breaks: z.optional(
      storedJson(
        z.array(
          z.union([z.object({ from: z.string(), to: z.string() }), z.object({ minutes: z.int(), after: z.int() })]),
        ),
      ),
    ),
  }),
);

/** Most versions of schedules of a site: each count of hours reads all. */
const maxVersions = 500;

const listOfSite = (site: string): List => ({ index: "byBox", name: listOf("schedules", site) });
const recordId = ({ id, validFrom }: Pick<Schedule, "id" | "validFrom">) => `${id} ${validFrom}`;

/** The schedules of sites, with all their versions. */
export class Schedules {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  /** All versions of all schedules of a site. One that was written within the last second may be missing on AWS. */
  async of(site: string): Promise<Schedule[]> {
    const found: Schedule[] = [];
    for await (const { pk, item } of this.#items.list({ lists: [listOfSite(site)], order: "ascending" })) {
      const [id = "", validFrom = ""] = schedules.id(pk).split(" ");
      const { site: _, breaks = [], openDays = "stay", night = null, ...schedule } = schedules.read(item);
      found.push({ id, validFrom, ...schedule, breaks, openDays, night });
    }
    return found;
  }

  /**
   * Writes a version. Throws 409 if the version of that day is of another site, or the site has 500 versions.
   */
  async put(site: string, schedule: Schedule): Promise<void> {
    const others = (await this.of(site)).filter((one) => recordId(one) !== recordId(schedule));
    if (others.length >= maxVersions) {
      throw new GatepostError("conflict", `a site has at most ${maxVersions} versions of schedules; remove some first`);
    }
    const { id: _, validFrom: __, ...facts } = schedule;
    const id = recordId(schedule);
    const record = {
      ...facts,
      site,
      groups: JSON.stringify(facts.groups),
      weekdays: JSON.stringify(facts.weekdays),
      inWindow: JSON.stringify(facts.inWindow),
      outWindow: JSON.stringify(facts.outWindow),
      breaks: JSON.stringify(facts.breaks),
      night: JSON.stringify(facts.night ?? null),
      byBox: listOfSite(site).name,
      at: placeAt(0, id),
    };
    const { applied } = await this.#items.write(schedules.record(id, record, any(absent(), equals("site", site))));
    if (!applied) throw new GatepostError("conflict", "a schedule of another site has this id");
  }

  /** Removes one version, or all (null). False if there is none. */
  async remove(site: string, id: string, validFrom: string | null): Promise<boolean> {
    const versions = (await this.of(site)).filter((one) => one.id === id);
    const meant = versions.filter((one) => validFrom === null || one.validFrom === validFrom);
    let isRemoved = false;
    for (const schedule of meant) {
      if ((await this.#items.remove(schedules.pk(recordId(schedule)), present())) !== null) isRemoved = true;
    }
    return isRemoved;
  }
}
