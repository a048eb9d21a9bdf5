import { readFileSync } from "node:fs";
import type { Approval, FaceEvent, ShownBox } from "@gatepost/protocol";

type NamedBox = Omit<ShownBox, "kinds"> & { kinds: (ShownBox["kinds"][number] & { dialectName: string | null })[] };

const file = new URL("../../packages/api/src/openapi/answers.json", import.meta.url);
const answers: {
  createActionApproval: { approval: Approval };
  getBox: NamedBox;
  listEvents: { events: [FaceEvent] };
} = JSON.parse(readFileSync(file, "utf8"));

/** The event, its box and the approval of its action, as the examples of the API have them. */
export const exampleEvent = answers.listEvents.events[0];
export const exampleBox = answers.getBox;
export const { approval: exampleApproval } = answers.createActionApproval;
