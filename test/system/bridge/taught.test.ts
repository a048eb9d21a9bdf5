import { join } from "node:path";
import { parseConfig, startBridge, systemClock } from "@gatepost/bridge";
import { yamlOf } from "../../runtime/bridge/support.ts";
import { temporaryDataFolder } from "../../runtime/embedded/temporary.ts";
import { taught } from "../blackbox/taught.ts";
import { oneMachine } from "../embedded/one-machine.ts";

const quiet = () => {};
const log = { info: quiet, warn: quiet, error: quiet };

taught("one machine behind the relay of a bridge", oneMachine, async (cloud, tokens) => {
  const spool = await temporaryDataFolder();
  const boxes = Object.fromEntries([...tokens.keys()].map((box) => [box, null]));
  const yaml = yamlOf({ cloud, boxes, token: (box) => tokens.get(box) ?? "", folder: join(spool.path, "spool") });
  const config = parseConfig(yaml, "bridge.yaml");
  const bridge = await startBridge({
    config,
    clock: systemClock,
    random: Math.random,
    log,
    settle: 50,
    lookEvery: 60_000,
  });
  return {
    url: `http://127.0.0.1:${bridge.relayPort}`,
    isDirect: false,
    async stop() {
      await bridge.stop();
      await spool.remove();
    },
  };
});
