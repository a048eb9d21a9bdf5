import { changing, type Mistake, replacing } from "./mistake.ts";

const distribution = ["cloudfront/distribution:Distribution", "RouterCdnDistribution"] as const;

export const consoleMistakes: Mistake[] = [
  {
    mistake: "answers of the API are cached",
    caughtBy: "no answer of the API is kept for somebody else, and the page's own files are",
    make: replacing(...distribution, "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "658327ea-f89d-4fab-a63d-7e88639e58f6"),
  },
  {
    mistake: "the page may ask everybody",
    caughtBy: "the page may ask its own server, show the bucket's pictures, and nothing else",
    make: replacing(
      "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
      "ConsoleHeaders",
      "connect-src 'self'",
      "connect-src *",
    ),
  },
  {
    mistake: "the page is sent without its policy",
    caughtBy: "the page may ask its own server, show the bucket's pictures, and nothing else",
    make: replacing(...distribution, "ConsoleHeaders-id", "another-id"),
  },
  {
    mistake: "everybody may read the bucket of the page",
    caughtBy: "the page's files are private, and CloudFront alone reads them",
    make: changing("s3/bucketPolicy:BucketPolicy", "ConsoleAssetsPolicy", (inputs) => {
      inputs["policy"] = String(inputs["policy"]).replace('{"Service":["cloudfront.amazonaws.com"]}', '"*"');
    }),
  },
  {
    mistake: "the distribution names itself by another secret than the API knows",
    caughtBy: "the API is told who asked the distribution, by a secret that nothing else has",
    make: changing("cloudfront/function:Function", "RouterCloudfrontFunctionRequest", (inputs) => {
      inputs["code"] = String(inputs["code"]).replace(/(\["x-gatepost-edge"\] = { value: ")/, "$1x");
    }),
  },
  {
    mistake: "a query closes the page",
    caughtBy: "the page opens with any query but the token of a box",
    make: changing("cloudfront/function:Function", "RouterCloudfrontFunctionRequest", (inputs) => {
      inputs["code"] = String(inputs["code"]).replace("querystring.token", "querystring.from");
    }),
  },
  {
    mistake: "the API is not told who asked the distribution",
    caughtBy: "the API is told who asked the distribution, by a secret that nothing else has",
    make: replacing(...distribution, "b689b0a8-53d0-40ab-baf2-68738e2966ac", "another-policy"),
  },
  {
    mistake: "the function that finds the way is larger than CloudFront takes",
    caughtBy: "one distribution is in front, with one function that finds the way",
    make: changing("cloudfront/function:Function", "RouterCloudfrontFunctionRequest", (inputs) => {
      inputs["code"] = String(inputs["code"]).padEnd(20_000);
    }),
  },
];
