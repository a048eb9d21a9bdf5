import { awsRuntime } from "@gatepost/aws";
import { awsReads } from "@gatepost/aws/reads";

const { eraser } = awsReads(awsRuntime());

export const handler = (): Promise<number> => eraser.finish();
