import { describe, expect, it } from "vitest";
import { countCalls, readTrace } from "../../../prove/power/trace.ts";

const hex = (text: string) => [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
const file = (number: number, path: string) => `${number}<${hex(path)}>`;
const text = (content: string) => `"${hex(content)}"`;
const facts = (...lines: string[]) => readTrace(lines.join("\n"), "/d").map(({ at: _, ...call }) => call);

describe("the output of strace is read as", () => {
  it("a write at its place, in one piece if it was sent in several", () => {
    const vector = `[{iov_base=${text("ab")}, iov_len=2}, {iov_base=${text("c")}, iov_len=1}]`;
    expect(
      facts(
        `7 1.000001 pwrite64(${file(9, "/d/a")}, ${text("xyz")}, 3, 4096) = 3`,
        `7 1.000002 pwritev(${file(9, "/d/a")}, ${vector}, 2, 17) = 3`,
      ),
    ).toEqual([
      { kind: "change", path: "/d/a", change: { offset: 4096, data: Buffer.from("xyz") } },
      { kind: "change", path: "/d/a", change: { offset: 17, data: Buffer.from("abc") } },
    ]);
  });

  it("the finished part of a write, and nothing of a failed one", () => {
    expect(
      facts(
        `7 1.000001 pwrite64(${file(9, "/d/a")}, ${text("xyz")}, 3, 0) = 2`,
        `7 1.000002 pwrite64(${file(9, "/d/a")}, ${text("xyz")}, 3, 0) = -1 ENOSPC (No space left on device)`,
      ),
    ).toEqual([{ kind: "change", path: "/d/a", change: { offset: 0, data: Buffer.from("xy") } }]);
  });

  it("writes without a position follow each other, or go to the end", () => {
    expect(
      facts(
        `7 1.000001 openat(AT_FDCWD<${hex("/")}>, ${text("/d/a")}, O_WRONLY|O_CREAT|O_EXCL, 0600) = ${file(9, "/d/a")}`,
        `7 1.000002 write(${file(9, "/d/a")}, ${text("abc")}, 3) = 3`,
        `7 1.000003 write(${file(9, "/d/a")}, ${text("d")}, 1) = 1`,
        `7 1.000004 openat(AT_FDCWD<${hex("/")}>, ${text("/d/b")}, O_WRONLY|O_CREAT|O_APPEND, 0600) = ${file(8, "/d/b")}`,
        `7 1.000005 write(${file(8, "/d/b")}, ${text("e")}, 1) = 1`,
      ).filter(({ kind }) => kind === "change"),
    ).toEqual([
      { kind: "change", path: "/d/a", change: { offset: 0, data: Buffer.from("abc") } },
      { kind: "change", path: "/d/a", change: { offset: 3, data: Buffer.from("d") } },
      { kind: "change", path: "/d/b", change: { offset: null, data: Buffer.from("e") } },
    ]);
  });

  it("calls of several threads are in the order of their ends, syncs also by beginning", () => {
    expect(
      facts(
        `8 1.000001 fdatasync(${file(9, "/d/a")} <unfinished ...>`,
        `9 1.000002 pwrite64(${file(9, "/d/a")}, ${text("x")}, 1, 5 <unfinished ...>`,
        `8 1.000003 <... fdatasync resumed>) = 0`,
        `9 1.000004 <... pwrite64 resumed>) = 1`,
      ),
    ).toEqual([
      { kind: "sync-begin", path: "/d/a", sync: 1, isDone: false },
      { kind: "sync-end", path: "/d/a", sync: 1, isDone: true },
      { kind: "change", path: "/d/a", change: { offset: 5, data: Buffer.from("x") } },
    ]);
  });

  it("the times of calls never decrease", () => {
    const calls = readTrace(
      [
        `8 1.000001 fdatasync(${file(9, "/d/a")} <unfinished ...>`,
        `9 1.000002 pwrite64(${file(9, "/d/a")}, ${text("x")}, 1, 5) = 1`,
        `8 1.000003 <... fdatasync resumed>) = 0`,
      ].join("\n"),
      "/d",
    );
    expect(calls.map(({ at }) => Math.round(at * 1000) % 1000)).toEqual([1, 2, 3]);
  });

  it("a sync that failed", () => {
    const [, end] = facts(`8 1.000001 fsync(${file(9, "/d/a")}) = -1 EIO (Input/output error)`);
    expect(end).toMatchObject({ kind: "sync-end", isDone: false });
  });

  it("names that come and go", () => {
    const at = `AT_FDCWD<${hex("/")}>`;
    expect(
      facts(
        `7 1.000001 mkdir(${text("/d/f")}, 0700) = 0`,
        `7 1.000002 openat(${at}, ${text("/d/f/a")}, O_RDWR|O_CREAT|O_TRUNC, 0600) = ${file(9, "/d/f/a")}`,
        `7 1.000003 rename(${text("/d/f/a")}, ${text("/d/f/b")}) = 0`,
        `7 1.000004 unlink(${text("/d/f/b")}) = 0`,
        `7 1.000005 unlink(${text("/d/f/none")}) = -1 ENOENT (No such file or directory)`,
        `7 1.000006 ftruncate(${file(9, "/d/f/a")}, 12) = 0`,
        `7 1.000007 openat(${at}, ${text("/elsewhere")}, O_RDWR|O_CREAT, 0600) = ${file(9, "/elsewhere")}`,
      ),
    ).toEqual([
      { kind: "make-folder", path: "/d/f" },
      { kind: "create", path: "/d/f/a" },
      { kind: "change", path: "/d/f/a", change: { size: 0 } },
      { kind: "rename", path: "/d/f/a", to: "/d/f/b" },
      { kind: "unlink", path: "/d/f/b" },
      { kind: "change", path: "/d/f/a", change: { size: 12 } },
    ]);
  });

  it("an answer has the port of its client, and the time of its sending", () => {
    const answer = text(`HTTP/1.1 200 OK\r\n${"x".repeat(500)}`);
    expect(
      facts(
        `7 1.000001 writev(26<TCP:[127.0.0.1:9731->127.0.0.1:43074]>, [{iov_base=${answer}, iov_len=517}], 1 <unfinished ...>`,
        `7 1.000002 write(27<TCP:[127.0.0.1:9731->127.0.0.1:43075]>, ${text("POST / HTTP/1.1")}, 15) = 15`,
      ),
    ).toEqual([{ kind: "answer", port: 43074, status: 200 }]);
  });
});

it("an unknown call is reported", () => {
  expect(() => facts(`7 1.000001 linkat(3<${hex("/d")}>, ${text("/d/a")}, 3, ${text("/d/b")}, 0) = 0`)).toThrow(
    /linkat/,
  );
  expect(() => facts(`7 1.000001 sendfile(${file(9, "/d/a")}, 8, NULL, 9) = 9`)).toThrow(/sendfile/);
});

it("counts the calls of each name in the busiest thread, without unfinished ones", () => {
  const lines = ["7 1.1 fsync(3) = 0", "7 1.2 fsync(3 <unfinished ...>", "8 1.3 fsync(3) = 0", "8 1.4 rename() = 0"];
  expect(countCalls([...lines, "7 1.5 <... fsync resumed>) = 0"].join("\n"))).toEqual(
    new Map([
      ["fsync", 2],
      ["rename", 1],
    ]),
  );
});
