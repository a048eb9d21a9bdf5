import { hourMs, storedJson } from "@gatepost/protocol";
import { absent, type Items, type List, listOf, placeAt, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { GatepostError } from "../errors/errors.ts";
import { listOfPeople, removeListed } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";

/** `roll-link HASH`: a link by which a phone opens one roll. `boxes` are absent if its maker sees every box. */
const links = new RecordKind(
  "roll-link ",
  z.object({
    ...{ roll: z.string(), known: z.string(), by: z.string(), endsAt: z.int() },
    boxes: z.optional(storedJson(z.array(z.string()))),
  }),
);

/** ms after which a link ends, if its roll is not closed before. */
const linkLifetimeMs = 24 * hourMs;

/** Links of one roll, at most. */
const maxLinks = 100;

const listOfRoll = (roll: string): List => ({ index: "byBox", name: listOf("roll-links", roll) });

/** A link by which a phone opens one roll, and ticks its people, without an account. */
export interface RollLink {
  /** `lnk_…`, by which ticks and the audit log name it. It opens nothing. */
  id: string;
  roll: string;
  /** Who gets it: ticks have this name. */
  name: string;
  /** The id of the account or key that made it. */
  by: string;
  /** The boxes that its maker sees; null for every box. */
  boxes: readonly string[] | null;
  /** ms since 1970. */
  endsAt: number;
}

/** The links of rolls. The tokens are not stored. */
export class RollLinks {
  readonly #items: Items;
  readonly #clock: () => number;

  /** @param clock ms since 1970 */
  constructor(items: Items, clock: () => number) {
    this.#items = items;
    this.#clock = clock;
  }

  /**
   * Makes a link. Throws 409 if the roll has 100.
   *
   * @param tokenHash SHA-256 (hex) of its token
   */
  async make(tokenHash: string, { roll, name, boxes, by }: Omit<RollLink, "id" | "endsAt">) {
    let count = 0;
    for await (const _ of this.#items.entries({ lists: [listOfRoll(roll)], order: "ascending" })) count += 1;
    if (count >= maxLinks) {
      throw new GatepostError("conflict", `a list has at most ${maxLinks} links; end them first`, { code: "too-many" });
    }
    const endsAt = this.#clock() + linkLifetimeMs;
    const listed = { byBox: listOfRoll(roll).name, byTime: listOfPeople.name, at: placeAt(endsAt, tokenHash) };
    const seen = boxes === null ? {} : { boxes: JSON.stringify(boxes) };
    const record = { roll, known: name, by, endsAt, ...seen, ...listed, ttl: ttlAt(endsAt) };
    await this.#items.write(links.record(tokenHash, record, absent()));
    return linkOf(tokenHash, { roll, known: name, by, endsAt, boxes: boxes ?? undefined });
  }

  /** Null if it was ended, or its time is over. */
  async find(tokenHash: string): Promise<RollLink | null> {
    const item = await this.#items.get(links.pk(tokenHash));
    const link = item === null ? null : linkOf(tokenHash, links.read(item));
    return link === null || link.endsAt <= this.#clock() ? null : link;
  }

  /** Ends all links of a roll. One that was made within the last second may stay on AWS. */
  async endAll(roll: string): Promise<void> {
    await removeListed(listOfRoll(roll), this.#items);
  }
}

type Stored = Pick<ReturnType<typeof links.read>, "roll" | "known" | "by" | "endsAt"> & {
  boxes?: readonly string[] | undefined;
};

function linkOf(tokenHash: string, { roll, known, by, endsAt, boxes = undefined }: Stored): RollLink {
  return { id: `lnk_${tokenHash.slice(0, 18)}`, roll, name: known, by, boxes: boxes ?? null, endsAt };
}
