import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { passing } from "../unit/api/support.ts";
import { filesBelow, type Installed, install, manifestIn, root, strangersEnvironment } from "./install.ts";
import { started } from "./started.ts";

let installed: Installed;
const packages = ["gatepost", "@gatepost/client", "@gatepost/event-pattern"];
const folderOf = (name: string) => join(installed.folder, "node_modules", name);

beforeAll(() => {
  installed = install();
}, 600_000);
afterAll(() => installed?.remove());

/** Runs `npx gatepost` as a user who has only the package. */
function npx(...args: string[]): string {
  const { folder } = installed;
  return execFileSync("npx", ["gatepost", ...args], { cwd: folder, env: strangersEnvironment(), encoding: "utf8" });
}

describe("the packages", () => {
  it("are installed without a warning about Node, and without install scripts", () => {
    expect(installed.said).not.toMatch(/EBADENGINE|deprecated/);
    for (const name of packages) expect(Object.keys(manifestIn(folderOf(name)).scripts ?? {})).toEqual([]);
  });

  it.each(packages)("%s is JavaScript with types, and has no path of the build", (name) => {
    const files = filesBelow(folderOf(name));
    expect(files.filter((file) => /\.(?:ts|tsx|map)$/.test(file) && !file.endsWith(".d.ts"))).toEqual([]);
    expect(files.filter((file) => readFileSync(join(folderOf(name), file)).includes(root))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "dist/index.js", "dist/index.d.ts"]));
  });

  it("need nothing else, are for Node 20 on, and are small", () => {
    for (const name of packages) expect(manifestIn(folderOf(name)).dependencies ?? {}).toEqual({});
    expect(manifestIn(folderOf("gatepost")).engines).toEqual({ node: ">=20" });
    const bytes = filesBelow(folderOf("gatepost")).map((file) => statSync(join(folderOf("gatepost"), file)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(8 * 1024 * 1024);
  });

  it("bring the Node whose hash is kept", () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(folderOf("gatepost"), "package.json"), "utf8"));
    const builds: Record<string, { version: string }> = JSON.parse(
      readFileSync(join(root, "install/node.json"), "utf8"),
    );
    for (const [platform, { version }] of Object.entries(builds))
      expect(optionalDependencies[`node-${platform}`]).toBe(version);
  });

  it("have bills of materials by npm, of the installation and of the sources", () => {
    const bill = (cwd: string, ...args: string[]) =>
      JSON.parse(
        execFileSync("npm", ["sbom", "--sbom-format", "cyclonedx", ...args], {
          cwd,
          encoding: "utf8",
          env: strangersEnvironment(),
          maxBuffer: 64 * 1024 * 1024,
        }),
      ) as {
        bomFormat: string;
        components: { "bom-ref": string; name: string; version: string; licenses?: unknown; hashes?: unknown }[];
      };
    const installedBill = bill(installed.folder);
    expect(installedBill.bomFormat).toBe("CycloneDX");
    const installedNames = installedBill.components.map((one) => one["bom-ref"].replace(/(?<=.)@.*/, ""));
    expect(installedNames).toEqual(expect.arrayContaining(packages));
    // Including development dependencies: npm would omit every package that is in both lists of the workspaces.
    const { components } = bill(root, "--package-lock-only");
    // Some versions of npm put the scope into `group`.
    const ofOthers = components.filter((one) => !/^(?:@gatepost\/|gatepost@)/.test(one["bom-ref"]));
    expect(ofOthers.length).toBeGreaterThan(30);
    expect(ofOthers.filter(({ licenses, hashes }) => licenses === undefined || hashes === undefined)).toEqual([]);
    for (const name of ["zod", "hono", "ws"]) expect(ofOthers.map((one) => one.name)).toContain(name);
  });

  it("list the third-party code in them", () => {
    const notices = readFileSync(join(folderOf("gatepost"), "THIRD-PARTY.md"), "utf8");
    for (const name of ["zod", "hono", "ws", "preact"]) expect(notices).toContain(`## ${name} `);
    expect(notices).toContain("## most-used.json\n\nCopyright");
    expect(existsSync(join(installed.folder, "node_modules/zod"))).toBe(false);
  });
});

it("npx gatepost serve takes a report, answers readers and shows the console", async () => {
  const data = join(installed.folder, "served");
  const server = await started(
    ["npx", "gatepost", "serve", "--port", "0", "--host", "127.0.0.1", "--data", data],
    installed.folder,
    /^listening on /,
  );
  try {
    const url = server.line.replace("listening on ", "");
    const { token } = JSON.parse(
      npx("keys", "create", "--scope", "ingest", "--box", "gate-1", "--data", data, "--json"),
    );
    for (let at = 0; at < 12; at++) {
      const body = JSON.stringify(passing());
      const taken = await fetch(`${url}/${token}/HistoryEvent`, { method: "POST", body });
      expect(await taken.json()).toEqual({ message: "SUCCESS", status: 0 });
    }
    const page = await (await fetch(`${url}/`)).text();
    const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? expect.fail(page);
    expect((await fetch(url + script)).headers.get("content-type")).toContain("text/javascript");
    // The commands hold up this process for as long as the server keeps a connection: nothing is fetched after them.
    const { boxes } = JSON.parse(npx("boxes", "list", "--data", data, "--json"));
    expect(boxes).toContainEqual(expect.objectContaining({ id: "gate-1", state: "reports" }));
    expect(npx("quarantine", "list", "--data", data, "--json")).toContain('"records":[]');
  } finally {
    await server.stop();
  }
  const levels = server
    .log()
    .split("\n")
    .filter((line) => line.includes('"level":"error"'));
  expect(levels).toEqual([]);
});

it("the bridge runs from the package, in a separate process", async () => {
  const token = `gpi_${"b".repeat(27)}`;
  const config = join(installed.folder, "bridge.yaml");
  writeFileSync(
    config,
    `cloud: { url: http://127.0.0.1:9 }\nspool: { folder: spool, max_bytes: 128mb }\nrelay: { listen: 127.0.0.1:0 }
metrics: 127.0.0.1:0\nboxes: [{ name: gate-1, token: ${token} }]\n`,
  );
  const bridge = await started(["npx", "gatepost", "bridge", "run", "--config", config], installed.folder, /^bridging/);
  expect(bridge.line).toMatch(/relay on port \d+, metrics on port \d+/);
  await bridge.stop();
});

describe("as a library", () => {
  /** What a program with all three packages is: type-checked by the strictest flags, and run. */
  const program = `import { startGatepost, type Gatepost } from "gatepost";
import { client, followChanges, type CursorStore, type Event } from "@gatepost/client";
import { compile, matches } from "@gatepost/event-pattern";

const gatepost: Gatepost = await startGatepost({ data: "library", port: 0, host: "127.0.0.1" });
const api = client({ url: gatepost.url, token: gatepost.token });
const { token } = await api.createKey({ scope: "ingest", box: "gate-1" });
const body = ${JSON.stringify(JSON.stringify(passing()))};
await fetch(\`\${gatepost.url}/\${token}/HistoryEvent\`, { method: "POST", body });
let kept: string | null = null;
const cursors: CursorStore = { read: async () => kept, write: async (cursor) => { kept = cursor; } };
const pattern = compile({ box: { id: ["gate-1"] } });
for await (const event of followChanges(api, { cursors })) {
  const one: Event = event;
  console.log(one.person.name, matches(pattern, JSON.parse(JSON.stringify(one))));
  break;
}
await gatepost.stop();
`;

  it("has types for the strictest flags, without @types/node", () => {
    writeFileSync(join(installed.folder, "program.ts"), program);
    const compilerOptions = {
      module: "NodeNext",
      target: "ES2024",
      lib: ["ES2024", "DOM", "DOM.AsyncIterable"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      outDir: "built",
    };
    writeFileSync(join(installed.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const checked = execFileSync(process.execPath, [tsc, "-p", installed.folder], { encoding: "utf8" });
    expect(checked).toBe("");
  });

  it("the client and the patterns run on the installed Node, from 20 on", () => {
    const text = `import { client } from "@gatepost/client"; import { compile, matches } from "@gatepost/event-pattern";
const pattern = compile({ a: [{ prefix: "x" }, { wildcard: "*b*" }], $or: [{ b: [1] }, { c: [{ exists: false }] }] });
console.log(typeof client({ token: "" }).ask, matches(pattern, { a: "abc", b: 1 }));`;
    const args = ["--input-type=module", "-e", text];
    const printed = execFileSync("node", args, {
      cwd: installed.folder,
      env: strangersEnvironment(),
      encoding: "utf8",
    });
    expect(printed.trim()).toBe("function true");
  });

  it("and a Gatepost runs in a program", () => {
    const options = { cwd: installed.folder, env: strangersEnvironment(), encoding: "utf8" } as const;
    const printed = execFileSync(process.execPath, [join(installed.folder, "built/program.js")], options);
    expect(printed.trim()).toBe("Ada true");
  });
});
