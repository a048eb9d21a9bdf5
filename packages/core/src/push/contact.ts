import { absent, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** `push-contact`: the e-mail address by which push services can reach the operator. */
const records = new RecordKind("push-contact", z.object({ address: z.string() }));

/** Names of networks without the Internet, and names that no one can have. */
const reserved = ["local", "localhost", "lan", "internal", "intranet", "private", "home", "corp", "arpa"];
const impossible = ["test", "example", "invalid", "onion"];

/** Whether others can find a host by its name. Apple refuses contacts at any other host. */
function mayExist(host: string): boolean {
  const labels = host.toLowerCase().split(".");
  const last = labels.at(-1) ?? "";
  const isName = labels.length > 1 && labels.every((label) => /^[a-z0-9-]{1,63}$/.test(label));
  return isName && /^[a-z][a-z0-9-]/.test(last) && !reserved.includes(last) && !impossible.includes(last);
}

/** The e-mail address in a text as `mailto:it@example.com` or without `mailto:`; null if it cannot exist. */
export function contactAddress(text: string): string | null {
  const address = text.trim().replace(/^mailto:/i, "");
  const [, host = ""] = /^[\w.+'=~-]{1,64}@(.{1,189})$/.exec(address) ?? [];
  return mayExist(host) ? address : null;
}

interface Deps {
  items: Rows;
  /** The address that the operator gives; null if there is none. */
  given: string | null;
  /** The address under which people reach the server; null if it is unknown. */
  publicUrl(): string | null;
}

/** How push services can reach the operator (`sub` of RFC 8292). */
export class PushContact {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The given address, else the one that a person gave, else a public address of the server. Null if none is known. */
  async read(): Promise<string | null> {
    const { given, publicUrl } = this.#deps;
    const address = given ?? (await this.#stored());
    if (address !== null) return `mailto:${address}`;
    const url = publicUrl();
    return url?.startsWith("https:") && mayExist(new URL(url).hostname) ? new URL(url).origin : null;
  }

  /** Keeps an address of a person, unless one is stored: a later person does not change it. */
  async keep(address: string): Promise<void> {
    await this.#deps.items.write(records.record("", { address }, absent()));
  }

  async #stored(): Promise<string | null> {
    const item = await this.#deps.items.get(records.pk(""));
    return item === null ? null : records.read(item).address;
  }
}
