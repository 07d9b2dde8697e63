// biome-ignore-all lint/suspicious/noThenProperty: what a rule does is called so (docs/rules.md)

import type { Rule, RuleRequest } from "../../api/rules";
import type { SegmentNode } from "../../api/types";
import { textOf } from "../../segments/writing";
import { typedNumber } from "../../ui/typing";

export const KINDS = ["enters", "eventEnded", "sinceLastOrder", "subscribed"] as const;

export type Kind = (typeof KINDS)[number];

export type Once = "ever" | "event" | "days";

/** A rule while it is written. Numbers are as they are typed; a segment is its text, which names a saved one by
 * its id: `segment:ID`. */
export interface Draft {
  name: string;
  kind: Kind;
  enters: string;
  eventDays: string;
  at: string;
  orderDays: string;
  /** Empty for everybody. */
  only: string;
  once: Once;
  onceDays: string;
  does: "tags" | "send";
  /** Labels of those that are given, ids of those that are taken. */
  addTags: string[];
  removeTags: string[];
  send: string | null;
  most: string;
}

/** How a rule begins that nobody has written yet. */
export const EMPTY: Draft = {
  name: "",
  kind: "enters",
  enters: "",
  eventDays: "1",
  at: "10:00",
  orderDays: "180",
  only: "",
  once: "ever",
  onceDays: "365",
  does: "tags",
  addTags: [],
  removeTags: [],
  send: null,
  most: "1000",
};

/** A saved rule, to be changed. */
export function draftOf(rule: Rule): Draft {
  const { when, once, then, only } = rule;
  const draft: Draft = {
    ...EMPTY,
    name: rule.name,
    only: only === null ? "" : textOf(only as SegmentNode),
    once: typeof once === "string" ? once : "days",
    onceDays: typeof once === "string" ? EMPTY.onceDays : String(once.days),
    most: String(rule.most),
  };
  if ("enters" in when) {
    draft.enters = textOf(when.enters as SegmentNode);
  } else if ("eventEnded" in when) {
    draft.kind = "eventEnded";
    draft.eventDays = String(when.eventEnded.days);
    draft.at = when.eventEnded.at;
  } else if ("sinceLastOrder" in when) {
    draft.kind = "sinceLastOrder";
    draft.orderDays = String(when.sinceLastOrder.days);
  } else {
    draft.kind = "subscribed";
  }
  if ("send" in then) {
    draft.does = "send";
    draft.send = then.send;
  } else {
    draft.addTags = then.addTags;
    draft.removeTags = then.removeTags;
  }
  return draft;
}

/** The bounds of each number, as docs/rules.md has them. */
export const BOUNDS = {
  eventDays: [0, 365],
  orderDays: [1, 3650],
  onceDays: [1, 3650],
  most: [1, 100_000],
} as const;

export type Counted = keyof typeof BOUNDS;

/** The number that somebody typed, or null where it is none that can be there. */
export function countOf(draft: Draft, field: Counted): number | null {
  const [low, high] = BOUNDS[field];
  const value = typedNumber(draft[field], 0);
  return value !== null && value >= low && value <= high ? value : null;
}

export type Field = "name" | "enters" | "at" | "tags" | "send" | Counted;

/** What is still to be filled in, or cannot be so; in the order of the form. */
export function openFields(draft: Draft): Field[] {
  const { kind, does } = draft;
  const sends = does === "send";
  const open: [Field, boolean][] = [
    ["name", !draft.name.trim()],
    ["enters", kind === "enters" && !draft.enters.trim()],
    ["eventDays", kind === "eventEnded" && countOf(draft, "eventDays") === null],
    ["at", kind === "eventEnded" && !/^\d\d:\d\d$/.test(draft.at)],
    ["orderDays", kind === "sinceLastOrder" && countOf(draft, "orderDays") === null],
    ["onceDays", onceOf(draft) === "days" && countOf(draft, "onceDays") === null],
    ["tags", !sends && !draft.addTags.length && !draft.removeTags.length],
    ["send", sends && !draft.send],
    ["most", countOf(draft, "most") === null],
  ];
  return open.filter(([, is]) => is).map(([field]) => field);
}

/** How often a rule acts on a person: once for each event only where it is about events. */
export const onceOf = ({ kind, once }: Draft): Once =>
  once === "event" && kind !== "eventEnded" ? "ever" : once;

/** A draft that is filled in, as it is saved. */
export function requestOf(draft: Draft, on: boolean): RuleRequest {
  const once = onceOf(draft);
  return {
    name: draft.name.trim(),
    on,
    when: whenOf(draft),
    only: draft.only.trim() || null,
    once: once === "days" ? { days: countOf(draft, "onceDays") } : once,
    then:
      draft.does === "send"
        ? { send: draft.send }
        : { addTags: draft.addTags, removeTags: draft.removeTags },
    most: countOf(draft, "most"),
  };
}

function whenOf(draft: Draft): Record<string, unknown> {
  switch (draft.kind) {
    case "enters":
      return { enters: draft.enters.trim() };
    case "eventEnded":
      return { eventEnded: { days: countOf(draft, "eventDays"), at: draft.at } };
    case "sinceLastOrder":
      return { sinceLastOrder: { days: countOf(draft, "orderDays") } };
    default:
      return { subscribed: true };
  }
}

/** A rule as it is saved, to be saved again: switched on or off, or with an answer about who waits. */
export const savedAs = (
  { name, when, only, once, then, most }: Rule,
  on: boolean,
): RuleRequest => ({
  name,
  on,
  when: when as unknown as Record<string, unknown>,
  only: only as Record<string, unknown> | null,
  once: once as RuleRequest["once"],
  then: then as unknown as Record<string, unknown>,
  most,
});

/** Whether a rule waits for the same and does the same as before: else it begins anew, and nobody waits for it. */
export function asksAsBefore(draft: Draft, before: Draft): boolean {
  const asked = (one: Draft) => {
    const { when, then } = requestOf(one, true);
    return JSON.stringify([when, then]);
  };
  return asked(draft) === asked(before);
}

/** What a saved segment is in the text of a draft, and its id again; null of any other text. */
export const savedText = (segmentId: string): string => `segment:${segmentId}`;

export const savedId = (text: string): string | null =>
  /^segment:([\w-]+)$/.exec(text.trim())?.[1] ?? null;

/** Which field a refusal is about; null where it is none's. */
export function fieldOf(reason: string | null, draft: Draft): Field | "only" | null {
  switch (reason) {
    case "name-invalid":
      return "name";
    case "rules-loop":
      return draft.does === "send" ? "send" : "tags";
    case "tag-invalid":
    case "tag-twice":
    case "too-many-tags":
      return "tags";
    case "template-not-draft":
    case "no-such-campaign":
      return "send";
    case "this-event":
      return draft.kind === "enters" && draft.enters.includes("this_event") ? "enters" : "only";
    default:
      return null;
  }
}
