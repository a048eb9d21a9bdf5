import { endOfByteString } from "./byte-string.ts";

/** The bytes of JSON that show where values begin and end. */
export const marks = { comma: 0x2c, colon: 0x3a, openList: 0x5b, openObject: 0x7b, closeList: 0x5d, closeObject: 0x7d };

const quote = 0x22;

/** Walks over JSON in UTF-8 from mark to mark, without parsing. It skips strings from quote to quote. */
export class JsonWalker {
  readonly bytes: Uint8Array;
  /** The position after the last mark. */
  at = 0;
  /** How many lists and objects are open. */
  level = 0;
  /** How many values have begun so far, or a few more: an empty list counts as one value too many. */
  values = 0;
  /** Where the content of the last string begins. Before a colon the string is a name. */
  stringFrom = 0;
  stringTo = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /**
   * Goes to the next comma or colon in a list or object of that level, or to the next bracket that opens or closes one.
   * Returns that byte; 0 where there is none before `to`.
   */
  next(level: number, to: number): number {
    while (this.at < to) {
      const byte = Number(this.bytes[this.at]);
      this.at += 1;
      if (byte === quote) this.#skipString();
      else if (byte >= marks.comma && this.#isMark(byte, level)) return byte;
    }
    return 0;
  }

  #isMark(byte: number, level: number): boolean {
    switch (byte) {
      case marks.comma:
        this.values += 1;
        return this.level === level;
      case marks.colon:
        return this.level === level;
      case marks.openList:
      case marks.openObject:
        this.values += 1;
        this.level += 1;
        return this.level === level;
      case marks.closeList:
      case marks.closeObject:
        this.level -= 1;
        return this.level === level - 1;
      default:
        return false;
    }
  }

  #skipString(): void {
    const end = endOfByteString(this.bytes, this.at);
    this.stringFrom = this.at;
    this.stringTo = end < 0 ? this.bytes.length : end;
    this.at = this.stringTo + 1;
  }
}
