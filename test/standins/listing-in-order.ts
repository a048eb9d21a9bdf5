interface Listed {
  key: string;
}

interface Asked {
  prefix?: string;
  delimiter?: string;
  maxKeys?: number;
  startAfter?: string;
  marker?: string;
}

interface Store {
  buckets: ReadonlyMap<string, ReadonlyMap<string, Listed>>;
  listObjects(bucket: string, asked?: Asked): object;
}

/**
 * Makes fauxqs list keys by their bytes, as S3 does. It sorts them as a dictionary does and continues behind the last
 * one by its bytes. So it leaves some out, if a bucket has more than a page of keys in small and capital letters.
 */
export async function listInOrder(): Promise<void> {
  // It does not export its store.
  const path = new URL("../../node_modules/fauxqs/dist/s3/s3Store.js", import.meta.url);
  const { S3Store }: { S3Store: { prototype: Store } } = await import(path.href);
  const { listObjects } = S3Store.prototype;
  S3Store.prototype.listObjects = function inOrder(bucket, asked = {}) {
    const held = this.buckets.get(bucket);
    if (held === undefined || asked.delimiter !== undefined) return listObjects.call(this, bucket, asked);
    const { prefix = "", maxKeys = 1000, startAfter, marker } = asked;
    const after = startAfter ?? marker ?? "";
    const left = [...held.values()].filter(({ key }) => key.startsWith(prefix) && key > after);
    const objects = left.sort((one, other) => (one.key < other.key ? -1 : 1)).slice(0, maxKeys);
    return { objects, commonPrefixes: [], isTruncated: left.length > objects.length };
  };
}
