#!/usr/bin/env node
// Plain JavaScript: a Node that is too old must be able to read this far.
import { spawn } from "node:child_process";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const neededMajor = 24;
const builds = { "linux-x64": "bin/node", "linux-arm64": "bin/node", "win32-x64": "bin/node.exe" };

if (Number.parseInt(process.versions.node, 10) >= neededMajor) await run();
else runAgain(findBundledNode());

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

/** The Node that npm installed beside Gatepost, or null if there is none for this machine. */
function findBundledNode() {
  const machine = `${process.platform}-${process.arch}`;
  const executable = builds[machine];
  if (executable === undefined) return null;
  try {
    const name = `node-${machine.replace("win32", "win")}`;
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), executable);
  } catch {
    return null;
  }
}

function runAgain(node) {
  if (node === null) return giveUp();
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on("error", giveUp);
  child.on("exit", (code, signal) => {
    for (const handled of signals) process.removeAllListeners(handled);
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
