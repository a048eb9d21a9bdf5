import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../../runtime/embedded/temporary.ts";
import { startGatepost } from "../../../support/gatepost-process.ts";
import { Subscriber } from "../../../support/subscriber.ts";
import { busJob } from "../../blackbox/bus.ts";

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
