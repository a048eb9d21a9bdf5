import type { MappingDraft, MappingId } from "@gatepost/protocol";
import { absent, any, type Condition, compare, type Items } from "@gatepost/store";
import { GatepostError } from "../errors/errors.ts";
import { mappingAttributes, mappingOf, mappings, newMappingId, type Revised, storedMappings } from "./record.ts";

/** Most mappings of a deployment. */
const maxMappings = 100;

interface Deps {
  items: Items;
  /** Called after each change. */
  changed?: (() => void) | undefined;
}

/** The mappings of a deployment: how reports of unknown formats are read. */
export class Mappings {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** All mappings, by name. One that cannot be read is left out. */
  async list(): Promise<Revised[]> {
    const stored = await storedMappings(this.#deps.items);
    const readable = stored.flatMap(({ mapping }) => mapping ?? []);
    return readable.toSorted((a, b) => order.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
  }

  /** Null if there is none, or it cannot be read. */
  async get(id: MappingId): Promise<Revised | null> {
    const item = await this.#deps.items.get(id);
    return item === null ? null : mappingOf(item);
  }

  /** Throws 409 if there are 100 already. */
  async add(draft: MappingDraft): Promise<Revised> {
    if ((await this.list()).length >= maxMappings) {
      throw new GatepostError("conflict", `there are ${maxMappings} mappings; remove one that is not needed first`, {
        code: "too-many",
      });
    }
    const mapping = { ...draft, id: newMappingId(), rev: 1 };
    await this.#write(mapping, absent());
    return mapping;
  }

  /**
   * Replaces a mapping whose revision the caller has read. Null if there is none. Throws 409 if another caller has changed
   * it since.
   */
  async put(id: MappingId, rev: number, draft: MappingDraft): Promise<Revised | null> {
    const mapping = { ...draft, id, rev: rev + 1 };
    const { applied, previous } = await this.#write(mapping, { is: "=", name: "rev", value: rev });
    if (applied) return mapping;
    if (previous === null) return null;
    throw new GatepostError("conflict", "another caller has changed this mapping: read it again", { code: "changed" });
  }

  /** Takes over a mapping of another store, unless a later revision of it is here. */
  async take(mapping: Revised): Promise<void> {
    await this.#write(mapping, any(absent(), compare("rev", "<", mapping.rev)));
  }

  /** False if there is none. */
  async remove(id: MappingId): Promise<boolean> {
    const removed = await this.#deps.items.remove(id);
    this.#deps.changed?.();
    return removed !== null;
  }

  async #write(mapping: Revised, when: Condition) {
    const written = await this.#deps.items.write(
      mappings.record(mappings.id(mapping.id), mappingAttributes(mapping), when),
    );
    this.#deps.changed?.();
    return written;
  }
}

/** Names in any script, with numbers by their value, the same on every machine. */
const order = new Intl.Collator("en", { numeric: true });
