import type { Page, Route } from "playwright-core";

/** Answers that the server has given and the page has not got yet, in the order in which it asked. */
export interface SlowLine {
  answers: (() => Promise<void>)[];
  /** Holds no further answer. */
  end(): void;
}

/** Holds back what the server answers at some addresses, until the test lets it through. */
export async function slowLine(page: Page, addresses: RegExp): Promise<SlowLine> {
  let isSlow = true;
  const answers: SlowLine["answers"] = [];
  const hold = async (route: Route) => {
    if (!isSlow) return route.continue();
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
