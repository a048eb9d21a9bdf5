import { eventHandler } from "@gatepost/aws";
import { platformA, platformB } from "@gatepost/protocol";

/** sophonsight posts the records of its boxes. */
export const handler = eventHandler({ type: "pass-record", expects: [platformB, platformA] });
