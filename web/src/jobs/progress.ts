import { useRef } from "react";
import type { Job } from "../api/types";
import { dateOf } from "../format";

/** How far a job was at a moment. */
export interface Seen {
  done: number;
  at: number;
}

/** How far a job is. */
export const seenOf = (job: Job): Seen => ({ done: job.done, at: dateOf(job.updatedAt).getTime() });

/** About how many seconds a job takes still, by how fast it got on since it was first seen; null where nothing is
 * known of that yet. A job that is new was first seen when it was asked for. */
export function secondsLeft(job: Job, first: Seen): number | null {
  if (job.state !== "running" || !job.total || job.done > job.total) return null;
  const now = seenOf(job);
  const seconds = (now.at - first.at) / 1000;
  if (now.done <= first.done || seconds <= 0) return null;
  return ((job.total - now.done) * seconds) / (now.done - first.done);
}

/** A job may have been taken up again long after it was asked for: only one that is new counts from there. */
const NEW = 10 * 60_000; // milliseconds

/** From when on the speed of a job is measured. */
export function firstSeen(job: Job): Seen {
  const asked = dateOf(job.startedAt).getTime();
  const now = seenOf(job);
  return now.at - asked < NEW ? { done: 0, at: asked } : now;
}

/** About how many seconds a job that is followed takes still. */
export function useSecondsLeft(job: Job): number | null {
  const first = useRef<{ jobId: string; seen: Seen } | null>(null);
  const known = first.current;
  // Taken up again, a job begins behind where it was, or from its beginning.
  if (
    !known ||
    known.jobId !== job.jobId ||
    job.state !== "running" ||
    job.done < known.seen.done
  ) {
    first.current = { jobId: job.jobId, seen: firstSeen(job) };
  }
  return first.current ? secondsLeft(job, first.current.seen) : null;
}
