#!/usr/bin/env node
// Plain JavaScript: a Node that is too old must be able to read this far.
import { spawn } from "node:child_process";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const neededMajor = 24;
/** The newest Node that the tests run on. */
const testedMajor = 24;
const builds = { "linux-x64": "bin/node", "linux-arm64": "bin/node", "win32-x64": "bin/node.exe" };

const bundled = findBundledNode();
if (bundled === null || bundled.version === process.versions.node) await runHere();
else runAgain(bundled.executable);

/** Runs on the Node that runs this: the one that npm installed, or another one if npm installed none. */
async function runHere() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < neededMajor) return giveUp();
  if (major > testedMajor)
    process.stderr.write(
      `gatepost: Node ${process.versions.node} is newer than the tested Node ${testedMajor}; the Node that npm installs with Gatepost is tested\n`,
    );
  await run();
}

/**
 * Compiling takes half of a start, so its result is cached: beside the installed packages, in a folder that others
 * cannot write. The variable lets threads use the cache, too.
 */
async function run() {
  const cache = join(dirname(fileURLToPath(import.meta.url)), "../../../node_modules/.cache/gatepost");
  const { status } = module.enableCompileCache(cache);
  if (status === module.constants.compileCacheStatus.ENABLED) process.env.NODE_COMPILE_CACHE = cache;
  await import("./main.ts");
}

/** The Node that npm installed beside Gatepost, or null if there is none for this machine. It comes first. */
function findBundledNode() {
  const machine = `${process.platform}-${process.arch}`;
  const executable = builds[machine];
  if (executable === undefined) return null;
  try {
    const name = `node-${machine.replace("win32", "win")}`;
    const require = createRequire(import.meta.url);
    const file = `${name}/package.json`;
    return { version: require(file).version, executable: join(dirname(require.resolve(file)), executable) };
  } catch {
    return null;
  }
}

function runAgain(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  const leaveSignals = () => {
    for (const handled of signals) process.removeAllListeners(handled);
  };
  child.on("error", async () => {
    leaveSignals();
    // It does not run on every Linux, such as Alpine.
    await runHere();
  });
  child.on("exit", (code, signal) => {
    leaveSignals();
    if (signal === null) process.exitCode = code ?? 1;
    else process.kill(process.pid, signal);
  });
}

function giveUp() {
  process.stderr.write(
    `gatepost: this needs Node ${neededMajor} or newer, and here is ${process.versions.node}; install it, or run \`npm ci\` again\n`,
  );
  process.exitCode = 1;
}
