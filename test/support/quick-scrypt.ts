/** Given to a process with `--import`, makes the hash of a password cheap. Hashes of other processes do not fit. */
import crypto, { type ScryptOptions } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

const { scrypt } = crypto;
type Hashed = (error: Error | null, hash: Buffer) => void;
const quick = (password: string, salt: Buffer, bytes: number, options: ScryptOptions, done: Hashed) =>
  scrypt(password, salt, bytes, { ...options, N: 2 }, done);
Object.assign(crypto, { scrypt: quick });
syncBuiltinESMExports();
