import { awsReads } from "@gatepost/aws/reads";
import { awsRuntime } from "@gatepost/aws/runtime";

const { eraser } = awsReads(awsRuntime());

/** It stops after 200 s, because the function may run 290 s; the next run continues. */
export const handler = (): Promise<number> => eraser.finish(200_000);
