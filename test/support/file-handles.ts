import { type FileHandle, open, readdir, readlink } from "node:fs/promises";

/** The prototype of node's file handles, so that a test can intercept calls between a store and the disk. */
export async function fileHandles(): Promise<FileHandle> {
  await using handle = await open("/dev/null");
  return Object.getPrototypeOf(handle) as FileHandle;
}

/** The files below a folder that this process has open. */
export async function openBelow(folder: string): Promise<string[]> {
  const descriptors = await readdir("/proc/self/fd");
  const files = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return files.filter((file) => file.startsWith(folder));
}
