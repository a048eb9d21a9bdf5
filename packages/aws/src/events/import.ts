import type { BoxStore } from "@gatepost/core/boxes";
import type { ImportedAction, ImportPorts, PictureOfReport } from "@gatepost/core/imports";
import type { Sites } from "@gatepost/core/sites";
import { actionId, type Picture } from "@gatepost/protocol";
import type { Ports } from "@gatepost/receive";
import { absent, all, any, compare, equals, placeAt } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { numberOf } from "../dynamo/item.ts";
import type { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { objectName, ownKey } from "../pictures/own.ts";
import { type S3PictureStore, sharedKey } from "../pictures/store.ts";
import type { Objects } from "../s3/objects.ts";
import { reasonAttribute, stateAttributes } from "./action-attributes.ts";
import { wholeHistory } from "./action-history.ts";
import { changeAttributes } from "./row.ts";

interface Deps {
  dynamo: Dynamo;
  objects: Objects;
  registered: Pick<S3PictureStore, "share">;
  monotonicClock: MonotonicClock;
  /** An index that sends no notifications. */
  index: Ports["index"];
  quarantine: Ports["quarantine"];
  boxStatus: Ports["boxStatus"];
  suppression: Ports["suppression"];
  boxes: BoxStore;
  sites: Sites;
  putKey: ImportPorts["putKey"];
  putErasures: ImportPorts["putErasures"];
}

/** Takes over data of another store. */
export class DynamoImport implements ImportPorts {
  readonly index: ImportPorts["index"];
  readonly quarantine: ImportPorts["quarantine"];
  readonly boxStatus: ImportPorts["boxStatus"];
  readonly suppression: ImportPorts["suppression"];
  readonly boxes: ImportPorts["boxes"];
  readonly sites: ImportPorts["sites"];
  readonly pictures: ImportPorts["pictures"];
  readonly putKey: ImportPorts["putKey"];
  readonly putErasures: ImportPorts["putErasures"];
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.index = deps.index;
    this.quarantine = deps.quarantine;
    this.boxStatus = deps.boxStatus;
    this.suppression = deps.suppression;
    this.boxes = deps.boxes;
    this.sites = deps.sites;
    this.putKey = deps.putKey;
    this.putErasures = deps.putErasures;
    this.#deps = deps;
    const { objects } = deps;
    this.pictures = {
      has: async (of) => (await objects.writtenAt(keyOf(of))) !== null,
      put: (of, picture) => this.#putPicture(of, picture),
      // Its name is made from the id of the event, so an erasure of the event finds it.
      placeOf: (of) => (of.kind === "registered" ? {} : { in: nameOf(of) }),
    };
  }

  async setAction(eventId: string, action: ImportedAction): Promise<boolean> {
    const { wantAction: want, state, reason, at } = action;
    const history = wholeHistory(want, action.history);
    const last = Object.keys(history).at(-1) ?? `x_${want}`;
    const key = placeAt(at, actionId(eventId, want));
    const { applied } = await this.#deps.dynamo.update({
      pk: eventId,
      set: {
        ...stateAttributes(eventId, want, { state, at }),
        ...reasonAttribute(want, reason),
        ...history,
        ...changeAttributes(eventId, this.#deps.monotonicClock.next()),
      },
      remove: [`h_${want}`],
      // An action that was made here in its last state still lacks its history.
      when: any(compare(`t_${want}`, "<", key), all(equals(`t_${want}`, key), absent(last))),
    });
    return applied;
  }

  async expiries(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#deps.dynamo.getAll(ids);
    return new Map([...rows].map(([id, row]) => [id, numberOf(row, "ttl") * 1000]));
  }

  async #putPicture(of: PictureOfReport, picture: Picture): Promise<void> {
    const { objects, registered } = this.#deps;
    if (of.kind !== "registered") return objects.put(keyOf(of), picture.data, picture);
    const isShared = await registered.share(of.month, picture);
    if (!isShared) throw new Error("an erasure may remove this picture; it can be brought some minutes later");
  }
}

function nameOf({ eventId, report, sha256 }: PictureOfReport): string {
  return objectName(eventId, { twinId: "imported", report: { kind: report } }, [sha256]);
}

function keyOf(of: PictureOfReport): string {
  return of.kind === "registered" ? sharedKey(of) : ownKey({ month: of.month, in: nameOf(of) });
}
