import type { Answer } from "@gatepost/core/errors";
import { type Sent, send } from "./http.ts";
import { type FailingPort, MemoryPorts } from "./memory-ports.ts";

/** The outcome of one request: each report ends as an event, as a separate record or as a notice. */
export interface Ends {
  answer: Answer;
  deps: MemoryPorts;
  /** Reports that are in an event. */
  inEvents: number;
  /** Reports that are in quarantine alone. */
  inQuarantine: number;
  /** Reports of the box's health. */
  inHealth: number;
}

/** Delivers one body under a live key to a new Gatepost, and counts the places of its reports. */
export async function deliver(
  body: unknown,
  { failing = [], route = "HistoryEvent", ...sent }: Sent & { failing?: FailingPort[]; route?: string } = {},
): Promise<Ends> {
  const deps = new MemoryPorts();
  const token = deps.addKey();
  for (const port of failing) deps.failing.set(port, new Error(`no ${port}`));
  const ends = { inEvents: 0, inQuarantine: 0, inHealth: 0 };
  const { put } = deps.quarantine;
  deps.quarantine.put = async (record) => {
    await put(record);
    if (record.event === null) ends.inQuarantine += 1;
  };
  const { put: putStatus } = deps.boxStatus;
  deps.boxStatus.put = async (boxStatus) => {
    await putStatus(boxStatus);
    ends.inHealth += 1;
  };
  const answer = await send(deps, { path: `/${token}/${route}`, body, ...sent });
  ends.inEvents = deps.written.filter(({ outcome }) => outcome !== "conflict").length;
  return { answer, deps, ...ends };
}
