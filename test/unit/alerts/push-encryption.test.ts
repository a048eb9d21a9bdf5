import { createECDH } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encrypted } from "../../../packages/alerts/src/push/encrypt.ts";
import { decrypted } from "../../standins/push-service.ts";

/** The example of RFC 8291, appendix A. */
const example = {
  content: "When I grow up, I want to be a watermelon",
  salt: "DGv6ra1nlYgDCS1FRnbzlw",
  sender: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  receiver: "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
  body:
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT" +
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
};

function of(secret: string) {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(secret, "base64url");
  return ecdh;
}

const keys = { p256dh: example.p256dh, auth: example.auth };

describe("A notification", () => {
  it("is encrypted as RFC 8291 shows", () => {
    const fresh = { ecdh: of(example.sender), salt: Buffer.from(example.salt, "base64url") };
    expect(encrypted(Buffer.from(example.content), keys, fresh).toString("base64url")).toBe(example.body);
  });

  it("is read by its browser alone, and has other bytes each time", () => {
    const content = Buffer.from("报警");
    const [one, other] = [encrypted(content, keys), encrypted(content, keys)];
    const browser = { ecdh: of(example.receiver), auth: Buffer.from(example.auth, "base64url") };
    expect(decrypted(one, browser)).toEqual(content);
    expect(one.equals(other)).toBe(false);
    expect(() => decrypted(one, { ...browser, auth: Buffer.alloc(16) })).toThrow();
    one.writeUInt8(one.readUInt8(90) ^ 1, 90);
    expect(() => decrypted(one, browser)).toThrow();
  });

  it("has 2 KB at most", () => {
    expect(encrypted(Buffer.alloc(2048), keys)).toHaveLength(2048 + 86 + 1 + 16);
    expect(() => encrypted(Buffer.alloc(2049), keys)).toThrow(RangeError);
  });
});
