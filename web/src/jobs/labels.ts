import type { Job } from "../api/types";
import { number } from "../format";
import { t, wordsFor } from "../words";

/** The kind of a job: what it does. */
export function kindOf(job: Job): string {
  if (job.kind === "rebuild") {
    return isCheck(job) ? t("activity.checkAll") : t("activity.recalculateAll");
  }
  return wordsFor(`activity.kind.${job.kind}`) ?? job.kind;
}

/** Whether a job only looks: what it looked at it counts as checked, and until then its order says so. */
const isCheck = (job: Job): boolean => "checked" in job.result || !!job.arguments?.dryRun;

/** The state of a job, or why it failed. */
export const stateOf = (job: Job): string =>
  job.error
    ? (wordsFor(`activity.error.${job.error}`) ?? t("activity.failedBy", { code: job.error }))
    : t(`activity.state.${job.state}`);

/** The results that are told, in this order. */
const RESULTS = [
  "updated",
  "unchanged",
  "full",
  "checked",
  "drifted",
  "changed",
  "failed",
  "understood",
  "notUnderstood",
  "orders",
];

/** The results of a job in words: how many there are of each. */
export const resultsOf = (job: Job): string[] =>
  [...new Set([...RESULTS, ...Object.keys(job.result)])]
    .map((name) => ({ name, count: job.result[name] ?? 0 }))
    .filter(({ name, count }) => count > 0 || (name === "updated" && name in job.result))
    .map(({ name, count }) => inWords(name === "changed" && isCheck(job) ? "would" : name, count));

const inWords = (name: string, count: number): string =>
  wordsFor(`activity.result.${name}`, { count }) ??
  `${wordsFor(`forms.keptOut.${name}`) ?? wordsFor(`forms.rows.${name}`) ?? name}: ${number(count)}`;

/** How much of a job is done, in words: of how much in all while that matters, and how long it takes still. */
export function amountOf(job: Job, secondsLeft: number | null): string {
  if (job.state !== "running" || !job.total) {
    return job.total === null || job.state === "done" || job.state === "queued"
      ? number(job.done)
      : t("activity.amount", { done: number(job.done), total: number(job.total) });
  }
  const percent = Math.min(99, Math.floor((100 * job.done) / job.total));
  const far = t("activity.percent", { percent });
  if (secondsLeft === null) return far;
  return t("activity.percentLeft", { far, time: spanInWords(secondsLeft) });
}

/** A stretch of time as one says it of what is not known to the second. */
export function spanInWords(seconds: number): string {
  if (seconds < 90)
    return t("activity.seconds", { count: Math.max(5, 5 * Math.ceil(seconds / 5)) });
  if (seconds < 90 * 60) return t("activity.minutes", { count: Math.round(seconds / 60) });
  return t("activity.hours", { count: Math.round(seconds / 3600) });
}
