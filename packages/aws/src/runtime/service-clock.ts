import type { Clients } from "./clients.ts";

/** The Date of an answer is in whole seconds. */
const resolutionMs = 1000;

/**
 * The time of the AWS services, which all functions share, by the `Date` of their answers. It differs from the clock of
 * this machine by as little as the answers allow.
 */
class ServiceClock {
  readonly #local: () => number;
  #offset = 0;

  constructor(local: () => number) {
    this.#local = local;
  }

  now(): number {
    return this.#local() + this.#offset;
  }

  /** The clock of this machine, ms since 1970. */
  local(): number {
    return this.#local();
  }

  /** @param sentAt ms since 1970, by the clock of this machine, when the request was sent */
  note(date: string, sentAt: number): void {
    const time = Date.parse(date);
    if (Number.isNaN(time)) return;
    const [earliest, latest] = [time - this.#local(), time + resolutionMs - sentAt];
    this.#offset = Math.max(earliest, Math.min(this.#offset, latest));
  }
}

/** The Date of a service's answer; undefined if there is none. */
function dateOf(response: unknown): string | undefined {
  if (typeof response !== "object" || response === null || !("headers" in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== "object" || headers === null || !("date" in headers)) return undefined;
  return typeof headers.date === "string" ? headers.date : undefined;
}

/** Makes the clock of a process, which follows the answers that its clients get. Call it once for them. */
export function serviceClock({ dynamo, s3 }: Partial<Clients>, local: () => number = Date.now): () => number {
  const clock = new ServiceClock(local);
  const follow =
    <Args, Result extends { response: unknown }>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      const sentAt = clock.local();
      const result = await next(args);
      const date = dateOf(result.response);
      if (date !== undefined) clock.note(date, sentAt);
      return result;
    };
  // Next to the HTTP handler, so that refusals count, too.
  const place = { step: "deserialize", priority: "low", name: "serviceClock" } as const;
  dynamo?.middlewareStack.add(follow, place);
  s3?.middlewareStack.add(follow, place);
  return () => clock.now();
}
