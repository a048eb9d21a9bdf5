/** The boxes of a run, and their keys. */
export const boxes = ["gate-1", "gate-2", "gate-3"] as const;

export function tokenOf(box: string): string {
  return `gpi_${Buffer.from(box).toString("base64url").padEnd(27, "0")}`;
}

export const adminToken = `gpa_${"a".repeat(27)}`;
export const readToken = `gpr_${"r".repeat(27)}`;
