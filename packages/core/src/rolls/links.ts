import { hourMs, storedJson } from "@gatepost/protocol";
import { absent, type Items, type List, listOf, placeAt, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { GatepostError } from "../errors/errors.ts";
import { listOfPeople, removeListed } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";

/**
 * `roll-link HASH`: a link by which a phone opens one roll. `boxes` are absent if its maker sees every box, and `keyHash`
 * if an account made it.
 */
const links = new RecordKind(
  "roll-link ",
  z.object({
    roll: z.string(),
    known: z.string(),
    by: z.string(),
    endsAt: z.int(),
    keyHash: z.optional(z.string()),
    lowered: z.optional(z.int()),
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
  /** SHA-256 (hex) of the token of the key that made it; null for an account. */
  keyHash: string | null;
  /** How often its maker, an account, had been lowered then; null for a key. */
  lowered: number | null;
  /** The boxes that its maker saw then; null for every box. */
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
  async make(tokenHash: string, { roll, name, boxes, by, keyHash, lowered }: Omit<RollLink, "id" | "endsAt">) {
    let count = 0;
    for await (const _ of this.#items.entries({ lists: [listOfRoll(roll)], order: "ascending" })) count += 1;
    if (count >= maxLinks) {
      throw new GatepostError("conflict", `a list has at most ${maxLinks} links; end them first`, { code: "too-many" });
    }
    const endsAt = this.#clock() + linkLifetimeMs;
    const listed = { byBox: listOfRoll(roll).name, byTime: listOfPeople.name, at: placeAt(endsAt, tokenHash) };
    const seen = boxes && JSON.stringify(boxes);
    const record = { roll, known: name, by, endsAt, keyHash, lowered, boxes: seen, ...listed, ttl: ttlAt(endsAt) };
    await this.#items.write(links.record(tokenHash, record, absent()));
    return { id: idOf(tokenHash), roll, name, by, keyHash, lowered, boxes, endsAt };
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

function linkOf(
  tokenHash: string,
  { known, keyHash, lowered, boxes, ...facts }: ReturnType<typeof links.read>,
): RollLink {
  const maker = { keyHash: keyHash ?? null, lowered: lowered ?? null, boxes: boxes ?? null };
  return { id: idOf(tokenHash), ...facts, name: known, ...maker };
}

function idOf(tokenHash: string): string {
  return `lnk_${tokenHash.slice(0, 18)}`;
}
