import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { senders } from "../../../packages/alerts/src/channels/senders.ts";
import { noon } from "../../contract/samples.ts";
import { MqttBroker } from "../../standins/channels/mqtt.ts";
import { hostileNames, listening, message, picture, send, sending, subject, target } from "./support.ts";

async function open(others: Record<string, unknown> = {}) {
  const broker = await listening(new MqttBroker());
  return { broker, to: { type: "mqtt", url: broker.url, secret: broker.password, to: "site/gatepost", ...others } };
}

afterEach(() => void vi.useRealTimers());

describe("a broker of MQTT", () => {
  it("receives Home Assistant's discovery, the picture unchanged, and the alert as JSON", async () => {
    const { broker, to } = await open();
    expect(await send(to)).toMatchObject({ failure: null });
    const [earlierSensor, earlierImage, sensor, image, shown, alert] = broker.published;
    expect(broker.published.map(({ topic, retain, qos }) => [topic, retain, qos])).toEqual([
      ["homeassistant/sensor/gatepost_vip-arrives/config", true, 1],
      ["homeassistant/image/gatepost_vip-arrives/config", true, 1],
      ["homeassistant/sensor/gatepost-0123456789ab-vip-arrives/config", true, 1],
      ["homeassistant/image/gatepost-0123456789ab-vip-arrives/config", true, 1],
      ["site/gatepost/vip-arrives/picture", false, 1],
      ["site/gatepost/vip-arrives/alert", false, 1],
    ]);
    expect([`${earlierSensor?.payload}`, `${earlierImage?.payload}`]).toEqual(["", ""]);
    expect(JSON.parse(`${sensor?.payload}`)).toMatchObject({
      unique_id: "gatepost_0123456789ab_vip-arrives",
      state_topic: alert?.topic,
      json_attributes_topic: alert?.topic,
      device: { identifiers: ["gatepost_0123456789ab"], name: "Gatepost" },
    });
    expect(JSON.parse(`${image?.payload}`)).toMatchObject({ image_topic: shown?.topic });
    expect(shown?.payload).toEqual(picture.bytes);
    expect(JSON.parse(`${alert?.payload}`)).toMatchObject({
      title: "Passing: 小明",
      rule: "vip-arrives",
      about: "passing",
      box: "gate-1",
      device: "东门",
      person: "666666",
      name: "小明",
      personType: "vip",
      at: new Date(noon).toISOString(),
    });
  });

  it("each rule of each server has its own entities, topics and device", async () => {
    const {
      broker,
      to: { to: _, ...to },
    } = await open();
    const servers = ["0123456789ab", "ba9876543210"];
    const rules = ["gate.a", "gate_a", "gate_2ea", "gate-a", "gate..a", "a_picture", "a"];
    for (const server of servers)
      for (const rule of rules) await send(to, message(to, subject(), { rule }), { ...sending, server });
    const removed = broker.published.filter(({ payload }) => payload.length === 0).map(({ topic }) => topic);
    const made = broker.published.filter(({ retain, payload }) => retain && payload.length > 0);
    const topics = made.map(({ topic }) => topic);
    expect(new Set(topics).size).toBe(servers.length * rules.length * 2);
    expect(topics.filter((topic) => !/^homeassistant\/(?:sensor|image)\/[\w-]+\/config$/.test(topic))).toEqual([]);
    expect(topics.filter((topic) => removed.includes(topic))).toEqual([]);
    const entities = made.map(({ payload }) => JSON.parse(`${payload}`));
    expect(new Set(entities.map(({ unique_id }) => unique_id)).size).toBe(made.length);
    expect(new Set(entities.map(({ state_topic, image_topic }) => state_topic ?? image_topic)).size).toBe(made.length);
    expect(new Set(entities.map(({ device }) => device.identifiers[0])).size).toBe(servers.length);
  });

  it.each(hostileNames.map((name) => [name.slice(0, 30), name]))(
    "receives valid JSON for a person named %j",
    async (_, name) => {
      const { broker, to } = await open();
      await send(to, message(to, subject({ name })));
      const alert = broker.published.at(-1);
      expect(alert?.topic).toBe("site/gatepost/vip-arrives/alert");
      expect(JSON.parse(`${alert?.payload}`)).toMatchObject({ rule: "vip-arrives", about: "passing" });
    },
  );

  it.each([
    [4, /^MQTT 4: the user or the password is wrong/],
    [5, /^MQTT 5: the broker does not let this user in/],
    [3, /^MQTT 3: the broker is not ready/],
  ])("a refusal with %i is explained", async (refusal, words) => {
    const { broker, to } = await open();
    broker.refusal = refusal;
    expect((await send(to)).failure).toMatch(words);
  });

  it("a wrong password is refused", async () => {
    const { to } = await open({ secret: "wrong" });
    expect((await send(to)).failure).toMatch(/^MQTT 4/);
  });

  it("no listener is left at the signal that ends the process", async () => {
    const { to } = await open();
    await send(to);
    await send({ ...to, secret: "wrong" });
    expect(getEventListeners(sending.signal, "abort")).toEqual([]);
  });

  it("a broker that accepts the user and no message has not taken the alert", async () => {
    const { broker, to } = await open();
    broker.isSilentOnceIn = true;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const late = send(to);
    await expect.poll(() => broker.published.length).toBe(1);
    vi.advanceTimersByTime(sending.timeoutMs);
    expect((await late).failure).toBe("MQTT: not taken within 600000 ms");
    const ending = new AbortController();
    const sent = send(to, message(to), { ...sending, signal: ending.signal });
    await expect.poll(() => broker.published.length).toBe(2);
    ending.abort();
    expect((await sent).failure).toBe("MQTT: ended");
  });

  it("a missing or silent broker has not taken the alert", async () => {
    const { broker, to } = await open();
    broker.isSilent = true;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const late = senders.mqtt.send(message(to), target(to), sending);
    await expect.poll(() => vi.getTimerCount()).toBeGreaterThan(0);
    vi.advanceTimersByTime(sending.timeoutMs);
    expect((await late).failure).toMatch(/^MQTT/);
    vi.useRealTimers();
    expect((await send({ ...to, url: "mqtt://gate@127.0.0.1:1" })).failure).toMatch(/ECONNREFUSED/);
  });
});
