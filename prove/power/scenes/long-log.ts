import { hash } from "node:crypto";
import { oneBox } from "./one-box.ts";

const nonsenseBytes = 400_000;

/** So much is kept that the database moves its log into its file, again and again, while boxes deliver. */
export const longLog = oneBox({
  name: "long-log",
  share: 6,
  // The log is copied into the database from four megabytes on, and begins anew: all turns write twice as many.
  turns: 16,
  passingsInTurn: 6,
  nonsense(turn, random) {
    const body = `{ number ${turn} ${String(random()).repeat(nonsenseBytes / 18)}`;
    return { body, sha256: hash("sha256", body) };
  },
});
