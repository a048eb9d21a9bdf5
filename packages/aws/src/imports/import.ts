import type { BoxStore } from "@gatepost/core/boxes";
import type { ImportedAction, ImportPorts } from "@gatepost/core/imports";
import type { Mappings, ReplayedRecords } from "@gatepost/core/mappings";
import type { Sites } from "@gatepost/core/sites";
import { actionId, type LocatedPicture, type Picture } from "@gatepost/protocol";
import type { Ports } from "@gatepost/receive";
import { absent, all, any, compare, equals, placeAt } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { numberOf } from "../dynamo/item.ts";
import { reasonAttribute, stateAttributes } from "../events/action-attributes.ts";
import { wholeHistory } from "../events/action-history.ts";
import type { FeedWrites } from "../events/feed-writes.ts";
import { changeAttributes } from "../events/row.ts";
import { fileOf, objectKey } from "../pictures/keys.ts";
import type { SharedPictures } from "../pictures/shared.ts";
import { setRecordAside } from "../quarantine/aside.ts";
import type { DynamoQuarantine } from "../quarantine/store.ts";
import type { Objects } from "../s3/objects.ts";

interface Deps {
  dynamo: Dynamo;
  objects: Objects;
  shared: Pick<SharedPictures, "share">;
  feed: FeedWrites;
  /** An index that sends no notifications. */
  index: Ports["index"];
  quarantine: DynamoQuarantine;
  replayed: ReplayedRecords;
  clock(): number;
  boxStatus: Ports["boxStatus"];
  suppression: Ports["suppression"];
  boxes: BoxStore;
  sites: Sites;
  mappings: Mappings;
  putKey: ImportPorts["putKey"];
  putErasures: ImportPorts["putErasures"];
}

/** Takes over data of another store. */
export class DynamoImport implements ImportPorts {
  readonly index: ImportPorts["index"];
  readonly quarantine: ImportPorts["quarantine"];
  readonly replayed: ImportPorts["replayed"];
  readonly boxStatus: ImportPorts["boxStatus"];
  readonly suppression: ImportPorts["suppression"];
  readonly boxes: ImportPorts["boxes"];
  readonly sites: ImportPorts["sites"];
  readonly mappings: ImportPorts["mappings"];
  readonly pictures: ImportPorts["pictures"];
  readonly putKey: ImportPorts["putKey"];
  readonly putErasures: ImportPorts["putErasures"];
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.index = deps.index;
    this.quarantine = {
      put: (record) => deps.quarantine.put(record),
      setAside: (id, how) => setRecordAside(id, how, deps),
    };
    this.replayed = deps.replayed;
    this.boxStatus = deps.boxStatus;
    this.suppression = deps.suppression;
    this.boxes = deps.boxes;
    this.sites = deps.sites;
    this.mappings = deps.mappings;
    this.putKey = deps.putKey;
    this.putErasures = deps.putErasures;
    this.#deps = deps;
    const { objects } = deps;
    this.pictures = {
      has: async (picture) => (await objects.writtenAt(objectKey(picture))) !== null,
      put: (of, picture) => this.#putPicture(of, picture),
    };
  }

  async setAction(eventId: string, action: ImportedAction): Promise<boolean> {
    const { wantAction: want, state, reason, at } = action;
    const history = wholeHistory(want, action.history);
    const last = Object.keys(history).at(-1) ?? `x_${want}`;
    const key = placeAt(at, actionId(eventId, want));
    const { dynamo, feed } = this.#deps;
    const set = {
      ...stateAttributes(eventId, want, { state, at }),
      ...reasonAttribute(want, reason),
      ...history,
    };
    const { applied } = await feed.write((sequence) =>
      dynamo.update({
        pk: eventId,
        set: { ...set, ...changeAttributes(eventId, sequence) },
        remove: [`h_${want}`],
        // An action that was made here in its last state still lacks its history.
        when: any(compare(`t_${want}`, "<", key), all(equals(`t_${want}`, key), absent(last))),
      }),
    );
    return applied;
  }

  async expiries(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#deps.dynamo.getAll(ids);
    return new Map([...rows].map(([id, row]) => [id, numberOf(row, "ttl") * 1000]));
  }

  async #putPicture(of: LocatedPicture, picture: Picture): Promise<void> {
    const { objects, shared } = this.#deps;
    if (of.kind !== "registered") return objects.put(objectKey(of), picture.data, fileOf(picture, of.kind));
    const isShared = await shared.share(of.month, picture);
    if (!isShared) throw new Error("an erasure may remove this picture; it can be brought some minutes later");
  }
}
