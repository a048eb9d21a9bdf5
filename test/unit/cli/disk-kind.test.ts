import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { checkDisk } from "../../../packages/cli/src/runtime/disk-kind.ts";

describe("the disk of a data folder", () => {
  it.each([
    ["NFS", 0x6969],
    ["SMB", 0xff534d42],
    ["SMB", 0xfe534d42],
  ])("a disk that is %s is refused unless it is allowed", (name, type) => {
    const refused = `/data is on a network disk (${name}), and a database can be damaged there: give a folder on a local disk`;
    expect(() => checkDisk("/data", false, () => type)).toThrow(refused);
    expect(checkDisk("/data", true, () => type)).toContain(`/data is on a network disk (${name})`);
  });

  it("a data folder in memory gives a warning", () => {
    const warning = checkDisk("/data", false, () => 0x01021994);
    expect(warning).toMatch(/^the data folder \/data is in memory \(tmpfs\), and ends with the machine: .+ --data$/);
  });

  it("a local disk is accepted without a warning", () => {
    expect(checkDisk("/data", false, () => 0xef53)).toBeNull();
    expect(() => checkDisk(tmpdir(), false)).not.toThrow();
  });
});
