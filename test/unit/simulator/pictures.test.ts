import { Album, picturesOf } from "@gatepost/simulator";
import sharp from "sharp";
import { expect, it } from "vitest";
import { sha256 } from "../../support/pictures.ts";
import { album, passings } from "./support.ts";

it("pictures are JPEGs of the size that boxes send", async () => {
  const real = await Album.draw(3, { looks: 1 });
  const bounds = { scene: [200, 400], face: [20, 40], registered: [30, 50] } as const;
  for (const [name, [least, most]] of Object.entries(bounds) as [keyof typeof bounds, readonly [number, number]][]) {
    const picture = real.picture(name, 0, "x");
    expect(picture.length / 1024, name).toBeGreaterThan(least);
    expect(picture.length / 1024, name).toBeLessThan(most);
    expect((await sharp(picture).metadata()).format).toBe("jpeg");
  }
  expect(await sharp(real.picture("scene", 0, "x")).metadata()).toMatchObject({ width: 1920, height: 1080 });
});

it("the same seed draws the same pictures", async () => {
  const again = await Album.draw(1, { looks: 2, scale: 0.05 });
  expect(sha256(again.picture("face", 1, "x"))).toBe(sha256(album.picture("face", 1, "x")));
});

it("no two passings share a scene or a face, and all pictures decode", async () => {
  const taken = passings(50).map((passing) => picturesOf(passing, album));
  for (const name of ["scene", "face"] as const) {
    const pictures = taken.map((pictures) => pictures[name] ?? Buffer.alloc(0));
    expect(new Set(pictures.map(sha256)).size).toBe(50);
    for (const picture of pictures) expect((await sharp(picture).stats()).channels).toHaveLength(3);
  }
});

it("a person has one registered picture, a stranger none", () => {
  const all = passings(200);
  const registered = all.map((passing) => ({ passing, picture: picturesOf(passing, album).registered }));
  for (const { passing, picture } of registered) expect(picture === null).toBe(passing.person.type === 4);
  const people = new Set(all.filter(({ person }) => person.type !== 4).map(({ person }) => person.id));
  expect(new Set(registered.flatMap(({ picture }) => (picture === null ? [] : [sha256(picture)]))).size).toBe(
    people.size,
  );
});
