import { jobLimits } from "@gatepost/aws";
import { awsJobWorker } from "@gatepost/aws/jobs";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = awsJobWorker(awsRuntime(process.env, { limits: jobLimits }));
