import { eventHandler } from "@gatepost/aws";
import { se3Realtime, wsV5, wsV6 } from "@gatepost/protocol";

/** SE3 and SE5 post what their camera saw just now. A box waits 0.5 s for the answer. */
export const handler = eventHandler({ type: "real-time", expects: [se3Realtime, wsV5, wsV6] });
