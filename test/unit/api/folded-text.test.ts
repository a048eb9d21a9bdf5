import { expect, it } from "vitest";
import { fold } from "../../../packages/core/src/quarantine/folded.ts";

const maxShown = 256 * 1024;
const shown = (text: string) => fold({ id: "q_1", body: new Uint8Array(Buffer.from(text)) }, []);

it.each(["é", "中", "😀"])("a body cut within %s is shown up to the character before", (character) => {
  const bytes = Buffer.byteLength(character);
  for (let before = 0; before < bytes; before++) {
    const text = "x".repeat(maxShown - before);
    expect(shown(text + character.repeat(3))).toEqual({ body: text, isCut: true });
  }
});

it("replacement characters for unreadable bytes are kept, however many a body has", () => {
  const signs = "\ufffd".repeat(Math.floor(maxShown / 3));
  expect(shown(`${signs}x and more`)).toEqual({ body: `${signs}x`, isCut: true });
  expect(shown(signs)).toEqual({ body: signs, isCut: false });
});

it.each([0, 1])("a body is cut if its first picture begins %i bytes after the shown part", (behind) => {
  const [before, picture] = ["x".repeat(maxShown + behind), "y".repeat(1000)];
  const body = new Uint8Array(Buffer.from(before + picture));
  const place = { path: "pic", start: before.length, end: before.length + picture.length, bytes: 750 };
  expect(fold({ id: "q_1", body }, [place]).isCut).toBe(true);
  expect(fold({ id: "q_1", body: new Uint8Array(Buffer.from(before)) }, []).isCut).toBe(behind > 0);
});
