import type { Page, Route } from "playwright-core";
import { changes } from "./visitor.ts";

/** Answers that the server has given and the page has not got yet, in the order in which it asked. */
export interface SlowLine {
  answers: (() => Promise<void>)[];
  /** Holds no further answer. */
  end(): void;
}

/** Holds back the answers at some addresses, except for changes, until the test lets them through. */
export async function slowLine(page: Page, addresses: RegExp): Promise<SlowLine> {
  let isSlow = true;
  const answers: SlowLine["answers"] = [];
  const hold = async (route: Route) => {
    if (!isSlow || changes.test(route.request().url())) return route.continue();
    const response = await route.fetch();
    // A page that waits for it no more has taken it back.
    const pass = () => route.fulfill({ response }).catch(() => {});
    // The line may have ended while the server was asked.
    if (isSlow) answers.push(pass);
    else await pass();
  };
  await page.route(addresses, hold);
  return {
    answers,
    end() {
      isSlow = false;
    },
  };
}
