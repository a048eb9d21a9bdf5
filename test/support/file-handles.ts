import { type FileHandle, open } from "node:fs/promises";

/** The prototype of node's file handles, so that a test can stand between a store and the disk. */
export async function fileHandles(): Promise<FileHandle> {
  await using handle = await open("/dev/null");
  return Object.getPrototypeOf(handle) as FileHandle;
}
