import { setTimeout as sleep } from "node:timers/promises";
import type { Answered, Driver, Sent } from "../driver.ts";

/** Tries of a request that is answered 503: a sender sends it again, which is another operation. */
const maxTries = 4;
const pauseMs = 50;

/** Sends as a box does, which repeats a request that was not stored. Throws if the answer is another one. */
export function bound(driver: Driver, url: string): (sent: Sent) => Promise<Answered> {
  return async (sent) => {
    for (let tries = 1; ; tries++) {
      const answered = await driver.send(url, { ...sent, claims: [...(sent.claims ?? [])] });
      if (answered.status < 300) return answered;
      if (answered.status !== 503 || tries === maxTries)
        throw new Error(`${sent.path} is answered ${answered.status}: ${answered.body}`);
      await sleep(pauseMs);
    }
  };
}
