import type { PictureReader, PictureStore } from "@gatepost/core/pictures";
import { type LocatedPicture, monthOf, type Passing, type PictureAddress, type Report } from "@gatepost/protocol";
import type { PictureRows } from "../../../packages/embedded/src/pictures/rows.ts";

/** Pictures in memory, by their months, with the rows by which they are erased. */
export class MemoryPictures implements PictureStore, PictureReader {
  readonly months = new Map<string, Map<string, Buffer>>();
  readonly #rows: PictureRows;
  /** The hashes of the pictures, each at its place. */
  readonly #places: string[] = [];

  constructor(rows: PictureRows) {
    this.#rows = rows;
  }

  async putAll({ report, pictures }: Passing): Promise<Report> {
    const month = monthOf(report.receivedAt);
    const known = this.months.get(month) ?? new Map<string, Buffer>();
    this.months.set(month, known);
    for (const { sha256, data } of pictures.values()) {
      if (known.has(sha256)) continue;
      known.set(sha256, Buffer.from(data));
      this.#rows.put(month, sha256, { position: this.#places.push(sha256) - 1, bytes: 1 });
    }
    return report;
  }

  async get({ month, sha256 }: LocatedPicture): Promise<Buffer | null> {
    return this.months.get(month)?.get(sha256) ?? null;
  }

  address({ month, kind, sha256 }: LocatedPicture): PictureAddress {
    return { bucket: null, key: `${month}/${kind}/${sha256}` };
  }

  async find(): Promise<null> {
    return null;
  }

  async remove(month: string): Promise<void> {
    this.months.delete(month);
  }

  async pack(month: string) {
    const erase = async (position: number) => void this.months.get(month)?.delete(this.#places[position] ?? "");
    return { erase };
  }

  clear(): void {
    this.months.clear();
  }

  /** Every picture that is stored. */
  all(): Buffer[] {
    return [...this.months.values()].flatMap((month) => [...month.values()]);
  }
}
