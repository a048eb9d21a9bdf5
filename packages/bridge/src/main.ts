import { runBridge } from "./run.ts";
import { whyOf } from "./why.ts";

/** The bridge as a process: `main.ts FILE`. Without a file it is only loaded. */
const [file] = process.argv.slice(2);

// The program that reads the output may end. That must not stop the bridge.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  if (file !== undefined) await runBridge(file);
} catch (error) {
  process.stderr.write(`gatepost: ${whyOf(error)}\n`);
  process.exitCode = 1;
}
