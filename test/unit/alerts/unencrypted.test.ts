import { afterEach, describe, expect, it, vi } from "vitest";
import { noon } from "../../contract/samples.ts";
import { FeishuRobot } from "../../standins/channels/feishu.ts";
import { MqttBroker } from "../../standins/channels/mqtt.ts";
import { NtfyServer } from "../../standins/channels/ntfy.ts";
import { SmtpServer } from "../../standins/channels/smtp.ts";
import { WecomRobot } from "../../standins/channels/wecom.ts";
import { listening, send } from "./support.ts";

const clock = () => noon;

const here = vi.hoisted(() => ({ isOnTheInternet: false }));

vi.mock("../../../packages/alerts/src/net/addresses.ts", async (original) => ({
  ...(await original<typeof import("../../../packages/alerts/src/net/addresses.ts")>()),
  isPublic: () => here.isOnTheInternet,
}));

/** From now on this machine is taken for one on the Internet. */
function asPublic(): void {
  here.isOnTheInternet = true;
}

afterEach(() => {
  here.isOnTheInternet = false;
});

describe("what would go over the Internet unencrypted", () => {
  it("is not sent to a robot", async () => {
    for (const [type, robot] of [
      ["wecom", await listening(new WecomRobot(clock))],
      ["feishu", await listening(new FeishuRobot(clock))],
      ["ntfy", await listening(new NtfyServer(clock))],
    ] as const) {
      const to = { type, url: robot.url };
      asPublic();
      await expect(send(to)).rejects.toThrow("http:// goes over the Internet unencrypted");
      expect(robot.requests).toBe(0);
      here.isOnTheInternet = false;
      expect((await send(to)).status).not.toBeNull();
      expect(robot.requests).toBeGreaterThan(0);
    }
  });

  it("is not sent to a broker, nor is the password", async () => {
    const broker = await listening(new MqttBroker());
    asPublic();
    const sent = await send({ type: "mqtt", url: broker.url, secret: broker.password });
    expect(sent.failure).toMatch(/^MQTT: mqtt:\/\/ goes over the Internet unencrypted/);
    expect(broker.bytes).toBe(0);
  });

  it("is no password of mail, though private addresses are allowed to the rule", async () => {
    const server = await listening(new SmtpServer());
    asPublic();
    const to = { type: "email", url: server.url, secret: server.password, to: "guard@example.com" };
    expect((await send(to)).failure).toMatch(/^e-mail \d+: the connection could not be encrypted, and a password/);
    expect([server.mails, server.commands.filter((command) => command.startsWith("AUTH"))]).toEqual([[], []]);
  });
});
