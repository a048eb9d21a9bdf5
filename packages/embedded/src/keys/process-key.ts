import { hashToken, type Key, type KeyStore } from "@gatepost/core/keys";

/** The stored keys, and one more that is valid only while this process runs. No caller waits for the note of a use. */
export function withProcessKey(stored: KeyStore, token: string): KeyStore {
  const hash = hashToken(token);
  const key: Key = { id: "key_process", scope: "admin", box: null };
  return {
    find: (tokenHash) => (tokenHash === hash ? Promise.resolve(key) : stored.find(tokenHash)),
    ofSerial: (serial) => stored.ofSerial(serial),
    async noteUse(used) {
      if (used !== key) void stored.noteUse(used);
    },
  };
}
