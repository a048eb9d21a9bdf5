import { openAwsOffice } from "./aws-office.ts";
import { type Office, type OfficeOptions, openOffice } from "./office.ts";

export interface Runtime {
  runtime: "one machine" | "AWS";
  open(options?: OfficeOptions): Promise<Office>;
}

/** What opens an office on each runtime. */
export const runtimes: readonly Runtime[] = [
  { runtime: "one machine", open: openOffice },
  { runtime: "AWS", open: openAwsOffice },
];
