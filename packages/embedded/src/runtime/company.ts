import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type CompanyPorts,
  CompanyProvider,
  CompanyRecords,
  type CompanySettingsStore,
  type ProviderOptions,
  settingsIn,
} from "@gatepost/core/company";
import { GatepostError } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import type { Items } from "@gatepost/store";

/** The company's provider, as the operator names it. */
export type CompanyOptions = Pick<ProviderOptions, "issuer" | "clientId" | "clientSecret">;

interface Deps {
  /** Null without a company sign-in. */
  options: CompanyOptions | null;
  /** The path of the data folder. */
  path: string;
  items: Items;
  log: Log;
  /** ms since 1970. */
  clock(): number;
}

/** The sign-in of a company; null without a provider. Throws if the address of the provider cannot be trusted. */
export function openCompany({ options, path, items, log, clock }: Deps): CompanyPorts | null {
  if (options === null) return null;
  const settings = new FileOrRecords(join(path, "oidc.json"), new CompanyRecords(items));
  return { provider: new CompanyProvider({ ...options, log, clock }), settings };
}

/** The settings in oidc.json, read each time. Without the file, the settings of the console. */
class FileOrRecords implements CompanySettingsStore {
  readonly #file: string;
  readonly #records: CompanyRecords;

  constructor(file: string, records: CompanyRecords) {
    this.#file = file;
    this.#records = records;
  }

  async read(): ReturnType<CompanySettingsStore["read"]> {
    const text = await this.#text();
    return text === null ? this.#records.read() : { settings: settingsIn(text), version: "0", isFile: true };
  }

  async write(...asked: Parameters<CompanyRecords["write"]>): Promise<boolean> {
    if ((await this.#text()) === null) return this.#records.write(...asked);
    throw new GatepostError("conflict", "oidc.json in the data folder has these settings; change them there");
  }

  /** Null if there is no such file. */
  async #text(): Promise<string | null> {
    try {
      return await readFile(this.#file, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
  }
}
