import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Mosquitto, refusingOnce, withoutMosquitto } from "../../standins/mosquitto.ts";
import { temporaryFolder, temporaryRuntime } from "./temporary.ts";

describe.skipIf(withoutMosquitto !== null)("a topic that a broker refuses", () => {
  it("is asked for again after a minute, and is read once the broker lets the source", async () => {
    let ahead = 0;
    const brokerFolder = await temporaryFolder();
    const broker = await Mosquitto.start(join(brokerFolder.path, "broker"));
    const { runtime, folder, logged, close } = await temporaryRuntime({ clock: () => Date.now() + ahead });
    const end = runtime.upkeep();
    onTestFinished(async () => {
      await end();
      await close();
      await broker.kill();
      await brokerFolder.remove();
    });
    const source = { name: "door", mqtt: await refusingOnce(broker), topics: ["doors/+", "vault/+"], box: "gate-3" };
    await writeFile(join(folder, "sources.json"), JSON.stringify([source]));
    const state = async () => (await runtime.reads.sources.read()).sources[0];
    await expect.poll(state).toMatchObject({ isConnected: true, fault: expect.stringContaining("vault/+") });
    expect(runtime.reads.health.concerns()).toContain(
      "sources to which the broker refuses a topic: 1 of 1; see Boxes, or gatepost sources list",
    );
    const since = (await state())?.since;
    ahead = 61_000;
    await expect.poll(state).toMatchObject({ isConnected: true, fault: null, since });
    expect(logged.filter(({ message }) => message.startsWith("source is not subscribed"))).toHaveLength(1);
  });
});
