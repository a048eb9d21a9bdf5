import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { authorityIn, isPem } from "@gatepost/core/authority";
import {
  type CompanyPorts,
  CompanyProvider,
  CompanyRecords,
  type CompanySettings,
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
  const settings = new FileOrRecords(path, new CompanyRecords(items));
  const authority = async () => (await settings.read()).settings.ca;
  return { provider: new CompanyProvider({ ...options, authority, log, clock }), settings };
}

/** The settings in oidc.json, read each time. Without the file, the settings of the console. */
class FileOrRecords implements CompanySettingsStore {
  readonly #folder: string;
  readonly #records: CompanyRecords;

  constructor(folder: string, records: CompanyRecords) {
    this.#folder = folder;
    this.#records = records;
  }

  async read(): ReturnType<CompanySettingsStore["read"]> {
    const settings = await companyFileIn(this.#folder);
    return settings === null ? this.#records.read() : { settings, version: "0", isFile: true };
  }

  async write(...asked: Parameters<CompanyRecords["write"]>): Promise<boolean> {
    if ((await textIn(this.#folder)) === null) return this.#records.write(...asked);
    throw new GatepostError("conflict", "oidc.json in the data folder has these settings; change them there");
  }
}

/** The settings in oidc.json of a data folder; null if there is no such file. Throws 503 if it has a fault. */
export async function companyFileIn(folder: string): Promise<CompanySettings | null> {
  const text = await textIn(folder);
  return text === null ? null : settingsIn(text, (name) => authorityIn(resolve(folder, name)));
}

/** The file of a certificate that oidc.json of a data folder names; none without one, or if it has a fault. */
export function fileOfCompany(folder: string): string[] {
  try {
    const { ca = null } = JSON.parse(readFileSync(join(folder, "oidc.json"), "utf8")) as { ca?: unknown };
    return typeof ca !== "string" || isPem(ca) ? [] : [ca];
  } catch {
    return [];
  }
}

async function textIn(folder: string): Promise<string | null> {
  try {
    return await readFile(join(folder, "oidc.json"), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
