export { keyFormsOf } from "./key-forms.ts";
export { maskBytes, masked } from "./mask.ts";
export { type Masking, maskValue } from "./mask-value.ts";
export { secretsIn } from "./secrets.ts";
