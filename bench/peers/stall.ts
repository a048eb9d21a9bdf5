// Says on SIGUSR2 for how many ms the event loop has stood still at most since it said so last.
import { monitorEventLoopDelay } from "node:perf_hooks";

const resolution = 1;
const delays = monitorEventLoopDelay({ resolution });
delays.enable();
process.on("SIGUSR2", () => {
  process.stdout.write(`stall ${(delays.max / 1e6 - resolution).toFixed(1)}\n`);
  delays.reset();
});
