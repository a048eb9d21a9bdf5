/*
 * The metrics that AWS publishes, as its documents had them on 2026-11-20: an alarm on another name, on other
 * dimensions or with a statistic that does not fit the metric never rings.
 */

interface Service {
  /** The document it was looked up in. */
  source: string;
  /** The sets of dimensions that a metric is published under. */
  dimensions: readonly (readonly string[])[];
  /** By the name of a metric the statistics that are of use. */
  metrics: Readonly<Record<string, readonly string[]>>;
}

const count = ["Sum"];
const level = ["Maximum"];

const lambda: Service = {
  source: "docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
  dimensions: [["FunctionName"]],
  metrics: {
    Invocations: count,
    Errors: count,
    Throttles: count,
    Duration: ["p99", "p95", "p50", "Maximum", "Average"],
    IteratorAge: level,
  },
};

const httpApi: Service = {
  source: "docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html",
  dimensions: [["ApiId"], ["ApiId", "Stage"]],
  metrics: { "4xx": count, "5xx": count, Count: ["Sum", "SampleCount"], Latency: ["p99", "Average"] },
};

const dynamo: Service = {
  // Under TableName alone the throttles of its indexes are not counted.
  source: "docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
  dimensions: [["TableName"], ["TableName", "GlobalSecondaryIndexName"]],
  metrics: {
    WriteThrottleEvents: count,
    ReadThrottleEvents: count,
    ConsumedWriteCapacityUnits: count,
    ConsumedReadCapacityUnits: count,
  },
};

const sqs: Service = {
  source: "docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
  dimensions: [["QueueName"]],
  metrics: {
    ApproximateNumberOfMessagesVisible: level,
    NumberOfMessagesSent: count,
    ApproximateAgeOfOldestMessage: level,
  },
};

const s3: Service = {
  source: "docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html",
  dimensions: [["SourceBucket", "DestinationBucket", "RuleId"]],
  metrics: { OperationsFailedReplication: count },
};

/** By namespace. */
const published: Readonly<Record<string, readonly Service[]>> = {
  "AWS/Lambda": [lambda],
  "AWS/ApiGateway": [httpApi],
  "AWS/DynamoDB": [dynamo],
  "AWS/SQS": [sqs],
  "AWS/S3": [s3],
};

export interface Metric {
  namespace: string;
  metricName: string;
  dimensions: Readonly<Record<string, string>>;
}

/** The error in a request for a metric; null if there is none. */
export function faultOf({ namespace, metricName, dimensions }: Metric, statistic: string): string | null {
  const services = published[namespace] ?? [];
  const [service] = services.filter(({ metrics }) => metricName in metrics);
  if (service === undefined) return `${namespace} has no ${metricName}`;
  const names = Object.keys(dimensions).sort().join();
  const isPublished = service.dimensions.some((set) => [...set].sort().join() === names);
  if (!isPublished) return `${metricName} is not published under ${names}`;
  return service.metrics[metricName]?.includes(statistic) ? null : `${statistic} says nothing of ${metricName}`;
}
