/** What V6 answers in the place of a picture that it does not have. SYS5.3-V6/9. */
export const blank = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
