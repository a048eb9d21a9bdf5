import { eventHandler } from "@gatepost/aws";
import { historyFlat, historyNested, historyV6 } from "@gatepost/protocol";

/** Boxes post each passing, also of strangers, until it is taken: up to 100 at a time. */
export const handler = eventHandler({ type: "history", expects: [historyNested, historyFlat, historyV6] });
