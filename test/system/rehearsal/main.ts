import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { numberOf, optionsOf } from "../../../scripts/called.ts";
import { folderOf, repository } from "../../../scripts/synth/graph.ts";
import { rehearse } from "./rehearsal.ts";

/** How often the schedules are fired by hand, ms. */
const everyMinute = 60_000;

const values = optionsOf({
  stage: { type: "string", default: "test" },
  graph: { type: "string" },
  port: { type: "string", default: "9529" },
  "console-port": { type: "string", default: "9531" },
});

const [port, consolePort] = [numberOf("port", values.port), numberOf("console-port", values["console-port"])];

if (values.graph === undefined) {
  const synth = [join(repository, "scripts/synth/main.ts"), "--stage", values.stage];
  const { status } = spawnSync(process.execPath, synth, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const rehearsal = await rehearse(resolve(values.graph ?? folderOf(values.stage)), {
  port,
  consolePort,
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
