import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GatepostError } from "@gatepost/core/errors";
import type { FactorKey } from "@gatepost/core/factors";
import { replaceFile } from "@gatepost/sqlite";

const keyBytes = 32;

/**
 * The key of factors in `factors.key` of a data folder, which no backup contains. It is made with the first code. The file
 * is read each time: a person may put it back while the server runs.
 */
export class FactorKeyFile implements FactorKey {
  readonly #file: string;
  #making: Promise<Buffer> | null = null;

  /** @param folder of the store, which is locked before a key is made */
  constructor(folder: string) {
    this.#file = join(folder, "factors.key");
  }

  async find(): Promise<Buffer | null> {
    let text: string;
    try {
      text = await readFile(this.#file, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw unusable(error);
    }
    const key = Buffer.from(text.trim(), "base64");
    if (key.length === keyBytes) return key;
    throw unusable(new Error(`${this.#file} is no key of factors`));
  }

  async make(): Promise<Buffer> {
    this.#making ??= this.#made().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #made(): Promise<Buffer> {
    const found = await this.find();
    if (found !== null) return found;
    const key = randomBytes(keyBytes);
    replaceFile(this.#file, `${key.toString("base64")}\n`);
    return key;
  }
}

/** The person who adds a code sees the sentence, too. */
function unusable(cause: unknown): GatepostError {
  return new GatepostError(
    "unavailable",
    "factors.key in the data folder cannot be used; put back the one of this store, or remove it and set up all codes anew",
    { cause },
  );
}
