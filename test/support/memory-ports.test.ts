import { actionLedgerContract } from "../contracts/action-ledger.ts";
import { MemoryPorts } from "./memory-ports.ts";

actionLedgerContract("the memory of the tests", async () => {
  const on = new MemoryPorts();
  const unused = async () => ({ items: [], next: null });
  return {
    index: on.index,
    actions: on.actions,
    reader: { get: async (id) => on.get(id), list: unused, actions: unused },
    setClock: (now) => {
      on.now = now;
    },
    close: async () => {},
  };
});
