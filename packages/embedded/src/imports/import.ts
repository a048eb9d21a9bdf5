import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BoxStore } from "@gatepost/core/boxes";
import type { ImportedErasure } from "@gatepost/core/erasure";
import type { EventIndex } from "@gatepost/core/events";
import type { ImportedAction, ImportPorts } from "@gatepost/core/imports";
import type { ImportedKey } from "@gatepost/core/keys";
import type { Mappings, ReplayedRecords } from "@gatepost/core/mappings";
import type { Sites } from "@gatepost/core/sites";
import { actionId, type LocatedPicture, type Picture, parseStored } from "@gatepost/protocol";
import type { Ports } from "@gatepost/receive";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import type { Sequence } from "../events/sequence.ts";

const expiryRow = z.object({ id: z.string(), expires_at: z.int() });
const placeRow = z.object({ lost: z.string().nullable() });

interface Deps {
  /** An index that notifies no subscriber. */
  index: EventIndex;
  pictures: { put(month: string, picture: Picture): Promise<void> };
  quarantine: ImportPorts["quarantine"];
  replayed: ReplayedRecords;
  boxStatus: Ports["boxStatus"];
  suppression: Ports["suppression"] & {
    adopt(secret: Uint8Array, erased: readonly ImportedErasure[]): boolean;
    settled(): Promise<void>;
  };
  boxes: BoxStore;
  sites: Sites;
  mappings: Mappings;
  sequence: Pick<Sequence, "raise">;
  keys: { take(key: ImportedKey): ReturnType<ImportPorts["putKey"]> };
}

/** Takes over data of another store. */
export class SqliteImport implements ImportPorts {
  readonly index: ImportPorts["index"];
  readonly quarantine: ImportPorts["quarantine"];
  readonly replayed: ImportPorts["replayed"];
  readonly boxStatus: ImportPorts["boxStatus"];
  readonly suppression: ImportPorts["suppression"];
  readonly boxes: ImportPorts["boxes"];
  readonly sites: ImportPorts["sites"];
  readonly mappings: ImportPorts["mappings"];
  readonly pictures: ImportPorts["pictures"];
  readonly #deps: Deps;
  readonly #writer: Writer;
  readonly #setAction: StatementSync;
  readonly #setTold: StatementSync;
  readonly #dropHistory: StatementSync;
  readonly #addHistory: StatementSync;
  readonly #historyLength: StatementSync;
  readonly #expiries: StatementSync;
  readonly #place: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, deps: Deps) {
    this.index = deps.index;
    this.quarantine = deps.quarantine;
    this.replayed = deps.replayed;
    this.boxStatus = deps.boxStatus;
    this.suppression = deps.suppression;
    this.boxes = deps.boxes;
    this.sites = deps.sites;
    this.mappings = deps.mappings;
    this.#deps = deps;
    this.#writer = writer;
    this.#setAction = database.prepare(
      "UPDATE actions SET state = ?1, reason = ?2, at = ?3, held_until = 0 WHERE id = ?4 AND (at < ?3 OR state <> ?1 AND at = ?3)",
    );
    this.#setTold = database.prepare("UPDATE actions SET is_told = 1 WHERE id = ?");
    this.#historyLength = database.prepare("SELECT count(*) AS n FROM action_changes WHERE action_id = ?");
    this.#dropHistory = database.prepare("DELETE FROM action_changes WHERE action_id = ?");
    this.#addHistory = database.prepare(
      "INSERT INTO action_changes (action_id, number, state, at, reason, key_id, decision) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#expiries = database.prepare("SELECT id, expires_at FROM events WHERE id IN (SELECT value FROM json_each(?))");
    this.#place = database.prepare("SELECT lost FROM pictures WHERE month = ? AND sha256 = ?");
    this.pictures = {
      has: async (of) => this.#isThere(of),
      put: ({ month }, picture) => deps.pictures.put(month, picture),
    };
  }

  setAction(eventId: string, action: ImportedAction): Promise<boolean> {
    const id = actionId(eventId, action.wantAction);
    return this.#writer.run(() => {
      if (action.isTold) this.#setTold.run(id);
      const isSet = this.#setAction.run(action.state, action.reason, action.at, id).changes === 1;
      const known = Number(this.#historyLength.get(id)?.["n"]);
      // An action that was made here in its last state still lacks the beginning of its history.
      if (known === 0 || (!isSet && known >= action.history.length)) return isSet;
      this.#dropHistory.run(id);
      for (const [index, { state, at, reason = null, by = null, decision = null }] of action.history.entries())
        this.#addHistory.run(id, index + 1, state, Date.parse(at), reason, by, decision);
      this.#deps.sequence.raise(eventId);
      return isSet;
    });
  }

  putKey(key: ImportedKey): ReturnType<ImportPorts["putKey"]> {
    return this.#deps.keys.take(key);
  }

  async putErasures(secret: Uint8Array, erased: readonly ImportedErasure[]): Promise<boolean> {
    const { suppression } = this.#deps;
    const isTaken = await this.#writer.run(() => suppression.adopt(secret, erased));
    if (isTaken) await suppression.settled();
    return isTaken;
  }

  async expiries(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = this.#expiries.all(JSON.stringify(ids)).map((row) => parseStored(expiryRow, row, "an event"));
    return new Map(rows.map(({ id, expires_at }) => [id, expires_at]));
  }

  #isThere({ month, sha256 }: LocatedPicture): boolean {
    const row = this.#place.get(month, sha256);
    return row !== undefined && parseStored(placeRow, row, `picture ${month}/${sha256}`).lost === null;
  }
}
