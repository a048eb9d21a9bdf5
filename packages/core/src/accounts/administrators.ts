import { absent, equals, type Rows } from "@gatepost/store";
import { administrators } from "./record.ts";

/** Tries to write the set while others write it. */
const maxTries = 20;

/**
 * The administrators who can sign in, as one record. An administrator leaves it before the account changes, so two
 * who remove each other at once cannot both succeed.
 */
export class Administrators {
  readonly #items: Rows;

  constructor(items: Rows) {
    this.#items = items;
  }

  async ids(): Promise<readonly string[]> {
    return (await this.#read()).ids;
  }

  async add(id: string): Promise<void> {
    await this.#update((ids) => (ids.includes(id) ? ids : [...ids, id]));
  }

  /** False, and nothing changes, if there is an administrator. */
  async addFirst(id: string): Promise<boolean> {
    const after = await this.#update((ids) => (ids.length === 0 ? [id] : ids));
    return after.includes(id);
  }

  /** False, and nothing changes, if there is no other administrator. An account that is none has left already. */
  async leave(id: string): Promise<boolean> {
    const after = await this.#update((ids) => (ids.length === 1 ? ids : ids.filter((one) => one !== id)));
    return !after.includes(id);
  }

  async #read(): Promise<{ ids: readonly string[]; rev: number }> {
    const item = await this.#items.get(administrators.pk(""));
    return item === null ? { ids: [], rev: 0 } : administrators.read(item);
  }

  async #update(change: (ids: readonly string[]) => readonly string[]): Promise<readonly string[]> {
    for (let tries = 0; tries < maxTries; tries++) {
      const { ids, rev } = await this.#read();
      const after = change(ids);
      if (after.length === ids.length) return ids;
      const record = { ids: JSON.stringify(after), rev: rev + 1 };
      const when = rev === 0 ? absent() : equals("rev", rev);
      if ((await this.#items.write(administrators.record("", record, when))).applied) return after;
    }
    throw new Error("the list of administrators was changed by others all the time");
  }
}
