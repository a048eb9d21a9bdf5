import { expect, it, vi } from "vitest";
import { untilFree } from "../../../packages/bridge/src/spool/spool.ts";

/** As SQLite says that another program has the file locked. */
const locked = Object.assign(new Error("database is locked"), { errcode: 5 });

it("a write is tried again while another program has the file", async () => {
  const write = vi.fn(async () => "written");
  for (let tries = 0; tries < 3; tries++) write.mockRejectedValueOnce(locked);
  expect(await untilFree(write)).toBe("written");
  expect(write).toHaveBeenCalledTimes(4);
});

it("a write that fails for another reason fails at once", async () => {
  const write = vi.fn(() => Promise.reject(new Error("database or disk is full")));
  await expect(untilFree(write)).rejects.toThrow("full");
  expect(write).toHaveBeenCalledOnce();
});
