import type { Account } from "./account.ts";

/** The account as a table of Markdown. */
export function asTable({ history, realtime, actions, terminals, stores, unknown }: Account): string {
  const rows = [
    ["history, pass records, pushes", "sent", "stored", "acknowledged and lost", "doubled"],
    ["", history.sent, history.stored, history.lost, history.doubled],
    ["", "still waiting", "", "", ""],
    ["", history.waiting, "", "", ""],
    ["real-time", "sent", "stored", "acknowledged", "acknowledged and lost"],
    ["", realtime.sent, realtime.stored, realtime.acknowledged, realtime.lostAcknowledged],
    ["", "lost while something failed", "lost while all was slow", "lost while nothing failed", "doubled"],
    ["", realtime.lostWhileDown, realtime.lostWhileSlow, realtime.lostWhileUp, realtime.doubled],
    ["actions", "enqueued", "announced", "lost", "announced more than once"],
    ["", actions.enqueued, actions.announced, actions.lost, actions.repeated],
    ["", "not enqueued", "left pending", "", ""],
    ["", actions.notEnqueued, actions.pending, "", ""],
    ["other makers' terminals", "sent", "stored", "acknowledged and lost", "doubled"],
    ["", terminals.sent, terminals.stored, terminals.lost, terminals.doubled],
    ["", "still waiting", "", "", ""],
    ["", terminals.waiting, "", "", ""],
    ["the stores", "events", "not as the API lists them", "without a picture", "that nobody sent"],
    ["", stores?.events ?? "", stores?.notListed ?? "", stores?.withoutPicture ?? "", unknown],
  ];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
