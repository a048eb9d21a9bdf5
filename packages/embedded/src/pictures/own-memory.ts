/** Pictures in memory that nobody else has a part of. */
const own = new WeakSet<Uint8Array>();

/**
 * Notes that whoever gets these bytes is the only one who does: once they are sent, their memory may be given back. Left
 * to the garbage collector, somebody who pages through pictures makes it run twice a second.
 */
export function noteOwn<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  own.add(bytes);
  return bytes;
}

/** Notes that somebody else may go on reading them: their memory is left to the garbage collector. */
export function noteShared(bytes: Uint8Array): void {
  own.delete(bytes);
}

/** Gives back the memory of bytes that are not needed any more, where nobody else has them. They are void then. */
export function giveBack(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (own.delete(bytes) && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
