// Made from clients/openapi.json by `npm run generate` in web/: change nothing here.

/**
 * A moment in UTC in ISO 8601: parse it, do not compare it as text.
 */
export type Moment = string;
/**
 * A day of the organiser's calendar, such as 2024-01-31.
 */
export type Day = string;

/**
 * Every call by its name.
 */
export interface Calls {
  add_note: {
    request: AddNoteRequest;
    answer: NoteKept;
  };
  cancel_campaign: {
    request: CancelCampaignRequest;
    answer: CampaignShown;
  };
  cancel_job: {
    request: CancelJobRequest;
    answer: JobShown;
  };
  check_sender: {
    request: CheckSenderRequest;
    answer: SenderJudged;
  };
  claim_my_orders: {
    request: ClaimMyOrdersRequest;
    answer: Claimed;
  };
  compare_events: {
    request: CompareEventsRequest;
    answer: EventsCompared;
  };
  count_segment: {
    request: CountSegmentRequest;
    answer: Counted;
  };
  delete_campaign: {
    request: DeleteCampaignRequest;
    answer: CampaignDeleted;
  };
  delete_customer: {
    request: DeleteCustomerRequest;
    answer: Erased;
  };
  delete_my_data: {
    request: DeleteMyDataRequest;
    answer: Erased;
  };
  delete_note: {
    request: DeleteNoteRequest;
    answer: NoteKept;
  };
  delete_rule: {
    request: DeleteRuleRequest;
    answer: RuleDeleted;
  };
  delete_segment: {
    request: DeleteSegmentRequest;
    answer: SegmentDeleted;
  };
  delete_tag: {
    request: DeleteTagRequest;
    answer: TagEnded;
  };
  explain_quarantine: {
    request: ExplainQuarantineRequest;
    answer: QuarantineExplained;
  };
  export_customer: {
    request: ExportCustomerRequest;
    answer: ArchivePart;
  };
  export_my_data: {
    request: ExportMyDataRequest;
    answer: ArchivePart;
  };
  get_campaign: {
    request: GetCampaignRequest;
    answer: CampaignShown;
  };
  get_campaign_results: {
    request: GetCampaignResultsRequest;
    answer: CampaignResults;
  };
  get_cohorts: {
    request: GetCohortsRequest;
    answer: Cohorts;
  };
  get_customer: {
    request: GetCustomerRequest;
    answer: CustomerFound;
  };
  get_event: {
    request: GetEventRequest;
    answer: EventShown;
  };
  get_event_sales: {
    request: GetEventSalesRequest;
    answer: SalesShown;
  };
  get_figures: {
    request: GetFiguresRequest;
    answer: Figures;
  };
  get_growth: {
    request: GetGrowthRequest;
    answer: Growth;
  };
  get_job: {
    request: GetJobRequest;
    answer: JobShown;
  };
  get_news: {
    request: GetNewsRequest;
    answer: News;
  };
  get_processing_record: {
    request: GetProcessingRecordRequest;
    answer: ProcessingRecordShown;
  };
  get_settings: {
    request: GetSettingsRequest;
    answer: SettingsShown;
  };
  get_setup: {
    request: GetSetupRequest;
    answer: SetupShown;
  };
  get_unsubscribe_headers: {
    request: GetUnsubscribeHeadersRequest;
    answer: UnsubscribeLink;
  };
  grant_role: {
    request: GrantRoleRequest;
    answer: RoleChanged;
  };
  import_contacts: {
    request: ImportContactsRequest;
    answer: Imported;
  };
  list_audit: {
    request: ListAuditRequest;
    answer: AuditPage;
  };
  list_campaigns: {
    request: ListCampaignsRequest;
    answer: CampaignsPage;
  };
  list_consents: {
    request: ListConsentsRequest;
    answer: ConsentsPage;
  };
  list_events: {
    request: ListEventsRequest;
    answer: EventsPage;
  };
  list_fields: {
    request: ListFieldsRequest;
    answer: OwnFields;
  };
  list_imports: {
    request: ListImportsRequest;
    answer: ImportsPage;
  };
  list_mails: {
    request: ListMailsRequest;
    answer: MailsPage;
  };
  list_notes: {
    request: ListNotesRequest;
    answer: NotesPage;
  };
  list_orders: {
    request: ListOrdersRequest;
    answer: OrdersPage;
  };
  list_quarantine: {
    request: ListQuarantineRequest;
    answer: QuarantinePage;
  };
  list_recipients: {
    request: ListRecipientsRequest;
    answer: RecipientsPage;
  };
  list_requests: {
    request: ListRequestsRequest;
    answer: RequestsPage;
  };
  list_rule_runs: {
    request: ListRuleRunsRequest;
    answer: RuleRunsPage;
  };
  list_rules: {
    request: ListRulesRequest;
    answer: RulesPage;
  };
  list_segments: {
    request: ListSegmentsRequest;
    answer: SegmentsPage;
  };
  list_staff: {
    request: ListStaffRequest;
    answer: StaffPage;
  };
  list_tags: {
    request: ListTagsRequest;
    answer: TagsPage;
  };
  merge_customers: {
    request: MergeCustomersRequest;
    answer: Merged;
  };
  pause_campaign: {
    request: PauseCampaignRequest;
    answer: CampaignShown;
  };
  preview_campaign: {
    request: PreviewCampaignRequest;
    answer: CampaignPreview;
  };
  preview_rule: {
    request: PreviewRuleRequest;
    answer: RulePreview;
  };
  query_segment: {
    request: QuerySegmentRequest;
    answer: SegmentPage;
  };
  rebuild_customers: {
    request: RebuildCustomersRequest;
    answer: JobBegun;
  };
  rename_tag: {
    request: RenameTagRequest;
    answer: TagEnded;
  };
  resolve_recipients: {
    request: ResolveRecipientsRequest;
    answer: RecipientsResolved;
  };
  resume_campaign: {
    request: ResumeCampaignRequest;
    answer: CampaignShown;
  };
  retry_job: {
    request: RetryJobRequest;
    answer: JobShown;
  };
  retry_quarantine: {
    request: RetryQuarantineRequest;
    answer: Retried;
  };
  revoke_role: {
    request: RevokeRoleRequest;
    answer: RoleChanged;
  };
  save_campaign: {
    request: SaveCampaignRequest;
    answer: CampaignSaved;
  };
  save_rule: {
    request: SaveRuleRequest;
    answer: RuleSaved;
  };
  save_segment: {
    request: SaveSegmentRequest;
    answer: SegmentSaved;
  };
  search_customers: {
    request: SearchCustomersRequest;
    answer: SearchPage;
  };
  send_campaign: {
    request: SendCampaignRequest;
    answer: CampaignShown;
  };
  set_consent: {
    request: SetConsentRequest;
    answer: MarketingHeld;
  };
  set_fields: {
    request: SetFieldsRequest;
    answer: FieldsSet;
  };
  set_reachable: {
    request: SetReachableRequest;
    answer: MarketingHeld;
  };
  tag_customers: {
    request: TagCustomersRequest;
    answer: Tagged;
  };
  test_campaign: {
    request: TestCampaignRequest;
    answer: CampaignTested;
  };
  undo_import: {
    request: UndoImportRequest;
    answer: JobBegun;
  };
  unmerge_customers: {
    request: UnmergeCustomersRequest;
    answer: Unmerged;
  };
}
/**
 * What `add_note` takes.
 */
export interface AddNoteRequest {
  /**
   * An id that was merged away stands for its survivor.
   */
  customerId: string;
  /**
   * 1 to 5,000 characters in one or several lines; control characters are left out.
   */
  text: string;
}
/**
 * `add_note`, `delete_note`.
 */
export interface NoteKept {
  noteId: string;
}
/**
 * What `cancel_campaign` takes.
 */
export interface CancelCampaignRequest {
  /**
   * The campaign.
   */
  campaignId: string;
}
/**
 * `get_campaign`, and what sends, pauses, resumes or cancels one.
 */
export interface CampaignShown {
  campaign: Campaign;
}
/**
 * A campaign.
 */
export interface Campaign {
  from: string;
  campaignId: string;
  revision: number;
  name: string;
  subject: string;
  preview: string;
  body: Body;
  segment: SegmentJson;
  replyTo: string | null;
  /**
   * `draft`, `scheduled`, `preparing`, `sending`, `paused`, `done`, `cancelled`, `missed` or `halted` (states); `reason` and `message`: why, where it needs saying.
   */
  state:
    | "draft"
    | "scheduled"
    | "preparing"
    | "sending"
    | "paused"
    | "done"
    | "cancelled"
    | "missed"
    | "halted";
  reason: string | null;
  message: string | null;
  scheduledAt: Moment | null;
  /**
   * The same, as the clock in `time_zone` shows it then.
   */
  scheduledLocal: string | null;
  latestBy: Moment | null;
  startedAt: Moment | null;
  preparedAt: Moment | null;
  finishedAt: Moment | null;
  createdAt: Moment;
  updatedAt: Moment;
  /**
   * How many were to be reached, as who sent it was told; `jobId`: the job that sends it.
   */
  expected: number | null;
  jobId: string | null;
  /**
   * The rule that sends it, and the event that it is about; null where staff do, and where it is about none.
   */
  rule: string | null;
  /**
   * The event that its rule acted for.
   */
  scope: string | null;
  /**
   * Counted now: `audience` = `waiting` + `accepted` + `refused` + `excluded` + `uncertain`, always; beside them `bounced`, `complained`, `unsubscribed`.
   */
  counts: CampaignCounts;
}
/**
 * What a mail says, with placeholders.
 */
export interface Body {
  format: "markdown" | "mjml";
  source: string;
}
/**
 * A segment in the JSON form of the language.
 */
export interface SegmentJson {
  [k: string]: unknown;
}
/**
 * A campaign's people: `audience` is the sum of the five states.
 */
export interface CampaignCounts {
  audience: number;
  waiting: number;
  accepted: number;
  refused: number;
  excluded: number;
  uncertain: number;
  bounced: number;
  complained: number;
  unsubscribed: number;
}
/**
 * What `cancel_job` takes.
 */
export interface CancelJobRequest {
  /**
   * The job.
   */
  jobId: string;
}
/**
 * `get_job`, `cancel_job`, `retry_job`.
 */
export interface JobShown {
  job: Job;
}
/**
 * Long work, and how far it is.
 */
export interface Job {
  jobId: string;
  kind: string;
  /**
   * `queued` (waiting for a worker), `running`, `done`, or `failed`.
   */
  state: "queued" | "running" | "done" | "failed";
  /**
   * Pieces of work, such as customers, that are done and that there are in all; `total` is `null` where nobody knows yet, and an estimate where others change things meanwhile.
   */
  done: number;
  /**
   * Pieces of work, such as customers, that are done and that there are in all; `total` is `null` where nobody knows yet, and an estimate where others change things meanwhile.
   */
  total: number | null;
  /**
   * A stable code of why it failed, else `null`. What was done until then stays done.
   */
  error: string | null;
  startedAt: Moment;
  updatedAt: Moment;
  /**
   * What came of it so far, in numbers; the call that began it says which.
   */
  result: {
    [k: string]: number;
  };
  drift: Drift[];
}
/**
 * A customer that a rebuild would change, and in which fields.
 */
export interface Drift {
  customerId: string;
  fields: string[];
}
/**
 * What `check_sender` takes.
 */
export interface CheckSenderRequest {
  /**
   * All headers of the mail as the mailbox shows them, at most 65,536 bytes of text. Nothing of them is kept.
   */
  headers: string;
}
/**
 * `check_sender`.
 */
export interface SenderJudged {
  /**
   * Whether nothing fails.
   */
  ready: boolean;
  /**
   * The receiving server whose word was taken, or `null`.
   */
  judgedBy: string | null;
  /**
   * Each `{check, verdict, message}`, the verdict `ok`, `warn` or `fail`; the message says what to mend, and where.
   */
  findings: Finding[];
}
/**
 * What was found of one demand of mailbox providers.
 */
export interface Finding {
  check: string;
  verdict: "ok" | "warn" | "fail";
  message: string;
}
/**
 * What `claim_my_orders` takes.
 */
export interface ClaimMyOrdersRequest {}
/**
 * `claim_my_orders`.
 */
export interface Claimed {
  linked: number;
}
/**
 * What `compare_events` takes.
 */
export interface CompareEventsRequest {
  /**
   * 2 to 12 of the host's ids, each once.
   */
  eventIds: string[];
}
/**
 * `compare_events`.
 */
export interface EventsCompared {
  /**
   * In that order: `eventId`, `name`, `startsAt`, and `attended` as in `list_events`.
   */
  events: ComparedEvent[];
  /**
   * How many were at both, by the places of the two in `events`.
   */
  both: number[][];
  /**
   * What Firestore bills, at least: a read for each event and each two of them, 91 for twelve.
   */
  documentsRead: number;
}
/**
 * One of the events that are compared.
 */
export interface ComparedEvent {
  eventId: string;
  name: string | null;
  startsAt: Moment | null;
  attended: number;
}
/**
 * What `count_segment` takes.
 */
export interface CountSegmentRequest {
  /**
   * In either form of the language.
   */
  segment:
    | string
    | {
        [k: string]: unknown;
      };
  /**
   * `true` to be told how many news can be mailed to.
   */
  reach?: boolean | null;
}
/**
 * `count_segment`.
 */
export interface Counted {
  /**
   * How many customers are in it, at one moment, exactly.
   */
  count: number;
  /**
   * `indexes`, `indexes and documents` (only customers at the edges of ranges were read), or `documents` (the segment was read).
   */
  how: "indexes" | "indexes and documents" | "documents";
  /**
   * What Firestore bills, at least.
   */
  documentsRead: number;
  /**
   * The question as it was understood, in both forms: with ids in the place of names.
   */
  segment: SegmentJson;
  /**
   * The question as it was understood, in both forms: with ids in the place of names.
   */
  text: string;
  /**
   * What it names and is nowhere, or is several (names); a list, mostly empty.
   */
  warnings: Doubt[];
  /**
   * Where it is asked for: `subscribed`, `unsubscribed` and `notSubscribed` (also who has yet to confirm an opt-in), which add up to `count`; `reachable`, how many of the subscribed get mail, and `excluded`, how many do not, by reason: `no-address`, `unreachable`, `same-address` (of somebody else, who gets it). To tell these the subscribed are read, one read each: where there are more than 250, both are `null`.
   */
  reach?: Reach;
}
/**
 * A name in a segment that is nowhere, or stands for several things.
 */
export interface Doubt {
  reason: string;
  message: string;
  name: string;
  eventIds?: string[];
}
/**
 * How many of a segment news can be mailed to; null where they are too many to look at each.
 */
export interface Reach {
  subscribed: number;
  unsubscribed: number;
  notSubscribed: number;
  reachable: number | null;
  /**
   * Of the subscribed, who get no mail, by reason.
   */
  excluded: {
    [k: string]: number;
  } | null;
}
/**
 * What `delete_campaign` takes.
 */
export interface DeleteCampaignRequest {
  /**
   * The campaign.
   */
  campaignId: string;
}
/**
 * `delete_campaign`.
 */
export interface CampaignDeleted {
  campaignId: string;
}
/**
 * What `delete_customer` takes.
 */
export interface DeleteCustomerRequest {
  /**
   * A customer; an id that was merged away stands for its survivor.
   */
  customerId?: string | null;
  /**
   * Any spelling of an address of the customer.
   */
  email?: string | null;
  /**
   * A Firebase Auth uid.
   */
  userId?: string | null;
  /**
   * Why, in up to 500 characters. It is kept, so it must not name the person.
   */
  reason: string;
  /**
   * `true` to go on although the person holds tickets for events that have not begun.
   */
  force?: boolean | null;
}
/**
 * `delete_customer`, `delete_my_data`.
 */
export interface Erased {
  erasureId: string;
  /**
   * `done`, or `running` where the task queue goes on: call again to see how far it is. The person is found by nobody any more from the first answer on.
   */
  status: "done" | "running";
  /**
   * `removed` and `retained`, each with `what`, `text` and `count`; what is retained also with `basis` and `until` (`null`: for good). `open`: what is left to do by hand, each with `reason`, `text` and `count`.
   */
  report: ErasureReport;
}
/**
 * What came of an erasure.
 */
export interface ErasureReport {
  removed: Removed[];
  retained: Retained[];
  open: LeftOpen[];
}
/**
 * What an erasure removed.
 */
export interface Removed {
  what: string;
  text: string;
  count: number;
}
/**
 * What an erasure kept, and why.
 */
export interface Retained {
  what: string;
  text: string;
  count: number;
  basis: string;
  /**
   * Null: for good.
   */
  until: Moment | null;
}
/**
 * What an erasure leaves to do by hand.
 */
export interface LeftOpen {
  reason: string;
  text: string;
  count: number | null;
}
/**
 * What `delete_my_data` takes.
 */
export interface DeleteMyDataRequest {
  /**
   * `true` to let free tickets for events that have not begun go. Anybody can order one for anybody, so it stops an erasure only until the person says so; a ticket of an order with money holds all the same.
   */
  confirm?: boolean | null;
}
/**
 * What `delete_note` takes.
 */
export interface DeleteNoteRequest {
  /**
   * The note.
   */
  noteId: string;
}
/**
 * What `delete_rule` takes.
 */
export interface DeleteRuleRequest {
  /**
   * The rule.
   */
  ruleId: string;
}
/**
 * `delete_rule`.
 */
export interface RuleDeleted {
  ruleId: string;
}
/**
 * What `delete_segment` takes.
 */
export interface DeleteSegmentRequest {
  /**
   * The saved segment.
   */
  segmentId: string;
}
/**
 * `delete_segment`.
 */
export interface SegmentDeleted {
  segmentId: string;
}
/**
 * What `delete_tag` takes.
 */
export interface DeleteTagRequest {
  /**
   * A label or id.
   */
  tag: string;
}
/**
 * `rename_tag`, `delete_tag`: how many had it, or the job that sees to it.
 */
export interface TagEnded {
  updated?: number;
  jobId?: string;
}
/**
 * What `explain_quarantine` takes.
 */
export interface ExplainQuarantineRequest {
  /**
   * Of a row, as `list_quarantine` answers it.
   */
  id: string;
}
/**
 * `explain_quarantine`.
 */
export interface QuarantineExplained {
  /**
   * Where in the document; null where it is no single field.
   */
  field: string | null;
  /**
   * What is there, as text.
   */
  value: string | null;
  /**
   * A sentence that says what to change.
   */
  message: string;
  /**
   * The document's path.
   */
  documentPath: string;
}
/**
 * What `export_customer` takes.
 */
export interface ExportCustomerRequest {
  /**
   * A customer; an id that was merged away stands for its survivor.
   */
  customerId?: string | null;
  /**
   * Any spelling of an address of the customer.
   */
  email?: string | null;
  /**
   * A Firebase Auth uid.
   */
  userId?: string | null;
  /**
   * The `nextPageToken` of the part before; absent or `null` for the first.
   */
  pageToken?: string | null;
}
/**
 * `export_customer`, `export_my_data`.
 */
export interface ArchivePart {
  /**
   * A text, or `null` on the last part.
   */
  nextPageToken: string | null;
  /**
   * One part of the archive. With few orders it is the whole.
   */
  archive: Archive;
}
/**
 * All that is kept of a person, or a part of it: docs/privacy.md says what each key holds.
 */
export interface Archive {
  format: string;
  version: number;
  exportedAt: Moment;
  part: number;
  complete: boolean;
  /**
   * This and what follows up to `ordersOfOthers`: in the first part alone.
   */
  information?: {
    [k: string]: unknown;
  };
  profile?: {
    [k: string]: unknown;
  };
  identities?: {
    [k: string]: unknown;
  }[];
  accounts?: {
    [k: string]: unknown;
  }[];
  users?: {
    [k: string]: unknown;
  }[];
  tags?: {
    [k: string]: unknown;
  }[];
  fields?: {
    [k: string]: unknown;
  }[];
  merges?: {
    [k: string]: unknown;
  }[];
  signUps?: {
    [k: string]: unknown;
  }[];
  ordersOfOthers?: number;
  orders: {
    [k: string]: unknown;
  }[];
  unreadOrders: {
    [k: string]: unknown;
  }[];
  consents: {
    [k: string]: unknown;
  }[];
  audit: {
    [k: string]: unknown;
  }[];
  mails: {
    [k: string]: unknown;
  }[];
  notes: {
    [k: string]: unknown;
  }[];
  rules: {
    [k: string]: unknown;
  }[];
}
/**
 * What `export_my_data` takes.
 */
export interface ExportMyDataRequest {
  /**
   * The `nextPageToken` of the part before; absent or `null` for the first.
   */
  pageToken?: string | null;
}
/**
 * What `get_campaign` takes.
 */
export interface GetCampaignRequest {
  /**
   * The campaign to change; absent or `null` for a new draft.
   */
  campaignId: string;
}
/**
 * What `get_campaign_results` takes.
 */
export interface GetCampaignResultsRequest {
  /**
   * The campaign.
   */
  campaignId: string;
  /**
   * How long after the mail an order counts: 1 to 90; 14 if absent.
   */
  days?: number | null;
}
/**
 * `get_campaign_results`.
 */
export interface CampaignResults {
  results: Results;
}
/**
 * What a campaign's recipients ordered after their mail, and where they came.
 */
export interface Results {
  recipients: number;
  ordered: number;
  orders: number;
  revenue: Money;
  booked: {
    [k: string]: number;
  };
  attended: {
    [k: string]: number;
  };
  since: Moment | null;
  until: Moment | null;
  truncated: boolean;
  documentsRead: number;
}
/**
 * Integer minor units by currency.
 */
export interface Money {
  [k: string]: number;
}
/**
 * What `get_cohorts` takes.
 */
export interface GetCohortsRequest {
  /**
   * A day of the first and of the last month; at most 24 months, which are told whole. Absent: `to` is today, and `from` such that it is 12 months.
   */
  from?: string | null;
  /**
   * A day of the first and of the last month; at most 24 months, which are told whole. Absent: `to` is today, and `from` such that it is 12 months.
   */
  to?: string | null;
}
/**
 * `get_cohorts`.
 */
export interface Cohorts {
  /**
   * One for each month, the oldest first, also where nobody was new.
   */
  cohorts: Cohort[];
  /**
   * Whose months these are.
   */
  timeZone: string;
  /**
   * As in `get_figures`.
   */
  erasedOrdersLeftOut: number;
  /**
   * What Firestore bills, at least: a read for each month and each later one that it is followed to, 80 for twelve months and 302 for 24 (fewer where nobody was new), one more for each 1,000 customers in a number, and one for each order of an erased person.
   */
  documentsRead: number;
}
/**
 * Who ordered first in a month, and how many of them in each month from that one on.
 */
export interface Cohort {
  /**
   * Such as `"2026-01"`.
   */
  month: string;
  /**
   * Those whose first counted order was in it.
   */
  customers: number;
  /**
   * How many of these ordered in it (all of them), in the month after it, and so on up to the month of `to`.
   */
  active: number[];
}
/**
 * What `get_customer` takes.
 */
export interface GetCustomerRequest {
  /**
   * An id that was merged away finds its survivor.
   */
  customerId?: string | null;
  /**
   * Any spelling of an address the customer has proven or ordered with, or is only to be reached by (`contactEmail`).
   */
  email?: string | null;
  /**
   * A Firebase Auth uid.
   */
  userId?: string | null;
}
/**
 * `get_customer`.
 */
export interface CustomerFound {
  /**
   * The document `customers/{customerId}` without its internal fields, and `customerId`.
   */
  customer: Customer;
  /**
   * `customerId`, `email`, `userId`, or `contact`: nobody has proven the address, so it may be anybody's. Several customers with one such address are `ambiguous`, with `details.customerIds`.
   */
  matchedBy: "customerId" | "email" | "userId" | "contact";
  /**
   * Customers that are likely the same person, each `{customerId, reason}`, sorted by id. Worked out from the present state at every call; at most 50 claims on a customer's addresses are looked at. `reason` is.
   */
  likelySame: LikelySame[];
}
/**
 * A customer: the public fields of its document, and its id.
 */
export interface Customer {
  customerId: string;
  primaryEmail: string | null;
  /**
   * How to reach who has no address of its own, by one that nobody has proven.
   */
  contactEmail: string | null;
  emails: string[];
  userIds: string[];
  name: string | null;
  registered: boolean;
  tags: string[];
  fields: Fields;
  totalSpend: Money;
  orderCount: number;
  firstOrderAt: Moment | null;
  lastOrderAt: Moment | null;
  events: {
    [k: string]: TicketedEvent;
  };
  eventIds: string[];
  attendedEventIds: string[];
  marketing: Marketing;
  createdAt: Moment;
  updatedAt: Moment;
  schemaVersion: number;
}
/**
 * Own fields by name; a date is a text such as 1990-01-02.
 */
export interface Fields {
  [k: string]: string | number | boolean;
}
/**
 * An event that a customer has tickets for.
 */
export interface TicketedEvent {
  name: string | null;
  startsAt: Moment | null;
  tickets: number;
  /**
   * Null: nobody recorded who came.
   */
  checkedIn: number | null;
}
/**
 * What a person decided about marketing, as it holds now.
 */
export interface Marketing {
  status: "subscribed" | "unsubscribed" | "none";
  at: Moment | null;
  source: string | null;
  /**
   * There where an opt-in waits for its confirmation.
   */
  pending?: boolean;
  /**
   * Since when mail to the address comes back; absent where it arrives, as far as is known.
   */
  unreachable?: Moment;
}
/**
 * Another customer that is likely the same person.
 */
export interface LikelySame {
  customerId: string;
  reason: "unproven-address" | "address-conflict";
}
/**
 * What `get_event` takes.
 */
export interface GetEventRequest {
  /**
   * The host's id of the event, exactly.
   */
  eventId: string;
}
/**
 * `get_event`.
 */
export interface EventShown {
  /**
   * As in `list_events` with `sales`.
   */
  event: EventRow;
  /**
   * As above; some ten.
   */
  documentsRead: number;
}
/**
 * An event of the catalogue, how many customers it had, and perhaps what it sold.
 */
export interface EventRow {
  /**
   * As the newest order that describes it says; `name` and `startsAt` may be `null`.
   */
  eventId: string;
  /**
   * As the newest order that describes it says; `name` and `startsAt` may be `null`.
   */
  name: string | null;
  /**
   * As the newest order that describes it says; `name` and `startsAt` may be `null`.
   */
  startsAt: Moment | null;
  /**
   * Customers with a valid ticket.
   */
  holders: number;
  /**
   * Those who were there: checked in, or with no check-in recorded for an event that has begun.
   */
  attended: number;
  /**
   * Those with a ticket that was recorded as used.
   */
  checkedIn: number;
  /**
   * Those of whose tickets none was used, though that was recorded, at an event that has begun.
   */
  noShows: number;
  /**
   * Holders for whom no earlier event is known; null where it has no known start.
   */
  newcomers: number | null;
  /**
   * Holders of a ticket of an earlier event. Both are `null` where the event has no known start.
   */
  returning: number | null;
  /**
   * With `sales` alone: counted orders that hold the event, those of erased people too.
   */
  orders?: number;
  /**
   * Likewise: currency → integer minor units, net of refunds. An order that holds several events is counted whole with each of them: nothing says which of them its money is for.
   */
  revenue?: Money;
}
/**
 * What `get_event_sales` takes.
 */
export interface GetEventSalesRequest {
  /**
   * The host's id of the event, exactly.
   */
  eventId: string;
}
/**
 * `get_event_sales`.
 */
export interface SalesShown {
  sales: Sales;
}
/**
 * What an event sold.
 */
export interface Sales {
  /**
   * Counted orders that hold the event.
   */
  orders: number;
  /**
   * Valid tickets of it in them.
   */
  tickets: number;
  /**
   * Who holds them; somebody who was erased stays one person.
   */
  people: number;
  /**
   * Currency → integer minor units, net of refunds.
   */
  revenue: Money;
  /**
   * How many of the orders hold other events, too.
   */
  sharedOrders: number;
  /**
   * `day`, `orders` and `tickets` of each day on which any was ordered, the oldest first, by the `createdAt` of the orders, in days of `timeZone`.
   */
  days: SalesDay[];
  timeZone: string;
  /**
   * `true` where there are more than 10,000 orders. Then `tickets`, `sharedOrders` and `days` are those of the newest 10,000, as are the erased persons among `people`; `orders` and `revenue` are whole.
   */
  truncated: boolean;
  /**
   * What Firestore bills, at least: three, and one for each order.
   */
  documentsRead: number;
}
/**
 * What was ordered on a day.
 */
export interface SalesDay {
  day: Day;
  orders: number;
  tickets: number;
}
/**
 * What `get_figures` takes.
 */
export interface GetFiguresRequest {
  /**
   * The first and the last day, both included, such as `"2024-01-31"`. Days are whole: with `"to"` today, an order that says to be of this evening is in it. Absent: `to` is today, and `from` such that it is 31 days, 26 weeks or 12 months.
   */
  from?: string | null;
  /**
   * The first and the last day, both included, such as `"2024-01-31"`. Days are whole: with `"to"` today, an order that says to be of this evening is in it. Absent: `to` is today, and `from` such that it is 31 days, 26 weeks or 12 months.
   */
  to?: string | null;
  /**
   * `day`, `week` (ISO 8601, from Monday) or `month`; `day` if absent.
   */
  by?: ("day" | "week" | "month") | null;
}
/**
 * `get_figures`.
 */
export interface Figures {
  /**
   * The oldest first, also where nothing was sold. At most 400, else the call is refused.
   */
  figures: Figure[];
  /**
   * Whose days these are.
   */
  timeZone: string;
  /**
   * 0, or how many orders of erased persons were too many to look at (below).
   */
  erasedOrdersLeftOut: number;
  /**
   * What Firestore bills, at least.
   */
  documentsRead: number;
}
/**
 * The figures of a day, a week or a month.
 */
export interface Figure {
  /**
   * The first day. What `from` and `to` cut off a week or a month is not in its figures, and a first one that is cut starts at `from`.
   */
  start: Day;
  /**
   * Counted orders that were placed in it, by their `createdAt`.
   */
  orders: number;
  /**
   * Currency → integer minor units, net of what was refunded since.
   */
  revenue: Money;
  /**
   * Customers whose first counted order it was.
   */
  newCustomers: number;
  /**
   * Customers who had ordered before it and did again.
   */
  returningCustomers: number;
}
/**
 * What `get_growth` takes.
 */
export interface GetGrowthRequest {
  /**
   * The first and the last day, both included, such as `"2024-01-31"`. Days are whole: with `"to"` today, an order that says to be of this evening is in it. Absent: `to` is today, and `from` such that it is 31 days, 26 weeks or 12 months.
   */
  from?: string | null;
  /**
   * The first and the last day, both included, such as `"2024-01-31"`. Days are whole: with `"to"` today, an order that says to be of this evening is in it. Absent: `to` is today, and `from` such that it is 31 days, 26 weeks or 12 months.
   */
  to?: string | null;
  /**
   * `day`, `week` (ISO 8601, from Monday) or `month`; `day` if absent.
   */
  by?: ("day" | "week" | "month") | null;
}
/**
 * `get_growth`.
 */
export interface Growth {
  /**
   * The oldest first, also where nothing was decided. At most 400, else the call is refused.
   */
  growth: Growing[];
  /**
   * Customers who are subscribed now.
   */
  subscribers: number;
  /**
   * Whose days these are.
   */
  timeZone: string;
  /**
   * `true` where more than 20,000 records are in the stretch. Then `growth` begins with the first bucket of which all are known: what it tells is exact, and what is before it can be asked for with `to`.
   */
  truncated: boolean;
  /**
   * What Firestore bills, at least: two, and one for each record.
   */
  documentsRead: number;
}
/**
 * Decisions for news and against them, of a day, a week or a month.
 */
export interface Growing {
  /**
   * The first day.
   */
  start: Day;
  /**
   * Decisions of that kind in it. One decision counts once, however many addresses and accounts it is recorded for.
   */
  subscribed: number;
  /**
   * Decisions of that kind in it. One decision counts once, however many addresses and accounts it is recorded for.
   */
  unsubscribed: number;
}
/**
 * What `get_job` takes.
 */
export interface GetJobRequest {
  /**
   * The job.
   */
  jobId: string;
}
/**
 * What `get_news` takes.
 */
export interface GetNewsRequest {
  /**
   * A time with its zone (`2024-05-03T17:00:00Z`); one to come is taken for now.
   */
  since: string;
}
/**
 * `get_news`.
 */
export interface News {
  since: Moment;
  /**
   * Counted ones that were placed since then. What was only taken over from before is not new.
   */
  orders: number;
  /**
   * Customers whose first order was placed since then, so that a segment `first_order >= …` finds as many.
   */
  people: number;
  /**
   * Decisions, each once, whatever came of them later. The newest 5,000 records are read; `truncated` says whether there are more.
   */
  subscribed: number;
  /**
   * Decisions, each once, whatever came of them later. The newest 5,000 records are read; `truncated` says whether there are more.
   */
  unsubscribed: number;
  truncated: boolean;
  documentsRead: number;
}
/**
 * What `get_processing_record` takes.
 */
export interface GetProcessingRecordRequest {}
/**
 * `get_processing_record`.
 */
export interface ProcessingRecordShown {
  record: ProcessingRecord;
}
/**
 * The record of processing (GDPR art. 30).
 */
export interface ProcessingRecord {
  controller: string;
  contact: string;
  officer: string;
  purposes: string[];
  recipients: string[];
  transfers: string;
  retention: string;
  source: string;
  complaint: string;
  automatedDecisions: string;
  /**
   * `orders`, `basis` and `keepYears`, as `[erasure]` says.
   */
  erasure: RecordErasure;
  /**
   * For each collection with personal data `name`, `what` it holds, `where` that is, `why`, and `until` when.
   */
  data: RecordData[];
  /**
   * The own fields, each with `label` and `purpose`.
   */
  fields: RecordField[];
  /**
   * Settings that are empty and must not be.
   */
  missing: string[];
}
/**
 * What an erasure leaves of orders, and why.
 */
export interface RecordErasure {
  orders: "pseudonymise" | "delete" | "keep";
  basis: string;
  keepYears: number;
}
/**
 * Data that is kept in one place.
 */
export interface RecordData {
  name: string;
  what: string;
  where: string;
  why: string;
  until: string;
}
/**
 * An own field, and what it is for.
 */
export interface RecordField {
  label: string;
  purpose: string;
}
/**
 * What `get_settings` takes.
 */
export interface GetSettingsRequest {}
/**
 * `get_settings`.
 */
export interface SettingsShown {
  settings: Settings;
}
/**
 * What of `crm.toml` explains a screen.
 */
export interface Settings {
  version: string;
  timeZone: string;
  /**
   * With `{orderId}` in it.
   */
  orderUrl: string | null;
  /**
   * With `{path}` in it.
   */
  documentUrl: string | null;
  /**
   * `single` or `double`; `doubleOptInDays`: so long a confirmation mail can be answered.
   */
  optIn: "single" | "double";
  doubleOptInDays: number;
  /**
   * Whether a ticket for an event to come stops an erasure.
   */
  holdFutureEvents: boolean;
  /**
   * `ready` (whether mails can be sent), `from`, `replyTo`, `undoSeconds`, `latestHours`.
   */
  mail: MailSettings;
  /**
   * Each with `name`, `languages` (the first one is its own), `text` by language, `tags`, `url`.
   */
  forms: SignUpForm[];
}
/**
 * How campaigns are sent.
 */
export interface MailSettings {
  from: string | null;
  ready: boolean;
  replyTo: string | null;
  undoSeconds: number;
  latestHours: number;
}
/**
 * A form for news.
 */
export interface SignUpForm {
  name: string;
  languages: string[];
  /**
   * By language.
   */
  text: {
    [k: string]: string;
  };
  tags: string[];
  url: string;
}
/**
 * What `get_setup` takes.
 */
export interface GetSetupRequest {}
/**
 * `get_setup`.
 */
export interface SetupShown {
  checks: SetupCheck[];
}
/**
 * One thing that is set up, or is to be.
 */
export interface SetupCheck {
  check: string;
  verdict: "ok" | "warn" | "fail";
  /**
   * A sentence that says what there is, or what to do.
   */
  message: string;
  /**
   * The console's page for it.
   */
  to: string | null;
}
/**
 * What `get_unsubscribe_headers` takes.
 */
export interface GetUnsubscribeHeadersRequest {
  /**
   * An id that was merged away finds its survivor.
   */
  customerId?: string | null;
  /**
   * Any spelling of an address the customer has proven or ordered with, or is only to be reached by (`contactEmail`).
   */
  email?: string | null;
  /**
   * A Firebase Auth uid.
   */
  userId?: string | null;
}
/**
 * `get_unsubscribe_headers`.
 */
export interface UnsubscribeLink {
  /**
   * The customer's unsubscribe link.
   */
  url: string;
  /**
   * `List-Unsubscribe` and `List-Unsubscribe-Post`, for the message to the customer's `primaryEmail`.
   */
  headers: UnsubscribeHeaders;
}
export interface UnsubscribeHeaders {
  "List-Unsubscribe": string;
  "List-Unsubscribe-Post": string;
}
/**
 * What `grant_role` takes.
 */
export interface GrantRoleRequest {
  /**
   * The account's address; the person has signed in to your app once.
   */
  email: string;
  /**
   * `viewer`, `editor` or `admin`.
   */
  role: "viewer" | "editor" | "admin";
}
/**
 * `grant_role`, `revoke_role`.
 */
export interface RoleChanged {
  staff: StaffMember;
}
/**
 * An account that has, or had, a role.
 */
export interface StaffMember {
  uid: string;
  email: string | null;
  name: string | null;
  role: ("viewer" | "editor" | "admin") | null;
  /**
   * Whether the address is; else the role opens nothing.
   */
  verified: boolean;
  /**
   * Whether signing in takes more than a password; `lastSignInAt`, or `null`.
   */
  secondFactor: boolean;
  lastSignInAt: Moment | null;
  disabled: boolean;
  /**
   * Whether it is the caller's own.
   */
  you: boolean;
  /**
   * What stands for the account in the audit trail, the latest last.
   */
  actors: string[];
}
/**
 * What `import_contacts` takes.
 */
export interface ImportContactsRequest {
  /**
   * The list as a text, at most 8 MB.
   */
  csv: string;
  /**
   * Where the list comes from, at most 200 characters; must be given.
   */
  source?: string | null;
  /**
   * What shows consent, at most 1,000 characters; must be given where a row says `subscribed`.
   */
  evidence?: string | null;
  /**
   * `true` to write nothing; `source` and `evidence` are not needed then.
   */
  dryRun?: boolean | null;
}
/**
 * `import_contacts`.
 */
export interface Imported {
  report: ImportReport;
  importId: string | null;
  jobId: string | null;
}
/**
 * What came of an import, by now.
 */
export interface ImportReport {
  rows: number;
  added: number;
  changed: number;
  unchanged: number;
  keptOut: {
    [k: string]: number;
  };
  duplicates: number;
  errors: RowError[];
  errorCount: number;
  /**
   * Of a dry run: whether a row says that somebody is subscribed.
   */
  evidenceNeeded?: boolean;
}
/**
 * What is wrong with a row of a list.
 */
export interface RowError {
  row: number;
  reason: string;
  column: string | null;
}
/**
 * What `list_audit` takes.
 */
export interface ListAuditRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * Only what was done to this customer, under any id that leads to it; an id of a customer that is gone finds its entries too.
   */
  customerId?: string | null;
  /**
   * Instead of `customerId`: only what the account with this uid did.
   */
  userId?: string | null;
}
/**
 * `list_audit`.
 */
export interface AuditPage {
  /**
   * A text, or `null` on the last page.
   */
  nextPageToken: string | null;
  /**
   * Newest first, each with `entryId`, `at`, `actor`, `action`, `customers` (the ids it was done to) and `facts` (ids, counts and codes that say more; of a change of tags `added` and `removed`, how many, and `addedTags` and `removedTags`, the ids of up to 20 of each: `null` of one that is deleted). `actor` is `operator` (`python -m crm`), `system`, or the key of a uid: ask with `userId` whether it is somebody's. Of an unsubscribe by link it is the key of the address.
   */
  entries: AuditEntry[];
}
/**
 * Who changed what, and when.
 */
export interface AuditEntry {
  entryId: string;
  at: Moment;
  actor: string;
  action: string;
  customers: string[];
  facts: {
    [k: string]: unknown;
  };
}
/**
 * What `list_campaigns` takes.
 */
export interface ListCampaignsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * A rule's id: only those that it has sent.
   */
  rule?: string | null;
  /**
   * `true` to have those listed too that rules have sent.
   */
  byRules?: boolean;
}
/**
 * `list_campaigns`.
 */
export interface CampaignsPage {
  nextPageToken: string | null;
  campaigns: Campaign[];
}
/**
 * What `list_consents` takes.
 */
export interface ListConsentsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * An id that was merged away finds its survivor.
   */
  customerId?: string | null;
  /**
   * Any spelling of an address the customer has proven or ordered with, or is only to be reached by (`contactEmail`).
   */
  email?: string | null;
  /**
   * A Firebase Auth uid.
   */
  userId?: string | null;
}
/**
 * `list_consents`.
 */
export interface ConsentsPage {
  /**
   * A text, or `null` on the last page.
   */
  nextPageToken: string | null;
  /**
   * Newest first (equal times by id, descending), each with `consentId`; the `address` or the `userId` that decided, the other `null`; `status`, `at` and `source`, as in `marketing`; and `evidence`, as `set_consent` took it, of an order `{"orderId": …}`, or `null`. Each address and user that a decision was for has its own record. Where an address was another customer's before, `evidence` is `null`: it may be the other's.
   */
  consents: Consent[];
}
/**
 * A record of what a person decided.
 */
export interface Consent {
  consentId: string;
  address: string | null;
  userId: string | null;
  status: "subscribed" | "unsubscribed";
  at: Moment;
  source: string;
  evidence:
    | string
    | {
        [k: string]: string;
      }
    | null;
}
/**
 * What `list_events` takes.
 */
export interface ListEventsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * Beginnings of words of the name or of the id, letter case and accents aside, or the whole id; or a date: a day `2024-05-01`, a month `2024-05` or a year `2024` in which the event begins, in the organiser's `time_zone`. Every word must fit. Absent, `null` or blanks: every event.
   */
  q?: string | null;
  /**
   * `past`: those that have begun; `upcoming`: those to come. An event without a known start counts as begun.
   */
  when?: ("past" | "upcoming") | null;
  /**
   * `true` to have `orders` and `revenue` too.
   */
  sales?: boolean | null;
  /**
   * `newest`, if absent, or `oldest`: which start is first. With `upcoming` and `oldest` the next event is the first.
   */
  order?: ("newest" | "oldest") | null;
}
/**
 * `list_events`.
 */
export interface EventsPage {
  /**
   * A text, or `null` on the last page. A page can hold fewer events than `pageSize` and have a next one.
   */
  nextPageToken: string | null;
  events: EventRow[];
  /**
   * What Firestore bills, at least: one, one for each event looked at, and five for each that is answered, with one more for every further 1,000 people in a number. A page of 50 costs some 300; a search of several words looks at up to 2,000 events for a page. `sales` cost one read more for each of the page's orders, up to 2,000; where they are more, they are added up for two reads for each event and currency (any of the shop's).
   */
  documentsRead: number;
}
/**
 * What `list_fields` takes.
 */
export interface ListFieldsRequest {}
/**
 * `list_fields`.
 */
export interface OwnFields {
  fields: OwnField[];
}
/**
 * An own field, as crm.toml declares it.
 */
export interface OwnField {
  name: string;
  type: "text" | "number" | "date" | "bool" | "choice";
  label: string;
  purpose: string;
  choices: string[];
  writable: boolean;
}
/**
 * What `list_imports` takes.
 */
export interface ListImportsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
}
/**
 * `list_imports`.
 */
export interface ImportsPage {
  nextPageToken: string | null;
  imports: Import[];
}
/**
 * A list that was taken in.
 */
export interface Import {
  importId: string;
  at: Moment;
  source: string;
  evidence: string | null;
  state: "running" | "done" | "failed" | "undoing" | "undone";
  error: string | null;
  jobId: string;
  report: ImportReport;
  finishedAt: Moment | null;
  undoJobId: string | null;
  undoneAt: Moment | null;
  undone: {
    [k: string]: number;
  };
  undoable: boolean;
}
/**
 * What `list_mails` takes.
 */
export interface ListMailsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * A customer; an id that was merged away stands for its survivor.
   */
  customerId: string;
}
/**
 * `list_mails`.
 */
export interface MailsPage {
  nextPageToken: string | null;
  mails: SentMail[];
}
/**
 * What a campaign sent to a customer.
 */
export interface SentMail {
  campaignId: string;
  subject: string | null;
  state: "waiting" | "accepted" | "refused" | "excluded" | "uncertain";
  reason: string | null;
  at: Moment;
  bounced: Moment | null;
  softBounced: Moment | null;
  complained: Moment | null;
  unsubscribed: Moment | null;
}
/**
 * What `list_notes` takes.
 */
export interface ListNotesRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * An id that was merged away stands for its survivor.
   */
  customerId: string;
}
/**
 * `list_notes`.
 */
export interface NotesPage {
  /**
   * A text, or `null` on the last page.
   */
  nextPageToken: string | null;
  /**
   * Newest first (equal times by id, descending), each with `noteId`, `text`, `at`, `author` (as `actor` in `list_audit`) and whether it is the caller's `own`.
   */
  notes: Note[];
}
/**
 * A note about a customer.
 */
export interface Note {
  noteId: string;
  text: string;
  at: Moment;
  author: string;
  /**
   * Whether the caller wrote it.
   */
  own: boolean;
}
/**
 * What `list_orders` takes.
 */
export interface ListOrdersRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * An id that was merged away lists its survivor's orders.
   */
  customerId: string;
}
/**
 * `list_orders`.
 */
export interface OrdersPage {
  /**
   * A text, or `null` on the last page.
   */
  nextPageToken: string | null;
  /**
   * Newest first (equal times by id, descending), each with `orderId` (`u1#o1` of an order below a user), `status`, `currency`, `total`, `refunded`, `net`, `counted` (whether it is in the customer's sums), `createdAt`, `eventIds` (all events on the order); and, where there is something to say,.
   */
  orders: Order[];
}
/**
 * An order of a customer.
 */
export interface Order {
  orderId: string;
  status: string;
  currency: string | null;
  total: number | null;
  refunded: number | null;
  net: number | null;
  /**
   * Whether it is in the customer's sums.
   */
  counted: boolean;
  createdAt: Moment | null;
  eventIds: string[];
  /**
   * What could not be counted while the order was, at most 20 of them: `{index, reason}` for an item of the order, `{eventId, reason: "customer-full"}` for an event that the customer's document has no room for.
   */
  oddItems?: OddItem[];
  /**
   * How many there are in all.
   */
  oddCount?: number;
}
/**
 * What could not be counted of an order: an item of it, or an event there was no room for.
 */
export interface OddItem {
  index?: number;
  eventId?: string;
  reason: string;
}
/**
 * What `list_quarantine` takes.
 */
export interface ListQuarantineRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
}
/**
 * `list_quarantine`.
 */
export interface QuarantinePage {
  nextPageToken: string | null;
  /**
   * The latest first, each with `id`, `collection` and `documentId` (the host's document), `reason` (a code of mapping) and `at`.
   */
  items: QuarantineRow[];
}
/**
 * A document of the host that cannot be understood.
 */
export interface QuarantineRow {
  id: string;
  collection: string;
  documentId: string;
  reason: string;
  at: Moment;
}
/**
 * What `list_recipients` takes.
 */
export interface ListRecipientsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * The campaign.
   */
  campaignId: string;
  /**
   * Only those who are `waiting`, `accepted`, `refused`, `excluded` or `uncertain`; absent for all.
   */
  state?: ("waiting" | "accepted" | "refused" | "excluded" | "uncertain") | null;
}
/**
 * `list_recipients`.
 */
export interface RecipientsPage {
  /**
   * A text, or `null` after the last page. A page can hold fewer people than `pageSize`, even none, and have a next one.
   */
  nextPageToken: string | null;
  /**
   * Each with `customerId` (as it was then; `null` of somebody who was erased), `email` (that the customer has now; `null` where there is none any more), `state`, `reason` (why it is refused, excluded or uncertain), and `at` (when that was settled; `null` of who waits, and of who was left out from the beginning).
   */
  recipients: Recipient[];
}
/**
 * A person of a campaign.
 */
export interface Recipient {
  customerId: string | null;
  email: string | null;
  state: "waiting" | "accepted" | "refused" | "excluded" | "uncertain";
  reason: string | null;
  at: Moment | null;
}
/**
 * What `list_requests` takes.
 */
export interface ListRequestsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
}
/**
 * `list_requests`.
 */
export interface RequestsPage {
  /**
   * A text, or `null` on the last page.
   */
  nextPageToken: string | null;
  /**
   * Newest first, each with.
   */
  requests: PrivacyRequest[];
}
/**
 * What was asked for of a person's data; what does not apply is null.
 */
export interface PrivacyRequest {
  requestId: string;
  kind: "export" | "erasure";
  /**
   * `open` waits for staff, `running` goes on by itself, `done`.
   */
  state: "open" | "running" | "done";
  at: Moment;
  /**
   * Of what a person could not have alone: why (`merged-by-staff`, `held`), and until when it is to be answered: a month after it was first asked for (GDPR art. 12(3)). It is done once the person is erased, by whomever.
   */
  dueAt: Moment | null;
  /**
   * `person` (signed in), `staff` or `operator`; `actor`, as in `list_audit`.
   */
  by: "person" | "staff" | "operator";
  actor: string;
  /**
   * Whom it was about.
   */
  customerIds: string[];
  reason: string | null;
  /**
   * Of what a person could not have alone: why (`merged-by-staff`, `held`), and until when it is to be answered: a month after it was first asked for (GDPR art. 12(3)). It is done once the person is erased, by whomever.
   */
  stoppedBy: string | null;
  erasureId: string | null;
  report: ErasureReport | null;
}
/**
 * What `list_rule_runs` takes.
 */
export interface ListRuleRunsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * A customer; an id that was merged away stands for its survivor.
   */
  customerId?: string | null;
  /**
   * The rule.
   */
  ruleId?: string | null;
}
/**
 * `list_rule_runs`.
 */
export interface RuleRunsPage {
  nextPageToken: string | null;
  runs: RuleRun[];
}
/**
 * What a rule did, once.
 */
export interface RuleRun {
  ruleId: string;
  /**
   * Its name; null where it was deleted.
   */
  rule: string | null;
  customerId: string | null;
  did: "tags" | "send";
  eventId: string | null;
  campaignId: string | null;
  at: Moment;
}
/**
 * What `list_rules` takes.
 */
export interface ListRulesRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
}
/**
 * `list_rules`.
 */
export interface RulesPage {
  nextPageToken: string | null;
  rules: Rule[];
}
/**
 * A rule.
 */
export interface Rule {
  ruleId: string;
  revision: number;
  name: string;
  on: boolean;
  when: Enters | EventEnded | SinceLastOrder | OnSubscribed;
  only: SegmentJson | null;
  once: ("ever" | "event") | Days;
  then: ChangesTags | SendsCampaign;
  most: number;
  since: Moment | null;
  paused: string | null;
  waiting: number | null;
  createdAt: Moment;
  updatedAt: Moment;
  acted?: number;
}
/**
 * When somebody enters a segment.
 */
export interface Enters {
  enters: SegmentJson;
}
/**
 * When an event is over.
 */
export interface EventEnded {
  eventEnded: AfterEvent;
}
/**
 * So many days after an event's, at a time as the organiser's clock shows it.
 */
export interface AfterEvent {
  days: number;
  at: string;
}
/**
 * When somebody has not ordered for so many days.
 */
export interface SinceLastOrder {
  sinceLastOrder: Days;
}
/**
 * A number of days.
 */
export interface Days {
  days: number;
}
/**
 * When somebody subscribes.
 */
export interface OnSubscribed {
  subscribed: true;
}
/**
 * The rule adds and removes tags: labels of those to add, ids of those to remove.
 */
export interface ChangesTags {
  addTags: string[];
  removeTags: string[];
}
/**
 * The rule sends what a draft says.
 */
export interface SendsCampaign {
  send: string;
}
/**
 * What `list_segments` takes.
 */
export interface ListSegmentsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
}
/**
 * `list_segments`.
 */
export interface SegmentsPage {
  /**
   * A text, or `null` on the last page.
   */
  nextPageToken: string | null;
  /**
   * Sorted by name, each with `segmentId`, `name`, `description`, `segment` (JSON), `text`, `usedBy` (ids of saved segments that use it), `lastCount` and `lastCountAt` (of the last `count_segment` of this segment alone; `null` before, and after a change of the question), `counts` (its history: `day`, `count` and `changed` of each day on which `count_segment` counted this segment alone, the oldest first, the last count of a day, at most 366 days; `changed` is `true` for the first count after a change of its question, and what is before it answered another one. A change of another segment that it uses is not marked), `revision` (which `save_segment` takes), `createdAt`, `updatedAt`.
   */
  segments: Segment[];
}
/**
 * A saved segment.
 */
export interface Segment {
  segmentId: string;
  revision: number;
  name: string;
  description: string | null;
  segment: SegmentJson;
  text: string;
  usedBy: string[];
  lastCount: number | null;
  lastCountAt: Moment | null;
  /**
   * Its history, the oldest day first.
   */
  counts: DayCount[];
  createdAt: Moment;
  updatedAt: Moment;
}
/**
 * How many were in a segment on a day on which somebody counted it.
 */
export interface DayCount {
  day: Day;
  count: number;
  /**
   * Whether it is the first one after a change of the question.
   */
  changed: boolean;
}
/**
 * What `list_staff` takes.
 */
export interface ListStaffRequest {
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
}
/**
 * `list_staff`.
 */
export interface StaffPage {
  /**
   * A text, or `null` where all accounts were looked through. A page can be without anybody.
   */
  nextPageToken: string | null;
  /**
   * Of the accounts of this call, the highest role first, each with.
   */
  staff: StaffMember[];
}
/**
 * What `list_tags` takes.
 */
export interface ListTagsRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
}
/**
 * `list_tags`.
 */
export interface TagsPage {
  /**
   * A text, or `null` on the last page.
   */
  nextPageToken: string | null;
  /**
   * Sorted by id, each with `tag` (its id), `label`, and `customers`: how many have it, counted when you ask, all tags of a page at one moment.
   */
  tags: Tag[];
}
/**
 * A tag of the catalogue.
 */
export interface Tag {
  tag: string;
  label: string;
  customers: number;
}
/**
 * What `merge_customers` takes.
 */
export interface MergeCustomersRequest {
  /**
   * The customer that is merged away; its id leads to the survivor from then on.
   */
  sourceId: string;
  /**
   * The survivor. Either may be an id that was merged away earlier.
   */
  targetId: string;
  /**
   * `true` for a preview that changes nothing.
   */
  dryRun?: boolean | null;
  /**
   * `true` to merge two registered users.
   */
  allowTwoUsers?: boolean | null;
}
/**
 * `merge_customers`.
 */
export interface Merged {
  /**
   * For `unmerge_customers`; `null` for a preview. If the two are one customer already, the id of the merge that made them so.
   */
  mergeId: string | null;
  /**
   * The survivor.
   */
  customer: Customer;
  moves?: Moves;
  stops?: Reason[];
  warnings?: Reason[];
}
/**
 * What a merge would bring to the survivor.
 */
export interface Moves {
  identities: number;
  orders: number;
  events: number;
  tags: string[];
}
/**
 * Why something is so: a stable code, and the same for people.
 */
export interface Reason {
  reason: string;
  message: string;
}
/**
 * What `pause_campaign` takes.
 */
export interface PauseCampaignRequest {
  /**
   * The campaign.
   */
  campaignId: string;
}
/**
 * What `preview_campaign` takes.
 */
export interface PreviewCampaignRequest {
  /**
   * The campaign to change; absent or `null` for a new draft.
   */
  campaignId: string;
  /**
   * Whose mail to show; absent: the first one's who gets it, or an example's where nobody does.
   */
  customerId?: string | null;
}
/**
 * `preview_campaign`.
 */
export interface CampaignPreview {
  /**
   * Whose mail it is; `null` for the example. `subject`, `html`, `text`: empty where the text cannot be read.
   */
  customerId: string | null;
  subject: string;
  html: string;
  text: string;
  /**
   * As of `save_campaign`, and those that only people show: `missing-value` says how many of the first 10,000 who get the mail have nothing in the place of a placeholder, and what they would read.
   */
  problems: Problem[];
  /**
   * `matched` (in the segment), `reachable`, and `excluded` (how many get none, by reason).
   */
  audience: Audience;
  /**
   * `seconds` that it takes about, by the limits of `[mail]`, or at 50 mails a second without any.
   */
  estimate: Estimate;
}
/**
 * What is wrong with a campaign.
 */
export interface Problem {
  reason: string;
  message: string;
  /**
   * `subject`, `preview`, `from`, or `body` with a line (`body:12`).
   */
  at: string;
  blocking: boolean;
}
/**
 * Whom a mail would reach.
 */
export interface Audience {
  matched: number;
  reachable: number;
  /**
   * How many get none, by reason.
   */
  excluded: {
    [k: string]: number;
  };
}
/**
 * How long sending takes, about.
 */
export interface Estimate {
  seconds: number;
}
/**
 * What `preview_rule` takes.
 */
export interface PreviewRuleRequest {
  /**
   * The rule to change; absent or `null` for a new one.
   */
  ruleId?: string | null;
  /**
   * As of a segment; two rules may have the same one.
   */
  name?: string | null;
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  when?: {
    [k: string]: unknown;
  } | null;
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  then?: {
    [k: string]: unknown;
  } | null;
  /**
   * Whether it acts; absent or `null`: no.
   */
  on?: boolean | null;
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  only?:
    | string
    | {
        [k: string]: unknown;
      }
    | null;
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  once?:
    | ("ever" | "event")
    | {
        [k: string]: unknown;
      }
    | null;
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  most?: number | null;
}
/**
 * `preview_rule`.
 */
export interface RulePreview {
  /**
   * Of `enters` and `subscribed`, how many belong already. The rule acts on nobody of them.
   */
  matching: number;
  /**
   * At most 50, each `{customerId, name, email, excluded, dueAt}`: who belongs already; of `eventEnded` those of the event that began last, or of the next one where none has; of `sinceLastOrder` who becomes due within 30 days. `excluded` is why it would not act on the person, or null: `belongs-already`, `rule-already`, or why no mail goes out.
   */
  people: RulePerson[];
  /**
   * Of `eventEnded` the five that begin next and the five that began last, the latest first, each `{eventId, name, startsAt, dueAt, dueLocal, people, begun}`: when it is due, as the clock in `time_zone` shows it then, for how many, and whether the rule has looked at it.
   */
  events: RuleEvent[];
  /**
   * Of a rule that sends, of these people, as `preview_campaign` answers it; else null.
   */
  audience: Audience | null;
  most: number;
  pauses: boolean;
  /**
   * `rules-loop`, `template-gone`, and what is wrong with the draft; `warnings`: what its segments name and is nowhere.
   */
  problems: Problem[];
  warnings: Doubt[];
}
/**
 * Somebody whom a rule is about.
 */
export interface RulePerson {
  customerId: string;
  name: string | null;
  email: string | null;
  /**
   * Why it would not act on the person.
   */
  excluded: string | null;
  dueAt: Moment | null;
}
/**
 * An event that a rule is about.
 */
export interface RuleEvent {
  eventId: string;
  name: string | null;
  startsAt: Moment;
  dueAt: Moment;
  dueLocal: string;
  people: number;
  begun: boolean;
}
/**
 * What `query_segment` takes.
 */
export interface QuerySegmentRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * In either form of the language: a text such as `tag:vip and last_order_at older than 90 days`, or JSON.
   */
  segment:
    | string
    | {
        [k: string]: unknown;
      };
  /**
   * `{"by": …, "currency": …, "direction": …}`; without it, customers come in the order of their ids.
   */
  sort?: SortRequest | null;
  /**
   * `true` to be told how the answer was found.
   */
  explain?: boolean | null;
}
/**
 * An order of customers.
 */
export interface SortRequest {
  /**
   * `lastOrderAt`, `firstOrderAt`, `orderCount` or `totalSpend`.
   */
  by: "lastOrderAt" | "firstOrderAt" | "orderCount" | "totalSpend";
  /**
   * Of what was spent; with `totalSpend`, and with that alone.
   */
  currency?: string | null;
  /**
   * `asc` or `desc`; `desc` if absent.
   */
  direction?: ("asc" | "desc") | null;
}
/**
 * `query_segment`.
 */
export interface SegmentPage {
  /**
   * A text, or `null` after the last page. A page can hold fewer customers than `pageSize`, even none, and have a next one: go on until it is `null`.
   */
  nextPageToken: string | null;
  /**
   * In that order: who has no date comes last in either direction, who spent nothing in the currency spent 0, and who is equal comes in the order of ids in either direction.
   */
  customers: Customer[];
  /**
   * On the first page: what the question names and is nowhere, or is several (names); a list, mostly empty.
   */
  warnings: Doubt[];
  /**
   * Where it was asked for: `plan` in words, `queries` (each a list of alternatives, each a list of facets that hold together), `checked` (whether who came back was checked by the predicate too), `documentsRead`; of a sorted page also `counts`, each of which is one of these reads.
   */
  explain?: Explained;
}
/**
 * How a page of a segment was found.
 */
export interface Explained {
  plan: string;
  queries: string[][][];
  checked: boolean;
  documentsRead: number;
  counts?: number;
}
/**
 * What `rebuild_customers` takes.
 */
export interface RebuildCustomersRequest {
  /**
   * `true` to write nothing and report what is not as it should be.
   */
  dryRun?: boolean | null;
}
/**
 * `rebuild_customers`, `undo_import`.
 */
export interface JobBegun {
  jobId: string;
}
/**
 * What `rename_tag` takes.
 */
export interface RenameTagRequest {
  /**
   * A label or id.
   */
  tag: string;
  /**
   * The new label. If there is a tag of that name, the two become one, under the label of the one that was there. Another spelling of the same tag (`vip`, `VIP`) changes the label alone, and answers 0.
   */
  to: string;
}
/**
 * What `resolve_recipients` takes.
 */
export interface ResolveRecipientsRequest {
  /**
   * The campaign.
   */
  campaignId: string;
  /**
   * 1 to 500 ids, as `list_recipients` answers them. Who is not `uncertain` stays as they are.
   */
  customerIds: string[];
  /**
   * `resend`: send again, so that who did get it has it twice; `close`: give them up, they are `refused` (`closed`).
   */
  action: "resend" | "close";
}
/**
 * `resolve_recipients`.
 */
export interface RecipientsResolved {
  resolved: number;
}
/**
 * What `resume_campaign` takes.
 */
export interface ResumeCampaignRequest {
  /**
   * The campaign.
   */
  campaignId: string;
}
/**
 * What `retry_job` takes.
 */
export interface RetryJobRequest {
  /**
   * The job.
   */
  jobId: string;
}
/**
 * What `retry_quarantine` takes.
 */
export interface RetryQuarantineRequest {
  /**
   * Of the row, as `list_quarantine` answers it.
   */
  id: string;
}
/**
 * `retry_quarantine`.
 */
export interface Retried {
  resolved: boolean;
}
/**
 * What `revoke_role` takes.
 */
export interface RevokeRoleRequest {
  /**
   * A Firebase Auth uid.
   */
  uid: string;
}
/**
 * What `save_campaign` takes.
 */
export interface SaveCampaignRequest {
  /**
   * What staff call it: one line of 1 to 100 characters, without an e-mail address.
   */
  name: string;
  /**
   * At most 500 characters each, with placeholders; `preview` is what mailboxes show beside the subject, absent or `null` for nothing.
   */
  subject: string;
  /**
   * `{"format": "markdown" | "mjml", "source": …}`, with placeholders; at most 200,000 bytes.
   */
  body: BodyRequest;
  /**
   * Who is to get it, in either form of the language. It may use saved segments, by id or name; ids are kept. Of these only who is subscribed and reachable gets a mail, whatever the segment says.
   */
  segment:
    | string
    | {
        [k: string]: unknown;
      };
  /**
   * At most 500 characters each, with placeholders; `preview` is what mailboxes show beside the subject, absent or `null` for nothing.
   */
  preview?: string | null;
  /**
   * One address, with a name or without (`Example Events <news@example.com>`); `from` of `[mail]` in `crm.toml` if absent.
   */
  from?: string | null;
  /**
   * Where answers go; absent: `reply_to` of `[mail]` where `from` is absent too, else the sender.
   */
  replyTo?: string | null;
  /**
   * The campaign to change; absent or `null` for a new draft.
   */
  campaignId?: string | null;
  /**
   * With a `campaignId`: the revision that was read and changed, as of `save_segment`.
   */
  revision?: number | null;
}
/**
 * What a mail says.
 */
export interface BodyRequest {
  format: "markdown" | "mjml";
  source: string;
}
/**
 * `save_campaign`.
 */
export interface CampaignSaved {
  campaign: Campaign;
  /**
   * What is wrong with it, what stops it first, each `{reason, message, at, blocking}`; `at` is `subject`, `preview`, `from`, or `body` with a line (`body:12`). Campaigns lists them. A draft is saved all the same; a campaign that is on its way is refused (`campaign-has-problems`) where something is `blocking`.
   */
  problems: Problem[];
  /**
   * What the segment names and is nowhere, as of `save_segment`.
   */
  warnings: Doubt[];
}
/**
 * What `save_rule` takes.
 */
export interface SaveRuleRequest {
  /**
   * As of a segment; two rules may have the same one.
   */
  name: string;
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  when: {
    [k: string]: unknown;
  };
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  then: {
    [k: string]: unknown;
  };
  /**
   * Whether it acts; absent or `null`: no.
   */
  on?: boolean | null;
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  only?:
    | string
    | {
        [k: string]: unknown;
      }
    | null;
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  once?:
    | ("ever" | "event")
    | {
        [k: string]: unknown;
      }
    | null;
  /**
   * See rules; segments in either form, or saved ones by id or name. Absent or `null`: `only` everybody, `once` `"ever"`, `most` 1,000.
   */
  most?: number | null;
  /**
   * `act` or `drop`, of a rule that paused because too many people wait: what becomes of them. Without it such a rule cannot be saved `on` (`rule-waits`).
   */
  waiting?: ("act" | "drop") | null;
  /**
   * The rule to change; absent or `null` for a new one.
   */
  ruleId?: string | null;
  /**
   * With a `ruleId`: the revision that was read and changed, as of `save_segment`.
   */
  revision?: number | null;
}
/**
 * `save_rule`.
 */
export interface RuleSaved {
  rule: Rule;
  warnings: Doubt[];
}
/**
 * What `save_segment` takes.
 */
export interface SaveSegmentRequest {
  /**
   * One line of 1 to 100 characters, without an e-mail address. A name belongs to one segment; letter case and spaces around it do not matter.
   */
  name: string;
  /**
   * In either form. It may use other saved segments, by id or by name; ids are kept, so a segment may change its name.
   */
  segment:
    | string
    | {
        [k: string]: unknown;
      };
  /**
   * At most 500 characters, without an e-mail address; absent or `null` for none.
   */
  description?: string | null;
  /**
   * The segment to change, as a whole; absent or `null` for a new one.
   */
  segmentId?: string | null;
  /**
   * With a `segmentId`: the revision that was read and changed. Where the segment has another one by now, the call is refused (`changed-meanwhile`), and nobody's change is lost. Absent or `null`: the last one to save wins.
   */
  revision?: number | null;
}
/**
 * `save_segment`.
 */
export interface SegmentSaved {
  segmentId: string;
  revision: number;
  warnings: Doubt[];
}
/**
 * What `search_customers` takes.
 */
export interface SearchCustomersRequest {
  /**
   * 1 to 200; 50 if absent.
   */
  pageSize?: number | null;
  /**
   * The `nextPageToken` of the page before; absent or `null` for the first.
   */
  pageToken?: string | null;
  /**
   * 2 to 256 characters, as people count them: words, a domain, an order's id or the value of an own field.
   */
  q: string;
  /**
   * Optionally a segment, in either form: then only those of whom it is true are found.
   */
  segment?:
    | string
    | {
        [k: string]: unknown;
      }
    | null;
}
/**
 * `search_customers`.
 */
export interface SearchPage {
  /**
   * A text, or `null` after the last page. A page can hold fewer customers than `pageSize`, even none, and have a next one: go on until it is `null`.
   */
  nextPageToken: string | null;
  /**
   * The best match first: whose whole address it is, whose order, whose whole name (in any order of its words), then the others; each of these in the order of their ids. Nobody is there twice.
   */
  customers: Customer[];
  /**
   * There where a segment was given.
   */
  warnings?: Doubt[];
}
/**
 * What `send_campaign` takes.
 */
export interface SendCampaignRequest {
  /**
   * The campaign.
   */
  campaignId: string;
  /**
   * The `reachable` that the preview said. More than 5 % away from that now: `audience-changed`, with `details.reachable`.
   */
  expected: number;
  /**
   * When: a time with `Z` or an offset, or without one as the clock shows it in `time_zone` (`2026-03-29T10:00`). Where the clock shows it twice the earlier one is meant, where it skips it the first moment behind the gap. Absent: now, and nothing leaves before `undo_seconds` of `[mail]` are over.
   */
  at?: string | null;
  /**
   * When it may begin last, written as `at`; absent: `latest_hours` of `[mail]` later. Where it could not begin by then, it is `missed`.
   */
  latestBy?: string | null;
}
/**
 * What `set_consent` takes.
 */
export interface SetConsentRequest {
  /**
   * An id that was merged away stands for its survivor.
   */
  customerId: string;
  /**
   * `subscribed` (for the primary address) or `unsubscribed` (for the whole customer).
   */
  status: "subscribed" | "unsubscribed";
  /**
   * What shows the decision: a text of 1 to 1,000 characters, or up to 10 texts by name with as many characters together, such as `{"source": "paper form", "textVersion": "2024-03"}`. Names are letters, digits, `-` and `_`, beginning with a letter. A subscription must have some.
   */
  evidence?:
    | string
    | {
        [k: string]: string;
      }
    | null;
}
/**
 * `set_consent`, `set_reachable`.
 */
export interface MarketingHeld {
  marketing: Marketing;
}
/**
 * What `set_fields` takes.
 */
export interface SetFieldsRequest {
  /**
   * An id that was merged away stands for its survivor.
   */
  customerId: string;
  /**
   * 1 to 30 values by the names of fields, each of its field's type: a text, a number, `true` or `false`, a date as `"1990-01-02"`; `null` empties a field.
   */
  fields: {
    [k: string]: unknown;
  };
}
/**
 * `set_fields`.
 */
export interface FieldsSet {
  fields: Fields;
}
/**
 * What `set_reachable` takes.
 */
export interface SetReachableRequest {
  /**
   * An id that was merged away stands for its survivor.
   */
  customerId: string;
  /**
   * Why you know: `person` (the person says so), `arrived` (a mail has arrived) or `provider` (the mail provider, or the mailbox's, has mended what it was).
   */
  evidence: "person" | "arrived" | "provider";
}
/**
 * What `tag_customers` takes.
 */
export interface TagCustomersRequest {
  /**
   * Lists of at most 100 labels or ids of tags; at least one tag in all, none in both. A tag comes into being when it is first given, with that label.
   */
  add?: string[] | null;
  /**
   * Lists of at most 100 labels or ids of tags; at least one tag in all, none in both. A tag comes into being when it is first given, with that label.
   */
  remove?: string[] | null;
  /**
   * 1 to 500; an id that was merged away stands for its survivor.
   */
  customerIds?: string[] | null;
  /**
   * Everyone in it, in either form of the language.
   */
  segment?:
    | string
    | {
        [k: string]: unknown;
      }
    | null;
}
/**
 * `tag_customers`: what was done, or the job that does it.
 */
export interface Tagged {
  /**
   * How many customers were changed, and how many were so already.
   */
  updated?: number;
  /**
   * How many customers were changed, and how many were so already.
   */
  unchanged?: number;
  /**
   * How many of a segment were left as they are, because they would have more than 100 tags. Where customers are named one by one, such a one stops the call (`too-many-tags`) before anything is changed; `full` counts those that others filled up while a very long call went on.
   */
  full?: number;
  /**
   * The ids that nobody has.
   */
  notFound?: string[];
  jobId?: string;
  /**
   * What the segment names and is nowhere, or is several (names); a list, mostly empty.
   */
  warnings: Doubt[];
}
/**
 * What `test_campaign` takes.
 */
export interface TestCampaignRequest {
  /**
   * The campaign.
   */
  campaignId: string;
  /**
   * 1 to 5 addresses. Each must be the verified address of an account with a role (`not-staff`): nobody can be written to by this.
   */
  to: string[];
}
/**
 * `test_campaign`.
 */
export interface CampaignTested {
  sent: number;
  results: TestResult[];
}
/**
 * What became of one mail of a test.
 */
export interface TestResult {
  to: string;
  state: "accepted" | "refused" | "later" | "uncertain" | "halted";
  reason: string | null;
  message?: string;
}
/**
 * What `undo_import` takes.
 */
export interface UndoImportRequest {
  /**
   * The import, as `import_contacts` and `list_imports` answer it.
   */
  importId: string;
}
/**
 * What `unmerge_customers` takes.
 */
export interface UnmergeCustomersRequest {
  /**
   * The merge, as `merge_customers` answers it.
   */
  mergeId: string;
}
/**
 * `unmerge_customers`.
 */
export interface Unmerged {
  customers: Customer[];
}

/**
 * A stable code of why a call was refused. A later version may have more.
 */
export type RefusalReason =
  | "address-not-verified"
  | "address-unproven"
  | "ambiguous"
  | "at-in-past"
  | "at-too-far"
  | "audience-changed"
  | "audience-fixed"
  | "body-too-large"
  | "campaign-has-problems"
  | "campaign-not-draft"
  | "campaign-not-editable"
  | "campaign-of-rule"
  | "campaign-over"
  | "campaign-too-large"
  | "changed-meanwhile"
  | "column-twice"
  | "column-unknown"
  | "configuration"
  | "conflict"
  | "content-type"
  | "csv-invalid"
  | "damaged"
  | "delimiter-unknown"
  | "email-column-missing"
  | "email-invalid"
  | "email-missing"
  | "evidence-missing"
  | "export-expired"
  | "field-from-host"
  | "file-empty"
  | "file-tags"
  | "file-too-large"
  | "held"
  | "id-invalid"
  | "import-running"
  | "import-too-old"
  | "internal"
  | "job-must-end"
  | "job-over"
  | "latest-before-start"
  | "mail-not-set-up"
  | "merged-by-staff"
  | "missing-key"
  | "name-invalid"
  | "no-address"
  | "no-such-campaign"
  | "no-such-customer"
  | "no-such-import"
  | "no-such-item"
  | "no-such-job"
  | "no-such-merge"
  | "no-such-move"
  | "no-such-rule"
  | "no-such-segment"
  | "no-such-tag"
  | "no-user-document"
  | "nobody-to-reach"
  | "not-an-object"
  | "not-json"
  | "not-post"
  | "not-staff"
  | "nothing-left"
  | "own-customer"
  | "page-token"
  | "reason-personal"
  | "recent-sign-in"
  | "role"
  | "rule-invalid"
  | "rule-waits"
  | "rules-loop"
  | "rules-too-large"
  | "same-customer"
  | "search-too-short"
  | "segment-cycle"
  | "segment-in-use"
  | "segment-invalid"
  | "segment-name-taken"
  | "segment-syntax"
  | "segment-too-deep"
  | "segment-too-long"
  | "segment-too-wide"
  | "sender-invalid"
  | "sign-in"
  | "source-missing"
  | "still-sending"
  | "survivor-gone"
  | "tag-busy"
  | "tag-invalid"
  | "tag-twice"
  | "template-not-draft"
  | "tenant"
  | "text-invalid"
  | "this-event"
  | "time-invalid"
  | "too-deep"
  | "too-large"
  | "too-many-calls"
  | "too-many-identities"
  | "too-many-rules"
  | "too-many-tags"
  | "two-users"
  | "two-users-need-an-admin"
  | "unavailable"
  | "undo-later-merges-first"
  | "undone-before"
  | "unknown-key"
  | "unknown-kind"
  | "use-resume"
  | "value-invalid"
  | "who"
  | (string & {});

/**
 * Every call as a method: its name in camel case.
 */
export interface Crm {
  /**
   * Keep a note about a customer.
   *
   * Role: editor. `add_note` in docs/calls.md.
   */
  addNote(data: AddNoteRequest): Promise<NoteKept>;
  /**
   * End a campaign.
   *
   * Role: editor. `cancel_campaign` in docs/calls.md.
   */
  cancelCampaign(data: CancelCampaignRequest): Promise<CampaignShown>;
  /**
   * Stop a piece of long work.
   *
   * Role: editor. `cancel_job` in docs/calls.md.
   */
  cancelJob(data: CancelJobRequest): Promise<JobShown>;
  /**
   * Judge the headers of a test mail as mail providers will.
   *
   * Role: editor. `check_sender` in docs/calls.md.
   */
  checkSender(data: CheckSenderRequest): Promise<SenderJudged>;
  /**
   * Link the caller's guest orders now.
   *
   * Whoever is signed in with a verified address. `claim_my_orders` in docs/calls.md.
   */
  claimMyOrders(data?: ClaimMyOrdersRequest): Promise<Claimed>;
  /**
   * Answer of some events how many people were at each two of them.
   *
   * Role: viewer. `compare_events` in docs/calls.md.
   */
  compareEvents(data: CompareEventsRequest): Promise<EventsCompared>;
  /**
   * Answer how many are in a segment.
   *
   * Role: viewer. `count_segment` in docs/calls.md.
   */
  countSegment(data: CountSegmentRequest): Promise<Counted>;
  /**
   * Delete a draft of a campaign.
   *
   * Role: editor. `delete_campaign` in docs/calls.md.
   */
  deleteCampaign(data: DeleteCampaignRequest): Promise<CampaignDeleted>;
  /**
   * Erase a person.
   *
   * Role: admin. `delete_customer` in docs/calls.md.
   */
  deleteCustomer(data: DeleteCustomerRequest): Promise<Erased>;
  /**
   * Erase the caller.
   *
   * Whoever has signed in within the last five minutes, with a verified address. `delete_my_data` in docs/calls.md.
   */
  deleteMyData(data?: DeleteMyDataRequest): Promise<Erased>;
  /**
   * Delete a note.
   *
   * Role: editor. `delete_note` in docs/calls.md.
   */
  deleteNote(data: DeleteNoteRequest): Promise<NoteKept>;
  /**
   * Delete a rule.
   *
   * Role: editor. `delete_rule` in docs/calls.md.
   */
  deleteRule(data: DeleteRuleRequest): Promise<RuleDeleted>;
  /**
   * Delete a saved segment that no other uses.
   *
   * Role: editor. `delete_segment` in docs/calls.md.
   */
  deleteSegment(data: DeleteSegmentRequest): Promise<SegmentDeleted>;
  /**
   * Delete a tag.
   *
   * Role: editor. `delete_tag` in docs/calls.md.
   */
  deleteTag(data: DeleteTagRequest): Promise<TagEnded>;
  /**
   * Answer which field of a quarantined document is not understood.
   *
   * Role: editor. `explain_quarantine` in docs/calls.md.
   */
  explainQuarantine(data: ExplainQuarantineRequest): Promise<QuarantineExplained>;
  /**
   * Answer all that is kept of a person, in parts where it is much.
   *
   * Role: admin. `export_customer` in docs/calls.md.
   */
  exportCustomer(data?: ExportCustomerRequest): Promise<ArchivePart>;
  /**
   * Answer all that is kept of the caller.
   *
   * Whoever has signed in within the last five minutes, with a verified address. `export_my_data` in docs/calls.md.
   */
  exportMyData(data?: ExportMyDataRequest): Promise<ArchivePart>;
  /**
   * Answer a campaign, with its people counted now.
   *
   * Role: viewer. `get_campaign` in docs/calls.md.
   */
  getCampaign(data: GetCampaignRequest): Promise<CampaignShown>;
  /**
   * Answer what came of a campaign.
   *
   * Role: viewer. `get_campaign_results` in docs/calls.md.
   */
  getCampaignResults(data: GetCampaignResultsRequest): Promise<CampaignResults>;
  /**
   * Answer of each month's new customers how many ordered again later.
   *
   * Role: viewer. `get_cohorts` in docs/calls.md.
   */
  getCohorts(data?: GetCohortsRequest): Promise<Cohorts>;
  /**
   * Answer a customer.
   *
   * Role: viewer. `get_customer` in docs/calls.md.
   */
  getCustomer(data?: GetCustomerRequest): Promise<CustomerFound>;
  /**
   * Answer an event, with how many of its people are new.
   *
   * Role: viewer. `get_event` in docs/calls.md.
   */
  getEvent(data: GetEventRequest): Promise<EventShown>;
  /**
   * Answer what an event sold, and on which days.
   *
   * Role: viewer. `get_event_sales` in docs/calls.md.
   */
  getEventSales(data: GetEventSalesRequest): Promise<SalesShown>;
  /**
   * Answer orders, revenue and customers by the day, the week or the month.
   *
   * Role: viewer. `get_figures` in docs/calls.md.
   */
  getFigures(data?: GetFiguresRequest): Promise<Figures>;
  /**
   * Answer how many decided for news and against them, and how many are subscribed.
   *
   * Role: viewer. `get_growth` in docs/calls.md.
   */
  getGrowth(data?: GetGrowthRequest): Promise<Growth>;
  /**
   * Answer how far a piece of long work is.
   *
   * Role: viewer. `get_job` in docs/calls.md.
   */
  getJob(data: GetJobRequest): Promise<JobShown>;
  /**
   * Answer what is new since a moment.
   *
   * Role: viewer. `get_news` in docs/calls.md.
   */
  getNews(data: GetNewsRequest): Promise<News>;
  /**
   * Answer the record of processing activities.
   *
   * Role: admin. `get_processing_record` in docs/calls.md.
   */
  getProcessingRecord(data?: GetProcessingRecordRequest): Promise<ProcessingRecordShown>;
  /**
   * Answer what of the settings staff see.
   *
   * Role: viewer. `get_settings` in docs/calls.md.
   */
  getSettings(data?: GetSettingsRequest): Promise<SettingsShown>;
  /**
   * Answer what of the installation is still to be done.
   *
   * Role: viewer. `get_setup` in docs/calls.md.
   */
  getSetup(data?: GetSetupRequest): Promise<SetupShown>;
  /**
   * Answer the headers with which a customer's newsletter is to be sent.
   *
   * Role: editor. `get_unsubscribe_headers` in docs/calls.md.
   */
  getUnsubscribeHeaders(data?: GetUnsubscribeHeadersRequest): Promise<UnsubscribeLink>;
  /**
   * Give an account a role.
   *
   * Role: admin, signed in within five minutes. `grant_role` in docs/calls.md.
   */
  grantRole(data: GrantRoleRequest): Promise<RoleChanged>;
  /**
   * Take a list of contacts in, or say what that would do.
   *
   * Role: admin. `import_contacts` in docs/calls.md.
   */
  importContacts(data: ImportContactsRequest): Promise<Imported>;
  /**
   * Answer who changed what, newest first.
   *
   * Role: admin. `list_audit` in docs/calls.md.
   */
  listAudit(data?: ListAuditRequest): Promise<AuditPage>;
  /**
   * Answer the campaigns, newest first.
   *
   * Role: viewer. `list_campaigns` in docs/calls.md.
   */
  listCampaigns(data?: ListCampaignsRequest): Promise<CampaignsPage>;
  /**
   * Answer what a customer decided about marketing, newest first.
   *
   * Role: viewer. `list_consents` in docs/calls.md.
   */
  listConsents(data?: ListConsentsRequest): Promise<ConsentsPage>;
  /**
   * Answer the host's events, newest start first, with how many people each had.
   *
   * Role: viewer. `list_events` in docs/calls.md.
   */
  listEvents(data?: ListEventsRequest): Promise<EventsPage>;
  /**
   * Answer which own fields there are.
   *
   * Role: viewer. `list_fields` in docs/calls.md.
   */
  listFields(data?: ListFieldsRequest): Promise<OwnFields>;
  /**
   * Answer the imports, newest first, with what came of each.
   *
   * Role: admin. `list_imports` in docs/calls.md.
   */
  listImports(data?: ListImportsRequest): Promise<ImportsPage>;
  /**
   * Answer what campaigns sent to a customer, newest first.
   *
   * Role: viewer. `list_mails` in docs/calls.md.
   */
  listMails(data: ListMailsRequest): Promise<MailsPage>;
  /**
   * Answer the notes about a customer, newest first.
   *
   * Role: viewer. `list_notes` in docs/calls.md.
   */
  listNotes(data: ListNotesRequest): Promise<NotesPage>;
  /**
   * Answer a customer's orders, newest first.
   *
   * Role: viewer. `list_orders` in docs/calls.md.
   */
  listOrders(data: ListOrdersRequest): Promise<OrdersPage>;
  /**
   * Answer what waits in quarantine, the latest first.
   *
   * Role: viewer. `list_quarantine` in docs/calls.md.
   */
  listQuarantine(data?: ListQuarantineRequest): Promise<QuarantinePage>;
  /**
   * Answer a campaign's people, each with what became of the mail.
   *
   * Role: viewer. `list_recipients` in docs/calls.md.
   */
  listRecipients(data: ListRecipientsRequest): Promise<RecipientsPage>;
  /**
   * Answer what was asked for of people's data, and what became of it.
   *
   * Role: admin. `list_requests` in docs/calls.md.
   */
  listRequests(data?: ListRequestsRequest): Promise<RequestsPage>;
  /**
   * Answer what rules did, of a rule or with a customer, newest first.
   *
   * Role: viewer. `list_rule_runs` in docs/calls.md.
   */
  listRuleRuns(data?: ListRuleRunsRequest): Promise<RuleRunsPage>;
  /**
   * Answer the rules, the oldest first.
   *
   * Role: viewer. `list_rules` in docs/calls.md.
   */
  listRules(data?: ListRulesRequest): Promise<RulesPage>;
  /**
   * Answer the saved segments by name.
   *
   * Role: viewer. `list_segments` in docs/calls.md.
   */
  listSegments(data?: ListSegmentsRequest): Promise<SegmentsPage>;
  /**
   * Answer who has a role.
   *
   * Role: admin. `list_staff` in docs/calls.md.
   */
  listStaff(data?: ListStaffRequest): Promise<StaffPage>;
  /**
   * Answer the catalogue of tags.
   *
   * Role: viewer. `list_tags` in docs/calls.md.
   */
  listTags(data?: ListTagsRequest): Promise<TagsPage>;
  /**
   * Merge one customer into another, or preview it.
   *
   * Role: editor. `merge_customers` in docs/calls.md.
   */
  mergeCustomers(data: MergeCustomersRequest): Promise<Merged>;
  /**
   * Have a campaign stop where it is.
   *
   * Role: editor. `pause_campaign` in docs/calls.md.
   */
  pauseCampaign(data: PauseCampaignRequest): Promise<CampaignShown>;
  /**
   * Answer a campaign's mail to one person, and who would get it.
   *
   * Role: editor. `preview_campaign` in docs/calls.md.
   */
  previewCampaign(data: PreviewCampaignRequest): Promise<CampaignPreview>;
  /**
   * Answer what a rule would do, and on whom; it changes nothing.
   *
   * Role: editor. `preview_rule` in docs/calls.md.
   */
  previewRule(data?: PreviewRuleRequest): Promise<RulePreview>;
  /**
   * Answer who is in a segment.
   *
   * Role: viewer. `query_segment` in docs/calls.md.
   */
  querySegment(data: QuerySegmentRequest): Promise<SegmentPage>;
  /**
   * Have everything looked at again.
   *
   * Role: admin. `rebuild_customers` in docs/calls.md.
   */
  rebuildCustomers(data?: RebuildCustomersRequest): Promise<JobBegun>;
  /**
   * Rename a tag, or unite it with another.
   *
   * Role: editor. `rename_tag` in docs/calls.md.
   */
  renameTag(data: RenameTagRequest): Promise<TagEnded>;
  /**
   * Send again to people whose mail may be lost, or give them up.
   *
   * Role: editor. `resolve_recipients` in docs/calls.md.
   */
  resolveRecipients(data: ResolveRecipientsRequest): Promise<RecipientsResolved>;
  /**
   * Have a campaign go on.
   *
   * Role: editor. `resume_campaign` in docs/calls.md.
   */
  resumeCampaign(data: ResumeCampaignRequest): Promise<CampaignShown>;
  /**
   * Take up again a piece of long work that failed.
   *
   * Role: editor. `retry_job` in docs/calls.md.
   */
  retryJob(data: RetryJobRequest): Promise<JobShown>;
  /**
   * Look at a quarantined document again.
   *
   * Role: editor. `retry_quarantine` in docs/calls.md.
   */
  retryQuarantine(data: RetryQuarantineRequest): Promise<Retried>;
  /**
   * Take an account's role away.
   *
   * Role: admin, signed in within five minutes. `revoke_role` in docs/calls.md.
   */
  revokeRole(data: RevokeRoleRequest): Promise<RoleChanged>;
  /**
   * Save a campaign, or change one that is not sent yet.
   *
   * Role: editor. `save_campaign` in docs/calls.md.
   */
  saveCampaign(data: SaveCampaignRequest): Promise<CampaignSaved>;
  /**
   * Save a rule, switch it on or off.
   *
   * Role: editor. `save_rule` in docs/calls.md.
   */
  saveRule(data: SaveRuleRequest): Promise<RuleSaved>;
  /**
   * Give a segment a name, or change one that has a name.
   *
   * Role: editor. `save_segment` in docs/calls.md.
   */
  saveSegment(data: SaveSegmentRequest): Promise<SegmentSaved>;
  /**
   * Answer the customers that something typed stands for.
   *
   * Role: viewer. `search_customers` in docs/calls.md.
   */
  searchCustomers(data: SearchCustomersRequest): Promise<SearchPage>;
  /**
   * Have a campaign be sent, now or later.
   *
   * Role: editor. `send_campaign` in docs/calls.md.
   */
  sendCampaign(data: SendCampaignRequest): Promise<CampaignShown>;
  /**
   * Record what a person decided about marketing.
   *
   * Role: editor. `set_consent` in docs/calls.md.
   */
  setConsent(data: SetConsentRequest): Promise<MarketingHeld>;
  /**
   * Write own fields of a customer.
   *
   * Role: editor. `set_fields` in docs/calls.md.
   */
  setFields(data: SetFieldsRequest): Promise<FieldsSet>;
  /**
   * Record that mail to a customer arrives again.
   *
   * Role: editor. `set_reachable` in docs/calls.md.
   */
  setReachable(data: SetReachableRequest): Promise<MarketingHeld>;
  /**
   * Change the tags of many customers.
   *
   * Role: editor. `tag_customers` in docs/calls.md.
   */
  tagCustomers(data?: TagCustomersRequest): Promise<Tagged>;
  /**
   * Send a campaign's mail to staff.
   *
   * Role: editor. `test_campaign` in docs/calls.md.
   */
  testCampaign(data: TestCampaignRequest): Promise<CampaignTested>;
  /**
   * Take back what an import did.
   *
   * Role: admin. `undo_import` in docs/calls.md.
   */
  undoImport(data: UndoImportRequest): Promise<JobBegun>;
  /**
   * Undo a merge.
   *
   * Role: editor. `unmerge_customers` in docs/calls.md.
   */
  unmergeCustomers(data: UnmergeCustomersRequest): Promise<Unmerged>;
}

/** The calls by the names of their methods. */
export const METHODS: Record<keyof Crm, keyof Calls> = {
  addNote: "add_note",
  cancelCampaign: "cancel_campaign",
  cancelJob: "cancel_job",
  checkSender: "check_sender",
  claimMyOrders: "claim_my_orders",
  compareEvents: "compare_events",
  countSegment: "count_segment",
  deleteCampaign: "delete_campaign",
  deleteCustomer: "delete_customer",
  deleteMyData: "delete_my_data",
  deleteNote: "delete_note",
  deleteRule: "delete_rule",
  deleteSegment: "delete_segment",
  deleteTag: "delete_tag",
  explainQuarantine: "explain_quarantine",
  exportCustomer: "export_customer",
  exportMyData: "export_my_data",
  getCampaign: "get_campaign",
  getCampaignResults: "get_campaign_results",
  getCohorts: "get_cohorts",
  getCustomer: "get_customer",
  getEvent: "get_event",
  getEventSales: "get_event_sales",
  getFigures: "get_figures",
  getGrowth: "get_growth",
  getJob: "get_job",
  getNews: "get_news",
  getProcessingRecord: "get_processing_record",
  getSettings: "get_settings",
  getSetup: "get_setup",
  getUnsubscribeHeaders: "get_unsubscribe_headers",
  grantRole: "grant_role",
  importContacts: "import_contacts",
  listAudit: "list_audit",
  listCampaigns: "list_campaigns",
  listConsents: "list_consents",
  listEvents: "list_events",
  listFields: "list_fields",
  listImports: "list_imports",
  listMails: "list_mails",
  listNotes: "list_notes",
  listOrders: "list_orders",
  listQuarantine: "list_quarantine",
  listRecipients: "list_recipients",
  listRequests: "list_requests",
  listRuleRuns: "list_rule_runs",
  listRules: "list_rules",
  listSegments: "list_segments",
  listStaff: "list_staff",
  listTags: "list_tags",
  mergeCustomers: "merge_customers",
  pauseCampaign: "pause_campaign",
  previewCampaign: "preview_campaign",
  previewRule: "preview_rule",
  querySegment: "query_segment",
  rebuildCustomers: "rebuild_customers",
  renameTag: "rename_tag",
  resolveRecipients: "resolve_recipients",
  resumeCampaign: "resume_campaign",
  retryJob: "retry_job",
  retryQuarantine: "retry_quarantine",
  revokeRole: "revoke_role",
  saveCampaign: "save_campaign",
  saveRule: "save_rule",
  saveSegment: "save_segment",
  searchCustomers: "search_customers",
  sendCampaign: "send_campaign",
  setConsent: "set_consent",
  setFields: "set_fields",
  setReachable: "set_reachable",
  tagCustomers: "tag_customers",
  testCampaign: "test_campaign",
  undoImport: "undo_import",
  unmergeCustomers: "unmerge_customers",
};

/** How long a function may take that may take longer than a minute. */
export const SECONDS: Partial<Record<keyof Calls, number>> = {
  cancel_campaign: 120,
  claim_my_orders: 120,
  count_segment: 300,
  delete_customer: 300,
  delete_my_data: 300,
  delete_tag: 120,
  export_customer: 300,
  export_my_data: 300,
  get_campaign_results: 300,
  get_cohorts: 300,
  get_event_sales: 300,
  get_figures: 300,
  get_growth: 300,
  import_contacts: 540,
  list_recipients: 120,
  merge_customers: 120,
  pause_campaign: 120,
  preview_campaign: 540,
  preview_rule: 540,
  rename_tag: 120,
  resolve_recipients: 300,
  resume_campaign: 120,
  retry_quarantine: 120,
  save_campaign: 120,
  send_campaign: 540,
  set_consent: 120,
  tag_customers: 120,
  test_campaign: 120,
  undo_import: 120,
  unmerge_customers: 120,
};
