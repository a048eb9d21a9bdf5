interface Endpoints {
  dynamo?: string;
  s3?: string;
  bus?: string;
  accessKey?: string;
}

/** The variables that the SDK reads itself: the product is wired in tests as it is on AWS. */
export function useEndpoints({ dynamo, s3, bus, accessKey = "STANDIN" }: Endpoints): void {
  Object.assign(process.env, {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: "stand-in",
    ...(dynamo && { AWS_ENDPOINT_URL_DYNAMODB: dynamo }),
    ...(s3 && { AWS_ENDPOINT_URL_S3: s3 }),
    ...(bus && { AWS_ENDPOINT_URL_EVENTBRIDGE: bus }),
  });
}
