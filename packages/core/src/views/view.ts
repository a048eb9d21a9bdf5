import { randomBytes } from "node:crypto";
import type { List } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** A name for an address of the console. */
export interface View {
  /** `view_…` */
  id: string;
  name: string;
  /** The part after the path of the page: it begins with `#/`. */
  address: string;
  /** Whether it is shared: then every caller sees it, and otherwise its owner alone. */
  isForEverybody: boolean;
}

/** The members of a view that can be changed; absent ones stay. */
export type ViewChange = Partial<Pick<View, "name" | "address">>;

/** `view_ID`: a view, and the account or key that has saved it. */
export const views = new RecordKind(
  "view_",
  z.object({
    name: z.string(),
    address: z.string(),
    owner: z.string(),
    isForEverybody: z.union([z.literal(0), z.literal(1)]),
  }),
);

export type StoredView = ReturnType<typeof views.read>;

/** The list of the views of an owner, or of the shared ones for null. Each view is in one list. */
export const listFor = (owner: string | null): List => ({
  index: "byBox",
  name: owner === null ? "views" : `views ${owner}`,
});

export function newViewId(): string {
  return views.pk(randomBytes(9).toString("hex"));
}

export function viewIn(id: string, { name, address, isForEverybody }: StoredView): View {
  return { id, name, address, isForEverybody: isForEverybody === 1 };
}
