import { MemoryItems } from "@gatepost/store";
import { noon } from "../../../contract/samples.ts";
import { unknownTerminalsContract } from "../../../contract/unknown-terminals.ts";

// Here for the coverage gate; the other drivers run it among the contracts.
unknownTerminalsContract("the memory driver", async () => {
  let now = noon;
  const clock = () => now;
  const setClock = (time: number) => {
    now = time;
  };
  return { items: new MemoryItems({ clock }), clock, setClock, close: async () => {} };
});
