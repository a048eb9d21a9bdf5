import type { BoxPeopleConfig } from "../config/people.ts";
import type { BoxApi } from "../se5/box-api.ts";
import { BoxError } from "../se5/box-error.ts";
import type { PeopleDialect } from "./dialect.ts";
import { Fog } from "./fog.ts";
import { FogWithFaces } from "./fog-faces.ts";
import { Refused } from "./refused.ts";
import { V6 } from "./v6.ts";

type Settings = Pick<BoxPeopleConfig, "generation" | "library" | "quality">;

/**
 * The person interface of a box: the configured one, or the newest that it has. Throws BoxError if the box cannot be
 * reached, Refused if it has none.
 */
export async function dialectOf(api: BoxApi, settings: Settings, signal: AbortSignal): Promise<PeopleDialect> {
  const all = [
    new V6(api, settings),
    new FogWithFaces("B7", api, settings),
    new FogWithFaces("B", api, settings),
    new Fog("A", api, settings),
  ];
  const { generation } = settings;
  for (const dialect of all) {
    if (generation !== undefined && generation !== dialect.generation) continue;
    if (await has(dialect, signal)) return dialect;
  }
  const missing =
    generation === undefined ? "no documented person interface" : `not the one of generation ${generation}`;
  throw new Refused(`the box has ${missing}; see docs/acting.md`);
}

/** A box that cannot be reached, or is busy, causes an error: it may still have the interface. */
async function has(dialect: PeopleDialect, signal: AbortSignal): Promise<boolean> {
  try {
    await dialect.probe(signal);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    if (error instanceof BoxError && isAnswer(error)) return false;
    throw error;
  }
}

function isAnswer({ status, refusal }: BoxError): boolean {
  return (status === null ? refusal !== null : status < 500) && status !== 401 && status !== 403 && status !== 429;
}
