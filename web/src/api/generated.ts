// Made from clients/openapi.json by `npm run generate`: change nothing here.

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
export interface AddNoteRequest {
  customerId: string;
  text: string;
}
/**
 * `add_note`, `delete_note`.
 */
export interface NoteKept {
  noteId: string;
}
export interface CancelCampaignRequest {
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
  expected: number | null;
  jobId: string | null;
  rule: string | null;
  /**
   * The event that its rule acted for.
   */
  scope: string | null;
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
export interface CancelJobRequest {
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
  state: "queued" | "running" | "done" | "failed";
  done: number;
  total: number | null;
  error: string | null;
  startedAt: Moment;
  updatedAt: Moment;
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
export interface CheckSenderRequest {
  headers: string;
}
/**
 * `check_sender`.
 */
export interface SenderJudged {
  ready: boolean;
  judgedBy: string | null;
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
export interface ClaimMyOrdersRequest {}
/**
 * `claim_my_orders`.
 */
export interface Claimed {
  linked: number;
}
export interface CompareEventsRequest {
  eventIds: string[];
}
/**
 * `compare_events`.
 */
export interface EventsCompared {
  events: ComparedEvent[];
  /**
   * How many were at both, by the places of the two in `events`.
   */
  both: number[][];
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
export interface CountSegmentRequest {
  segment:
    | string
    | {
        [k: string]: unknown;
      };
  reach?: boolean | null;
}
/**
 * `count_segment`.
 */
export interface Counted {
  count: number;
  how: "indexes" | "indexes and documents" | "documents";
  documentsRead: number;
  segment: SegmentJson;
  text: string;
  warnings: Doubt[];
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
export interface DeleteCampaignRequest {
  campaignId: string;
}
/**
 * `delete_campaign`.
 */
export interface CampaignDeleted {
  campaignId: string;
}
export interface DeleteCustomerRequest {
  customerId?: string | null;
  email?: string | null;
  userId?: string | null;
  reason: string;
  force?: boolean | null;
}
/**
 * `delete_customer`, `delete_my_data`.
 */
export interface Erased {
  erasureId: string;
  status: "done" | "running";
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
export interface DeleteMyDataRequest {
  confirm?: boolean | null;
}
export interface DeleteNoteRequest {
  noteId: string;
}
export interface DeleteRuleRequest {
  ruleId: string;
}
/**
 * `delete_rule`.
 */
export interface RuleDeleted {
  ruleId: string;
}
export interface DeleteSegmentRequest {
  segmentId: string;
}
/**
 * `delete_segment`.
 */
export interface SegmentDeleted {
  segmentId: string;
}
export interface DeleteTagRequest {
  tag: string;
}
/**
 * `rename_tag`, `delete_tag`: how many had it, or the job that sees to it.
 */
export interface TagEnded {
  updated?: number;
  jobId?: string;
}
export interface ExplainQuarantineRequest {
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
  message: string;
  documentPath: string;
}
export interface ExportCustomerRequest {
  customerId?: string | null;
  email?: string | null;
  userId?: string | null;
  pageToken?: string | null;
}
/**
 * `export_customer`, `export_my_data`.
 */
export interface ArchivePart {
  nextPageToken: string | null;
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
export interface ExportMyDataRequest {
  pageToken?: string | null;
}
export interface GetCampaignRequest {
  campaignId: string;
}
export interface GetCampaignResultsRequest {
  campaignId: string;
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
export interface GetCohortsRequest {
  from?: string | null;
  to?: string | null;
}
/**
 * `get_cohorts`.
 */
export interface Cohorts {
  cohorts: Cohort[];
  timeZone: string;
  erasedOrdersLeftOut: number;
  documentsRead: number;
}
/**
 * Who ordered first in a month, and how many of them in each month from that one on.
 */
export interface Cohort {
  month: string;
  customers: number;
  active: number[];
}
export interface GetCustomerRequest {
  customerId?: string | null;
  email?: string | null;
  userId?: string | null;
}
/**
 * `get_customer`.
 */
export interface CustomerFound {
  customer: Customer;
  matchedBy: "customerId" | "email" | "userId" | "contact";
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
   * A moment in UTC in ISO 8601: parse it, do not compare it as text.
   */
  unreachable?: string;
}
/**
 * Another customer that is likely the same person.
 */
export interface LikelySame {
  customerId: string;
  reason: "unproven-address" | "address-conflict";
}
export interface GetEventRequest {
  eventId: string;
}
/**
 * `get_event`.
 */
export interface EventShown {
  event: EventRow;
  documentsRead: number;
}
/**
 * An event of the catalogue, how many customers it had, and perhaps what it sold.
 */
export interface EventRow {
  eventId: string;
  name: string | null;
  startsAt: Moment | null;
  holders: number;
  attended: number;
  checkedIn: number;
  noShows: number;
  /**
   * Holders for whom no earlier event is known; null where it has no known start.
   */
  newcomers: number | null;
  returning: number | null;
  orders?: number;
  revenue?: Money;
}
export interface GetEventSalesRequest {
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
  orders: number;
  tickets: number;
  people: number;
  revenue: Money;
  /**
   * How many of the orders hold other events, too.
   */
  sharedOrders: number;
  days: SalesDay[];
  timeZone: string;
  truncated: boolean;
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
export interface GetFiguresRequest {
  from?: string | null;
  to?: string | null;
  by?: ("day" | "week" | "month") | null;
}
/**
 * `get_figures`.
 */
export interface Figures {
  figures: Figure[];
  timeZone: string;
  erasedOrdersLeftOut: number;
  documentsRead: number;
}
/**
 * The figures of a day, a week or a month.
 */
export interface Figure {
  start: Day;
  orders: number;
  revenue: Money;
  newCustomers: number;
  returningCustomers: number;
}
export interface GetGrowthRequest {
  from?: string | null;
  to?: string | null;
  by?: ("day" | "week" | "month") | null;
}
/**
 * `get_growth`.
 */
export interface Growth {
  growth: Growing[];
  subscribers: number;
  timeZone: string;
  truncated: boolean;
  documentsRead: number;
}
/**
 * Decisions for news and against them, of a day, a week or a month.
 */
export interface Growing {
  start: Day;
  subscribed: number;
  unsubscribed: number;
}
export interface GetJobRequest {
  jobId: string;
}
export interface GetNewsRequest {
  since: string;
}
/**
 * `get_news`.
 */
export interface News {
  since: Moment;
  orders: number;
  people: number;
  subscribed: number;
  unsubscribed: number;
  truncated: boolean;
  documentsRead: number;
}
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
  erasure: RecordErasure;
  data: RecordData[];
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
  optIn: "single" | "double";
  doubleOptInDays: number;
  holdFutureEvents: boolean;
  mail: MailSettings;
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
  message: string;
  /**
   * The console's page for it.
   */
  to: string | null;
}
export interface GetUnsubscribeHeadersRequest {
  customerId?: string | null;
  email?: string | null;
  userId?: string | null;
}
/**
 * `get_unsubscribe_headers`.
 */
export interface UnsubscribeLink {
  url: string;
  headers: UnsubscribeHeaders;
}
export interface UnsubscribeHeaders {
  "List-Unsubscribe": string;
  "List-Unsubscribe-Post": string;
}
export interface GrantRoleRequest {
  email: string;
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
  secondFactor: boolean;
  lastSignInAt: Moment | null;
  disabled: boolean;
  you: boolean;
  /**
   * What stands for the account in the audit trail, the latest last.
   */
  actors: string[];
}
export interface ImportContactsRequest {
  csv: string;
  source?: string | null;
  evidence?: string | null;
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
export interface ListAuditRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  customerId?: string | null;
  userId?: string | null;
}
/**
 * `list_audit`.
 */
export interface AuditPage {
  nextPageToken: string | null;
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
export interface ListCampaignsRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  rule?: string | null;
  byRules?: boolean;
}
/**
 * `list_campaigns`.
 */
export interface CampaignsPage {
  nextPageToken: string | null;
  campaigns: Campaign[];
}
export interface ListConsentsRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  customerId?: string | null;
  email?: string | null;
  userId?: string | null;
}
/**
 * `list_consents`.
 */
export interface ConsentsPage {
  nextPageToken: string | null;
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
export interface ListEventsRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  q?: string | null;
  when?: ("past" | "upcoming") | null;
  sales?: boolean | null;
  order?: ("newest" | "oldest") | null;
}
/**
 * `list_events`.
 */
export interface EventsPage {
  nextPageToken: string | null;
  events: EventRow[];
  documentsRead: number;
}
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
export interface ListImportsRequest {
  pageSize?: number | null;
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
export interface ListMailsRequest {
  pageSize?: number | null;
  pageToken?: string | null;
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
export interface ListNotesRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  customerId: string;
}
/**
 * `list_notes`.
 */
export interface NotesPage {
  nextPageToken: string | null;
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
export interface ListOrdersRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  customerId: string;
}
/**
 * `list_orders`.
 */
export interface OrdersPage {
  nextPageToken: string | null;
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
export interface ListQuarantineRequest {
  pageSize?: number | null;
  pageToken?: string | null;
}
/**
 * `list_quarantine`.
 */
export interface QuarantinePage {
  nextPageToken: string | null;
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
export interface ListRecipientsRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  campaignId: string;
  state?: ("waiting" | "accepted" | "refused" | "excluded" | "uncertain") | null;
}
/**
 * `list_recipients`.
 */
export interface RecipientsPage {
  nextPageToken: string | null;
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
export interface ListRequestsRequest {
  pageSize?: number | null;
  pageToken?: string | null;
}
/**
 * `list_requests`.
 */
export interface RequestsPage {
  nextPageToken: string | null;
  requests: PrivacyRequest[];
}
/**
 * What was asked for of a person's data; what does not apply is null.
 */
export interface PrivacyRequest {
  requestId: string;
  kind: "export" | "erasure";
  state: "open" | "running" | "done";
  at: Moment;
  dueAt: Moment | null;
  by: "person" | "staff" | "operator";
  actor: string;
  customerIds: string[];
  reason: string | null;
  stoppedBy: string | null;
  erasureId: string | null;
  report: ErasureReport | null;
}
export interface ListRuleRunsRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  customerId?: string | null;
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
export interface ListRulesRequest {
  pageSize?: number | null;
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
export interface ListSegmentsRequest {
  pageSize?: number | null;
  pageToken?: string | null;
}
/**
 * `list_segments`.
 */
export interface SegmentsPage {
  nextPageToken: string | null;
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
export interface ListStaffRequest {
  pageToken?: string | null;
}
/**
 * `list_staff`.
 */
export interface StaffPage {
  nextPageToken: string | null;
  staff: StaffMember[];
}
export interface ListTagsRequest {
  pageSize?: number | null;
  pageToken?: string | null;
}
/**
 * `list_tags`.
 */
export interface TagsPage {
  nextPageToken: string | null;
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
export interface MergeCustomersRequest {
  sourceId: string;
  targetId: string;
  dryRun?: boolean | null;
  allowTwoUsers?: boolean | null;
}
/**
 * `merge_customers`.
 */
export interface Merged {
  mergeId: string | null;
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
export interface PauseCampaignRequest {
  campaignId: string;
}
export interface PreviewCampaignRequest {
  campaignId: string;
  customerId?: string | null;
}
/**
 * `preview_campaign`.
 */
export interface CampaignPreview {
  customerId: string | null;
  subject: string;
  html: string;
  text: string;
  problems: Problem[];
  audience: Audience;
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
export interface PreviewRuleRequest {
  ruleId?: string | null;
  name?: string | null;
  when?: {
    [k: string]: unknown;
  } | null;
  then?: {
    [k: string]: unknown;
  } | null;
  on?: boolean | null;
  only?:
    | string
    | {
        [k: string]: unknown;
      }
    | null;
  once?:
    | ("ever" | "event")
    | {
        [k: string]: unknown;
      }
    | null;
  most?: number | null;
}
/**
 * `preview_rule`.
 */
export interface RulePreview {
  matching: number;
  people: RulePerson[];
  events: RuleEvent[];
  audience: Audience | null;
  most: number;
  pauses: boolean;
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
export interface QuerySegmentRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  segment:
    | string
    | {
        [k: string]: unknown;
      };
  sort?: SortRequest | null;
  explain?: boolean | null;
}
/**
 * An order of customers.
 */
export interface SortRequest {
  by: "lastOrderAt" | "firstOrderAt" | "orderCount" | "totalSpend";
  currency?: string | null;
  direction?: ("asc" | "desc") | null;
}
/**
 * `query_segment`.
 */
export interface SegmentPage {
  nextPageToken: string | null;
  customers: Customer[];
  warnings: Doubt[];
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
export interface RebuildCustomersRequest {
  dryRun?: boolean | null;
}
/**
 * `rebuild_customers`, `undo_import`.
 */
export interface JobBegun {
  jobId: string;
}
export interface RenameTagRequest {
  tag: string;
  to: string;
}
export interface ResolveRecipientsRequest {
  campaignId: string;
  customerIds: string[];
  action: "resend" | "close";
}
/**
 * `resolve_recipients`.
 */
export interface RecipientsResolved {
  resolved: number;
}
export interface ResumeCampaignRequest {
  campaignId: string;
}
export interface RetryJobRequest {
  jobId: string;
}
export interface RetryQuarantineRequest {
  id: string;
}
/**
 * `retry_quarantine`.
 */
export interface Retried {
  resolved: boolean;
}
export interface RevokeRoleRequest {
  uid: string;
}
export interface SaveCampaignRequest {
  name: string;
  subject: string;
  body: BodyRequest;
  segment:
    | string
    | {
        [k: string]: unknown;
      };
  preview?: string | null;
  from?: string | null;
  replyTo?: string | null;
  campaignId?: string | null;
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
  problems: Problem[];
  warnings: Doubt[];
}
export interface SaveRuleRequest {
  name: string;
  when: {
    [k: string]: unknown;
  };
  then: {
    [k: string]: unknown;
  };
  on?: boolean | null;
  only?:
    | string
    | {
        [k: string]: unknown;
      }
    | null;
  once?:
    | ("ever" | "event")
    | {
        [k: string]: unknown;
      }
    | null;
  most?: number | null;
  waiting?: ("act" | "drop") | null;
  ruleId?: string | null;
  revision?: number | null;
}
/**
 * `save_rule`.
 */
export interface RuleSaved {
  rule: Rule;
  warnings: Doubt[];
}
export interface SaveSegmentRequest {
  name: string;
  segment:
    | string
    | {
        [k: string]: unknown;
      };
  description?: string | null;
  segmentId?: string | null;
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
export interface SearchCustomersRequest {
  pageSize?: number | null;
  pageToken?: string | null;
  q: string;
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
  nextPageToken: string | null;
  customers: Customer[];
  /**
   * There where a segment was given.
   */
  warnings?: Doubt[];
}
export interface SendCampaignRequest {
  campaignId: string;
  expected: number;
  at?: string | null;
  latestBy?: string | null;
}
export interface SetConsentRequest {
  customerId: string;
  status: "subscribed" | "unsubscribed";
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
export interface SetFieldsRequest {
  customerId: string;
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
export interface SetReachableRequest {
  customerId: string;
  evidence: "person" | "arrived" | "provider";
}
export interface TagCustomersRequest {
  add?: string[] | null;
  remove?: string[] | null;
  customerIds?: string[] | null;
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
  updated?: number;
  unchanged?: number;
  full?: number;
  notFound?: string[];
  jobId?: string;
  warnings: Doubt[];
}
export interface TestCampaignRequest {
  campaignId: string;
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
export interface UndoImportRequest {
  importId: string;
}
export interface UnmergeCustomersRequest {
  mergeId: string;
}
/**
 * `unmerge_customers`.
 */
export interface Unmerged {
  customers: Customer[];
}
