import type { PictureReader, PictureStore } from "@gatepost/core/pictures";
import type { Picture, PictureAddress, PictureKind } from "@gatepost/protocol";

/** Pictures in memory, by their months. */
export class MemoryPictures implements PictureStore, PictureReader {
  readonly months = new Map<string, Map<string, Buffer>>();

  async put(month: string, _kind: PictureKind, { sha256, data }: Picture): Promise<void> {
    const known = this.months.get(month) ?? new Map<string, Buffer>();
    this.months.set(month, known);
    if (!known.has(sha256)) known.set(sha256, Buffer.from(data));
  }

  async get(month: string, _kind: PictureKind, sha256: string): Promise<Buffer | null> {
    return this.months.get(month)?.get(sha256) ?? null;
  }

  address(month: string, kind: PictureKind, sha256: string): PictureAddress {
    return { bucket: null, key: `${month}/${kind}/${sha256}` };
  }

  remove(month: string, sha256: string): void {
    this.months.get(month)?.delete(sha256);
  }

  clear(): void {
    this.months.clear();
  }

  /** Every picture that is stored. */
  all(): Buffer[] {
    return [...this.months.values()].flatMap((month) => [...month.values()]);
  }
}
