import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { type Sharp, Thumbnails } from "../../../packages/embedded/src/pictures/thumbnails.ts";

/** A sharp that says what it was asked, and answers when it is told to. */
function heldSharp(result: () => Buffer = () => Buffer.from("small")) {
  const asked: unknown[] = [];
  const answers: (() => void)[] = [];
  const sharp: Sharp = (input, options) => {
    const steps: unknown[] = [input.toString(), options];
    asked.push(steps);
    const pipeline = {
      rotate: () => pipeline,
      resize: (given: object) => {
        steps.push(given);
        return pipeline;
      },
      jpeg: () => pipeline,
      timeout: (given: object) => {
        steps.push(given);
        return pipeline;
      },
      toBuffer: async () => {
        await new Promise<void>((resolve) => answers.push(resolve));
        return result();
      },
    };
    return pipeline;
  };
  return { load: async () => sharp, asked, answers };
}

const answerAll = async (answers: (() => void)[], asked: unknown[], count: number) => {
  for (let n = 0; n < count; n++) {
    await expect.poll(() => answers.length).toBeGreaterThan(0);
    answers.shift()?.();
  }
  expect(asked).toHaveLength(count);
};

describe("a smaller picture", () => {
  it("is made within limits of pixels and time", async () => {
    const { load, asked, answers } = heldSharp();
    const made = new Thumbnails(load).resize(Buffer.from("large"), 192);
    await answerAll(answers, asked, 1);
    expect((await made).toString()).toBe("small");
    expect(asked).toEqual([
      [
        "large",
        { limitInputPixels: 25_000_000, sequentialRead: true },
        { width: 192, withoutEnlargement: true },
        { seconds: 5 },
      ],
    ]);
  });

  it("is made two at a time, in their order", async () => {
    const { load, asked, answers } = heldSharp();
    const thumbnails = new Thumbnails(load);
    const made = ["a", "b", "c", "d"].map((name) => thumbnails.resize(Buffer.from(name), 96));
    await expect.poll(() => asked.length).toBe(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked.map((steps) => (steps as unknown[])[0])).toEqual(["a", "b"]);
    await answerAll(answers, asked, 4);
    await Promise.all(made);
    expect(asked.map((steps) => (steps as unknown[])[0])).toEqual(["a", "b", "c", "d"]);
  });

  it("is made two at a time, also for a request between two results", async () => {
    const { load, asked, answers } = heldSharp();
    const thumbnails = new Thumbnails(load);
    const resize = () => thumbnails.resize(Buffer.from("x"), 96);
    const made = [resize(), resize(), resize()];
    await expect.poll(() => answers.length).toBe(2);
    answers.shift()?.();
    for (let step = 0; step < 6; step++) {
      made.push(resize());
      await null;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toHaveLength(3);
    await answerAll(answers, asked.splice(0, 1) && asked, 8);
    await Promise.all(made);
  });

  it("has the original size if too many wait", async () => {
    const { load, asked, answers } = heldSharp();
    const thumbnails = new Thumbnails(load);
    const made = Array.from({ length: 70 }, () => thumbnails.resize(Buffer.from("x"), 96));
    expect(await Promise.race(made)).toBe("busy");
    await answerAll(answers, asked, 66);
    const results = await Promise.all(made);
    expect(results.filter((result) => result === "busy")).toHaveLength(4);
    const later = thumbnails.resize(Buffer.from("x"), 96);
    await answerAll(answers, asked.splice(0) && asked, 1);
    expect(Buffer.isBuffer(await later)).toBe(true);
  });

  it.each([
    ["Input image exceeds pixel limit", "too-large"],
    ["Input buffer contains unsupported image format", "unreadable"],
    ["timeout: 20% complete", "unreadable"],
  ])("has the original size if sharp says %j", async (message, reason) => {
    const { load, answers } = heldSharp(() => {
      throw new Error(message);
    });
    const thumbnails = new Thumbnails(load);
    for (let time = 0; time < 3; time++) {
      const made = thumbnails.resize(Buffer.from("x"), 96);
      await expect.poll(() => answers.length).toBe(1);
      answers.shift()?.();
      expect(await made).toBe(reason);
    }
  });

  it("has the original size without sharp, which is looked for once", async () => {
    let loads = 0;
    const thumbnails = new Thumbnails(async () => {
      loads += 1;
      return null;
    });
    for (let time = 0; time < 2; time++) expect(await thumbnails.resize(Buffer.from("x"), 96)).toBe("not-installed");
    expect(loads).toBe(1);
  });
});

describe("thumbnails by the real sharp", () => {
  const red = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: "red" } });
  const sizeOf = async (made: Buffer | string) => {
    const { width, height, format } = await sharp(Buffer.from(made)).metadata();
    return [width, height, format];
  };
  const thumbnails = new Thumbnails();

  it("wide pictures become narrower, and narrow ones JPEG", async () => {
    const wide = await red(1280, 720).jpeg().toBuffer();
    expect(await sizeOf(await thumbnails.resize(wide, 192))).toEqual([192, 108, "jpeg"]);
    const narrow = await red(50, 20).png().toBuffer();
    expect(await sizeOf(await thumbnails.resize(narrow, 96))).toEqual([50, 20, "jpeg"]);
  });

  it("a picture that is too large or damaged keeps its size", async () => {
    const huge = await red(5001, 5000).jpeg().toBuffer();
    expect(await thumbnails.resize(huge, 96)).toBe("too-large");
    for (const broken of [huge.subarray(0, 300), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]), Buffer.alloc(0)])
      expect(typeof (await thumbnails.resize(broken, 96))).toBe("string");
  });
});
