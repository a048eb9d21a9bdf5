import { awsRuntime } from "@gatepost/aws";
import { awsReads } from "@gatepost/aws/reads";

const { eraser } = awsReads(awsRuntime());

/** The function may run 290 s, and the next one goes on. */
export const handler = (): Promise<number> => eraser.finish(200_000);
