import { enSignIn } from "../words/en-sign-in.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhSignIn } from "../words/zh-sign-in.ts";

/** The words of signing in and of an invitation. */
export const signInWords = wordsOfPage(enSignIn, zhSignIn);
