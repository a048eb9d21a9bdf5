import { resolve } from "node:path";
import { optionsOf } from "../../../scripts/called.ts";
import { folderOf } from "../../../scripts/synth/graph.ts";
import { rehearse } from "./rehearsal.ts";

/** How often the schedules are fired by hand, ms. */
const everyMinute = 60_000;

const values = optionsOf({
  stage: { type: "string", default: "test" },
  graph: { type: "string" },
  port: { type: "string", default: "9529" },
  "console-port": { type: "string", default: "9531" },
});

const rehearsal = await rehearse(resolve(values.graph ?? folderOf(values.stage)), {
  port: Number(values.port),
  consolePort: Number(values["console-port"]),
  log: (line) => void process.stderr.write(line),
});
const sweeping = setInterval(() => void Promise.allSettled(rehearsal.schedules.map(rehearsal.fire)), everyMinute);
process.stdout.write(
  `admin key ${rehearsal.admin}\nconsole on ${rehearsal.console}/#token=${rehearsal.admin}\nlistening on ${rehearsal.url}\n`,
);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    clearInterval(sweeping);
    void rehearsal.stop();
  });
}
