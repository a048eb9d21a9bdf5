import { MemoryPorts } from "../support/memory-ports.ts";
import { actionOutboxContract } from "./action-outbox.ts";

actionOutboxContract("the memory of the tests", async () => {
  const deps = new MemoryPorts();
  const unused = async () => ({ items: [], next: null });
  return {
    index: deps.index,
    actions: deps.actions,
    reader: { get: async (id) => deps.get(id), list: unused, actions: unused },
    setClock: (now) => {
      deps.now = now;
    },
    close: async () => {},
  };
});
