import { expect, it } from "vitest";
import { openDoor } from "./support.ts";

it("speaks the other language once that is loaded", async () => {
  openDoor(() => 204);
  const { prefer, preferences } = await import("../../../packages/console/src/state/preferences.ts");
  const { words } = await import("../../../packages/console/src/words/index.ts");
  expect([preferences.value.language, words.value.code]).toEqual(["en", "en"]);
  prefer({ language: "zh" });
  await expect.poll(() => words.value.code).toBe("zh-CN");
});
