import type { Waiting } from "../../api/home";
import { dateOf } from "../../format";

const DAY = 86_400_000; // milliseconds

/** So many days before somebody must have an answer it is said. */
const SOON = 14;

/** Something that wants somebody, and where one sees to it. */
export type Item = { to: string } & (
  | { what: "problems" | "jobs" | "rules"; count: number }
  | { what: "halted" | "missed" | "paused" | "scheduled"; name: string; at: string | null }
  | { what: "request" | "overdue"; kind: "export" | "erasure"; at: string }
);

const CAMPAIGNS = ["halted", "missed", "paused", "scheduled"] as const;

/** What needs staff, the most urgent first. */
export function itemsOf(waiting: Waiting, now: Date): Item[] {
  const requests = waiting.requests
    .flatMap(({ state, dueAt, kind }) => (state === "open" && dueAt ? [{ kind, at: dueAt }] : []))
    .filter(({ at }) => dateOf(at).getTime() - now.getTime() < SOON * DAY)
    .sort((one, other) => dateOf(one.at).getTime() - dateOf(other.at).getTime())
    .map(({ kind, at }): Item => {
      const what = dateOf(at) < now ? "overdue" : "request";
      return { what, kind, at, to: "/privacy" };
    });
  const campaigns = CAMPAIGNS.flatMap((state) =>
    waiting.campaigns
      .filter((one) => one.state === state)
      .map(({ campaignId, name, scheduledAt }): Item => {
        return { what: state, name, at: scheduledAt, to: `/campaigns/${campaignId}` };
      }),
  );
  const many = (what: "problems" | "jobs" | "rules", count: number, to: string): Item[] =>
    count > 0 ? [{ what, count, to }] : [];
  return [
    ...requests,
    ...campaigns.filter(({ what }) => what !== "scheduled"),
    ...many("rules", waiting.rules.filter((rule) => rule.paused !== null).length, "/rules"),
    ...many("problems", waiting.problems, "/problems"),
    ...many("jobs", waiting.failedJobs, "/activity"),
    ...campaigns.filter(({ what }) => what === "scheduled"),
  ];
}
