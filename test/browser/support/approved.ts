import type { Office } from "./office.ts";

/** Has a stranger registered at two boxes: at one it is done, at the other it failed. */
export async function approveOne({ api, boxes: [, garage] }: Office): Promise<void> {
  const { actions } = await api.actions({ want: "1001" });
  const action = actions.find(({ approval, state }) => approval === null && state === "announced");
  if (action === undefined || garage === undefined) throw new Error("no stranger waits to be registered");
  const path = { id: action.id };
  const boxes = [...new Set([action.box, garage.name])];
  await api.ask("POST /v1/actions/{id}/approval", { path, body: { name: "王芳", type: "visitor", boxes } });
  const outcomes = boxes.map((box, at) =>
    at === 0 ? { box, state: "done" as const } : { box, state: "failed" as const, reason: "The library is full." },
  );
  await api.ask("POST /v1/actions/{id}", { path, body: { state: "failed", boxes: outcomes } });
}
