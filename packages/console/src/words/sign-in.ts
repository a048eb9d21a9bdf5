import { enSignIn } from "./en-sign-in.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhSignIn } from "./zh-sign-in.ts";

/** The words of signing in and of an invitation. */
export const signInWords = wordsOfPage(enSignIn, zhSignIn);
