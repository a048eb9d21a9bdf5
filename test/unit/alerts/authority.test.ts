import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { senders } from "../../../packages/alerts/src/channels/senders.ts";
import { unanswered } from "../../../packages/alerts/src/channels/sending.ts";
import { why } from "../../../packages/alerts/src/net/post.ts";
import { noon } from "../../contract/samples.ts";
import { everyChannel } from "../../standins/channels/every.ts";
import { CertificateFolder, pemOf } from "../../support/certificates.ts";
import { encryptedFront } from "../../support/encrypted-front.ts";
import { message, send, sending, target } from "./support.ts";

it.each(Object.entries(everyChannel))("%s trusts the authority of its target, and the public ones", async (_, open) => {
  const channel = await open(() => noon);
  onTestFinished(() => channel.close());
  const url = new URL(channel.secrets.url.replace(/^(http|mqtt|smtp):/, "$1s:"));
  url.port = `${await encryptedFront(Number(url.port))}`;
  const to = { ...channel.target, ...channel.secrets, url: url.href };
  // A channel says it, or throws without an answer.
  const unknown = await send(to).then(({ failure }) => failure, why);
  expect(unknown).toMatch(/self-signed certificate.*: give the certificate of its authority as ca/);
  const other = target({ ...to, ca: pemOf("second.crt") });
  const wrong = await send({ ...to, ca: pemOf("second.crt") }).then(
    ({ failure }) => failure,
    (error) => unanswered(error, other).failure,
  );
  expect(wrong).toMatch(/: ca is of another authority, so give the certificate of the server's own/);
  expect(channel.arrived()).toEqual([]);
  const known = { ...to, ca: `a comment\n${pemOf("second.crt")}\n${pemOf("first.crt")}` };
  expect(await send(known, message(known))).toMatchObject({ failure: null });
  expect(channel.arrived()).toHaveLength(1);
});

it.each(Object.entries(everyChannel))("%s reads the file of the authority for each message", async (_, open) => {
  const channel = await open(() => noon);
  onTestFinished(() => channel.close());
  const folder = new CertificateFolder("second");
  const file = join(folder.path, "ca.pem");
  const url = new URL(channel.secrets.url.replace(/^(http|mqtt|smtp):/, "$1s:"));
  url.port = `${await encryptedFront(Number(url.port))}`;
  const to = { ...channel.target, ...channel.secrets, url: url.href };
  const withFile = { ...target(to), ca: file };
  const outcome = () => senders[withFile.type].send(message(to), withFile, sending).then(({ failure }) => failure, why);
  expect(await outcome()).toBe(`ca cannot be read (ENOENT): put the file at ${file}`);
  folder.put("second.crt", file);
  expect(await outcome()).toMatch(/self-signed certificate/);
  folder.put("first.crt", file);
  expect(await outcome()).toBeNull();
});

it.each(["", "none", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "x".repeat(70_000)])(
  "%j is no authority",
  (ca) => {
    expect(() => target({ type: "ntfy", url: "https://ntfy.sh/x", ca })).toThrow(/certificate|65536/);
  },
);
