import { Album, Faults, Se5, Site, systemClock } from "@gatepost/simulator";

/** A simulated SE5 as a separate process, to be killed: `se5-process.ts BOX MEMORY-FILE LIVE-PORT API-PORT`. */
const [box = "", memoryFile = "", livePort, apiPort] = process.argv.slice(2);
/** ms between two people who go by: more than the tolerance of times, as in front of one door. */
const pause = 20;

const clock = systemClock;
const faults = new Faults({}, () => 1);
const album = await Album.draw(1, { looks: 2, scale: 0.05 });
const at = { host: "127.0.0.1", livePort: Number(livePort), apiPort: Number(apiPort) };
const place = { seed: 3, box, devices: 2, strangers: 0.4, actions: 0.5, faults, clock };
const { devices } = new Site(place);
const se5 = await Se5.open({ album, version: "V5R6", faults, watch() {}, clock, ...at, devices, memoryFile });
const site = new Site({ ...place, firstNumber: se5.memory.size });

const stopped = new AbortController();
process.on("SIGTERM", () => stopped.abort());
process.stdout.write("ready\n");
while (!stopped.signal.aborted) {
  se5.passes(site.next());
  await clock.sleep(pause, stopped.signal);
}
// Requests for the rest of its memory are still answered.
process.stdout.write("quiet\n");
