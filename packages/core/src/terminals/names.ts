import { comparable, type EnrolledPerson, idOf } from "@gatepost/protocol";
import { all, type Condition, type Items, type List, placeAt, present, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** `pin BOX HASH`: the name that a terminal of a box has for a person. `saidAt` is in ms since 1970. */
const names = new RecordKind(
  "pin ",
  z.object({ terminal: z.string(), person: z.string(), name: z.string(), saidAt: z.int() }),
);

interface Deps {
  items: Pick<Rows, "getAll" | "write">;
  /** ms from the last use of a name until it expires. */
  lifetime(): number;
  clock(): number;
}

/**
 * The names of people at terminals that send them apart from passings. The same number is another person at another
 * terminal.
 */
export class EnrolledNames {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Resolves once the name is durable. The last name of a person stays. A terminal sends all its users at each start, so
   * a name that is still kept for long is not written again.
   */
  async put(box: string, said: EnrolledPerson): Promise<void> {
    const held = await this.#find(box, said);
    if (held?.name !== said.name || this.#isOld(held)) await this.#write(box, said, all());
  }

  async #write(box: string, { terminal, person, name }: EnrolledPerson, when: Condition): Promise<void> {
    const { items, lifetime, clock } = this.#deps;
    const id = idAt(box, terminal, person);
    const saidAt = clock();
    const lists = { byPerson: listOf(person).name, at: placeAt(0, id), ttl: ttlAt(saidAt + lifetime()) };
    await items.write(names.record(id, { terminal, person, name, saidAt, ...lists }, when));
  }

  /** The name that the terminal has for the person; null if it has sent none. */
  async of(box: string, terminal: string, person: string): Promise<string | null> {
    const held = await this.#find(box, { terminal, person });
    // It stays as long as the person passes, unless it was erased just now.
    if (held !== null && this.#isOld(held)) await this.#write(box, held, present());
    return held?.name ?? null;
  }

  async #find(box: string, { terminal, person }: Omit<EnrolledPerson, "name">) {
    const pk = names.pk(idAt(box, terminal, person));
    const item = (await this.#deps.items.getAll([pk])).get(pk);
    // A name that cannot be read is as good as none: the terminal sends it again.
    return item === undefined ? null : names.readable(item);
  }

  #isOld({ saidAt }: { saidAt: number }): boolean {
    return this.#deps.clock() - saidAt > this.#deps.lifetime() / 2;
  }
}

/** Removes the names of an erased person: at the terminals of one box, or of all (null). */
export async function eraseEnrolledNames(
  { person, box }: { person: string; box: string | null },
  items: Pick<Items, "entries" | "remove">,
): Promise<void> {
  for await (const { pk } of items.entries({ lists: [listOf(person)], order: "ascending" })) {
    if (box === null || pk.startsWith(names.pk(`${box} `))) await items.remove(pk);
  }
}

const listOf = (person: string): List => ({ index: "byPerson", name: `pins ${idOf("per", [comparable(person)])}` });

function idAt(box: string, terminal: string, person: string): string {
  return `${box} ${idOf("per", [comparable(terminal), comparable(person)])}`;
}
