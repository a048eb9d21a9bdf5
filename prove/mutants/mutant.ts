/** A single change to the product that breaks a promise. `prove -- --mutants` shows that it is noticed. */
export interface Mutant {
  /** Short and unique, as `pack-not-synced`. */
  name: string;
  /** The path of the file in the repository. */
  file: string;
  /** A text that is in the file exactly once. */
  text: string;
  becomes: string;
  /** The data that it loses, doubles or leaves behind. */
  why: string;
  /** The arguments of `prove` with which it is caught, as `["--only", "power", "--scene", "first-start"]`. */
  caughtBy: readonly string[];
}
