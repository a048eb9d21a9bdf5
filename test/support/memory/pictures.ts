import type { PictureReader, PictureStore } from "@gatepost/core/pictures";
import type { LocatedPicture, Passing, PictureAddress, Report } from "@gatepost/protocol";
import { monthOf } from "@gatepost/protocol";

/** Pictures in memory, by their months. */
export class MemoryPictures implements PictureStore, PictureReader {
  readonly months = new Map<string, Map<string, Buffer>>();

  async putAll({ report, pictures }: Passing): Promise<Report> {
    const month = monthOf(report.receivedAt);
    const known = this.months.get(month) ?? new Map<string, Buffer>();
    this.months.set(month, known);
    for (const { sha256, data } of pictures.values()) if (!known.has(sha256)) known.set(sha256, Buffer.from(data));
    return report;
  }

  async get({ month, sha256 }: LocatedPicture): Promise<Buffer | null> {
    return this.months.get(month)?.get(sha256) ?? null;
  }

  address({ month, kind, sha256 }: LocatedPicture): PictureAddress {
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
