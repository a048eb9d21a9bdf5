import type { AuditEntry, AuditLog } from "@gatepost/core/audit";
import { hashToken, type Key, type KeyAdmin, newToken } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import type { Source, SourceRecord } from "@gatepost/core/sources";
import { omitAbsent } from "@gatepost/protocol";
import type { Ports } from "@gatepost/receive";

interface Deps {
  keyAdmin: Pick<KeyAdmin, "create" | "revoke" | "hashOf" | "faultOf" | "notes">;
  keys: Pick<Ports["keys"], "find">;
  audit: Pick<AuditLog, "note">;
  log: Log;
}

/** The key by which a source delivers, as its record has it. */
type SourceKey = Pick<SourceRecord, "key" | "tokenHash">;

/** The note of the keys that are made for a source, and end with it. */
const noteOf = (name: string) => `source ${name}`;

const faults = { revoked: "was revoked", expired: "has expired", unknown: "is not in this store" };

/** The ingest keys of sources. No one has their tokens. */
export class SourceKeys {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Returns the key that `sources.json` names for a source, else makes one, with the limits of the key that it has.
   * Throws if the source cannot deliver by it.
   */
  async of(source: Source, before: SourceKey | null): Promise<SourceKey> {
    const { key, name, box } = source;
    if (key === undefined) return this.#make(source, before);
    const tokenHash = await this.#deps.keyAdmin.hashOf(key);
    if (tokenHash === null) throw new Error(sayFault(name, key, faults.unknown));
    const found = await this.live(name, { key, tokenHash });
    if (found.scope !== "ingest" || found.box !== box) {
      throw new Error(sayFault(name, key, `does not deliver for box ${box}`));
    }
    return { key, tokenHash };
  }

  /** Throws if the key of a source is revoked or has expired, and says what to do. */
  async live(name: string, { key, tokenHash }: SourceKey): Promise<Key> {
    const found = await this.#deps.keys.find(tokenHash);
    if (found !== null) return found;
    throw new Error(sayFault(name, key, faults[await this.#deps.keyAdmin.faultOf(tokenHash)]));
  }

  /** Revokes the key of a source, if it was made for it: another one may be in a box, too. */
  async end(name: string, { key, tokenHash }: SourceKey): Promise<void> {
    const { keyAdmin, log } = this.#deps;
    const isItsOwn = (await keyAdmin.notes([key])).get(key) === noteOf(name);
    if (!isItsOwn || (await keyAdmin.faultOf(tokenHash)) === "revoked") return;
    await keyAdmin.revoke(key);
    await this.#note("key-revoked", { key, source: name });
    log.info("key of a source revoked", { source: name, key });
  }

  async #make({ name, box }: Source, before: SourceKey | null): Promise<SourceKey> {
    const { keyAdmin, keys, log } = this.#deps;
    const { rate, dailyBytes } = (before && (await keys.find(before.tokenHash))) ?? {};
    const limits = omitAbsent({ rate, dailyBytes });
    const tokenHash = hashToken(newToken("ingest"));
    const { id: key } = await keyAdmin.create({ tokenHash, scope: "ingest", box, note: noteOf(name), ...limits });
    await this.#note("key-made", { key, scope: "ingest", box, source: name });
    log.info("key of a source made", { source: name, box, key });
    return { key, tokenHash };
  }

  async #note(action: AuditEntry["action"], about: AuditEntry["about"]): Promise<void> {
    await this.#deps.audit.note({ action, outcome: "done", by: "sources.json", from: null, about });
  }
}

function sayFault(name: string, key: string, fault: string): string {
  return `its key ${key} ${fault}: make another by "gatepost sources key ${name}", which then delivers what waits`;
}
