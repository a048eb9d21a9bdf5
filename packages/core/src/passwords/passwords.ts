import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { GatepostError } from "../errors/errors.ts";

/** N as a power of two, r and p of scrypt: one try takes 32 MB. */
const usual = { cost: 15, blocks: 8, passes: 3 };

const saltBytes = 16;
const hashBytes = 32;

/** The most memory that a stored hash may ask for: so the parameters can be raised later. */
const maxBytes = 128 * 1024 * 1024;

/** Tries at once, each of which takes memory and half a second of a processor. */
const maxAtOnce = 2;

let underWay = 0;

/** The hash of no password: who tries an unknown account pays the same. */
const nobody = stored({ ...usual, salt: Buffer.alloc(saltBytes), hash: Buffer.alloc(hashBytes) });

/**
 * Hashes a password, with a new salt and the parameters in the text. Throws 429 while two others are hashed in this
 * process.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  return stored({ ...usual, salt, hash: await derived(password, { ...usual, salt }) });
}

/**
 * Whether a password is the one of a hash. Null, for an account that does not exist or has none, takes as long. Throws
 * 429 while two others are tried in this process.
 */
export async function verifyPassword(password: string, known: string | null): Promise<boolean> {
  const { hash, ...parameters } = read(known ?? nobody);
  const isEqual = timingSafeEqual(await derived(password, parameters), hash);
  return known !== null && isEqual;
}

/** Hashes passwords and compares them, as the functions of these names do. */
export interface Passwords {
  hash(password: string): Promise<string>;
  verify(password: string, known: string | null): Promise<boolean>;
}

export const scryptPasswords: Passwords = { hash: hashPassword, verify: verifyPassword };

interface Parameters {
  cost: number;
  blocks: number;
  passes: number;
  salt: Buffer;
}

interface Hashed extends Parameters {
  hash: Buffer;
}

function stored({ cost, blocks, passes, salt, hash }: Hashed): string {
  return ["scrypt", cost, blocks, passes, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

const form = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/;

function read(text: string): Hashed {
  const [whole, cost, blocks, passes, salt = "", hash = ""] = form.exec(text) ?? [];
  if (whole === undefined) throw new Error("the hash of a password is broken; invite the person again");
  return {
    cost: Number(cost),
    blocks: Number(blocks),
    passes: Number(passes),
    salt: Buffer.from(salt, "base64url"),
    hash: Buffer.from(hash, "base64url"),
  };
}

async function derived(password: string, { cost, blocks, passes, salt }: Parameters): Promise<Buffer> {
  if (underWay >= maxAtOnce) {
    throw new GatepostError("too-many", "others are signing in; try again in a second", { retryAfter: 1 });
  }
  underWay += 1;
  try {
    const text = password.normalize("NFC");
    const options = { N: 2 ** cost, r: blocks, p: passes, maxmem: maxBytes };
    return await new Promise((resolve, reject) =>
      scrypt(text, salt, hashBytes, options, (error, key) => (error === null ? resolve(key) : reject(error))),
    );
  } finally {
    underWay -= 1;
  }
}
