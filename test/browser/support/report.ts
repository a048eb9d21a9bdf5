import { setTimeout as sleep } from "node:timers/promises";
import type { FleetBox } from "@gatepost/simulator";
import type { Office } from "./office.ts";

/**
 * Posts one history report as a box does, to the first box if no other is given: again while it is told to, as a
 * deployment that a busy machine rehearses does.
 */
export async function report(
  { boxes, now }: Pick<Office, "boxes" | "now">,
  body: Record<string, unknown>,
  box: FleetBox | undefined = boxes[0],
): Promise<void> {
  const { ext_data, ...rest } = body as { ext_data?: object };
  const sent = {
    identity_id: "42",
    identity_name: "Ada",
    group_name: "default_group",
    timestamp: now(),
    score: 0.93,
    want_action: "0",
    ...rest,
    ext_data: { device_ip: "10.0.0.7", device_type: "0", ep_id: "BOX1__10.0.0.2", person_type: 1, ...ext_data },
  };
  let status = await post(box, JSON.stringify(sent));
  while (status === 503) {
    await sleep(500);
    status = await post(box, JSON.stringify(sent));
  }
  if (status !== 200) throw new Error(`the report was answered ${status}`);
}

/** Posts bytes to a box's address for history; resolves with the status of the answer. */
export async function post(box: FleetBox | undefined, body: string): Promise<number> {
  const answer = await fetch(`${box?.url.href}/HistoryEvent`, { method: "POST", body });
  await answer.body?.cancel();
  return answer.status;
}
