import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { port, size } from "../../../packages/cli/src/options.ts";
import { table } from "../../../packages/cli/src/output.ts";
import { plain } from "../../../packages/cli/src/plain.ts";
import { addresses } from "../../../packages/cli/src/runtime/start.ts";
import { yamlOf } from "../../runtime/bridge/support.ts";
import { bin } from "../../support/command.ts";
import { dataFolder, emptyStore, ending, gatepost, launch, startLines } from "./support.ts";

describe("usage", () => {
  it("is shown on request, with the exit codes", async () => {
    const { code, stdout, stderr } = await gatepost("--help");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Exit codes: 0 done, 1 failed, 2 called wrongly.");
    expect(await gatepost("--version")).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
  });

  it.each([
    [[]],
    [["keys"]],
    [["frob"]],
    [["keys", "lst"]],
    [["serve", "--port", "x"]],
    [["serve", "--host", ""]],
    [["keys", "revoke"]],
  ])("%j is wrong: exit code 2, nothing on stdout", async (args) => {
    const { code, stdout, stderr } = await gatepost(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).not.toBe("");
  });

  it("a wrong option is explained in one sentence, with a hint to the help", async () => {
    const { stderr } = await gatepost("serve", "--port", "x");
    expect(stderr).toMatch(/^gatepost: option '--port <number>' argument 'x' is invalid\. .+[^.]; see --help\n$/);
  });
});

describe("a number", () => {
  it.each([
    ["0", 0],
    ["65535", 65_535],
  ])("%s is a port", (text, number) => expect(port(text)).toBe(number));

  it.each(["", "-1", "65536", "1e3", "0x10", " 1", "९"])("%j is no port", (text) => expect(() => port(text)).toThrow());

  it.each([
    ["1", 1],
    ["10kb", 10_240],
    ["64mb", 67_108_864],
    ["512 MB", 536_870_912],
  ])("%s is a size", (text, bytes) => expect(size(text)).toBe(bytes));

  it.each(["", "0", "-1mb", "513mb", "1gb", "1.5mb", "mb", "1 toString"])("%j is no size", (text) => {
    expect(() => size(text)).toThrow();
  });
});

it("a table has its columns below each other and nothing that moves the cursor", () => {
  expect(
    table(
      ["ID", "BOX"],
      [
        ["a", null],
        ["long", 3],
      ],
    ),
  ).toBe("ID    BOX\na     -\nlong  3");
  expect(plain("a\u001b[2J\rb\u202ec\nd")).toBe("a\ufffdb\ufffdc\nd");
});

it("a table may have 300,000 rows", () => {
  const rows = Array.from({ length: 300_000 }, (_, n) => [n]);
  expect(table(["ID"], rows).split("\n")).toHaveLength(300_001);
});

describe("on another Node", () => {
  /** This Node, which pretends to be another; the Node that it starts does not. */
  const pretence = (versions: object) =>
    `data:text/javascript,${encodeURIComponent(`Object.defineProperties(process, ${JSON.stringify(versions)})`)}`;
  const pretender = (versions: object, args: string[]) => launch(["--import", pretence(versions), bin, ...args]);
  const pretending = (versions: object, args: string[]) => ending(pretender(versions, args));
  const old = { versions: { value: { node: "20.1.0" } } };
  /** A machine for which npm installs no Node. */
  const alone = (node: string, sqlite = "3.53.4") => ({
    versions: { value: { node, sqlite } },
    platform: { value: "plan9" },
  });

  it("the command runs on the Node that npm installed, with its output and exit code", async () => {
    expect(await pretending(old, ["--version"])).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
    expect(await pretending(old, ["frob"])).toMatchObject({ code: 2, stdout: "" });
  });

  it("the signal to end is passed on", async () => {
    const server = pretender(old, ["serve", "--port", "0", "--data", await dataFolder()]);
    const ended = ending(server);
    await startLines(server, ended);
    server.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
  });

  it("one line names the needed Node if npm installed none", async () => {
    const { code, stdout, stderr } = await pretending(alone("20.1.0"), ["--version"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^gatepost: this needs Node 24 or newer, and here is 20\.1\.0; [^\n]+\n$/);
  });

  it("the Node that npm installed comes before a newer one", async () => {
    const newer = { versions: { value: { node: "99.0.0", sqlite: "3.0.0" } } };
    const { code, stdout } = await pretending(newer, ["doctor", "--data", await emptyStore()]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`of Node ${process.versions.node}`)]);
  });

  it("a Node that is newer than the tested ones is named in one line", async () => {
    const { code, stdout, stderr } = await pretending(alone("26.1.0"), ["--version"]);
    expect([code, stdout]).toEqual([0, "0.1.0\n"]);
    expect(stderr).toMatch(/^gatepost: Node 26\.1\.0 is newer than the tested Node 24; [^\n]+\n$/);
  });

  it("a SQLite that can damage a store is refused by each command that opens one", async () => {
    const data = await emptyStore();
    const folder = await dataFolder();
    const config = `${folder}.yaml`;
    await writeFile(config, yamlOf({ cloud: "http://127.0.0.1:9", folder, boxes: { "gate-1": null } }));
    const commands = [["serve", "--port", "0"], ["status"], ["doctor"], ["doctor", "--repair"], ["keys", "list"]];
    const bridge = ["bridge", "run", "--config", config];
    const backup = ["backup", `${folder}-copy`, "--data", data];
    for (const args of [...commands.map((one) => [...one, "--data", data]), bridge, backup]) {
      // The bridge becomes another process, which pretends, too.
      const variables = { NODE_OPTIONS: `--import=${pretence(alone("24.5.0", "3.51.2"))}` };
      const { code, stdout, stderr } = await ending(launch([bin, ...args], variables));
      expect([args, code, stdout]).toEqual([args, 1, ""]);
      expect(stderr).toMatch(
        /^gatepost\b.*: .*Node 24\.5\.0 has SQLite 3\.51\.2, which can damage a database, [^\n]+\n$/m,
      );
    }
  });
});

it("addresses of proxies are collected, and an invalid one is refused", () => {
  expect(addresses("10.0.0.0/8", addresses("::1"))).toEqual(["::1", "10.0.0.0/8"]);
  expect(() => addresses("proxy.example")).toThrow("must be an address");
});
