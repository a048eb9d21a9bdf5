import { all, type Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** Settings of alarms: passings of the blacklist that ring until a person acknowledges them. */
export interface AlarmSettings {
  /** Minutes after which subscribers are told that an alarm was not acknowledged; null if they are not told. */
  tellAfterMinutes: number | null;
}

/** Most minutes, and the minutes if nothing is set. */
export const maxTellAfter = 60;
const usual = 5;

/** `alarms`: the settings of all sites. 0 minutes: subscribers are not told. */
const records = new RecordKind("alarms", z.object({ tellAfter: z.number() }));

/** Keeps the settings of alarms. */
export class AlarmRecords {
  readonly #items: Pick<Rows, "get" | "write">;

  constructor(items: Pick<Rows, "get" | "write">) {
    this.#items = items;
  }

  async read(): Promise<AlarmSettings> {
    const item = await this.#items.get(records.pk(""));
    const minutes = item === null ? usual : records.read(item).tellAfter;
    return { tellAfterMinutes: minutes === 0 ? null : minutes };
  }

  async write({ tellAfterMinutes }: AlarmSettings): Promise<void> {
    await this.#items.write(records.record("", { tellAfter: tellAfterMinutes ?? 0 }, all()));
  }
}
