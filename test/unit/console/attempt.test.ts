import { expect, it, onTestFinished, vi } from "vitest";
import { openDoor } from "./support.ts";

const labels = "../../../packages/console/src/words/labels.ts";

/** Fails by an answer of the server, or without one: what is shown, and whether the labels of members were loaded. */
async function failing(answer: { detail: string } | null) {
  openDoor(() => 204);
  let isLoaded = false;
  vi.doMock(labels, () => {
    isLoaded = true;
    return { labels: { value: { name: "Display name" } } };
  });
  onTestFinished(() => vi.doUnmock(labels));
  const { Refusal } = await import("@gatepost/client");
  const { attempt } = await import("../../../packages/console/src/state/failure.ts");
  const { notice } = await import("../../../packages/console/src/state/notice.ts");
  const facts = { status: 400, asked: "PATCH /v1/boxes/gate-1", code: null, isProblem: true, retryAfter: null };
  const error = answer === null ? new TypeError("Failed to fetch") : new Refusal(answer.detail, facts);
  await attempt(() => Promise.reject(error));
  return { said: notice.value?.text, isLoaded };
}

it("names the member of a refusal by the label of its field", async () => {
  const { said, isLoaded } = await failing({ detail: "name: may have 64 characters" });
  expect(said).toBe("Display name: may have 64 characters");
  expect(isLoaded).toBe(true);
});

it.each([null, { detail: "" }])("loads no labels for a notice that names no member: %j", async (answer) => {
  const { said, isLoaded } = await failing(answer);
  expect(said).toEqual(expect.stringMatching(/./));
  expect(isLoaded).toBe(false);
});
