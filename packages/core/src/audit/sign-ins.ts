import { minuteMs } from "@gatepost/protocol";
import { type Condition, compare, equals, not, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { signInEveryMs } from "./ports.ts";

/** Who signs in, and from where: the id of a key, and the keyed hash of an address. */
export interface SignIn {
  by: string;
  from: string | null;
}

/** `signed-in NAME`: until when (ms) nothing of this name is noted. */
const signIns = new RecordKind("signed-in ", z.object({ until: z.number(), mark: z.string() }));

/** ms after which another process notes a sign-in if the first one ended before it had. */
const leaseMs = minuteMs;

/** Does `note` for the first sign-in of a name in an hour. If it fails, the next sign-in is the first. */
export async function noteFirst(
  name: string,
  { rows, clock }: { rows: Rows; clock(): number },
  note: () => Promise<unknown>,
): Promise<void> {
  const mark = crypto.randomUUID();
  const now = clock();
  const silence = (until: number, when: Condition) =>
    rows.write(signIns.record(name, { until, mark, ttl: ttlAt(until) }, when));
  const isMine = equals("mark", mark);
  try {
    const { applied } = await silence(now + leaseMs, not(compare("until", ">", now)));
    if (!applied) return;
    await note();
  } catch (error) {
    await silence(now, isMine).catch(() => null);
    throw error;
  }
  // If this fails, a sign-in after a minute is noted, too.
  await silence(now + signInEveryMs, isMine).catch(() => null);
}
