import type { Rule } from "../../api/rules";
import type { SegmentNode } from "../../api/types";
import { number } from "../../format";
import { inWords, type Names } from "../../segments/describe";
import { THIS_EVENT, useNames } from "../../segments/names";
import { t, wordsFor } from "../../words";

/** The segments that rules are made of. */
const segmentsOf = (rules: Rule[]): SegmentNode[] =>
  rules
    .flatMap(({ when, only }) => ["enters" in when ? when.enters : null, only])
    .filter((one) => one !== null) as SegmentNode[];

/** The names in rules, with words for the event for which one acts. */
export function useRuleNames(segments: SegmentNode[]): Names {
  const names = useNames(segments);
  return {
    ...names,
    event: (id) => (id === THIS_EVENT ? t("rules.says.thisEvent") : names.event(id)),
  };
}

export const useNamesIn = (rules: Rule[]): Names => useRuleNames(segmentsOf(rules));

/** A segment in words; a saved one by its name. */
function segmentSaid(node: SegmentNode, names: Names): string {
  if (node.attended === THIS_EVENT) return t("rules.segment.came");
  if (node.noShow === THIS_EVENT) return t("rules.segment.missed");
  const keys = Object.keys(node);
  if (keys.length === 1 && typeof node.segment === "string") return names.segment(node.segment);
  return inWords(node, names).replace(/\.$/, "");
}

/** When a rule acts. */
export function whenSaid({ when }: Rule, names: Names): string {
  if ("enters" in when) {
    return t("rules.says.enters", { who: segmentSaid(when.enters as SegmentNode, names) });
  }
  if ("eventEnded" in when) {
    const { days: count, at } = when.eventEnded;
    return count ? t("rules.says.eventEnded", { count, at }) : t("rules.says.eventDay", { at });
  }
  if ("sinceLastOrder" in when) {
    return t("rules.says.sinceLastOrder", { count: when.sinceLastOrder.days });
  }
  return t("rules.says.subscribed");
}

/** For whom only a rule acts; null for everybody. */
export const onlySaid = ({ only }: Rule, names: Names): string | null =>
  only && t("rules.says.only", { who: segmentSaid(only as SegmentNode, names) });

/** How often a rule acts on a person. */
export function onceSaid({ once }: Rule): string {
  if (typeof once === "string") return t(`rules.once.${once}`);
  return t("rules.says.onceDays", { count: once.days });
}

/** What a rule does. A draft that is not known any more has no name. */
export function thenSaid({ then }: Rule, names: Names, draft: (id: string) => string | null) {
  if ("send" in then) {
    const name = draft(then.send);
    return name === null ? t("rules.says.sendsGone") : t("rules.says.sends", { name });
  }
  const list = (tags: string[]) => tags.map((tag) => names.tag(tag)).join(", ");
  const parts = [
    then.addTags.length > 0 &&
      t("rules.says.adds", { count: then.addTags.length, tags: list(then.addTags) }),
    then.removeTags.length > 0 &&
      t("rules.says.removes", { count: then.removeTags.length, tags: list(then.removeTags) }),
  ];
  return parts.filter((one) => one).join("; ");
}

/** Why a rule stopped by itself, and what to do. */
export function pausedSaid({ paused, waiting, most }: Rule): string {
  const counts = { waiting: number(waiting ?? 0), most: number(most) };
  return wordsFor(`rules.paused.${paused}`, counts) ?? t("rules.paused.other", { reason: paused });
}

/** Why a rule would not act on somebody. */
export const excludedSaid = (reason: string): string =>
  wordsFor(`rules.excluded.${reason}`) ?? wordsFor(`campaigns.why.${reason}`) ?? reason;

/** What stands in a rule's way. */
export const problemSaid = (problem: { reason: string; message: string }): string =>
  wordsFor(`rules.refused.${problem.reason}`) ??
  wordsFor(`campaigns.problem.${problem.reason}`) ??
  problem.message;
