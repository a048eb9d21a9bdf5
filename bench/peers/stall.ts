// Reports on SIGUSR2 for how many ms the event loop was blocked at most since the last report, and how many ms of CPU
// its thread used at most in one turn. The first is larger if other programs use the CPU, or the disk is waited for.
const resolution = 1;
let at = performance.now();
let used = process.threadCpuUsage();
let [still, busy] = [0, 0];

setInterval(() => {
  const now = performance.now();
  const { user, system } = process.threadCpuUsage();
  still = Math.max(still, now - at - resolution);
  busy = Math.max(busy, (user + system - used.user - used.system) / 1000);
  at = now;
  used = { user, system };
}, resolution).unref();

process.on("SIGUSR2", () => {
  process.stdout.write(`stall ${still.toFixed(1)} ${busy.toFixed(1)}\n`);
  [still, busy] = [0, 0];
});
