import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { fileHandles } from "./file-handles.ts";

class CutShort extends Error {}

/**
 * Runs something that ends after so many changes of the disk, as by a kill: only half of a write is done, and nothing
 * after it. Returns whether it was cut short.
 */
export async function isCutShort(afterSteps: number, work: () => Promise<unknown>): Promise<boolean> {
  const handles = await fileHandles();
  const { write, truncate } = handles;
  const { rename, rm } = fs;
  let left = afterSteps;
  const step = () => {
    left -= 1;
    if (left < 0) throw new CutShort();
  };
  const stepping = {
    async write(this: unknown, data: Buffer, from: number, length: number, position: number | null) {
      if (left === 0) await Reflect.apply(write, this, [data, from, Math.floor(length / 2), position]);
      step();
      return Reflect.apply(write, this, [data, from, length, position]);
    },
    async truncate(this: unknown, length: number) {
      step();
      return Reflect.apply(truncate, this, [length]);
    },
  };
  Object.assign(handles, stepping);
  fs.rename = async (...args) => {
    step();
    return rename(...args);
  };
  fs.rm = async (...args) => {
    step();
    return rm(...args);
  };
  syncBuiltinESMExports();
  try {
    await work();
    return false;
  } catch (error) {
    if (error instanceof CutShort) return true;
    throw error;
  } finally {
    Object.assign(handles, { write, truncate });
    Object.assign(fs, { rename, rm });
    syncBuiltinESMExports();
  }
}
