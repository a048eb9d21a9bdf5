import { expect, it } from "vitest";
import { actionWords, actorWords } from "../../../packages/console/src/settings/audit-words.ts";
import { browserOf } from "../../../packages/console/src/settings/browser-of.ts";
import { enSettings } from "../../../packages/console/src/words/en-settings.ts";
import { zhSettings } from "../../../packages/console/src/words/settings.ts";
import { auditActions } from "../../../packages/core/src/audit/index.ts";

it.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
    "Edge, Windows",
  ],
  ["Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1", "Safari, iOS"],
  ["curl/8.5.0", null],
  [null, null],
])("%s is a session of %s", (agent, name) => {
  expect(browserOf(agent)).toBe(name);
});

it.each(auditActions)("the log has a sentence for %s, in each language", (action) => {
  for (const { log } of [enSettings, zhSettings]) expect(log.actions).toHaveProperty([action]);
});

it("names a changed role, and the command line on the machine", () => {
  expect(actionWords({ action: "account-changed", about: { role: "guard" } })).toBe("Changed a role");
  expect(actorWords({ key: "key_process", note: null })).toBe("the command on the server");
  expect(actorWords({ account: "acc_1", name: "陈敏" })).toBe("陈敏");
});
