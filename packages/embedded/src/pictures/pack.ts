import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "@gatepost/sqlite";
import { watchFile } from "../db/data-dir.ts";
import { maxUnnamedBytes, writtenEnd } from "./rows.ts";

/** One file of pictures, one after the other. Only the database knows their positions. */
export class Pack {
  readonly #file: FileHandle;
  /** Throws if the file was removed or replaced. */
  readonly check: () => void;
  #end: number;

  private constructor(file: FileHandle, check: () => void, end: number) {
    this.#file = file;
    this.check = check;
    this.#end = end;
  }

  /**
   * Opens a pack, or creates it.
   *
   * @param endWithin gives the end of the last picture in a pack of that size. Bytes after it were left by an
   * interrupted write, and are removed
   * @param onLeft is called with the number of these bytes if they are too many for that. They stay, and pictures are
   * put behind them
   */
  static async open(
    path: string,
    { endWithin, onLeft }: { endWithin(size: number): number; onLeft(bytes: number): void },
  ): Promise<Pack> {
    await using onFailure = new AsyncDisposableStack();
    const made = await open(path, "a+", 0o600);
    await made.close();
    const file = onFailure.use(await open(path, "r+"));
    const { size } = await file.stat();
    const named = endWithin(size);
    const unnamed = size - named > maxUnnamedBytes ? (await writtenEnd(file, named)) - named : 0;
    const isOfAnother = unnamed > maxUnnamedBytes;
    if (isOfAnother) onLeft(unnamed);
    else await file.truncate(named);
    await file.sync();
    syncFolder(dirname(path));
    const pack = new Pack(file, watchFile(path), isOfAnother ? size : named);
    onFailure.move();
    return pack;
  }

  /**
   * Appends all of `pictures` and syncs once. Returns their positions. After a failure, the next append overwrites what
   * it wrote.
   */
  async append(pictures: readonly Buffer[]): Promise<number[]> {
    this.check();
    const positions: number[] = [];
    let end = this.#end;
    for (const picture of pictures) {
      positions.push(end);
      end += picture.length;
    }
    await this.#write(pictures, this.#end);
    await this.#file.datasync();
    this.check();
    this.#end = end;
    return positions;
  }

  /** Reads `bytes` bytes; null if the pack ends before. */
  async read(position: number, bytes: number): Promise<Buffer | null> {
    // New memory, of which every byte is overwritten: it shows nothing of earlier content.
    const buffer = Buffer.allocUnsafeSlow(bytes);
    const { bytesRead } = await this.#file.read(buffer, 0, bytes, position);
    return bytesRead === bytes ? buffer : null;
  }

  /** Overwrites bytes with zeros and syncs. Bytes after the end of a pack are already gone. */
  async erase(position: number, bytes: number): Promise<void> {
    const within = Math.min(bytes, this.#end - position);
    if (within <= 0) return;
    await this.#write([Buffer.alloc(within)], position);
    await this.#file.datasync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #write(buffers: readonly Buffer[], position: number): Promise<void> {
    const wanted = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const { bytesWritten } = await this.#file.writev(buffers, position);
    if (bytesWritten < wanted)
      throw new Error(`only ${bytesWritten} of ${wanted} bytes could be written: is the disk full?`);
  }
}
