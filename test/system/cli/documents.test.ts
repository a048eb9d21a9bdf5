import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { Listening } from "../../standins/listen.ts";
import { Box, Client } from "../../support/client.ts";
import { commandsIn, pages, type ShellBlock, shellBlocks } from "../../support/documented-commands.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";
import { photo } from "../../support/pictures.ts";
import { history, stranger } from "../../support/reports.ts";
import { missing } from "../../support/required.ts";
import { Subscriber } from "../../support/subscriber.ts";
import { gatepost as run } from "./support.ts";
import { bash, commandsHere, functions } from "./typing.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const noCurl = missing("curl", ["--version"], "curl");

/** The commands that are not run here, and the reason. Each is in some document, else it is not needed. */
const leftOut: readonly (readonly [what: RegExp, why: string])[] = [
  [/\b(?:aws|sst)\b|--stage/, "it needs an account: test/system/rehearsal does what can be done without one"],
  [/(?:one|body)\.json|^done$/, "it is of a loop that needs an account"],
  [/scripts\/restore/, "it needs an account: test/system/rehearsal/restore.test.ts does it"],
  [/s3:\/\//, "it needs a bucket: test/system/backup/ship.test.ts does it"],
  [/gatepost-rehearsal/, "it needs a bucket: test/system/backup/ship.test.ts restores from one"],
  [/curl .*(?:192\.168\.1\.5|gate\.example\.com)|caddy /, "it needs a proxy: test/package/internet.test.ts runs both"],
  [/doctor --url/, "it needs a proxy: test/package/outside.test.ts runs both"],
  [
    /^(?:python3 -m venv|\.venv|PYTHONPATH|pip install|openapi-python-client)/,
    "it needs PyPI: test/system/oracles/clients does it",
  ],
  [/^(?:go |mkdir gatepost|mvn |java |cd client)/, "it needs Go or Java, which no other part needs"],
  [/^tar -|chronyc/, "it is for a machine without internet: test/package/internet.test.ts runs its proxy"],
  [/:9600|du -sb sizing/, "it takes a minute, and measures: docs/costs.md"],
  [/docker/, "it needs Docker: test/system/oracles/docker does it if Docker is there"],
  [/\bsudo\b|systemctl|\binstall -|--prefix/, "it changes this machine: test/package uses the files themselves"],
  [/npm (?:ci|cit|install|run)\b/, "the steps of CI do it"],
  [/box setup|terminal setup|backfill|gatepost bridge/, "it needs a box or a bridge: test/system/bridge does it"],
  [/gatepost sources/, "it needs a broker: test/system/embedded/sources.test.ts does it"],
  [/gatepost serve/, "it goes on for ever: test/system/cli/serve.test.ts and tls.test.ts do it"],
  [/--repair/, "no server may run: test/runtime/embedded/backup/doctor.test.ts does it"],
  [/gatepost migrate/, "it needs another Gatepost: test/system/backup/migrate.test.ts does it"],
  [/--url URL/, "it needs another Gatepost: test/system/cli/move-keys.test.ts moves keys to one"],
  [/gatepost check/, "it needs a deployment: test/system/cli/check.test.ts does it"],
  [/deadletters send (?:17|--rule)/, "it names what was refused once: test/system/cli/dead-letters.test.ts does it"],
  [/--head 812/, "it names an end that was printed once: test/unit/api/audit-chain.test.ts does it"],
  [/^(?:URL|KEY|TOKEN|export)\b/, "it is set here to what it stands for"],
];

const runnable = (command: string) => leftOut.every(([what]) => !what.test(command));
/** The README is typed from top to bottom by first-hour.test.ts. */
const blocks = pages
  .filter((page) => page !== "README.md")
  .flatMap(shellBlocks)
  .filter((block) => commandsIn(block).some(runnable));

describe.skipIf(noCurl !== null)("the commands in the documents work as described", () => {
  let folder: string;
  let data: string;
  let gatepost: GatepostProcess;
  let client: Client;
  let ingest: string;
  let read: string;
  let commands: Listening;
  let subscriber: Subscriber;

  /** A store without problems, so commands that look for problems end with 0. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatepost-documents-"));
    subscriber = await Subscriber.listen();
    const rule = {
      name: "register-strangers",
      pattern: { source: ["gatepost"] },
      target: { url: subscriber.url, allowPrivate: true },
    };
    data = join(folder, "gatepost");
    await mkdir(data);
    await writeFile(join(data, "rules.json"), JSON.stringify([rule]));
    gatepost = await startGatepost(data);
    await run("keys", "first", "--forget", "--data", data);
    client = new Client(gatepost);
    ingest = (await client.createKey("gate-1")).token;
    expect(await new Box(gatepost.url, ingest).post("/HistoryEvent", history())).toMatchObject({ status: 200 });
    await client.createKey("lobby");
    const made = await (await client.post("/v1/keys", { scope: "read" })).json();
    read = z.object({ token: z.string() }).parse(made).token;
    await mkdir(join(folder, "backup"));
    await mkdir(join(folder, "working"));
    process.chdir(join(folder, "working"));
    commands = await commandsHere(folder);
  });
  afterAll(async () => {
    process.chdir(root);
    await commands.close();
    await subscriber.close();
    await gatepost.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A stranger for each block, whose action is still open. */
  async function newAction(): Promise<string> {
    const report = stranger({ timestamp: Date.now(), want_action: "1001" }, { recognize_face: photo("a stranger") });
    expect(await new Box(gatepost.url, ingest).post("/HistoryEvent", report)).toMatchObject({ status: 200 });
    const [newest] = await client.events("&type=stranger");
    return z.string().parse(newest?.actions[0]?.id);
  }

  /** The commands of a block in their order, with real values for the placeholders. */
  async function scriptOf(block: ShellBlock): Promise<string> {
    const action = await newAction();
    const feed = await (await client.get("/v1/events?order=received")).json();
    const typed = commandsIn(block).filter(runnable).join("\n");
    const filled = typed
      .replaceAll("key_…", (await client.createKey("gate-9")).id)
      .replaceAll("act_…_1001", action)
      .replaceAll("--box box-1 --reason", "--box gate-1 --reason")
      .replaceAll("http://127.0.0.1:9528", gatepost.url)
      // Nothing new comes: there is no more to see after 20 s than after one.
      .replaceAll("wait=20", "wait=1")
      .replaceAll("/mnt/backup", join(folder, "backup"))
      .replaceAll("/var/lib/gatepost", data);
    return `${functions(commands.url, data)}
ADMIN='${gatepost.admin}' NEXT='${z.object({ next: z.string() }).parse(feed).next}'
TOKEN='${read}' KEY='${ingest}'
URL='${gatepost.url}'
${filled}
`;
  }

  it.each(blocks.map((block) => [block.page, commandsIn(block).find(runnable) ?? "", block] as const))(
    "%s: %s …",
    async (_, __, block) => {
      const { code, output } = await bash(await scriptOf(block), join(folder, "working"));
      expect(code, output).toBe(0);
    },
  );

  it("a block with a failing command is found", async () => {
    const block = { page: "docs/none.md", text: "npx gatepost boxes list\nnpx gatepost boxes show nobody\ntrue" };
    const { code, output } = await bash(await scriptOf(block), join(folder, "working"));
    expect(code, output).not.toBe(0);
  });
});

describe("commands in documents that are not run", () => {
  const all = pages.flatMap(shellBlocks).flatMap(commandsIn);

  it.each(leftOut)("%s is in a document: %s", (what) => {
    expect(all.some((command) => what.test(command))).toBe(true);
  });

  it("less than half of the commands of gatepost and curl are left out", () => {
    const begins = /^(?:npx )?(?:gatepost|curl) /;
    const ours = all.filter((command) => begins.test(command) && !/\b(?:aws|sst|bridge|box)\b/.test(command));
    expect(ours.filter(runnable).length).toBeGreaterThan(ours.length / 2);
  });
});
