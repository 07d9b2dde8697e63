import type { Backend } from "../firebase";
import { wordsFor } from "../words";
import { type Answer, call, type Given, type Name, Refused, refusalOf } from "./calls";

/** What calls callables, and says what they refuse in the words of a section (`rules.refused`), where it has any. */
export function askingIn(section: string) {
  return async <Which extends Name>(
    backend: Backend,
    name: Which,
    ...data: Given<Which>
  ): Promise<Answer<Which>> => {
    try {
      return await call(backend, name, ...data);
    } catch (error) {
      const { message, code, reason, column, details } = refusalOf(error);
      const told = reason && wordsFor(`${section}.refused.${reason}`, details);
      throw new Refused(told ?? message, code, reason, column, details);
    }
  };
}
