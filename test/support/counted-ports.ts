import type { ReceiverPorts } from "@gatepost/receive";
import { type Count, countAnnounced, countReports } from "../../packages/aws/src/lambda/metrics.ts";

/** The same ports with the metrics of AWS. */
export function countedPorts(ports: ReceiverPorts, count: Count): ReceiverPorts {
  return {
    ...ports,
    bus: countAnnounced(ports.bus, count),
    listeners: [...ports.listeners, countReports(count)],
  };
}
