/** How a person was verified, and whether the door opened. */
interface Verification {
  result: "granted" | "denied";
  method: "face" | "card" | "fingerprint" | "code" | "password";
  /** Why it did not open. */
  reason?: string;
}

const granted = (method: Verification["method"]): Verification => ({ result: "granted", method });
const denied = (method: Verification["method"], reason: string): Verification => ({ result: "denied", method, reason });

/** The minor numbers of access events (major 5) that are about a person. Others are of no known meaning. */
export const verifications: ReadonlyMap<number, Verification> = new Map([
  [1, granted("card")],
  [2, granted("card")],
  [3, denied("card", "wrong password")],
  [6, denied("card", "no permission")],
  [7, denied("card", "not at this time")],
  [8, denied("card", "card expired")],
  [9, denied("card", "card not known")],
  [10, denied("card", "passed the same way twice")],
  [38, granted("fingerprint")],
  [39, denied("fingerprint", "fingerprint not known")],
  [49, denied("fingerprint", "fingerprint not known")],
  [75, granted("face")],
  [76, denied("face", "face not known")],
]);
