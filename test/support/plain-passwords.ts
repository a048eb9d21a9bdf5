import type { Passwords } from "@gatepost/core/passwords";

/** Passwords that are kept as they are: the usual hash takes longer than all else of a test. */
export const plainPasswords: Passwords = {
  hash: async (password) => `plain ${password}`,
  verify: async (password, known) => known === `plain ${password}`,
};
