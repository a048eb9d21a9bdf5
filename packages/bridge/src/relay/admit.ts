import { AuthRateLimiter, hashToken, type Key } from "@gatepost/core/keys";
import { type Admission, authenticate, type RequestHead } from "@gatepost/receive";

/** Finds the box of a request by the keys of the bridge's boxes. Throws the same errors as Gatepost's ingest. */
export type Admit = (request: RequestHead) => Promise<Admission>;

export function admission(boxes: readonly { name: string; token: string }[], clock: () => number): Admit {
  const keys = new Map<string, Key>(
    boxes.map(({ name, token }) => [hashToken(token), { id: name, scope: "ingest", box: name }]),
  );
  const deps = {
    keys: {
      find: (tokenHash: string) => Promise.resolve(keys.get(tokenHash) ?? null),
      // The keys are in the bridge's configuration, and nobody asks when a key was last used.
      noteUse: () => Promise.resolve(),
    },
    authRateLimiter: new AuthRateLimiter(clock),
    settings: { retentionDays: 0, keepFeatures: false, openBox: null, announceEvents: false },
  };
  return (request) => authenticate(request, deps);
}
