import type { Operations } from "@gatepost/client";
import type { NewKey as WantedKey } from "@gatepost/core/keys";
import type { Api } from "../client.ts";

export type NewKey = Operations["POST /v1/keys"]["answer"];

/** The wanted scope and limits of a new key. */
export type Wanted = Partial<Omit<WantedKey, "tokenHash" | "expiresAt">> &
  Pick<WantedKey, "scope"> & {
    /** ISO instant. */
    expiresAt?: string;
  };

/** Makes a key. Its token is in this answer and never again. */
export function createKey(api: Api, wanted: Wanted) {
  return api.ask("POST /v1/keys", { body: wanted });
}

export async function allKeys(api: Api) {
  const { keys } = await api.ask("GET /v1/keys");
  return { keys };
}
