import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { actionBusContract } from "../../../contract/action-bus.ts";
import { startGatepost } from "../../../support/gatepost-process.ts";
import { Subscriber } from "../../../support/subscriber.ts";
import { busJob } from "../../../system/blackbox/bus.ts";
import { temporaryFolder } from "../temporary.ts";
import { movedMachine } from "./moved.ts";

busJob("one machine", async () => {
  const folder = await temporaryFolder();
  const running = await startGatepost(folder.path, ["--allow-private-targets"]);
  const hooks: Subscriber[] = [];
  const rules: object[] = [];
  return {
    ...running,
    async install(pattern) {
      const hook = await Subscriber.listen();
      hooks.push(hook);
      rules.push({ name: `rule-${rules.length}`, pattern, target: { url: hook.url } });
      await writeFile(join(folder.path, "rules.json"), JSON.stringify(rules));
      return { delivered: () => hook.envelopes };
    },
    async stop() {
      await running.stop();
      for (const hook of hooks) await hook.close();
      await folder.remove();
    },
  };
});

actionBusContract("the embedded bus", async () => {
  const deps = await movedMachine();
  const rules: object[] = [];
  const { bus, index } = deps.machine.ingest;
  return {
    bus,
    index,
    async addRule(pattern) {
      const hook = await deps.subscriber();
      rules.push({ name: `rule-${rules.length}`, pattern, target: { url: hook.url } });
      await deps.setRules(rules);
      return {
        async delivered() {
          await deps.settle();
          return hook.envelopes;
        },
      };
    },
    close: () => deps.close(),
  };
});
