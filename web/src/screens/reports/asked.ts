import { BYS, type By, dayAfter, isCalendarDay, monthBefore } from "../../ui/periods";

/** What a report over time is asked: from a day to another, by days, weeks or months. */
export interface Asked {
  by: By;
  from: string;
  to: string;
}

/** The days that are shown to who has chosen none. */
function usual(by: By, to: string): string {
  if (by === "day") return dayAfter(to, -30);
  if (by === "week") return dayAfter(to, -7 * 26 + 1);
  return monthBefore(to, 11);
}

/** What the address of the page asks; what it does not say, or says wrongly, is as usual. */
export function askedOf(params: URLSearchParams, today: string): Asked {
  const by = BYS.find((one) => one === params.get("by")) ?? "month";
  const said = (name: string) => {
    const day = params.get(name) ?? "";
    return isCalendarDay(day) ? day : null;
  };
  const to = said("to") ?? today;
  return { by, from: said("from") ?? usual(by, to), to };
}

/** Whether the days have an order in which they can be asked for. */
export const inOrder = ({ from, to }: Asked): boolean => from <= to;
