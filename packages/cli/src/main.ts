import { run } from "./run.ts";

// Whoever reads may stop reading: that must not stop a server.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

process.exitCode = await run(process.argv.slice(2));
