import { eventHandler } from "@gatepost/aws";
import { wsV5, wsV6 } from "@gatepost/protocol";

/** The bridge posts what an SE5 sends over its WebSocket. */
export const handler = eventHandler({ type: "live", expects: [wsV5, wsV6] });
