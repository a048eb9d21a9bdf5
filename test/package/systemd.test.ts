import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { bin } from "../support/command.ts";
import { missing } from "../support/required.ts";
import { gatepostJson } from "../system/cli/support.ts";
import { passing } from "../unit/api/support.ts";
import { root } from "./install.ts";

const unit = join(root, "install/systemd/gatepost.service");
const program = "/opt/gatepost/node_modules/.bin/gatepost";
const reason = missing("systemd-analyze", ["--version"], "systemd") ?? missing("strace", ["--version"], "strace");

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-systemd-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** All settings of one name in the unit. For some of them, systemd uses only the last one. */
const settings = (name: string) =>
  [...readFileSync(unit, "utf8").matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);

/** The system calls of a group as `@system-service`, including its inner groups. */
function callsOf(group: string): Set<string> {
  const lines = execFileSync("systemd-analyze", ["syscall-filter", group], { encoding: "utf8" }).split("\n");
  const members = lines.map((line) => line.trim()).filter((line) => line !== "" && line !== group && line[0] !== "#");
  return new Set(members.flatMap((one) => (one.startsWith("@") ? [...callsOf(one)] : [one])));
}

/** What the unit allows: a list that begins with ~ takes from it. */
function allowedCalls(): Set<string> {
  const allowed = new Set<string>();
  for (const setting of settings("SystemCallFilter")) {
    const takes = setting.startsWith("~");
    for (const group of setting.replace("~", "").split(" ")) {
      for (const call of callsOf(group)) takes ? allowed.delete(call) : allowed.add(call);
    }
  }
  return allowed;
}

describe.skipIf(reason !== null)(`the service ${reason ?? ""}`, () => {
  it("is understood by systemd, every setting of it", () => {
    const file = join(temporary(), "gatepost.service");
    // Here the program is not installed; that it is started by this name is what `systemd-analyze` would complain of.
    const text = readFileSync(unit, "utf8");
    expect(text).toContain(`ExecStart=${program} serve`);
    writeFileSync(file, text.replace(program, "/bin/true"));
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
    expect([status, stdout + stderr]).toEqual([0, ""]);
  });

  it("is exposed by 1.5 of 10 at most", () => {
    const args = ["security", "--offline=true", "--threshold=15", "--no-pager", unit];
    const { status, stdout } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
    expect([status, stdout.split("\n").at(-2)]).toEqual([0, expect.stringContaining("Overall exposure level")]);
  });

  it("has a user that systemd makes", () => {
    const folder = temporary();
    mkdirSync(join(folder, "etc"));
    execFileSync("systemd-sysusers", [`--root=${folder}`, join(root, "install/systemd/gatepost.sysusers")]);
    const [name, , , , , home] = readFileSync(join(folder, "etc/passwd"), "utf8").trim().split(":");
    expect([[name], [home]]).toEqual([settings("User"), settings("WorkingDirectory")]);
  });

  it("may do all that Gatepost does", { timeout: 180_000 }, async () => {
    const folder = temporary();
    const [trace, data] = [join(folder, "trace"), join(folder, "data")];
    const options = ["serve", "--data", data, "--port", "0", "--host", "0.0.0.0"];
    const child = spawn("strace", ["-f", "-qq", "-o", trace, process.execPath, bin, ...options]);
    const ended = once(child, "exit");
    const port = await new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const found = /^listening on .*:(\d+)$/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    const { token } = await gatepostJson<{ token: string }>(
      ...["keys", "create", "--scope", "ingest", "--box", "gate-1", "--data", data],
    );
    const body = JSON.stringify(passing());
    const taken = await fetch(`http://127.0.0.1:${port}/${token}/HistoryEvent`, { method: "POST", body });
    expect(taken.status).toBe(200);
    const pid = Number(/^\d+/.exec(readFileSync(trace, "utf8"))?.[0]);
    process.kill(pid, "SIGTERM");
    await ended;
    const calls = new Set([...readFileSync(trace, "utf8").matchAll(/^\d+ +(\w+)\(/gm)].map(([, call = ""]) => call));
    expect(calls.size).toBeGreaterThan(30);
    const allowed = allowedCalls();
    expect([...calls].filter((call) => !allowed.has(call))).toEqual([]);
  });
});
