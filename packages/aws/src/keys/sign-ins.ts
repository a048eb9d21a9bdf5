import { signInEveryMs } from "@gatepost/core/audit";
import { absent, any, compare, equals, ttlAt } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";

/** Who signs in, and from where. */
interface SignIn {
  by: string;
  from: string | null;
}

/**
 * Does `note` for the first sign-in of a key in an hour from an address. A row for each says when that was. Where it could
 * not be noted, the next one is to be.
 */
export async function noteFirst(
  signIn: SignIn,
  { dynamo, clock }: { dynamo: Dynamo; clock(): number },
  note: () => Promise<unknown>,
): Promise<void> {
  const pk = `signed-in ${signIn.by} ${signIn.from ?? ""}`;
  const mark = crypto.randomUUID();
  const now = clock();
  try {
    const { applied } = await dynamo.update({
      pk,
      set: { signedInAt: now, mark, ttl: ttlAt(now + signInEveryMs) },
      when: any(absent("signedInAt"), compare("signedInAt", "<=", now - signInEveryMs)),
    });
    if (applied) await note();
  } catch (error) {
    const forgotten = { pk, set: { signedInAt: 0 }, when: equals("mark", mark) };
    await dynamo.update(forgotten).catch(() => null);
    throw error;
  }
}
