import type { Office } from "./office.ts";

/** Posts one history report to the first box, as a box does. */
export async function report({ boxes }: Office, body: Record<string, unknown>): Promise<void> {
  const { ext_data, ...rest } = body as { ext_data?: object };
  const sent = {
    identity_id: "42",
    identity_name: "Ada",
    group_name: "default_group",
    timestamp: Date.now(),
    score: 0.93,
    want_action: "0",
    ...rest,
    ext_data: { device_ip: "10.0.0.7", device_type: "0", ep_id: "BOX1__10.0.0.2", person_type: 1, ...ext_data },
  };
  const answer = await fetch(`${boxes[0]?.url.href}/HistoryEvent`, { method: "POST", body: JSON.stringify(sent) });
  if (answer.status !== 200) throw new Error(`the report was answered ${answer.status}`);
}
