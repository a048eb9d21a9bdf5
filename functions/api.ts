import { apiHandler } from "@gatepost/aws/api";
import { awsApi } from "@gatepost/aws/reads";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = apiHandler(() => awsApi(awsRuntime()));
