import { wordsFor } from "../../words";

/** An order's status in words: it is the host's own word, and stands as it is where nobody has any for it. */
export const statusInWords = (status: string): string =>
  wordsFor(`person.orders.status.${status.replaceAll(".", "")}`) ?? status.replaceAll("_", " ");

/** What became of a mail, in words. */
export const mailStateInWords = (state: string): string =>
  wordsFor(`person.mails.state.${state}`) ?? state;
