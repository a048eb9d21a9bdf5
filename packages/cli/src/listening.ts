import { Failure, sayWhy } from "./failure.ts";
import { urlOf } from "./urls.ts";

/** Where something is to listen, and the options that say so. */
interface Place {
  host: string;
  port: number;
  hostOption: string;
  portOption: string;
  /** The options of ports beside that one. */
  portOptions?: ReadonlyMap<number | undefined, string>;
}

const refusals: Record<string, (place: Place) => string> = {
  EADDRINUSE: ({ portOption }) => `another program listens there; choose another with ${portOption}`,
  EACCES: ({ portOption }) => `this needs more rights; choose a port above 1023 with ${portOption}`,
  EADDRNOTAVAIL: ({ hostOption }) => `this machine does not have the address; choose another with ${hostOption}`,
  ENOTFOUND: ({ hostOption }) => `there is no such address; choose another with ${hostOption}`,
};

/** Waits until something listens. Throws Failure with what to do where it cannot. */
export async function listening<Served>(begun: Promise<Served>, place: Place): Promise<Served> {
  try {
    return await begun;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const port = "port" in error ? Number(error.port) : place.port;
    const portOption = place.portOptions?.get(port) ?? place.portOption;
    const options = [...new Set([place.hostOption, portOption])].join(" or ");
    const refuse = refusals[String(error.code)];
    const refusal = refuse?.({ ...place, portOption }) ?? `${sayWhy(error)}; choose another with ${options}`;
    throw new Failure(`cannot listen on ${urlOf(place.host, port)}: ${refusal}`, { cause: error });
  }
}
