import { eventHandler } from "@gatepost/aws";
import { historyFlat, historyNested } from "@gatepost/protocol";

/** Boxes post history with what their camera read of the face. */
export const handler = eventHandler({ type: "async", expects: [historyNested, historyFlat] });
