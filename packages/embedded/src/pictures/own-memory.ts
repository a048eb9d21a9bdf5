/** Pictures in memory that no other code uses. */
const ownBytes = new WeakSet<Uint8Array>();

/**
 * Notes that only the receiver of these bytes uses them: once they are sent, their memory may be freed. If it were left
 * to the garbage collector, that would run twice a second while a reader pages through pictures.
 */
export function noteOwn<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  ownBytes.add(bytes);
  return bytes;
}

/** Notes that others may still read the bytes: their memory is left to the garbage collector. */
export function noteShared(bytes: Uint8Array): void {
  ownBytes.delete(bytes);
}

/** Frees the memory of bytes that no other code uses. They are empty then. */
export function giveBack(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (ownBytes.delete(bytes) && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
