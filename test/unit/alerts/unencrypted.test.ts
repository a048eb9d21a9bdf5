import { describe, expect, it } from "vitest";
import type { SendDeps } from "../../../packages/alerts/src/channels/sending.ts";
import { post } from "../../../packages/alerts/src/net/post.ts";
import { noon } from "../../contract/samples.ts";
import { FeishuRobot } from "../../standins/channels/feishu.ts";
import { MqttBroker } from "../../standins/channels/mqtt.ts";
import { NtfyServer } from "../../standins/channels/ntfy.ts";
import { SmtpServer } from "../../standins/channels/smtp.ts";
import { WecomRobot } from "../../standins/channels/wecom.ts";
import { listening, message, send, sending } from "./support.ts";

const clock = () => noon;

/** The ports of senders on a machine whose addresses are taken for Internet addresses. */
const outside: SendDeps = {
  ...sending,
  isPublic: () => true,
  post: (outgoing, timeouts) => post({ ...outgoing, isEncryptedTo: () => true }, timeouts),
};

describe("unencrypted sending over the Internet", () => {
  it("is not sent to a robot", async () => {
    for (const [type, robot] of [
      ["wecom", await listening(new WecomRobot(clock))],
      ["feishu", await listening(new FeishuRobot(clock))],
      ["ntfy", await listening(new NtfyServer(clock))],
    ] as const) {
      const to = { type, url: robot.url };
      await expect(send(to, message(to), outside)).rejects.toThrow("http:// goes over the Internet unencrypted");
      expect(robot.requests).toBe(0);
      expect((await send(to)).status).not.toBeNull();
      expect(robot.requests).toBeGreaterThan(0);
    }
  });

  it("is not sent to a broker, nor is the password", async () => {
    const broker = await listening(new MqttBroker());
    const to = { type: "mqtt", url: broker.url, secret: broker.password };
    const sent = await send(to, message(to), outside);
    expect(sent.failure).toMatch(/^MQTT: mqtt:\/\/ goes over the Internet unencrypted/);
    expect(broker.bytes).toBe(0);
  });

  it("is no password of mail, though private addresses are allowed to the rule", async () => {
    const server = await listening(new SmtpServer());
    const to = { type: "email", url: server.url, secret: server.password, to: "guard@example.com" };
    expect((await send(to, message(to), outside)).failure).toMatch(
      /^e-mail \d+: the connection could not be encrypted/,
    );
    expect([server.mails, server.commands.filter((command) => command.startsWith("AUTH"))]).toEqual([[], []]);
  });

  it("is no mail without a password either", async () => {
    const server = await listening(new SmtpServer());
    const to = { type: "email", url: server.url, to: "guard@example.com" };
    expect((await send(to, message(to), outside)).failure).toMatch(
      /^e-mail \d+: the connection could not be encrypted, and nothing goes over the Internet by another/,
    );
    expect([server.mails, server.commands.filter((command) => /^(MAIL|RCPT|DATA)/.test(command))]).toEqual([[], []]);
  });
});
