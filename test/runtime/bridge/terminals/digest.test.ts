import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { DigestLogin } from "../../../../packages/bridge/src/terminals/digest.ts";

const nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
const asked = `Digest realm="testrealm@host.com", nonce="${nonce}"`;

function login(header: string) {
  const login = new DigestLogin({ user: "Mufasa", password: "Circle Of Life" });
  return { challenge: login.challenged(header), answer: login.authorization("GET", "/dir/index.html"), again: login };
}

const sent = (answer: string | null) =>
  Object.fromEntries([...(answer ?? "").matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name, value]) => [name, value]));

it("answers the challenge of the standard's example without qop", () => {
  const { answer } = login(`${asked}, opaque="5ccc069c403ebaf9f0171e9517f40e41"`);
  expect(sent(answer)).toMatchObject({
    username: "Mufasa",
    uri: "/dir/index.html",
    opaque: "5ccc069c403ebaf9f0171e9517f40e41",
    response: "670fd8c2df070c60b045671b8b24ff02",
  });
  expect(answer).not.toContain("Circle");
});

it.each([
  ["MD5", "md5", false],
  ["SHA-256", "sha256", false],
  ["MD5-sess", "md5", true],
  ["SHA-256-sess", "sha256", true],
])("answers %s with qop, and counts its answers", (algorithm, hash, isSession) => {
  const { again } = login(`${asked}, qop="auth-int,auth", algorithm=${algorithm}`);
  const { response, cnonce, nc, qop } = sent(again.authorization("GET", "/dir/index.html"));
  const digest = (...parts: unknown[]) => createHash(hash).update(parts.join(":")).digest("hex");
  const user = digest("Mufasa", "testrealm@host.com", "Circle Of Life");
  const secret = isSession ? digest(user, nonce, cnonce) : user;
  expect([qop, nc]).toEqual(["auth", "00000002"]);
  expect(response).toBe(digest(secret, nonce, nc, cnonce, "auth", digest("GET", "/dir/index.html")));
});

it("takes the first challenge that it can answer", () => {
  const { answer } = login(`Basic realm="other", Digest realm="a", nonce="b", algorithm=SHA-512-256, ${asked}`);
  expect(sent(answer)).toMatchObject({ realm: "testrealm@host.com", response: "670fd8c2df070c60b045671b8b24ff02" });
});

it.each([
  ["none", ""],
  ["another scheme", 'Basic realm="Digest realm"'],
  ["no nonce", 'Digest realm="a"'],
  ["no realm", 'Digest nonce="a"'],
  ["an unknown algorithm", `${asked}, algorithm=MD4`],
  ["a hash of the body", `${asked}, qop="auth-int"`],
  ["a header that is too long", `${asked}, opaque="${"x".repeat(5000)}"`],
  ["an open quotation", 'Digest realm="a, nonce="b'],
])("answers no challenge with %s", (_, header) => {
  const { challenge, answer } = login(header);
  expect([challenge, answer]).toEqual(["no challenge", null]);
});

it("knows a nonce that was only too old", () => {
  expect(login(`${asked}, stale=TRUE`).challenge).toBe("stale");
  expect(login(`${asked}, stale="false"`).challenge).toBe("challenge");
});

it("escapes quotation marks in the name of the user and of the realm", () => {
  const login = new DigestLogin({ user: 'a"b\\c', password: "p" });
  login.challenged('Digest realm="x\\"y", nonce="n"');
  const answer = login.authorization("GET", "/");
  expect(answer).toContain('username="a\\"b\\\\c"');
  expect(answer).toContain('realm="x\\"y"');
});
