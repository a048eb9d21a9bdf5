import {
  actionRequested,
  type BusEntry,
  checkBox,
  eventRecorded,
  type LocatedPicture,
  requestedAction,
  type StoredEvent,
} from "@gatepost/protocol";
import { objectKey } from "../../../../packages/aws/src/pictures/keys.ts";
import { fixture } from "../../../support/fixtures.ts";
import { received, understood } from "../../../support/reports.ts";

/** An entry as EventBridge delivers it. */
export type Delivered = ReturnType<typeof delivered>;

/** What the code really puts on the bus: both actions, an event as such, and the action of a check. */
export function announced(): Delivered[] {
  const [stranger, update] = ["register-stranger", "update-photo"].map((name) => fixture("history-nested", name));
  const entries = [stranger, update].map((body) => requested(understood(body ?? {}).report));
  entries.push(requested(understood(stranger ?? {}).report, checkBox));
  return [...entries, eventRecorded(stored(understood(stranger ?? {}).report), announcing)].map(delivered);
}

function requested(report: StoredEvent["reports"][number], box = "gate-1"): BusEntry {
  const wanted = requestedAction(report);
  if (wanted === null) throw new Error("this report wants nothing");
  return actionRequested(
    { ...stored(report), box },
    { id: "act_1", at: new Date(received).toISOString(), ...wanted },
    announcing,
  );
}

function stored(report: StoredEvent["reports"][number]): StoredEvent {
  return { id: "evt_1", box: "gate-1", isSecondFace: false, reports: [report], actions: [] };
}

const announcing = {
  addressOf: (picture: LocatedPicture) => ({ bucket: "b", key: objectKey(picture) }),
  now: received,
};

function delivered({ id, source, detailType, time, detail }: BusEntry) {
  return {
    version: "0",
    id,
    "detail-type": detailType,
    source,
    account: "123456789012",
    time,
    region: "eu-west-1",
    resources: [],
    detail,
  };
}
