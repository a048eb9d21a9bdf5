import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/*
 * Loaded before a program: notes how much CPU the main thread takes between two turns of its event loop, in ms, if it is
 * more than a little. CPU and not time, so that it is the same on a busy machine.
 */
const file = process.env["GATEPOST_TEST_TURNS"];
const noted = 20;

function cpuMs() {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

if (isMainThread && file !== undefined) {
  let before = cpuMs();
  const look = () => {
    const now = cpuMs();
    if (now - before > noted) appendFileSync(file, `${Math.round(now - before)}\n`);
    before = now;
  };
  // It is called at most once in a turn. Turns of less than a millisecond are counted together.
  setInterval(look, 1).unref();
}
