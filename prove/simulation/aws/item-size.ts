import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Row } from "./expressions.ts";

/** Bytes of an item as DynamoDB counts them: of the names and the values, a number by its digits. */
export function itemSize(row: Row): number {
  return Object.entries(row).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);
}

function valueSize({ S, N, L, M }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.replace(/\D/g, "").length / 2) + 1;
  if (L !== undefined) return 3 + L.reduce((sum, one) => sum + 1 + valueSize(one), 0);
  if (M !== undefined) return 3 + Object.keys(M).length + itemSize(M);
  return 1;
}
