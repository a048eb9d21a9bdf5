import type { Operations } from "@gatepost/client";

export type Key = Operations["GET /v1/keys"]["answer"]["keys"][number];
type KeyWish = Operations["POST /v1/keys"]["body"];

export const hasExpired = ({ expiresAt }: Pick<Key, "expiresAt">, now: number) =>
  expiresAt !== undefined && Date.parse(expiresAt) <= now;

/** What a key that replaces another is made with: it may do the same and no more. */
export function likeKey(key: Key, now: number): KeyWish {
  const { scope, box, boxes, site, note, rate, dailyBytes } = key;
  const expiresAt = nextExpiry(key, now);
  return {
    scope,
    ...(box === null ? {} : { box }),
    ...(boxes === undefined ? {} : { boxes }),
    ...(site === undefined ? {} : { site }),
    ...(note === undefined ? {} : { note }),
    ...(rate === undefined ? {} : { rate }),
    ...(dailyBytes === undefined ? {} : { dailyBytes }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** The same end; after one that has expired, as long from now as that lasted. */
function nextExpiry(key: Pick<Key, "createdAt" | "expiresAt">, now: number): string | undefined {
  const { createdAt, expiresAt } = key;
  if (expiresAt === undefined || !hasExpired(key, now)) return expiresAt;
  return new Date(now + Date.parse(expiresAt) - Date.parse(createdAt)).toISOString();
}
