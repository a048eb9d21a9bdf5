import { actionBusContract } from "../../../contract/action-bus.ts";
import { clockedRuntime } from "./clocked-runtime.ts";

actionBusContract("the embedded bus", async () => {
  const deps = await clockedRuntime({ announceEvents: true });
  const rules: object[] = [];
  const { bus, index } = deps.runtime.ingest;
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
