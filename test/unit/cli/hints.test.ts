import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { completed } from "../../../packages/cli/src/hints.ts";

const see = (command: string, target: Parameters<typeof completed>[1]) => completed(`see \`${command}\`.`, target);

describe("a command in a message", () => {
  beforeEach(() => {
    vi.stubEnv("npm_command", undefined);
    return () => vi.unstubAllEnvs();
  });

  it.each([
    ["gatepost quarantine list", { data: ".gatepost" }, "gatepost quarantine list"],
    ["gatepost quarantine list", { data: join(process.cwd(), ".gatepost") }, "gatepost quarantine list"],
    ["gatepost quarantine list", { data: "gate" }, "gatepost quarantine list --data gate"],
    ["gatepost keys list", { data: "/srv/my gate's" }, "gatepost keys list --data '/srv/my gate'\\''s'"],
    [
      "gatepost actions list --state failed",
      { url: "https://gate.example" },
      "gatepost actions list --state failed --url https://gate.example",
    ],
    ["gatepost doctor --repair", { data: "/srv/gate" }, "gatepost doctor --repair --data /srv/gate"],
    ["gatepost bridge status", { data: "/srv/gate" }, "gatepost bridge status"],
    ["gatepost keys list --data other", { data: "/srv/gate" }, "gatepost keys list --data other"],
  ])("%s is completed for %o", (command, target, typed) => {
    expect(see(command, target)).toBe(`see \`${typed}\`.`);
  });

  it("a command begins with npx if npm started this process", () => {
    vi.stubEnv("npm_command", "exec");
    expect(see("gatepost status", {})).toBe("see `npx gatepost status`.");
  });
});
