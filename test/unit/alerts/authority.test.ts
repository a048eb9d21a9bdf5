import { expect, it, onTestFinished } from "vitest";
import { why } from "../../../packages/alerts/src/net/post.ts";
import { noon } from "../../contract/samples.ts";
import { everyChannel } from "../../standins/channels/every.ts";
import { pemOf } from "../../support/certificates.ts";
import { encryptedFront } from "../../support/encrypted-front.ts";
import { message, send, target } from "./support.ts";

it.each(Object.entries(everyChannel))("%s trusts the authority of its target, and the public ones", async (_, open) => {
  const channel = await open(() => noon);
  onTestFinished(() => channel.close());
  const url = new URL(channel.secrets.url.replace(/^(http|mqtt|smtp):/, "$1s:"));
  url.port = `${await encryptedFront(Number(url.port))}`;
  const to = { ...channel.target, ...channel.secrets, url: url.href };
  // A channel says it, or throws without an answer.
  const unknown = await send(to).then(({ failure }) => failure, why);
  expect(unknown).toMatch(/self-signed certificate.*: give the certificate of its authority as ca/);
  expect(await send({ ...to, ca: pemOf("second.crt") }).catch(() => "refused")).not.toMatchObject({ failure: null });
  expect(channel.arrived()).toEqual([]);
  const known = { ...to, ca: `a comment\n${pemOf("second.crt")}\n${pemOf("first.crt")}` };
  expect(await send(known, message(known))).toMatchObject({ failure: null });
  expect(channel.arrived()).toHaveLength(1);
});

it.each(["", "none", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "x".repeat(70_000)])(
  "%j is no authority",
  (ca) => {
    expect(() => target({ type: "ntfy", url: "https://ntfy.sh/x", ca })).toThrow(/certificate|65536/);
  },
);
