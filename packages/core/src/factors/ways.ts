import { GatepostError } from "../errors/errors.ts";
import { counts, type FactorKind, factorKinds, isSealedBy, isSet, type StoredFactor } from "./factor.ts";

/** The key and the host of this server, by which it can use factors. */
export interface Here {
  /** The key of seeds; null if it is lost. */
  key: Buffer | null;
  /** The host for which passkeys count; null if every host does. */
  host: string | null;
}

/** The kinds by which an account with these factors goes on after its password. */
export function waysOf(factors: readonly StoredFactor[], here: Here): FactorKind[] {
  const open = factors.filter((one) => isOpen(one, here) || (one.kind === "recovery" && one.hashes.length > 0));
  return factorKinds.filter((kind) => open.some((one) => one.kind === kind));
}

/** Whether a factor counts, and can be used by this server. */
function isOpen(factor: StoredFactor, { key, host }: Here): boolean {
  return counts(factor, host) && (factor.kind !== "code" || isSealedBy(factor, key));
}

/** The refusal of a person none of whose factors can be used. */
export function unusable(account: string, factors: readonly StoredFactor[], host: string | null): GatepostError {
  if (!factors.some((one) => counts(one, host))) {
    const hosts = [...new Set(factors.filter(isSet).flatMap((one) => (one.kind === "passkey" ? [one.host] : [])))];
    return new GatepostError(
      "forbidden",
      `your passkeys are of ${hosts.join(" and ")}, and this server has another address now: sign in there, once it is set again, or an administrator takes them away, or on the machine \`gatepost accounts factors reset ${account}\``,
      { code: "passkeys-elsewhere" },
    );
  }
  return new GatepostError(
    "forbidden",
    `this server cannot read the key of your codes: it was not restored, or is damaged; an administrator takes your factors away, or on the machine \`gatepost accounts factors reset ${account}\``,
    { code: "factors-lost" },
  );
}

/** Why a factor stays, as `Factors.remove` says it. */
export type Kept = "unknown" | "last" | "stranded";

/** The factors that are left without one, or why it stays. */
export function leftWithout(
  id: string,
  { factors, isNeeded, here }: { factors: readonly StoredFactor[]; isNeeded: boolean; here: Here },
): readonly StoredFactor[] | Kept {
  const [asked] = factors.filter((one) => one.id === id);
  if (asked === undefined) return "unknown";
  const left = factors.filter((one) => one !== asked);
  const isLast =
    counts(asked, here.host) && !left.some((one) => (isOpen(asked, here) ? isOpen(one, here) : counts(one, here.host)));
  if (isNeeded && isLast) return "last";
  if (!left.some(isSet)) return left.filter(({ kind }) => kind !== "recovery");
  const strands = waysOf(factors, here).length > 0 && waysOf(left, here).length === 0;
  return strands ? "stranded" : left;
}
