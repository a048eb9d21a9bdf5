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
  it("an unencrypted alert is not sent to a robot", async () => {
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

  it("neither an unencrypted alert nor the password is sent to a broker", async () => {
    const broker = await listening(new MqttBroker());
    const to = { type: "mqtt", url: broker.url, secret: broker.password };
    const sent = await send(to, message(to), outside);
    expect(sent.failure).toMatch(/^MQTT: mqtt:\/\/ goes over the Internet unencrypted/);
    expect(broker.bytes).toBe(0);
  });

  it("a mail password is not sent unencrypted, even if the rule allows private addresses", async () => {
    const server = await listening(new SmtpServer());
    const to = { type: "email", url: server.url, secret: server.password, to: "guard@example.com" };
    expect((await send(to, message(to), outside)).failure).toMatch(
      /^e-mail \d+: the connection could not be encrypted/,
    );
    expect([server.mails, server.commands.filter((command) => command.startsWith("AUTH"))]).toEqual([[], []]);
  });

  it("a mail without a password is not sent unencrypted", async () => {
    const server = await listening(new SmtpServer());
    const to = { type: "email", url: server.url, to: "guard@example.com" };
    expect((await send(to, message(to), outside)).failure).toMatch(
      /^e-mail \d+: the connection could not be encrypted, and nothing goes over the Internet by another/,
    );
    expect([server.mails, server.commands.filter((command) => /^(MAIL|RCPT|DATA)/.test(command))]).toEqual([[], []]);
  });
});
