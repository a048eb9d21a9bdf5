import type { BoxApiRequest } from "../box-api.ts";

/**
 * The fault of a request: refused with a server error, reset before or after the box executed it, or executed and never
 * answered.
 */
export type Mishap = "server-error" | "reset-before" | "reset-after" | "silence-after";

/** How a person library behaves. Tests change it while it runs. */
export interface LibrarySettings {
  /** Persons that it takes at most. */
  capacity: number;
  /** The HTTP status of refusals: it is not documented. */
  errorStatus: 200 | 400;
  /** Items of quality at which every photo fails, at every level but "no". */
  failingItems: string[];
  /** Answers that it took a photo, and keeps the old one. */
  keepsOldPhoto: boolean;
  /** Whether it gives its pictures out; V6 answers a blank one instead, V5 an error. */
  hidesPictures: boolean;
  /** The fault of the request with this number, counted from 0. */
  mishap: (number: number, asked: BoxApiRequest) => Mishap | null;
}

export function usualSettings(): LibrarySettings {
  return {
    capacity: 50_000,
    errorStatus: 400,
    failingItems: [],
    keepsOldPhoto: false,
    hidesPictures: false,
    mishap: () => null,
  };
}
