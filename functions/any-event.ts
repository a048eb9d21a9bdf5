import { eventHandler } from "@gatepost/aws";

/** Takes the reports on any other path, by their shape. */
export const handler = eventHandler({ type: "any" });
