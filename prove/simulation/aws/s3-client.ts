import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";

/** The objects of the bucket, by their keys. */
export type Bucket = Map<string, { data: Uint8Array; writtenAt: number }>;

interface Ports {
  bucket: Bucket;
  network: Network;
  clock(): number;
}

/** A client of the bucket in memory, for one process. */
export function s3Client(process: Process, deps: Ports): S3Client {
  const client: S3Client = Object.create(S3Client.prototype);
  const send = (command: object, { abortSignal: signal }: { abortSignal?: AbortSignal } = {}) => {
    const name = command.constructor.name.replace(/Command$/, "");
    return deps.network.call(process, { service: "s3", name, signal, apply: () => answer(command, deps) });
  };
  Object.defineProperty(client, "send", { value: send });
  Object.defineProperty(client, "destroy", { value: () => {} });
  return client;
}

export function answer(command: object, { bucket, clock }: Omit<Ports, "network">): object {
  if (command instanceof PutObjectCommand) return put(command, { bucket, clock });
  if (command instanceof GetObjectCommand) {
    const held = bucket.get(command.input.Key ?? "");
    if (held === undefined) throw new NoSuchKey({ message: "The specified key does not exist.", $metadata: {} });
    return { Body: { transformToByteArray: () => Promise.resolve(held.data) } };
  }
  if (command instanceof HeadObjectCommand) {
    const held = bucket.get(command.input.Key ?? "");
    if (held === undefined) throw new NotFound({ message: "NotFound", $metadata: { httpStatusCode: 404 } });
    return { LastModified: inSeconds(held.writtenAt) };
  }
  if (command instanceof ListObjectsV2Command) {
    const found = [...bucket].filter(([key]) => key.startsWith(command.input.Prefix ?? ""));
    return { Contents: found.map(([Key, { writtenAt }]) => ({ Key, LastModified: inSeconds(writtenAt) })) };
  }
  if (command instanceof DeleteObjectCommand) {
    bucket.delete(command.input.Key ?? "");
    return {};
  }
  throw new Error(`the bucket in memory does not know ${command.constructor.name}`);
}

/** S3 gives times in whole seconds. */
function inSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

function put({ input }: PutObjectCommand, { bucket, clock }: Omit<Ports, "network">): object {
  const key = input.Key ?? "";
  if (input.IfNoneMatch === "*" && bucket.has(key)) {
    const message = "At least one of the pre-conditions you specified did not hold";
    throw new S3ServiceException({ name: "PreconditionFailed", $fault: "client", message, $metadata: {} });
  }
  if (!(input.Body instanceof Uint8Array)) throw new Error("the bucket in memory takes bytes only");
  bucket.set(key, { data: input.Body, writtenAt: clock() });
  return {};
}
