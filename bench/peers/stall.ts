// Says on SIGUSR2 for how many ms the event loop has stood still at most since it said so last, and how many of CPU its
// thread used at most in one turn: the first is larger where others have the CPU, too, or the disk is waited for.
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
