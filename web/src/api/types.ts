/** What callables answer and documents hold, as docs/calls.md and docs/data-model.md say. */

export type Role = "viewer" | "editor" | "admin";
export type Status = "subscribed" | "unsubscribed" | "none";

/** ISO 8601 text in an answer, a Firestore timestamp in a document. */
export type Moment = string | { toDate(): Date };

export interface TicketedEvent {
  name: string | null;
  startsAt: Moment | null;
  tickets: number;
  checkedIn: number | null;
}

export interface Marketing {
  status: Status;
  at: Moment | null;
  source: string | null;
  /** An opt-in waits for its confirmation. */
  pending?: boolean;
  /** Since when mail to the address comes back; absent where it arrives, as far as is known. */
  unreachable?: Moment;
}

export interface Customer {
  customerId: string;
  primaryEmail: string | null;
  /** Where there is no primary one: how to reach the person, by an address nobody has proven. */
  contactEmail: string | null;
  emails: string[];
  userIds: string[];
  name: string | null;
  registered: boolean;
  tags: string[];
  /** Own fields, by name; a date is a text, `2026-11-29`. */
  fields: Record<string, string | number | boolean>;
  totalSpend: Record<string, number>;
  orderCount: number;
  firstOrderAt: Moment | null;
  lastOrderAt: Moment | null;
  eventIds: string[];
  attendedEventIds: string[];
  events: Record<string, TicketedEvent>;
  marketing: Marketing;
  createdAt: Moment;
  updatedAt: Moment;
  /** Of a document read live alone: ids of merges that can be undone, the newest last. */
  merges?: { open: string[] };
}

export interface Order {
  orderId: string;
  status: string;
  currency: string | null;
  total: number | null;
  refunded: number | null;
  net: number | null;
  counted: boolean;
  createdAt: Moment | null;
  eventIds: string[];
  oddCount?: number;
}

export interface Consent {
  consentId: string;
  address: string | null;
  userId: string | null;
  status: Exclude<Status, "none">;
  at: string;
  source: string;
  evidence: string | Record<string, string> | null;
}

export interface Likely {
  customerId: string;
  reason: "unproven-address" | "address-conflict";
}

export interface Note {
  reason: string;
  message: string;
}

/** A name in a question that stands for nothing, said beside the answer. */
export interface Warning extends Note {
  name: string;
}

/** An event of the catalogue, with how many customers it had. */
export interface EventRow {
  eventId: string;
  name: string | null;
  startsAt: Moment | null;
  holders: number;
  attended: number;
  checkedIn: number;
  noShows: number;
  /** Who has a ticket of no earlier event; null where that cannot be said. */
  newcomers?: number | null;
  returning?: number | null;
  /** Counted orders that hold it; each whole, also where it holds other events. */
  orders?: number;
  /** What they came to, in minor units by currency. */
  revenue?: Record<string, number>;
}

/** One event; how many were at an earlier one is null where that would be too much to count. */
export interface EventFigures extends EventRow {
  newcomers: number | null;
  returning: number | null;
}

/** What was sold of an event. */
export interface EventSales {
  orders: number;
  tickets: number;
  people: number;
  revenue: Record<string, number>;
  /** Orders that hold other events too: what they came to cannot be split. */
  sharedOrders: number;
  days: { day: string; orders: number; tickets: number }[];
  /** There are more orders than were read. */
  truncated: boolean;
}

export interface EventsPage {
  events: EventRow[];
  nextPageToken: string | null;
}

/** The figures of a day, a week or a month. */
export interface FiguresRow {
  start: string;
  orders: number;
  /** Minor units by currency. */
  revenue: Record<string, number>;
  newCustomers: number;
  returningCustomers: number;
}

export interface Figures {
  figures: FiguresRow[];
  /** The zone of the organiser's days (IANA). */
  timeZone: string;
  /** Orders of erased people whose buyers are counted nowhere, for there are too many. */
  erasedOrdersLeftOut?: number;
}

/** How the customers of a segment are put in order. */
export interface Sort {
  by: "lastOrderAt" | "firstOrderAt" | "orderCount" | "totalSpend";
  currency?: string;
  direction: "asc" | "desc";
}

export interface MergePreview {
  mergeId: string | null;
  customer: Customer;
  moves?: { identities: number; orders: number; events: number; tags: string[] };
  stops?: Note[];
  warnings?: Note[];
}

export interface ReportRow {
  what: string;
  text: string;
  count: number;
  basis?: string;
  until?: string | null;
}

export interface Erasure {
  erasureId: string;
  status: "done" | "running";
  report: {
    removed: ReportRow[];
    retained: ReportRow[];
    open: { reason: string; text: string; count: number }[];
  };
}

export interface Tag {
  tag: string;
  label: string;
  customers: number;
}

export interface TagChange {
  updated?: number;
  unchanged?: number;
  full?: number;
  notFound?: string[];
  jobId?: string;
  warnings?: Warning[];
}

export interface Segment {
  segmentId: string;
  /** Which saving it is of; a stored one of before there were any has none. */
  revision?: number;
  name: string;
  description: string | null;
  segment: SegmentNode;
  text: string;
  usedBy: string[];
  lastCount: number | null;
  lastCountAt: Moment | null;
  /** One for each day on which somebody counted it, the oldest first; none of one saved before there were any. */
  counts?: { day: string; count: number }[];
  updatedAt: Moment;
}

/** A segment's JSON form; docs/segments.md. */
export type SegmentNode = { [key: string]: unknown };

export interface Counted {
  count: number;
  how: string;
  documentsRead: number;
  segment: SegmentNode;
  text: string;
  warnings?: Warning[];
}

export interface SegmentSaved {
  segmentId: string;
  revision: number;
  warnings?: Warning[];
}

export interface Job {
  jobId: string;
  kind: string;
  state: "queued" | "running" | "done" | "failed";
  done: number;
  total: number | null;
  error: string | null;
  startedAt: Moment;
  updatedAt: Moment;
  result: Record<string, number>;
  drift?: { customerId: string; fields: string[] }[];
}

export interface QuarantineRow {
  id: string;
  collection: string;
  documentId: string;
  reason: string;
  at: Moment;
}

export interface AuditEntry {
  entryId: string;
  at: Moment;
  actor: string;
  action: string;
  /** Ids of the customers that it was done to. */
  customers: string[];
  facts: Record<string, unknown>;
}

export interface CustomersPage {
  customers: Customer[];
  nextPageToken: string | null;
  warnings?: Warning[];
}
