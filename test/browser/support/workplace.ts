import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { openChromium } from "./chromium.ts";
import type { OneMachine } from "./office.ts";
import { openTrouble, type Trouble } from "./trouble.ts";
import { signIn, type Visitor, visit } from "./visitor.ts";

interface Workplace {
  readonly trouble: Trouble;
  readonly office: OneMachine;
  readonly browser: Browser;
  /** A new visitor who has signed in as an administrator. */
  enter(): Promise<Visitor>;
  /** The event of a person whom only this test lets pass. */
  eventOf(person: string): Promise<string>;
}

/** A server with passings and a browser, for all tests of a `describe`. */
export function workplace(): Workplace {
  let trouble: Trouble;
  let browser: Browser;
  beforeAll(async () => {
    trouble = await openTrouble({ scale: 0.2, looks: 6 });
    trouble.desk.accept();
    await trouble.office.pass(1000, 8);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await trouble?.close();
  });
  return {
    get trouble() {
      return trouble;
    },
    get office() {
      return trouble.office;
    },
    get browser() {
      return browser;
    },
    enter: async () => {
      const visitor = await visit(browser);
      await signIn(visitor, trouble.office.url, trouble.office.admin);
      return visitor;
    },
    eventOf: async (person) => {
      const { events } = await trouble.office.api.events({ person });
      return events[0]?.id ?? "";
    },
  };
}
