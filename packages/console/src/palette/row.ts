import type { IconName } from "../parts/icon.tsx";
import type { Findable } from "./rank.ts";

/** A row of the palette. */
export interface Row extends Findable {
  id: string;
  icon: IconName;
  /** The keys that do the same, or where it is. */
  meta: string;
  open(): void;
  /** Opens its passings. Left out: `open` does. */
  passings?(): void;
}
