import { expect, it } from "vitest";
import { awaited, openPage } from "./support.ts";

it("keeps what is beside the opened event, however late the answer about another one comes", async () => {
  const late = awaited();
  await openPage(({ path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    if (path === "/v1/events/a/neighbours") return late.answer;
    return path === "/v1/events/b/neighbours" ? { newer: "a", older: "c" } : 503;
  });
  const { askBeside, beside } = await import("../../../packages/console/src/event/neighbours.ts");
  const { address } = await import("../../../packages/console/src/state/route.ts");
  const { parseAddress } = await import("../../../packages/console/src/state/address.ts");
  const open = (id: string) => {
    address.value = parseAddress(`#/events/${id}`);
    return askBeside(id);
  };
  const slow = open("a");
  await open("b");
  late.give({ newer: null, older: "b" });
  await slow;
  expect(beside.value).toEqual({ newer: "a", older: "c" });
});
