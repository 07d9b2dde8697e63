/** The types of what the console shows: of answers as they are generated, and of documents that it reads live. */
import type * as made from "crm-lite-client";

/** ISO 8601 text in an answer, a Firestore timestamp in a document. */
export type Moment = string | { toDate(): Date };

/** A type of an answer as a document has it that is read live: its times are timestamps. */
export type Live<T> = T extends readonly (infer One)[]
  ? Live<One>[]
  : T extends object
    ? {
        [Key in keyof T]: Key extends `${string}At` | "at" | "unreachable"
          ? Extract<T[Key], null | undefined> | Moment
          : Live<T[Key]>;
      }
    : T;

export type Role = made.GrantRoleRequest["role"];
export type Status = made.Marketing["status"];

export type TicketedEvent = Live<made.TicketedEvent>;
export type Marketing = Live<made.Marketing>;

export interface Customer extends Omit<Live<made.Customer>, "schemaVersion"> {
  /** Of a document read live alone: ids of merges that can be undone, the newest last. */
  merges?: { open: string[] };
}

export type Likely = made.LikelySame;
export type Order = made.Order;
export type Consent = made.Consent;
export type MergePreview = made.Merged;
export type CustomersPage = made.SegmentPage | made.SearchPage;

/** A reason, for people too. */
export type Note = made.Reason;
/** A name in a question that stands for nothing, said beside the answer. */
export type Warning = made.Doubt;

export type EventRow = made.EventRow;
export type EventFigures = made.EventRow;
export type EventSales = made.Sales;
export type EventsPage = made.EventsPage;
export type FiguresRow = made.Figure;
export type Figures = made.Figures;

/** How the customers of a segment are put in order. */
export interface Sort extends made.SortRequest {
  currency?: string;
  direction: "asc" | "desc";
}

export type ReportRow = made.Retained;
export type Erasure = made.Erased;

export type Tag = made.Tag;
/** What became of tags: how many customers were changed, or the job that sees to it. */
export type TagChange = Partial<made.Tagged>;

/** A segment's JSON form; docs/segments.md. */
export type SegmentNode = made.SegmentJson;

/** A saved segment; one that is stored for long has no revision yet, and no history. */
export interface Segment extends Omit<Live<made.Segment>, "counts" | "createdAt" | "revision"> {
  revision?: number;
  counts?: made.DayCount[];
}

export type Counted = made.Counted;
export type SegmentSaved = made.SegmentSaved;

export interface Job extends Omit<Live<made.Job>, "drift"> {
  /** Of a rebuild alone is there any. */
  drift?: made.Drift[];
  /** Of a document read live alone, until it is over: what is to be done. */
  arguments?: { dryRun?: boolean };
  /** Of a document read live alone: in whose name, as the audit trail writes it. */
  actor?: string;
}
export type QuarantineRow = Live<made.QuarantineRow>;
export type AuditEntry = made.AuditEntry;
