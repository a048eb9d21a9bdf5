import { describe, expect, it } from "vitest";
import { allCases, expectSameEvent } from "../../support/dialects.ts";
import { deliver } from "../../support/ends.ts";
import { success } from "../../support/http.ts";
import type { Wrapped } from "../../support/wrappings.ts";

/** Under the path of its dialect, with the headers of its wrapping and no others. */
async function eventsOf({ body, headers }: Wrapped, route: string) {
  const { answer, deps } = await deliver(body, { route, headers: { "content-type": "", ...headers } });
  expect(answer).toEqual(success);
  return deps.events();
}

describe("a report", () => {
  it.each(allCases)("%s, %s, is one event in %s", async (...one) => expectSameEvent(one, eventsOf));
});
