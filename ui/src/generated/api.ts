// Made of the types in src-tauri/crates/kontor-api by `make types`. Do not edit.

/** The answer of a request. */
export type Answer<R extends Request> = Answers[R["type"]];

/** Adds a note. */
export type AddNote = {
  /** Id of this request. */
  request_id: string,
  /** The registration. */
  registration: string,
  /** The text. */
  text: string,
};

/** The answer of each request, by its name; TypeScript reads `call` from it. */
export type Answers = {
  /** What the window must know to draw itself. */
  start: StartState,
  /** Keeps the settings. */
  save_settings: Settings,
  /** Makes a demo, as a job. */
  create_demo: Job,
  /** Opens a database and keeps it as a profile. */
  open_database: Connection,
  /** Opens a database that this desk knows. */
  open_profile: Connection,
  /** Changes a profile. */
  save_profile: Profile,
  /** Forgets a profile and its passwords. */
  forget_profile: null,
  /** Sets where the mails of a profile go. */
  save_mail_settings: Profile,
  /** Closes the database. */
  close_database: null,
  /** Lets the person choose a file or folder. */
  choose_path: string | null,
  /** Cancels a job. */
  cancel_job: null,
  /** Opens a file that an export wrote. */
  open_export: null,
  /** Shows a notification of the desktop. */
  notify: null,
  /** What is to be done, and how the month stands. */
  show_overview: Overview,
  /** Records by number, name or address. */
  find: Array<Hit>,
  /** Registrations, a page. */
  list_registrations: Page<RegistrationRow>,
  /** One registration with its call view. */
  show_registration: RegistrationDetail,
  /** What happened to a registration, a part. */
  show_timeline: Timeline,
  /** Looks at staged changes of contact data. */
  check_contact: ContactCheck,
  /** Invoices, a page. */
  list_invoices: Page<InvoiceRow>,
  /** One invoice. */
  show_invoice: InvoiceDetail,
  /** Audits the PDF of an invoice. */
  audit_invoice: Audit,
  /** What cancelling an invoice would do. */
  plan_cancellation: CancellationPlan,
  /** Mails, a page. */
  list_deliveries: Page<DeliveryRow>,
  /** One mail with its evidence. */
  show_delivery: Stored<DeliveryDetail>,
  /** What sending again would do. */
  plan_resend: ResendPlan,
  /** Payments, a page. */
  list_payments: Page<PaymentRow>,
  /** What is open, by cause. */
  show_failure_groups: FailureGroups,
  /** What is open, a page. */
  list_failures: Page<FailureRow>,
  /** What the rules say of themselves. */
  show_rules: Array<RuleText>,
  /** What the rules found, by rule. */
  show_finding_groups: FindingGroups,
  /** Findings, a page. */
  list_findings: Page<FindingRow>,
  /** One finding with its evidence. */
  show_finding: FindingDetail,
  /** What repairs would do. */
  plan_repairs: RepairPlan,
  /** What taking repairs back would do. */
  plan_undo: UndoPreview,
  /** Repairs, a page. */
  list_repairs: Page<RepairRow>,
  /** One repair. */
  show_repair: Stored<RepairDetail>,
  /** Holds a repair against its record as it is now. */
  compare_repair: RepairConflict,
  /** Asks the rules, as a job. */
  check_database: Job,
  /** What a run would do. */
  plan_run: RunPlan,
  /** Mails of a run as they would go out. */
  preview_covering: CoveringPreview,
  /** Runs, a page. */
  list_runs: Page<RunRow>,
  /** One run with its progress. */
  show_run: RunDetail,
  /** Items of a run, a page. */
  list_run_items: Page<RunItemRow>,
  /** Works on a run from this desk too. */
  join_run: null,
  /** Entries of the journal, a page. */
  list_journal: Page<JournalRow>,
  /** What the journal can be filtered by. */
  show_journal_choices: JournalChoices,
  /** Verifies the journal, as a job. */
  verify_journal: Job,
  /** Where failures concentrate. */
  show_causes: FoundCauses,
  /** The hosts that ever worked. */
  show_hosts: Hosts,
  /** Replays of a host. */
  show_replays: Replays,
  /** What a host had in hand in its bad time. */
  show_damage: HostDamage,
  /** The records that a host had in hand, a page. */
  list_damage: DamagePage,
  /** Draws what a host had in hand again, as a job. */
  examine_damage: Job,
  /** What putting the damage of a host right in one go would do. */
  plan_damage: DamagePlan,
  /** Months that can be reported on, newest first. */
  list_report_months: Array<ReportMonth>,
  /** How a month went. */
  show_report: MonthReport,
  /** Saved filters. */
  show_saved_filters: Array<SavedFilter>,
  /** Writes a list to a file, as a job. */
  export_list: Job | null,
  /** Saves a document where the person wants it. */
  save_document: string | null,
  /** Shows a document in the system's viewer. */
  open_document: null,
  /** Saves contact data. */
  save_contact: ContactSaved,
  /** Adds a note. */
  add_note: Note,
  /** Changes a note. */
  edit_note: Note,
  /** Takes a note away. */
  delete_note: null,
  /** Marks a PDF as reviewed, or takes the mark away. */
  mark_reviewed: Reviewed,
  /** Cancels an invoice. */
  cancel_invoice: Cancelled,
  /** Sends invoices again. */
  resend_invoices: RunStarted,
  /** Says what became of mails. */
  settle_deliveries: Settled,
  /** Puts findings aside until a day. */
  set_findings_aside: FindingsSetAside,
  /** Brings findings back before their day. */
  bring_findings_back: FindingsSetAside,
  /** Stages repairs for review. */
  stage_repairs: RepairsDone,
  /** Takes repairs from the list again. */
  unstage_repairs: RepairsUnstaged,
  /** Applies staged repairs, as a job. */
  apply_repairs: Job,
  /** Takes repairs back, as a job. */
  undo_repairs: Job,
  /** Stages repairs of a host's damage, and starts one run over what is open. */
  stage_damage: DamageStaged,
  /** Starts a run. */
  start_run: RunStarted,
  /** Pauses a run. */
  pause_run: RunDetail,
  /** Goes on with a run. */
  resume_run: RunDetail,
  /** Takes back what a run has not begun. */
  cancel_run: RunDetail,
  /** Takes a host out of service. */
  withdraw_host: Hosts,
  /** Puts a host back into service. */
  return_host: Hosts,
  /** Asks for the same inputs to be drawn on a suspect host, on another and back. */
  ask_replay: Replay,
  /** Notes a host as the cause, once its failures were reproduced. */
  confirm_replay: Replay,
  /** Takes back a replay that is open. */
  cancel_replay: Replay,
  /** Saves a filter. */
  save_filter: SavedFilter,
  /** Takes a filter away. */
  delete_filter: null,
};

/** What the desktop prefers. */
export type Appearance = {
  /** Dark. */
  is_dark: boolean,
  /** Nothing should move. */
  is_motion_reduced: boolean,
  /** Language. */
  language: Language,
};

/** Applies staged repairs, as a job. */
export type ApplyRepairs = {
  /** The id by which a repetition is recognised; it becomes the batch. */
  request_id: string,
  /** Which. */
  repairs: Array<string>,
  /** Why; it stands in the journal. */
  reason: string,
  /** The person has confirmed a second time. */
  is_confirmed: boolean,
};

/** Asks for a replay. */
export type AskReplay = {
  /** The id by which a repetition is recognised. */
  request_id: string,
  /** The suspect host. */
  host: string,
  /** The host it is held against; none takes whichever other one comes first. */
  other?: string,
  /** Why; it stands in the journal. */
  reason: string,
};

/** An attempt. */
export type Attempt = {
  /** Its id. */
  id: string,
  /** When it started. */
  started_at: string,
  /** When it ended. */
  ended_at: string | null,
  /** Step it got to. */
  step: Step,
  /** How it ended. */
  outcome: AttemptOutcome,
  /** Host. */
  host: string,
  /** Process id. */
  pid: number,
  /** Program version. */
  program_version: string,
  /** Signal that killed the process, if one was seen. */
  signal: number | null,
  /** Why it did not go well. */
  cause: Cause | null,
  /** Word for word, addresses masked; shown on demand. */
  message: string | null,
};

/** How an attempt ended. */
export type AttemptOutcome = "running" | "done" | "failed" | "died" | "skipped" | "unknown";

/** What the audit of a PDF found. */
export type Audit = {
  /** The document; none when there is none. */
  document: string | null,
  /** The four checks, in this order: present, hash, structure, text. */
  checks: Array<AuditCheck>,
  /** Pages, where they could be counted. */
  pages: number | null,
  /** Whether it is whole and says the right thing. */
  is_sound: boolean,
};

/** A check of a PDF. */
export type AuditCheck = {
  /** Which. */
  name: AuditCheckName,
  /** How it came out. */
  outcome: AuditOutcome,
  /** What is wrong. */
  fault: AuditFault | null,
  /** What the check says word for word, in English; shown on demand. */
  detail: string | null,
};

/** A check of a PDF. */
export type AuditCheckName = "present" | "hash" | "structure" | "text";

/** What is wrong with a PDF. */
export type AuditFault = "missing" | "empty" | "wrong_hash" | "broken" | "wrong_text";

/** Audits the stored PDF of an invoice. */
export type AuditInvoice = {
  /** The invoice. */
  invoice: string,
};

/** How a check came out. */
export type AuditOutcome = "passed" | "failed" | "not_done";

/** A sentence in the languages of the window. */
export type Bilingual = {
  /** German. */
  de: string,
  /** English. */
  en: string,
};

/** Brings findings back that were put aside, before their day. */
export type BringFindingsBack = {
  /** The id by which a repetition is recognised. */
  request_id: string,
  /** Which. */
  findings: Selection<FindingFilter, string>,
  /** Why; it stands in the journal. */
  reason: string,
};

/** Who did something, and where. */
export type By = {
  /** Login name. */
  person: string,
  /** Name of the desk. */
  desk: string,
};

/** What happened to the invoice that matters most: the newest that is not in order, or else the newest. */
export type CallSentence = { "code": "no_subscription" }
  | { "code": "not_due_yet",
  /** For this month. */
  period: Month,
}
  | { "code": "not_issued",
  /** The month. */
  period: Month,
  /** Number that the old programs took for it, where they took one. */
  number: string | null,
  /** Why, as far as somebody tried. */
  cause: Cause | null,
  /** When that was tried last. */
  tried_at: string | null,
}
  | { "code": "no_document",
  /** Its number. */
  number: string,
  /** Its date. */
  issued_on: string,
  /** Why. */
  cause: Cause | null,
  /** When that was tried last. */
  tried_at: string | null,
}
  | { "code": "not_mailed",
  /** Its number. */
  number: string,
  /** Its date. */
  issued_on: string,
  /** Why. */
  cause: Cause | null,
  /** When that was tried last. */
  tried_at: string | null,
}
  | { "code": "mail_waits",
  /** Its number. */
  number: string,
  /** Its date. */
  issued_on: string,
  /** Which of these. */
  state: DeliveryState,
  /** Since when. */
  since: string,
  /** When it is tried again, where that is known. */
  due_at: string | null,
  /** Why it waits. */
  cause: Cause | null,
}
  | { "code": "mail_accepted",
  /** Its number. */
  number: string,
  /** Its date. */
  issued_on: string,
  /** When. */
  at: string,
  /** For this address. */
  recipient: string,
}
  | { "code": "mail_refused",
  /** Its number. */
  number: string,
  /** Its date. */
  issued_on: string,
  /** When. */
  at: string,
  /** For this address. */
  recipient: string,
  /** Why. */
  cause: Cause,
  /** The mail server's reply code. */
  reply_code: number | null,
}
  | { "code": "mail_bounced",
  /** Its number. */
  number: string,
  /** Its date. */
  issued_on: string,
  /** When. */
  at: string,
  /** From this address. */
  recipient: string,
  /** Why. */
  cause: Cause,
}
  | { "code": "mail_unknown",
  /** Its number. */
  number: string,
  /** Its date. */
  issued_on: string,
  /** When it was sent. */
  at: string,
  /** To this address. */
  recipient: string,
}
  | { "code": "cancelled",
  /** Its number. */
  number: string,
  /** Number of the cancellation invoice. */
  cancellation: string,
  /** Date of the cancellation invoice. */
  on: string,
  /** Number of the invoice in its place. */
  reissued: string | null,
}
  | { "code": "in_work",
  /** The month. */
  period: Month,
  /** Its number, where it has one. */
  number: string | null,
  /** The run. */
  run: string,
}
  | { "code": "unreadable",
  /** Its number, where that can be read. */
  number: string | null,
  /** Name of the column. */
  field: string,
};

/** What to say on the phone, and what to do next. */
export type CallView = {
  /** The answer. */
  sentence: CallSentence,
  /** The invoice that it is about. */
  invoice: string | null,
  /** The one next step; none when there is nothing to do. */
  next: NextStep | null,
  /** Further invoices of this customer that are not in order. */
  more: number,
};

/** What a canary draws. */
export type CanaryKind = "reference" | "twice" | "sample";

/** Cancels an invoice with a cancellation invoice, and invoices the month again where that is wanted. */
export type CancelInvoice = {
  /** Id of this request. */
  request_id: string,
  /** The invoice. */
  invoice: string,
  /** Why; stands in the journal. */
  reason: string,
  /** Whether the month is invoiced again, from today's data. */
  reissue: boolean,
  /** Whether the new papers are mailed; otherwise they are only stored. */
  mail: boolean,
  /** Date of the new papers; none takes today at the office. */
  issue_on?: string,
};

/** Cancels a job. One that is over stays as it ended. */
export type CancelJob = {
  /** The job. */
  job: string,
};

/** Takes back a replay that is open. */
export type CancelReplay = {
  /** The id by which a repetition is recognised. */
  request_id: string,
  /** Which. */
  replay: string,
  /** Why; it stands in the journal. */
  reason: string,
};

/** Takes back what a run has not begun; what is in hand is finished. */
export type CancelRun = {
  /** Id of this request. */
  request_id: string,
  /** The run. */
  run: string,
  /** Why; may be empty. */
  reason: string,
};

/** What cancelling an invoice would do. It cannot be undone. */
export type CancellationPlan = {
  /** The invoice. */
  invoice: NumberedInvoice,
  /** Name on the paper. */
  recipient: string,
  /** Its gross amount in cents. */
  gross_cents: number,
  /** What was paid on it, in cents. */
  paid_cents: number,
  /** Date of the new papers. */
  issue_on: string,
  /** What stands in the way of cancelling. */
  obstacle: Obstacle | null,
  /** It is cancelled already, so that only a new invoice can be issued. */
  is_cancelled: boolean,
  /** What stands in the way of a new invoice. */
  reissue_obstacle: Obstacle | null,
  /** What a new invoice would say otherwise than the old one. */
  differences: Array<FieldChange>,
  /** Address that the new papers would be mailed to. */
  mail_to: string,
  /** Mails that have not left and would be withdrawn. */
  withdrawn_mails: number,
};

/** What was cancelled. */
export type Cancelled = {
  /** The cancelled invoice. */
  invoice: NumberedInvoice,
  /** The cancellation invoice. */
  cancellation: NumberedInvoice,
  /** The new invoice of the month. */
  reissued: NumberedInvoice | null,
  /** The run that draws, stores and mails the new papers. */
  run: string,
  /** The request had been answered before; nothing was written now. */
  is_repeated: boolean,
};

/** A value that could be right. */
export type CandidateValue = {
  /** The value. */
  value: string,
  /** Where it comes from, as a code: `bit`, `tariff`, `pdf`, `signup`, `log`, `row`. */
  from: string,
};

/** A normalised cause. The window has a sentence for each code. */
export type Cause = {
  /** The code; `other` for a word that this program does not know. */
  code: CauseCode,
  /** The step in which the process died, for the codes that say that. */
  step: Step | null,
  /** The word as it is stored; filters take it. */
  key: string,
};

/** What is known to go wrong. */
export type CauseCode = "outcome_unknown" | "recipient_refused" | "mail_bounced" | "address_invalid" | "character_not_covered" | "content_contradicts" | "registration_blocked" | "mailbox_missing" | "not_due" | "settings_missing" | "render_failed" | "audit_failed" | "drawn_otherwise" | "host_withdrawn" | "document_damaged" | "outbox_not_writable" | "disk_full" | "server_unreachable" | "mail_deferred" | "mail_refused" | "connection_lost" | "connection_timeout" | "process_died" | "process_killed" | "workers_lost" | "done_already" | "in_work" | "mailbox_full" | "message_too_large" | "login_refused" | "tls_failed" | "not_arrived" | "invoice_cancelled" | "record_unreadable" | "quarantined" | "internal" | "never_issued" | "never_archived" | "never_mailed" | "other";

/** A cause, and how often it was seen. */
export type CauseCount = {
  /** The cause. */
  cause: Cause,
  /** How often. */
  count: number,
};

/** Days, the first and the last among them. */
export type CauseDays = {
  /** The first. */
  from: string,
  /** The last. */
  to: string,
};

/** Open invoices of one cause. */
export type CauseFigure = {
  /** The cause. */
  cause: Cause,
  /** How many. */
  figure: Figure,
  /** When it was seen last. */
  last_seen: string | null,
};

/** How sure a cause is. */
export type CauseLevel = "too_few" | "uneven" | "points_to" | "hardware_suspected" | "confirmed";

/** A value of something in which attempts differ. */
export type CauseValue = {
  /** In what they differ, such as `host`. */
  attribute: string,
  /** The same in words. */
  name: Bilingual,
  /** The value. */
  value: string,
};

/** How sure a proposal is, from the surest to none. */
export type Certainty = "proven" | "copy" | "single" | "several" | "none";

/** Looks at staged changes before they are saved; writes nothing. */
export type CheckContact = {
  /** The registration. */
  registration: string,
  /** The changes. */
  changes: Array<ContactChange>,
};

/** Asks all rules, or some, as a job. */
export type CheckDatabase = {
  /** Ids of rules; none means all. */
  rules: Array<string>,
  /** A CSV file with what the sign-up site or a backup still has. */
  compare?: string,
  /** Only what changed since the last whole check. */
  only_changed: boolean,
};

/** Lets the person choose a file or folder; answers with its path, or nothing when they changed their mind. */
export type ChoosePath = {
  /** For what. */
  choice: PathChoice,
  /** Title of the dialog, in the window's language. */
  title: string,
};

/** Closes the database. What this desk has in hand of a run is finished first. */
export type CloseDatabase = Record<symbol, never>;

/** A column of a list, in its place. */
export type Column = {
  /** The window's name of it: that of a field of the row. */
  name: string,
  /** Its width in pixels. */
  width: number,
  /** Whether it shows. */
  is_shown: boolean,
};

/** Holds a repair against its record as it is now. */
export type CompareRepair = {
  /** The repair. */
  id: string,
};

/** Notes a host as the cause, once its failures were reproduced. */
export type ConfirmReplay = {
  /** The id by which a repetition is recognised. */
  request_id: string,
  /** The replay that reproduced them. */
  replay: string,
  /** Why; it stands in the journal. */
  reason: string,
};

/** A record that somebody changed meanwhile: before, mine, now. Nothing is chosen for the person. */
export type Conflict = {
  /** What it is. */
  record: RecordKind,
  /** Its id. */
  id: string,
  /** Number or name that people know it by. */
  label: string,
  /** Version that is stored now; saving again names this one. */
  version: number,
  /** Who changed it; none when it was changed outside Kontor. */
  changed_by: By | null,
  /** When. */
  changed_at: string,
  /** Every field that either side changed. */
  fields: Array<ConflictField>,
};

/** A field of a record that somebody changed meanwhile. */
export type ConflictField = {
  /** Name of the field. */
  field: string,
  /** What the person saw. */
  before: string | null,
  /** What the person wants; `before` where they did not touch it. */
  mine: string | null,
  /** What is stored now. */
  now: string | null,
  /** Both changed it, to different values: the person chooses. */
  is_overlapping: boolean,
};

/** An open database. */
export type Connection = {
  /** The profile it was opened by. */
  profile: string,
  /** Name of the database, as it says itself. */
  name: string,
  /** What it is. */
  purpose: Purpose,
  /** Whether it is a file on this machine; otherwise it is a server's. */
  is_file: boolean,
  /** Its file, or its server and name, without a login. */
  address: string,
  /** The day a demo lives in. */
  business_date: string | null,
  /** Whether it can be reached. */
  state: ConnectionState,
};

/** Whether the database can be reached. */
export type ConnectionState = { "type": "ok",
  /** Since when. */
  since: string,
}
  | { "type": "lost",
  /** Since when. */
  since: string,
  /** When it answered last. */
  answered_at: string,
  /** When it is tried again. */
  next_try_at: string,
};

/** What can be changed of a registration. */
export type Contact = { kind: RegistrationKind, company: string | null, first_name: string, last_name: string, email: string, language: Language, street: string | null, postal_code: string | null, city: string | null, country: string | null, vat_id: string | null,
};

/** A change of one field, as the person saw it. */
export type ContactChange = {
  /** The field. */
  field: ContactField,
  /** What stood there. */
  old: string | null,
  /** What is to stand there. */
  new: string | null,
};

/** What there is to say about staged changes. */
export type ContactCheck = {
  /** What stands in the way of saving. */
  faults: Array<FieldFault>,
  /** Other registrations with the new mail address, where there are any; that is allowed. */
  same_email: Figure | null,
  /** Invoices that can be sent to the new address once it is saved, newest first. */
  sendable: Array<SendableInvoice>,
};

/** A field of [`Contact`]. */
export type ContactField = "kind" | "company" | "first_name" | "last_name" | "email" | "language" | "street" | "postal_code" | "city" | "country" | "vat_id";

/** What was saved. */
export type ContactSaved = {
  /** Version that is stored now. */
  version: number,
  /** The runs that send the invoices, where that was asked for: one for what is open, one for what is repeated. */
  runs: Array<string>,
  /** The request had been answered before; nothing was written now. */
  is_repeated: boolean,
};

/** A text that opens the mails of a run. */
export type Covering = {
  /** The text. */
  text: string,
  /** The text for customers whose language is English; none takes the other. */
  text_en: string | null,
};

/** Mails of a run as they would go out. */
export type CoveringPreview = {
  /** One mail per language. */
  samples: Array<MailSample>,
  /** Mails that are written already and go out as they are, without the text. */
  stored_mails: number,
};

/** Makes the mail service of January 2013 in a new file, as a job. */
export type CreateDemo = {
  /** The file; none takes a new one in the demo folder. */
  path?: string,
  /** Name of the profile, in the window's language. */
  name: string,
  /** How many customers; none takes the 8,532 of the report. */
  registrations?: number,
};

/** A row's place in an order. Opaque to the window. */
export type Cursor = string;

/** A page of records that were in hand. */
export type DamagePage = {
  /** The records, in the order in which they were in hand last. */
  rows: Array<DamageRow>,
  /** Behind which attempt the next page begins; none where there is none. */
  next: string | null,
};

/** What putting damage right in one go would do. */
export type DamagePlan = {
  /** Repairs that would be staged. */
  repairs: number,
  /** Findings that are staged already. */
  staged_already: number,
  /** Why others are not staged. */
  refusals: Array<RepairRefusal>,
  /** Invoices that the run would take; each ends in a mail. */
  invoices: number,
  /** Why others cannot run. */
  not_possible: Array<Refusal>,
  /** Where mails go; none when that is not set. */
  mail_target: string | null,
};

/** A record that was in hand. */
export type DamageRow = {
  /** The last attempt that had it in hand there. */
  attempt: string,
  /** The invoice's number, or else the customer's. */
  label: string | null,
  /** The invoice. */
  invoice: string | null,
  /** Its month. */
  period: Month,
  /** The step at which the attempt ended. */
  step: string,
  /** When it began. */
  at: string,
  /** Whether it failed. */
  has_failed: boolean,
  /** What the rules find about the record. */
  findings: Array<Bilingual>,
  /** What is known of its document; none where there is none. */
  paper: PaperProof | null,
};

/** Open findings of one rule with the same evidence. */
export type DamageRule = {
  /** The rule's short name. */
  title: Bilingual,
  /** How much they matter. */
  severity: Severity,
  /** How sure their proposals are. */
  evidence: Certainty,
  /** How many. */
  findings: Figure,
  /** Of these, how many are staged. */
  staged: number,
};

/** A host and the time in which nothing that it did is trusted. */
export type DamageScope = {
  /** The host. */
  host: string,
  /** From then on. */
  from: string,
  /** Up to then, without it. */
  to: string,
};

/** Where the time comes from. */
export type DamageSource = "days" | "withdrawal" | "cause";

/** What was staged and started. */
export type DamageStaged = {
  /** Repairs that were staged. */
  staged: number,
  /** Why others were not. */
  refusals: Array<RepairRefusal>,
  /** The run, where anything can run. */
  run: string | null,
  /** Invoices that it takes. */
  invoices: number,
  /** Why others cannot run. */
  not_possible: Array<Refusal>,
};

/** Where a database is. */
export type DatabasePlace = { "type": "file",
  /** Its path. */
  path: string,
}
  | { "type": "server",
  /** Host name, address, or folder of a socket. */
  host: string,
  /** Port; none takes 5432. */
  port: number | null,
  /** Name of the database. */
  database: string,
  /** Login. */
  user: string,
  /** PEM file of a certificate authority beyond those of the system. */
  ca_file: string | null,
};

/** Registrations of one day. */
export type DayFigure = {
  /** The day at the office. */
  day: string,
  /** How many. */
  figure: Figure,
};

/** Takes a filter away. */
export type DeleteFilter = {
  /** Id of this request. */
  request_id: string,
  /** The filter. */
  filter: SavedVersion,
};

/** Takes a note away; the journal keeps that there was one. */
export type DeleteNote = {
  /** Id of this request. */
  request_id: string,
  /** The note. */
  note: string,
  /** Version that the person saw. */
  version: number,
};

/** A mail with its evidence. */
export type DeliveryDetail = {
  /** As the list shows it. */
  row: DeliveryRow,
  /** Which program made it. */
  origin: Origin,
  /** Its exact text is stored, so `Document::Message` can show it. */
  has_message: boolean,
  /** Envelope sender. */
  return_path: string | null,
  /** Who asked for it; none when a run made it. */
  person: string | null,
  /** Why. */
  reason: string | null,
  /** When it is tried again, where that is known. */
  due_at: string | null,
  /** What is known of its fate, oldest first. */
  evidence: Array<Stored<Evidence>>,
  /** What stands in the way of settling it by hand. */
  settle: Obstacle | null,
};

/** Which mails. What is left out does not narrow; several words of one field widen. */
export type DeliveryFilter = {
  /** Words that occur in address, Message-ID, invoice number, customer number or customer. */
  search?: string | null,
  /** In one of these states. */
  states?: Array<DeliveryState>,
  /** For one of these purposes. */
  purposes?: Array<DeliveryPurpose>,
  /** That a person has to settle (or not): unknown, or left on their way by somebody who is gone. */
  unsettled?: boolean | null,
  /** For one of these causes, by [`Cause::key`]. */
  causes?: Array<string>,
  /** Queued on this day or later. */
  queued_from?: string | null,
  /** Queued on this day or earlier. */
  queued_to?: string | null,
};

/** Why a mail went out. */
export type DeliveryPurpose = "invoice" | "resend" | "cancellation";

/** A mail as the list shows it. */
export type DeliveryRow = {
  /** Its id. */
  id: string,
  /** Its Message-ID, without angle brackets. */
  message_id: string,
  /** The invoice that it carries. */
  invoice: NumberedInvoice,
  /** The registration. */
  registration: string,
  /** Customer number. */
  customer: string,
  /** Name on the paper. */
  name: string,
  /** Address it went to. */
  recipient: string,
  /** Why it went out. */
  purpose: DeliveryPurpose,
  /** Its state. */
  state: DeliveryState,
  /** Why it did not go well. */
  cause: Cause | null,
  /** A person has to settle it. */
  is_unsettled: boolean,
  /** When it was queued. */
  queued_at: string,
  /** When it was sent, the last time. */
  sending_at: string | null,
  /** When its outcome became known. */
  settled_at: string | null,
  /** Mail server or folder that it went to. */
  target: string | null,
  /** How often it was tried. */
  tries: number,
  /** The mail server's last reply, word for word, addresses masked. */
  reply: string | null,
  /** When that came. */
  replied_at: string | null,
};

/** Columns that mails are sorted by. */
export type DeliverySort = "queued_at" | "recipient" | "state";

/** State of a mail. */
export type DeliveryState = "queued" | "sending" | "accepted" | "deferred" | "refused" | "unknown" | "bounced";

/** Height of rows. */
export type Density = "compact" | "comfortable";

/** A place in the window. */
export type Destination = { "type": "list",
  /** Which, and what of it. */
  query: ListQuery,
}
  | { "type": "registration",
  /** Its id. */
  id: string,
}
  | { "type": "invoice",
  /** Its id. */
  id: string,
}
  | { "type": "delivery",
  /** Its id. */
  id: string,
}
  | { "type": "run",
  /** Its id. */
  id: string,
}
  | { "type": "journal_entry",
  /** Its place in the chain. */
  seq: number,
};

/** Which disk. */
export type DiskPlace = "database" | "file" | "outbox";

/** A document. */
export type Document = { "type": "invoice",
  /** The invoice. */
  id: string,
}
  | { "type": "stored",
  /** The document. */
  id: string,
}
  | { "type": "report",
  /** The month. */
  month: Month,
  /** Language of the paper. */
  language: PaperLanguage,
  /** On paper, or the same figures as a table. */
  form: ReportForm,
}
  | { "type": "message",
  /** The mail. */
  id: string,
};

/** A stored PDF, without its bytes. */
export type DocumentRow = {
  /** Its id. */
  id: string,
  /** Whether it is the original; otherwise it was discarded. */
  is_original: boolean,
  /** Which program made it. */
  origin: Origin,
  /** What drew it. */
  renderer: string | null,
  /** SHA-256 that it was archived with. */
  sha256: string,
  /** Its size. */
  bytes: number,
  /** When it was stored. */
  created_at: string,
};

/** A document that was drawn again on another host. */
export type DrawnAgain = {
  /** That host. */
  host: string,
  /** When. */
  at: string,
  /** Whether it came out the same. */
  is_same: boolean,
};

/** Changes a note. */
export type EditNote = {
  /** Id of this request. */
  request_id: string,
  /** The note. */
  note: string,
  /** Version that the person saw. */
  version: number,
  /** The new text. */
  text: string,
};

/** Something that a window should know. */
export type Event = { "type": "connection",
  /** How it stands; none when no database is open. */
  connection: Connection | null,
}
  | { "type": "run",
  /** Where it stands. */
  progress: RunProgress,
}
  | { "type": "run_ended",
  /** The run. */
  row: RunRow,
  /** Where it ended. */
  progress: RunProgress,
}
  | { "type": "job",
  /** How it stands. */
  job: Job,
}
  | { "type": "changed",
  /** Which. */
  parts: Array<Part>,
  /** Whether this desk did it. */
  is_own: boolean,
}
  | { "type": "appearance",
  /** What it prefers now. */
  appearance: Appearance,
};

/** A piece of evidence. */
export type Evidence = {
  /** Its id. */
  id: string,
  /** Where it comes from. */
  source: EvidenceSource,
  /** What it says. */
  verdict: Verdict,
  /** The mail server's reply code. */
  reply_code: number | null,
  /** Word for word, addresses masked. */
  detail: string,
  /** When it was seen. */
  seen_at: string,
  /** The mail server's own id of the mail. */
  queue_id: string | null,
};

/** A reason for or against a proposal. */
export type EvidenceReason = {
  /** Its code. */
  code: string,
  /** The sentence. */
  text: Bilingual,
  /** Whether it speaks against the proposal. */
  is_against: boolean,
  /** Parameters of the sentence by name. */
  params: { [key in string]: string },
};

/** Where a piece of evidence comes from. */
export type EvidenceSource = "smtp_reply" | "connection" | "file" | "takeover" | "maillog" | "bounce" | "person";

/** Draws each document of a scope again at this desk and asks all rules, as a job. */
export type ExamineDamage = {
  /** Host and time. */
  scope: DamageScope,
};

/** A column of a file. */
export type ExportColumn = {
  /** Name of the row's field; a dot leads into a field of a field, as in `invoice.number`. */
  field: string,
  /** Its heading. */
  title: string,
  /** What to write for the words of the field, such as „aktiv“ for `active`. What is missing is written as it is. */
  words?: { [key in string]: string },
};

/** Kind of file. */
export type ExportFormat = "csv" | "xlsx";

/** Lets the person choose a file and writes a list to it, as a job. Answers with the job, or nothing when they changed their mind. */
export type ExportList = {
  /** The list. */
  query: ListQuery,
  /** Only these rows of it; none takes all. */
  only?: Array<string>,
  /** Rows that are left out. */
  except?: Array<string>,
  /** Columns, in their order. */
  columns: Array<ExportColumn>,
  /** Kind of file. */
  format: ExportFormat,
  /** Language of the person: in German a CSV file has semicolons and decimal commas. */
  language: Language,
  /** Title of the dialog, in that language. */
  title: string,
  /** Name of the file without ending, in that language. */
  file_name: string,
};

/** Why a request was not answered. */
export type Failure = { "code": "not_connected" }
  | { "code": "connection_lost",
  /** Since when. */
  since: string,
}
  | { "code": "answer_lost",
  /** The id to repeat it with. */
  request_id: string,
}
  | { "code": "database_busy" }
  | { "code": "disk_full",
  /** Which. */
  place: DiskPlace,
}
  | { "code": "read_only" }
  | { "code": "cannot_open",
  /** Why. */
  reason: OpenProblem,
}
  | { "code": "not_found",
  /** What it would be. */
  record: RecordKind,
  /** The number or id that was asked for. */
  key: string,
  /** Numbers one slip of the hand away that do exist. */
  meant: Array<string>,
}
  | { "code": "conflict",
  /** Both versions. */
  conflict: Conflict,
}
  | { "code": "invalid",
  /** One entry per fault. */
  faults: Array<FieldFault>,
}
  | { "code": "refused",
  /** Why. */
  obstacle: Obstacle,
}
  | { "code": "plan_outdated",
  /** What was shown. */
  planned: number,
  /** What it would be now. */
  now: number,
}
  | { "code": "host_unknown" }
  | { "code": "no_bad_time" }
  | { "code": "not_here" }
  | { "code": "mail_target_missing" }
  | { "code": "mail_password_needed" }
  | { "code": "mail_target_not_local" }
  | { "code": "file",
  /** The file. */
  path: string,
  /** Why. */
  reason: FileProblem,
}
  | { "code": "unexpected",
  /** The number. */
  incident: string,
};

/** Which open invoices. What is left out does not narrow; several words of one field widen. */
export type FailureFilter = {
  /** Words that occur in invoice number, customer number, name or address. */
  search?: string | null,
  /** Of one of these groups, by [`Cause::key`]. */
  groups?: Array<string>,
  /** Seen last on one of these hosts. */
  hosts?: Array<string>,
  /** That can run (or cannot). */
  can_run?: boolean | null,
  /** That cannot run for one of these reasons, by [`Cause::key`]. */
  obstacles?: Array<string>,
  /** Of this month. */
  period?: Month | null,
};

/** Open invoices of one normalised cause. */
export type FailureGroup = {
  /** The cause; its key names the group. */
  cause: Cause,
  /** How many there are. */
  count: number,
  /** How many of them can run. */
  eligible: number,
  /** When it was seen first; none when nobody ever tried. */
  first_seen: string | null,
  /** When it was seen last. */
  last_seen: string | null,
  /** On which hosts, most first. */
  hosts: Array<HostCount>,
  /** A few of them. */
  examples: Array<FailureRow>,
  /** The list of all. */
  destination: Destination,
};

/** What is open, in groups of one cause, the largest first. */
export type FailureGroups = {
  /** Invoices that are open. */
  total: number,
  /** The groups. */
  groups: Array<FailureGroup>,
};

/** What an open invoice is known by even if it has no number yet: subscription, month, and what of them. Opaque to the window. */
export type FailureKey = string;

/** An invoice that did not get as far as an accepted mail. */
export type FailureRow = {
  /** Its key. */
  key: FailureKey,
  /** The invoice, where there is one. */
  invoice: NumberedInvoice | null,
  /** The registration. */
  registration: string,
  /** Customer number. */
  customer: string,
  /** Name of the customer. */
  name: string,
  /** The customer's mail address. */
  email: string,
  /** The month. */
  period: Month,
  /** What it is about. */
  subject: Subject,
  /** The group it belongs to. */
  cause: Cause,
  /** Why it cannot run; none when it can. */
  obstacle: Cause | null,
  /** Host of the last attempt; none when nobody ever tried. */
  host: string | null,
  /** How often it was tried. */
  attempts: number,
  /** When it failed first. */
  first_seen: string | null,
  /** When it failed last. */
  last_seen: string | null,
  /** What was said then, word for word, addresses masked; shown on demand. */
  message: string | null,
};

/** Columns that open invoices are sorted by. */
export type FailureSort = "last_seen" | "invoice" | "customer";

/** What is wrong with a field. */
export type Fault = { "code": "required" }
  | { "code": "too_long",
  /** Most characters. */
  most: number,
}
  | { "code": "not_an_address" }
  | { "code": "not_a_vat_id" }
  | { "code": "not_a_country" }
  | { "code": "not_printable",
  /** These. */
  characters: string,
}
  | { "code": "control_character" }
  | { "code": "out_of_range",
  /** Least. */
  least: number,
  /** Most. */
  most: number,
}
  | { "code": "in_future",
  /** Today at the office. */
  today: string,
}
  | { "code": "not_to_come",
  /** Today at the office. */
  today: string,
}
  | { "code": "too_early",
  /** The first day that is possible. */
  earliest: string,
}
  | { "code": "too_far_ahead",
  /** The last month that is possible. */
  latest: Month,
}
  | { "code": "taken" }
  | { "code": "malformed" };

/** A field before and after. */
export type FieldChange = {
  /** Name of the field. */
  field: string,
  /** What stood there. */
  before: string | null,
  /** What stands there since. */
  after: string | null,
};

/** A field that cannot be taken. */
export type FieldFault = {
  /** Name of the field in the request, such as `email` or `reason`. */
  field: string,
  /** What is wrong. */
  fault: Fault,
};

/** A number, and the list that it counts. */
export type Figure = {
  /** The number. */
  count: number,
  /** The list: it has as many rows. */
  destination: Destination,
};

/** Why a file cannot be read or written. */
export type FileProblem = "missing" | "denied" | "wrong_kind" | "no_viewer" | "other";

/** Looks for records. */
export type Find = {
  /** What was typed. */
  text: string,
  /** How many hits of each kind at most, up to 20. */
  limit: number,
};

/** One finding with its rule and its evidence. */
export type FindingDetail = {
  /** The finding. */
  row: FindingRow,
  /** Its rule. */
  rule: RuleText,
  /** What its repair would do, or, where one is staged, what that one would. */
  plan: PlannedRepair,
  /** Why the proposal holds, and what speaks against it. */
  reasons: Array<EvidenceReason>,
  /** Further findings about the same record. */
  others: Array<FindingRow>,
  /** What was made of it, the newest first. */
  repairs: Array<RepairRow>,
};

/** Open findings that matter as much. */
export type FindingFigure = {
  /** How much they matter. */
  severity: Severity,
  /** How many there are. */
  figure: Figure,
};

/** Which findings. What is left out does not narrow; several words of one field widen. */
export type FindingFilter = {
  /** Words that occur in the wrong value, the rule's id, or the number of the record. */
  search?: string | null,
  /** In one of these states; none means open. */
  states?: Array<FindingState>,
  /** Of one of these rules, by id. */
  rules?: Array<string>,
  /** That matter as much as this. */
  severities?: Array<Severity>,
  /** As sure as this. */
  evidences?: Array<Certainty>,
  /** About what this host had in hand in this time. */
  written_by?: DamageScope | null,
};

/** Findings of one rule. */
export type FindingGroup = {
  /** The rule. */
  rule: string,
  /** How much a finding matters. */
  severity: Severity,
  /** The rule's short name. */
  title: Bilingual,
  /** How many are open. */
  open: number,
  /** How many of these are proven. */
  proven: number,
  /** How many are set aside. */
  set_aside: number,
  /** How many of the open ones the last check found for the first time. */
  fresh: number,
  /** When the oldest of the open ones was found. */
  first_opened_at: string | null,
  /** How many there were, set aside or not, at this time of the last seven days, and how many there are now, which comes last. Days before anything was found for the first time are left out. */
  trend: Array<number>,
  /** The list of the open ones. */
  destination: Destination,
};

/** Findings that are not closed, in groups of one rule, what matters most first. */
export type FindingGroups = {
  /** When all rules were last asked; none when they never were. */
  checked_at: string | null,
  /** The database itself is damaged: nothing else is repaired until it is not. */
  is_corrupt: boolean,
  /** How many are open. */
  open: number,
  /** How many of these are proven. */
  proven: number,
  /** How many are set aside. */
  set_aside: number,
  /** How many repairs are staged. */
  staged: number,
  /** The groups. */
  groups: Array<FindingGroup>,
};

/** A finding. */
export type FindingRow = {
  /** Its id. */
  id: string,
  /** Id of its rule. */
  rule: string,
  /** The rule's short name. */
  title: Bilingual,
  /** How much it matters. */
  severity: Severity,
  /** How it stands. */
  state: FindingState,
  /** What it is about. */
  subject: FindingSubject,
  /** The column, where one is wrong. */
  field: string | null,
  /** What stands there. */
  current: string | null,
  /** What should stand there, where one value says it. */
  proposed: string | null,
  /** What would be done. */
  action: RepairAction | null,
  /** How sure that is. */
  evidence: Certainty,
  /** When it was found first. */
  opened_at: string,
  /** When it was found last. */
  seen_at: string,
  /** When the rule no longer found it. */
  closed_at: string | null,
  /** Until when it is put aside, and why. */
  set_aside: SetAside | null,
  /** Who staged a repair of it. */
  staged_by: string | null,
};

/** Columns that findings are sorted by. */
export type FindingSort = "opened_at" | "rule";

/** How a finding stands. */
export type FindingState = "open" | "set_aside" | "closed";

/** The record that a finding is about. */
export type FindingSubject = {
  /** Its table. */
  table: string,
  /** Key of its row. */
  row: string,
  /** The number or address people know it by, such as a customer or invoice number. */
  label: string | null,
  /** Where it can be looked at. */
  destination: Destination | null,
};

/** How many findings were put aside, or came back. */
export type FindingsSetAside = {
  /** The number. */
  count: number,
};

/** A bit of a value's bytes. */
export type FlippedBit = {
  /** The byte, counted from 0. */
  byte: number,
  /** The bit of it, counted from 0, the lowest first. */
  bit: number,
};

/** Forgets a profile and its passwords. The database stays as it is. */
export type ForgetProfile = {
  /** The profile. */
  profile: string,
};

/** What failures can come from. */
export type FoundCause = {
  /** What it is. */
  at: CauseValue,
  /** How sure. */
  level: CauseLevel,
  /** Attempts there that failed or left damage. */
  failures: number,
  /** All attempts there. */
  attempts: number,
  /** How many of a thousand attempts failed elsewhere. */
  elsewhere_per_mille: number,
  /** The days in which it was bad. */
  days: CauseDays | null,
  /** What is behind it. */
  explained_by: CauseValue | null,
  /** What it cannot be told apart from. */
  inseparable: Array<CauseValue>,
  /** Signs of broken hardware. */
  signs: Array<Bilingual>,
  /** What speaks for it. */
  evidence: Array<Bilingual>,
  /** What speaks against it. */
  against: Array<Bilingual>,
  /** The open invoices that failed there. */
  affected: Destination | null,
};

/** Where failures concentrate. */
export type FoundCauses = {
  /** Attempts that were looked at. */
  attempts: number,
  /** Those that failed or left damage. */
  failures: number,
  /** The causes: those that stand by themselves first, the surest of them first. */
  causes: Array<FoundCause>,
};

/** What was found, the best first. */
export type Hit = {
  /** What it is. */
  record: RecordKind,
  /** Its number, such as a customer's or an invoice's. */
  label: string,
  /** Whose it is. */
  name: string,
  /** Address of the mailbox or of the mail. */
  address: string | null,
  /** Where it can be looked at. */
  destination: Destination,
};

/** A host, and how often something was seen on it. */
export type HostCount = {
  /** The host. */
  host: string,
  /** How often. */
  count: number,
};

/** What a host had in hand in its bad time, and what is known of it. */
export type HostDamage = {
  /** Host and time. */
  scope: DamageScope,
  /** Where the time comes from. */
  source: DamageSource,
  /** Attempts. */
  attempts: number,
  /** Invoices that they had in hand. */
  invoices: number,
  /** Stored originals of these. */
  documents: number,
  /** Mails of these. */
  mails: number,
  /** Numbers that the host took. */
  numbers: number,
  /** Customers whose invoices these are, or were to be. */
  customers: number,
  /** Documents that another host drew the same. */
  proven: number,
  /** Documents that another host drew otherwise. */
  otherwise: number,
  /** Documents that nobody else has drawn. */
  unproven: number,
  /** Documents that cannot be drawn again. */
  undrawable: number,
  /** Open invoices that can run. */
  can_run: number,
  /** Open invoices that cannot. */
  cannot_run: number,
  /** The open invoices that failed last on this host. */
  failures: Destination,
  /** Open findings about what was in hand. */
  findings: Figure,
  /** The same by rule and evidence. */
  rules: Array<DamageRule>,
};

/** A host that worked on runs. */
export type HostRow = {
  /** Its name. */
  host: string,
  /** Attempts it made. */
  attempts: number,
  /** When it last began one. */
  last_attempt_at: string | null,
  /** When its pages last came out right. */
  last_good_at: string | null,
  /** How often pages came out otherwise: there, or from its hand on another host. */
  wrong: number,
  /** Its withdrawal, while it is out of service. */
  withdrawal: HostWithdrawal | null,
  /** Invoices that it had in hand in a time in which its work is unproven. */
  unproven: number,
};

/** Since when a host is out of service, and why. */
export type HostWithdrawal = {
  /** Since when. */
  since: string,
  /** What it wrote from then on is unproven. */
  suspect_from: string,
  /** What was drawn, where a canary took it out; none where a person did. */
  canary: CanaryKind | null,
  /** The person, or the host whose canary it was. */
  by: string,
  /** Why, in the words of the person. */
  reason: string,
};

/** The hosts that ever worked: those out of service first, then by name. */
export type Hosts = {
  /** The hosts. */
  hosts: Array<HostRow>,
};

/** What can be done with an invoice: nothing stands in the way, or this does. */
export type InvoiceActions = {
  /** Key to rerun it with, where it is open. */
  failure: FailureKey | null,
  /** What stands in the way of a rerun. */
  rerun: Obstacle | null,
  /** What stands in the way of sending it again. */
  resend: Obstacle | null,
  /** What stands in the way of cancelling it. Nothing does where it is cancelled but its month can be invoiced again. */
  cancel: Obstacle | null,
};

/** What else is known of an invoice. */
export type InvoiceContent = {
  /** Net amount in cents. */
  net_cents: number,
  /** VAT in cents. */
  tax_cents: number,
  /** First day of service. */
  service_from: string | null,
  /** Last day of service. */
  service_to: string | null,
  /** Name and address on the paper, line by line. */
  address: Array<string>,
  /** SHA-256 of the frozen content; none for what the old programs never froze. */
  snapshot_sha256: string | null,
  /** When the row was made. */
  created_at: string,
};

/** Everything about one invoice. */
export type InvoiceDetail = {
  /** As the list shows it. */
  row: Stored<InvoiceRow>,
  /** What else is known of it. */
  content: Stored<InvoiceContent>,
  /** Lines. */
  lines: Array<Stored<InvoiceLine>>,
  /** Stored PDFs; the original, where there is one, comes first. */
  documents: Array<Stored<DocumentRow>>,
  /** Mails with their evidence, newest first. */
  deliveries: Array<Stored<DeliveryDetail>>,
  /** Everything that was tried, newest first. */
  attempts: Array<Stored<Attempt>>,
  /** Payments, newest first. */
  payments: Array<Stored<PaymentRow>>,
  /** Findings that are not closed about it and what belongs to it, what matters most first. */
  findings: Array<FindingRow>,
  /** What can be done with it. */
  actions: InvoiceActions,
  /** Why it is not to be believed as it stands; none where no host that was taken out of service had it in hand. */
  doubt: InvoiceDoubt | null,
};

/** A host that was taken out of service had the invoice in hand in its bad time. */
export type InvoiceDoubt = {
  /** The host. */
  host: string,
  /** What became of its document on another host; none where nobody has drawn it again. */
  drawn: DrawnAgain | null,
};

/** Invoices of one state. */
export type InvoiceFigure = {
  /** Invoices or cancellation invoices. */
  kind: InvoiceKind,
  /** Their state. */
  state: InvoiceState,
  /** State of their newest mails. */
  mail: MailState,
  /** How many. */
  figure: Figure,
};

/** Which invoices. What is left out does not narrow; several words of one field widen. */
export type InvoiceFilter = {
  /** Words that occur in number, recipient, customer number or customer. */
  search?: string | null,
  /** Of this registration. */
  registration?: string | null,
  /** Of this month or later. */
  period_from?: Month | null,
  /** Of this month or earlier. */
  period_to?: Month | null,
  /** Issued on this day or later. */
  issued_from?: string | null,
  /** Issued on this day or earlier. */
  issued_to?: string | null,
  /** In one of these states. */
  states?: Array<InvoiceState>,
  /** Of one of these kinds. */
  kinds?: Array<InvoiceKind>,
  /** Whose newest mail is in one of these states. */
  mails?: Array<MailState>,
  /** That failed and are still open (or are not). */
  failed?: boolean | null,
  /** Whose PDF, as it is now, somebody marked as reviewed (or nobody did). */
  reviewed?: boolean | null,
};

/** Invoice or cancellation invoice. */
export type InvoiceKind = "invoice" | "cancellation";

/** A line of an invoice. */
export type InvoiceLine = {
  /** Position. */
  position: number,
  /** What was delivered. */
  description: string,
  /** Pieces. */
  quantity: number,
  /** Gross price of a piece in cents. */
  unit_gross_cents: number,
  /** VAT rate in basis points: 1900 is 19 %. */
  tax_basis_points: number,
  /** Net amount in cents. */
  net_cents: number,
  /** VAT in cents. */
  tax_cents: number,
  /** Gross amount in cents. */
  gross_cents: number,
};

/** An invoice as the list shows it. */
export type InvoiceRow = {
  /** Its id. */
  id: string,
  /** Its number. */
  number: string,
  /** Invoice or cancellation invoice. */
  kind: InvoiceKind,
  /** Which program made it. */
  origin: Origin,
  /** Its state. */
  state: InvoiceState,
  /** Billing period. */
  period: Month,
  /** Date on the paper. */
  issued_on: string,
  /** Last day of payment. */
  due_on: string | null,
  /** The registration. */
  registration: string,
  /** Customer number. */
  customer: string,
  /** Name on the paper. */
  recipient: string,
  /** Gross amount in cents; negative on a cancellation invoice. */
  gross_cents: number,
  /** Currency. */
  currency: string,
  /** State of its newest mail. */
  mail: MailState,
  /** Why it is open, where it failed. */
  failure: Cause | null,
  /** For a cancellation invoice: what it cancels. */
  cancels: NumberedInvoice | null,
  /** For a cancelled invoice: the cancellation invoice. */
  cancelled_by: NumberedInvoice | null,
  /** Who looked at its PDF as it is now. */
  review: Review | null,
};

/** Columns that invoices are sorted by. */
export type InvoiceSort = "number" | "issued_on" | "recipient" | "gross_cents";

/** State of an invoice. */
export type InvoiceState = "incomplete" | "issued" | "archived" | "cancelled";

/** A piece of long work. */
export type Job = {
  /** Its id. */
  id: string,
  /** What it does. */
  kind: JobKind,
  /** When it was started. */
  started_at: string,
  /** How far it is, stage by stage; stages may run side by side. */
  stages: Array<JobStage>,
  /** How it ended; none while it goes on. */
  outcome: JobOutcome | null,
};

/** What a job does. */
export type JobKind = "demo" | "export" | "journal" | "check" | "repair" | "undo" | "examine";

/** How a job ended. */
export type JobOutcome = { "type": "demo",
  /** The profile to open. */
  profile: string,
  /** Customers. */
  registrations: number,
  /** Invoices. */
  invoices: number,
}
  | { "type": "export",
  /** Its path. */
  path: string,
  /** Rows written, without the heading. */
  rows: number,
}
  | { "type": "journal",
  /** What was found. */
  verdict: JournalVerdict,
}
  | { "type": "check",
  /** Rules that were asked. */
  rules: number,
  /** Findings that are open now, without what is set aside. */
  open: number,
  /** Findings that were closed. */
  closed: number,
  /** What could not be checked here. */
  not_checked: Array<Bilingual>,
}
  | { "type": "repairs",
  /** What became of them. */
  result: RepairsDone,
}
  | { "type": "examined",
  /** Documents that were drawn. */
  drawn: number,
  /** Those that came out the same. */
  same: number,
  /** Those that came out otherwise. */
  otherwise: number,
  /** Those that cannot be drawn again. */
  undrawable: number,
  /** Findings that are open now, without what is set aside. */
  open: number,
}
  | { "type": "cancelled" }
  | { "type": "failed",
  /** Why. */
  failure: Failure,
};

/** How far a stage is. */
export type JobStage = {
  /** Which. */
  name: JobStageName,
  /** What is done. */
  done: number,
  /** Of how many; none when nobody knows. */
  total: number | null,
};

/** A stage of a job. */
export type JobStageName = "registrations" | "invoices" | "rows" | "entries" | "rules" | "repairs" | "documents";

/** Works on a run that somebody put up and nobody works on, from this desk too. */
export type JoinRun = {
  /** The run. */
  run: string,
};

/** What the journal can be filtered by. */
export type JournalChoices = {
  /** Persons who wrote. */
  persons: Array<string>,
  /** Actions that occur. */
  actions: Array<string>,
};

/** What is wrong with a chain. */
export type JournalFault = { "code": "missing",
  /** Its place. */
  seq: number,
}
  | { "code": "out_of_order",
  /** Its place. */
  seq: number,
}
  | { "code": "changed",
  /** Its place. */
  seq: number,
}
  | { "code": "cut",
  /** The last entry there is. */
  seq: number,
}
  | { "code": "head_unknown" };

/** Which entries. What is left out does not narrow; several words of one field widen. */
export type JournalFilter = {
  /** Of one of these persons. */
  persons?: Array<string>,
  /** One of these actions. */
  actions?: Array<string>,
  /** About this record: an invoice's or a customer's number, or any record's id. */
  record?: string | null,
  /** Written on this day or later. */
  written_from?: string | null,
  /** Written on this day or earlier. */
  written_to?: string | null,
};

/** The record that an entry is about. */
export type JournalRecord = {
  /** Its table. */
  table: string,
  /** Its key. */
  key: string,
  /** The number or name that people know it by, where it is still there. */
  label: string | null,
  /** Where it can be looked at. */
  destination: Destination | null,
};

/** An entry. */
export type JournalRow = {
  /** Place in the chain; lists take it as the entry's id. */
  seq: number,
  /** When. */
  written_at: string,
  /** Who. */
  by: By,
  /** What, as the journal's word, such as `run.start`. Older programs may have written words that are not known here. */
  action: string,
  /** The record it is about. */
  record: JournalRecord | null,
  /** Why. */
  reason: string,
  /** Before and after, field by field. */
  changes: Array<FieldChange>,
  /** Id of the request. */
  request_id: string,
  /** Hash of the entry. */
  hash: string,
};

/** Columns that entries are sorted by. */
export type JournalSort = "seq";

/** What the walk found. */
export type JournalVerdict = {
  /** Entries that hold. */
  entries: number,
  /** Hash of the last of them. */
  head: string,
  /** The first thing that is wrong; none when the chain holds. */
  fault: JournalFault | null,
  /** When it was verified. */
  verified_at: string,
};

/** Language of a customer. */
export type Language = "de" | "en";

/** Language of the window. */
export type LanguageChoice = "system" | "de" | "en";

/** A part of a list. */
export type ListAsk<F, S> = {
  /** Which rows. */
  filter: F,
  /** In which order; none takes the list's own. */
  order?: Order<S>,
  /** Where the page begins. */
  place: Place,
  /** How many rows at most, up to 500; 0 with `with_total` only counts. */
  limit: number,
  /** Whether the total is wanted. Counting may take longer than the page; ask for it once per filter. */
  with_total: boolean,
};

/** The records that were in hand, a page. */
export type ListDamage = {
  /** Host and time. */
  scope: DamageScope,
  /** Behind this attempt; none begins. */
  after: string | null,
  /** How many at most. */
  limit: number,
};

/** The lists there are. */
export type ListName = "registrations" | "invoices" | "deliveries" | "payments" | "failures" | "runs" | "run_items" | "journal" | "findings" | "repairs";

/** A list with filter and order: what a figure opens, what is saved under a name, what is exported. */
export type ListQuery = { "list": "registrations", filter: RegistrationFilter, order: Order<RegistrationSort> | null,
}
  | { "list": "invoices", filter: InvoiceFilter, order: Order<InvoiceSort> | null,
}
  | { "list": "deliveries", filter: DeliveryFilter, order: Order<DeliverySort> | null,
}
  | { "list": "payments", filter: PaymentFilter, order: Order<PaymentSort> | null,
}
  | { "list": "failures", filter: FailureFilter, order: Order<FailureSort> | null,
}
  | { "list": "runs", filter: RunFilter, order: Order<RunSort> | null,
}
  | { "list": "run_items", filter: RunItemFilter, order: Order<RunItemSort> | null,
}
  | { "list": "journal", filter: JournalFilter, order: Order<JournalSort> | null,
}
  | { "list": "findings", filter: FindingFilter, order: Order<FindingSort> | null,
}
  | { "list": "repairs", filter: RepairFilter, order: Order<RepairSort> | null,
};

/** The months that can be reported on. */
export type ListReportMonths = Record<symbol, never>;

/** Mails of one state. */
export type MailFigure = {
  /** The state of the newest mail. */
  mail: MailState,
  /** How many invoices. */
  figure: Figure,
};

/** A mail as it would go out. */
export type MailSample = {
  /** Its language. */
  language: Language,
  /** Number of its invoice; none for a made-up example, because no invoice of this language can run. */
  invoice: string | null,
  /** Its subject. */
  subject: string,
  /** Its text. */
  text: string,
};

/** How the connection to a mail server is secured. */
export type MailSecurity = "implicit" | "start_tls" | "plain";

/** Where mails go, and how. */
export type MailSettings = {
  /** Where; none when it is not set. A demo has a folder from the start. */
  target: MailTarget | null,
  /** Where the login's password is. */
  password: PasswordPlace,
};

/** State of an invoice's newest mail. */
export type MailState = "none" | "queued" | "sending" | "accepted" | "deferred" | "refused" | "unknown" | "bounced";

/** Where mails go. */
export type MailTarget = { "type": "folder",
  /** Its path. */
  path: string,
}
  | { "type": "server",
  /** Host name or address. */
  host: string,
  /** Port. */
  port: number,
  /** How the connection is secured. */
  security: MailSecurity,
  /** Login, where the server asks for one. */
  user: string | null,
  /** PEM file of a certificate authority beyond those of the system. */
  ca_file: string | null,
  /** Connections at once, 1 to 64. */
  senders: number,
  /** Most mails a minute; none does not limit. */
  per_minute: number | null,
};

/** A mailbox. */
export type MailboxRow = {
  /** Its id. */
  id: string,
  /** Its address. */
  address: string,
  /** Storage rented, in bytes. */
  quota_bytes: number,
  /** Storage used, in bytes. */
  used_bytes: number,
  /** Why the quota differs from the tariff's, where it may. */
  quota_override_reason: string | null,
  /** Whether it is open. */
  is_active: boolean,
};

/** Marks the PDF of an invoice as reviewed, or takes the mark away. */
export type MarkReviewed = {
  /** Id of this request. */
  request_id: string,
  /** The invoice. */
  invoice: string,
  /** The document that the person looked at; another one by now is refused. */
  document: string,
  /** Whether it is reviewed. */
  is_reviewed: boolean,
};

/** Subscriptions that explain a difference. */
export type MissingFigure = {
  /** How many. */
  count: number,
  /** The first of their customers. */
  customers: Array<NamedCustomer>,
};

/** A calendar month, written `2013-01`. */
export type Month = string;

/** How a month went. Every figure leads to its list. */
export type MonthReport = {
  /** The month. */
  month: Month,
  /** The day it was made on, as the office counts days. */
  made_on: string,
  /** Registrations in the month. */
  registered: Figure,
  /** Registrations in the month before. */
  registered_before: number,
  /** Subscriptions that are due by their contracts. */
  due: number,
  /** Invoices that were issued and hold. */
  issued: Figure,
  /** Due, and all their invoices are cancelled. */
  cancelled: MissingFigure,
  /** Not issued: a critical finding holds them back. */
  quarantined: MissingFigure,
  /** Not issued although it was tried. */
  failed: MissingFigure,
  /** Not issued, and no attempt has ended yet. */
  not_begun: MissingFigure,
  /** Issued although no contract asks for it. */
  not_due: MissingFigure,
  /** What none of these explains; less than nothing where there is more than was due. */
  unexplained: MissingFigure,
  /** The newest mails of the invoices that hold, by their state. */
  mails: Array<MailFigure>,
  /** Invoices of the month without an accepted mail. */
  failures: Figure,
  /** Invoices of the month that a rerun finished. */
  rerun: number,
  /** Repairs that hold. */
  repaired: number,
  /** Entries of the journal. */
  journal_entries: number,
  /** Hash of the last of them. */
  journal_hash: string,
};

/** Whether things move. */
export type Motion = "system" | "reduced";

/** A customer. */
export type NamedCustomer = {
  /** The registration. */
  id: string,
  /** The customer's number. */
  number: string,
};

/** A password, and how long it is kept. */
export type NewPassword = {
  /** The password. */
  password: Secret,
  /** In the system's keyring; otherwise until the program ends. Without a keyring it is kept until the program ends in any case, and the profile says so. */
  keep: boolean,
};

/** The newest invoice of a registration. */
export type NewestInvoice = {
  /** Its id. */
  id: string,
  /** Its number. */
  number: string,
  /** Its state. */
  state: InvoiceState,
  /** State of its newest mail. */
  mail: MailState,
};

/** The one next step, as a button. */
export type NextStep = { "type": "correct_contact",
  /** The registration. */
  registration: string,
  /** The field to look at first. */
  field: ContactField,
}
  | { "type": "rerun",
  /** Key of the failure, for `RunSelection::Failures`. */
  failure: FailureKey,
}
  | { "type": "invoice_month",
  /** The month. */
  period: Month,
}
  | { "type": "resend",
  /** The invoice. */
  invoice: string,
}
  | { "type": "settle",
  /** The mail. */
  delivery: string,
}
  | { "type": "show_run",
  /** The run. */
  run: string,
}
  | { "type": "show_finding",
  /** The finding. */
  finding: string,
  /** The list that it stands in. */
  state: FindingState,
}
  | { "type": "show_invoice",
  /** The invoice. */
  invoice: string,
};

/** A note that somebody wrote about a registration. */
export type Note = {
  /** Its id. */
  id: string,
  /** Version that editing names. */
  version: number,
  /** The text. */
  text: string,
  /** Who wrote it. */
  by: By,
  /** When. */
  written_at: string,
  /** When it was changed; none when it never was. */
  edited_at: string | null,
};

/** Shows a notification of the desktop. */
export type Notify = {
  /** Its title, in the window's language. */
  title: string,
  /** Its text. */
  text: string,
};

/** An invoice by the number that people say. */
export type NumberedInvoice = {
  /** Its id. */
  id: string,
  /** Its number. */
  number: string,
};

/** Why the state of a record does not allow something. Buttons that are off say it before anybody presses them. */
export type Obstacle = { "code": "cancelled",
  /** Number of the cancellation invoice. */
  by: string,
  /** Its date. */
  on: string,
}
  | { "code": "is_cancellation" }
  | { "code": "never_left" }
  | { "code": "period_taken",
  /** Its number. */
  number: string,
}
  | { "code": "no_document" }
  | { "code": "document_damaged" }
  | { "code": "document_replaced" }
  | { "code": "not_sent_yet",
  /** Its state. */
  state: DeliveryState,
}
  | { "code": "outcome_unknown" }
  | { "code": "settled",
  /** Its state. */
  state: DeliveryState,
}
  | { "code": "in_hand",
  /** The run it belongs to, where known. */
  run: string | null,
}
  | { "code": "complete" }
  | { "code": "run_is",
  /** That state. */
  state: RunState,
}
  | { "code": "nothing_to_do" }
  | { "code": "cause",
  /** What is in the way. */
  cause: Cause,
}
  | { "code": "not_yours",
  /** Whose it is. */
  person: string,
}
  | { "code": "unreadable",
  /** Name of the column. */
  field: string,
}
  | { "code": "host_out",
  /** The host. */
  host: string,
  /** Since when. */
  since: string,
}
  | { "code": "host_in" }
  | { "code": "replay_open" }
  | { "code": "too_few_inputs",
  /** How many there are. */
  found: number,
  /** How many it takes. */
  fewest: number,
}
  | { "code": "not_reproduced" }
  | { "code": "replay_over" }
  | { "code": "confirmed_before",
  /** By whom. */
  person: string,
}
  | { "code": "profile_open" };

/** Opens a database that this desk does not know yet, and keeps it as a profile when that works. */
export type OpenDatabase = {
  /** Name of the profile; none takes the database's own. */
  name?: string,
  /** Where it is. */
  place: DatabasePlace,
  /** Its password, where it asks for one. */
  password?: NewPassword,
};

/** Shows a document in the system's own viewer, from where it can be printed. */
export type OpenDocument = {
  /** The document. */
  document: Document,
};

/** Opens a file that an export wrote, in the system's own program. */
export type OpenExport = {
  /** The job that wrote it. */
  job: string,
};

/** Why a database cannot be opened. */
export type OpenProblem = { "code": "file_missing",
  /** The file. */
  path: string,
}
  | { "code": "file_refused",
  /** The file. */
  path: string,
}
  | { "code": "not_a_database",
  /** The file. */
  path: string,
}
  | { "code": "not_kontor" }
  | { "code": "empty" }
  | { "code": "older",
  /** Steps that are missing. */
  pending: number,
}
  | { "code": "newer",
  /** Its newest step. */
  applied: string,
}
  | { "code": "occupied",
  /** The file. */
  path: string,
}
  | { "code": "server_unreachable",
  /** Where it was looked for. */
  host: string,
}
  | { "code": "database_unknown",
  /** The name. */
  database: string,
}
  | { "code": "password_needed" }
  | { "code": "login_refused",
  /** The user. */
  user: string,
}
  | { "code": "certificate_refused",
  /** The server. */
  host: string,
}
  | { "code": "ca_file_unreadable",
  /** The file. */
  path: string,
};

/** Opens a database that this desk knows. */
export type OpenProfile = {
  /** The profile. */
  profile: string,
  /** Its password, where none is kept or the kept one is refused. */
  password?: NewPassword,
};

/** A run that is not over. */
export type OpenRun = {
  /** The run. */
  row: RunRow,
  /** Where it stands. */
  progress: RunProgress,
};

/** The order of a list. Rows that are equal in it stand in the order of their ids. */
export type Order<S> = {
  /** The column. */
  by: S,
  /** Largest first. */
  descending: boolean,
};

/** Which program made something. */
export type Origin = "kontor" | "legacy";

/** What is to be done, and how the month stands. */
export type Overview = {
  /** Today at the office; a demo lives in its own time. */
  today: string,
  /** Invoices that are open. */
  failures: Figure,
  /** The same by cause, most first. */
  causes: Array<CauseFigure>,
  /** Mails that a person has to settle. */
  unsettled_mails: Figure,
  /** Open findings that somebody should look at, by how much they matter. */
  findings: Array<FindingFigure>,
  /** When all rules were last asked; none when they never were. */
  checked_at: string | null,
  /** Hosts that are out of service. */
  hosts_out: Array<HostRow>,
  /** Runs that are not over. */
  runs: Array<OpenRun>,
  /** All registrations. */
  registrations: Figure,
  /** First day of the chart. */
  from: string,
  /** Last day of the chart. */
  to: string,
  /** Registrations in these days. */
  registered: Figure,
  /** Registrations per day, every day of them. */
  days: Array<DayFigure>,
  /** All invoices and cancellation invoices. */
  invoices: Figure,
  /** The same by state. */
  invoice_states: Array<InvoiceFigure>,
  /** Storage. */
  storage: Storage,
};

/** A part of a list. */
export type Page<R> = {
  /** The rows, in the order asked for. */
  rows: Array<Stored<R>>,
  /** Place of the first of them in the list, counted from 0. */
  first: number,
  /** Whether that place is counted; otherwise it is an estimate, and only the rows' order is certain. */
  is_first_exact: boolean,
  /** Where the page before this one ends; none at the start of the list. */
  before: Cursor | null,
  /** Where the page after this one begins; none at the end of the list. */
  after: Cursor | null,
  /** How many rows match, where that was asked for. */
  total: Total | null,
};

/** Language of the paper. */
export type PaperLanguage = "de" | "en";

/** What is known of a document. */
export type PaperProof = "proven" | "otherwise" | "unproven" | "undrawable";

/** A part of the database. */
export type Part = "registrations" | "invoices" | "deliveries" | "payments" | "failures" | "runs" | "notes" | "reviews" | "saved_filters" | "findings" | "repairs" | "replays" | "journal";

/** Where a password is kept. It is never in a file, a log or an error. */
export type PasswordPlace = "none" | "keyring" | "session";

/** What a path is chosen for. */
export type PathChoice = "database" | "new_demo" | "ca_file" | "outbox" | "csv_file";

/** Claims nothing more from a run; what is in hand is finished. */
export type PauseRun = {
  /** Id of this request. */
  request_id: string,
  /** The run. */
  run: string,
  /** Why; may be empty. */
  reason: string,
};

/** Which payments. What is left out does not narrow; several words of one field widen. */
export type PaymentFilter = {
  /** Words that occur in payer, reference, or an invoice's number. */
  search?: string | null,
  /** In one of these states. */
  states?: Array<PaymentState>,
  /** Received on this day or later. */
  received_from?: string | null,
  /** Received on this day or earlier. */
  received_to?: string | null,
};

/** A payment. */
export type PaymentRow = {
  /** Its id. */
  id: string,
  /** The day it came in. */
  received_on: string,
  /** Amount in cents. */
  amount_cents: number,
  /** Currency. */
  currency: string,
  /** Who paid. */
  payer: string,
  /** From which account. */
  iban: string | null,
  /** What they wrote. */
  reference: string,
  /** State. */
  state: PaymentState,
  /** The invoice it belongs to. */
  invoice: NumberedInvoice | null,
  /** The registration of that invoice. */
  registration: string | null,
};

/** Columns that payments are sorted by. */
export type PaymentSort = "received_on" | "amount_cents";

/** State of a payment. */
export type PaymentState = "matched" | "open" | "returned";

/** The person or company of a registration. */
export type Person = {
  /** What can be changed. */
  contact: Contact,
  /** Version that saving names. */
  version: number,
  /** State. */
  state: RegistrationState,
  /** Where it came from. */
  source: RegistrationSource,
  /** When they registered. */
  registered_at: string,
  /** When it was last changed. */
  updated_at: string,
  /** Who changed it last; none when nobody at a desk did. */
  updated_by: By | null,
};

/** Where a page begins. */
export type Place = { "type": "start" }
  | { "type": "end" }
  | { "type": "after",
  /** `Page::after` of a page with the same filter and order. */
  cursor: Cursor,
}
  | { "type": "before",
  /** `Page::before` of a page with the same filter and order. */
  cursor: Cursor,
}
  | { "type": "at",
  /** The row. */
  index: number,
}
  | { "type": "around",
  /** Id of the row. */
  id: string,
};

/** Says what cancelling an invoice would do; writes nothing. */
export type PlanCancellation = {
  /** The invoice. */
  invoice: string,
  /** Date of the new papers; none takes today at the office. */
  issue_on?: string,
};

/** What putting damage right in one go would do. */
export type PlanDamage = {
  /** Host and time. */
  scope: DamageScope,
};

/** What repairs would do; writes nothing. */
export type PlanRepairs = {
  /** Which. */
  choice: RepairChoice,
  /** How many of them are told one by one; the figures are about all. */
  limit: number,
};

/** Says what sending again would do; writes nothing. */
export type PlanResend = {
  /** Which invoices. */
  invoices: Selection<InvoiceFilter, string>,
};

/** Says what a run would do; writes nothing. */
export type PlanRun = {
  /** What it is about. */
  selection: RunSelection,
  /** Date that invoices issued by it would bear; none takes today at the office. */
  issue_on?: string,
};

/** What taking back would do; writes nothing. */
export type PlanUndo = {
  /** Which. */
  choice: UndoChoice,
};

/** A part of a plan. */
export type PlannedGroup = {
  /** The cause. */
  cause: Cause,
  /** How many can run. */
  count: number,
};

/** What the repair of one finding would do. */
export type PlannedRepair = {
  /** The finding. */
  finding: string,
  /** Its rule. */
  rule: string,
  /** The rule's short name. */
  title: Bilingual,
  /** How much the finding matters. */
  severity: Severity,
  /** The record that would be written. */
  subject: FindingSubject,
  /** What would be done; none where nothing is proposed. */
  action: RepairAction | null,
  /** How sure it is. */
  evidence: Certainty,
  /** Old and new, per field. */
  fields: Array<ProposedChange>,
  /** What happens besides. */
  effects: Array<RepairEffect>,
  /** Whether it could be taken back. */
  is_undoable: boolean,
  /** Values that a person may choose among. */
  candidates: Array<CandidateValue>,
  /** Whether a person may give a value of their own. */
  takes_value: boolean,
  /** What stands against it. */
  obstacle: RepairObstacle | null,
  /** Who staged it, and when. */
  staged: StagedRepair | null,
};

/** Shows mails of a run as they would go out; writes nothing. */
export type PreviewCovering = {
  /** What the run is about. */
  selection: RunSelection,
  /** Date that invoices issued by it would bear; none takes today at the office. */
  issue_on?: string,
  /** The text. */
  covering: Covering,
};

/** A database that this desk knows. */
export type Profile = {
  /** Its id. */
  id: string,
  /** Name that the person gave it. */
  name: string,
  /** Where it is. */
  place: DatabasePlace,
  /** What it was when it was opened last. */
  purpose: Purpose | null,
  /** When that was. */
  opened_at: string | null,
  /** Where its password is. */
  password: PasswordPlace,
  /** Where its mails go. */
  mail: MailSettings,
};

/** Old and new of one field. */
export type ProposedChange = {
  /** Column. */
  field: string,
  /** What stands there. */
  old: string | null,
  /** What would stand there. */
  new: string | null,
  /** The one bit in which they differ, where it is one. */
  bit: FlippedBit | null,
};

/** What a database is. */
export type Purpose = "production" | "test" | "demo";

/** What something is. */
export type RecordKind = "registration" | "mailbox" | "subscription" | "invoice" | "invoice_line" | "document" | "delivery" | "evidence" | "attempt" | "run" | "run_item" | "payment" | "note" | "saved_filter" | "journal_entry" | "profile" | "job" | "finding" | "repair" | "replay" | "host";

/** Why some of what was chosen cannot be done. */
export type Refusal = {
  /** Why. */
  obstacle: Obstacle,
  /** How many. */
  count: number,
  /** The list of them, where there is one. */
  destination: Destination | null,
  /** A few of them by number. */
  examples: Array<string>,
};

/** Everything about one registration, but for its timeline. */
export type RegistrationDetail = {
  /** Its id. */
  id: string,
  /** Customer number. */
  customer: string,
  /** What to say on the phone, and what to do next. */
  call: CallView,
  /** Person and address. */
  person: Stored<Person>,
  /** Mailboxes. */
  mailboxes: Array<Stored<MailboxRow>>,
  /** Subscriptions, newest first. */
  subscriptions: Array<Stored<SubscriptionRow>>,
  /** Invoices and cancellation invoices, newest period first. */
  invoices: Array<Stored<InvoiceRow>>,
  /** Mails, newest first. */
  deliveries: Array<Stored<DeliveryRow>>,
  /** Payments, newest first. */
  payments: Array<Stored<PaymentRow>>,
  /** Notes, newest first. */
  notes: Array<Stored<Note>>,
  /** Findings that are not closed about it and what belongs to it, what matters most first. */
  findings: Array<FindingRow>,
  /** When its row was sealed as it was first seen: unchanged since, which does not mean correct. None where Kontor wrote it. */
  first_seen_at: string | null,
};

/** Which registrations. What is left out does not narrow; several words of one field widen. */
export type RegistrationFilter = {
  /** Words that occur in name, company, address of customer or mailbox, customer number, or an invoice's number; small and capital letters, accents and ß are forgiven. */
  search?: string | null,
  /** In one of these states. */
  states?: Array<RegistrationState>,
  /** Of one of these kinds. */
  kinds?: Array<RegistrationKind>,
  /** Registered on this day or later. */
  registered_from?: string | null,
  /** Registered on this day or earlier. */
  registered_to?: string | null,
  /** With (or without) an invoice that failed and is still open. */
  failed_invoice?: boolean | null,
  /** With (or without) a mail whose outcome nobody knows. */
  unsettled_mail?: boolean | null,
  /** With (or without) a mailbox. */
  has_mailbox?: boolean | null,
  /** Whose mailbox is used to at least this part of its quota, in percent. */
  used_percent_from?: number | null,
};

/** Person or company. */
export type RegistrationKind = "person" | "company";

/** A registration as the list shows it. */
export type RegistrationRow = {
  /** Its id. */
  id: string,
  /** Customer number. */
  customer: string,
  /** Person or company. */
  kind: RegistrationKind,
  /** Company. */
  company: string | null,
  /** First name. */
  first_name: string,
  /** Last name. */
  last_name: string,
  /** Mail address. */
  email: string,
  /** Town. */
  city: string | null,
  /** State. */
  state: RegistrationState,
  /** When they registered. */
  registered_at: string,
  /** Address of the first mailbox. */
  mailbox: string | null,
  /** Storage rented in it, in bytes. */
  quota_bytes: number | null,
  /** Storage used in it, in bytes. */
  used_bytes: number | null,
  /** The newest invoice. */
  invoice: NewestInvoice | null,
  /** Why an invoice of theirs failed that is still open. */
  failure: Cause | null,
};

/** Columns that registrations are sorted by. */
export type RegistrationSort = "customer" | "name" | "mailbox" | "state" | "used_bytes" | "registered_at";

/** Where a registration came from. */
export type RegistrationSource = "signup" | "import" | "desk";

/** State of a registration. */
export type RegistrationState = "active" | "blocked" | "closed";

/** What would be done about a finding. */
export type RepairAction = "set_fields" | "accept_row" | "restore_invoice" | "restore_document" | "settle_delivery" | "rerun" | "cancel_invoice" | "release_item" | "decide";

/** Which repairs. */
export type RepairChoice = { "type": "named",
  /** The findings. */
  orders: Array<RepairOrder>,
}
  | { "type": "proven",
  /** The findings. */
  findings: Selection<FindingFilter, string>,
}
  | { "type": "rule",
  /** Its id. */
  rule: string,
}
  | { "type": "staged",
  /** These; none means all. */
  repairs: Array<string>,
};

/** A repair beside what became of its record meanwhile. */
export type RepairConflict = {
  /** The record. */
  subject: FindingSubject,
  /** The finding of the repair. */
  finding: string | null,
  /** How the repair stands. */
  state: RepairState,
  /** Who changed the record since; none when it was changed outside Kontor. */
  changed_by: By | null,
  /** When, where that is known. */
  changed_at: string | null,
  /** Fields that the repair or somebody else touches. */
  fields: Array<ConflictField>,
};

/** One repair with what it changed, and whether it can be taken back. */
export type RepairDetail = {
  /** The repair. */
  row: RepairRow,
  /** Old and new, per field. */
  changes: Array<ProposedChange>,
  /** When it was applied. */
  applied_at: string | null,
  /** When it was taken back. */
  undone_at: string | null,
  /** Who took it back. */
  undone_by: string | null,
  /** Why it was taken back. */
  undone_reason: string | null,
  /** Why it cannot be taken back; none where it can. */
  undo_obstacle: RepairObstacle | null,
  /** How many of its batch are applied, itself among them. */
  batch_applied: number,
  /** The run that it started. */
  run: Destination | null,
  /** Whether the record is as this repair last knew it, or can be held against it. */
  can_compare: boolean,
  /** What the journal has about the record. */
  journal: Destination,
};

/** What happens besides. */
export type RepairEffect = "sealed" | "accepted" | "run" | "drawn" | "mail" | "no_mail" | "cancellation" | "paper_unchanged" | "final";

/** Which repairs. What is left out does not narrow; several words of one field widen. */
export type RepairFilter = {
  /** Words that occur in what was changed, in the reason, the rule's id, or the number of the record. */
  search?: string | null,
  /** In one of these states; none means all but staged. */
  states?: Array<RepairState>,
  /** Of findings of one of these rules. */
  rules?: Array<string>,
  /** Staged, applied or taken back by one of these people. */
  persons?: Array<string>,
  /** Of this batch. */
  batch?: string | null,
  /** Of this finding. */
  finding?: string | null,
  /** On this day or later. */
  acted_from?: string | null,
  /** On this day or earlier. */
  acted_to?: string | null,
};

/** What became of one of them. */
export type RepairItem = {
  /** The finding; none for a repair whose finding is gone. */
  finding: string | null,
  /** The repair, where there is one. */
  repair: string | null,
  /** How it ended. */
  outcome: RepairOutcome,
  /** Why nothing was written. */
  obstacle: RepairObstacle | null,
  /** What it is about, where it was refused. */
  subject: FindingSubject | null,
};

/** Why something is not repaired, or not taken back. */
export type RepairObstacle = { "code": "finding_closed" }
  | { "code": "row_changed" }
  | { "code": "row_missing" }
  | { "code": "database_corrupt" }
  | { "code": "nothing_proposed" }
  | { "code": "choose_candidate" }
  | { "code": "needs_person" }
  | { "code": "frozen" }
  | { "code": "name_it" }
  | { "code": "value_invalid",
  /** The column. */
  field: string,
  /** The value. */
  value: string,
}
  | { "code": "duplicate" }
  | { "code": "still_found" }
  | { "code": "breaks_rule",
  /** The rule. */
  rule: string,
  /** Its short name. */
  title: Bilingual,
}
  | { "code": "cannot_run",
  /** What is in the way. */
  cause: Cause,
}
  | { "code": "final" }
  | { "code": "not_applied" }
  | { "code": "forbidden" }
  | { "code": "bytes_gone" }
  | { "code": "staged_already" }
  | { "code": "second_confirmation" }
  | { "code": "said",
  /** The sentence. */
  sentence: string,
};

/** A finding, and the value that a person gives for it. */
export type RepairOrder = {
  /** The finding. */
  finding: string,
  /** A value of the person's own, or one of the candidates; an empty text is no value. None takes the proposal. */
  value?: string,
};

/** How a repair, or taking it back, ended. */
export type RepairOutcome = "applied" | "resolved" | "undone" | "refused";

/** What repairs would do. */
export type RepairPlan = {
  /** The figures. */
  totals: RepairTotals,
  /** What cannot be done, by reason. */
  refusals: Array<RepairRefusal>,
  /** The first of them, one by one; those of one record stand together. */
  repairs: Array<PlannedRepair>,
};

/** A reason, and how many it holds up. */
export type RepairRefusal = {
  /** The reason. */
  obstacle: RepairObstacle,
  /** How many. */
  count: number,
};

/** A repair. */
export type RepairRow = {
  /** Its id. */
  id: string,
  /** How it stands. */
  state: RepairState,
  /** The finding it was for. */
  finding: string | null,
  /** Id of the rule of that finding. */
  rule: string | null,
  /** The rule's short name. */
  title: Bilingual | null,
  /** The record. */
  subject: FindingSubject,
  /** Kind of repair. */
  action: RepairAction,
  /** The first field that was changed. */
  field: string | null,
  /** What stood there. */
  old: string | null,
  /** What it was set to. */
  new: string | null,
  /** How many fields were changed, those that follow from others not counted. */
  fields: number,
  /** Who staged it, or applied it at once. */
  by: By,
  /** When it was staged. */
  staged_at: string,
  /** Who applied it, or wanted to. */
  applied_by: string | null,
  /** When anything was last made of it. */
  acted_at: string,
  /** Why. */
  reason: string | null,
  /** Why nothing was written. */
  refusal: RepairObstacle | null,
  /** The batch it belongs to. */
  batch: string | null,
};

/** Columns that repairs are sorted by. */
export type RepairSort = "acted_at";

/** How a repair stands. */
export type RepairState = "staged" | "applied" | "refused" | "undone";

/** Figures of a plan. */
export type RepairTotals = {
  /** Repairs. */
  repairs: number,
  /** Those that can be applied as things stand; what follows is about them. */
  able: number,
  /** Records whose fields they set. */
  records: number,
  /** Fields that they set. */
  fields: number,
  /** Mails that go out. */
  mails: number,
  /** Documents that are drawn. */
  drawn: number,
  /** Cancellation invoices. */
  cancellations: number,
  /** Those that cannot be taken back. */
  finals: number,
  /** Findings that were chosen and are not proven. */
  unproven: number,
  /** Staged ones that this person staged. */
  mine: number,
};

/** What became of all of them. */
export type RepairsDone = {
  /** The batch, by which all of them can be taken back. */
  batch: string,
  /** How many were staged, written or taken back. */
  done: number,
  /** How many another one had put right. */
  resolved: number,
  /** How many were not written. */
  refused: number,
  /** How many were not begun, because somebody cancelled. */
  left: number,
  /** The run that takes what has to be issued, drawn or mailed. */
  run: string | null,
  /** Each. */
  items: Array<RepairItem>,
};

/** How many were taken from the list. */
export type RepairsUnstaged = {
  /** The number. */
  count: number,
};

/** A replay. */
export type Replay = {
  /** Its id. */
  id: string,
  /** The suspect host. */
  host: string,
  /** How it stands. */
  state: ReplayState,
  /** When it was asked for. */
  asked_at: string,
  /** By whom. */
  person: string,
  /** Why. */
  reason: string,
  /** How many invoices are drawn. */
  inputs: number,
  /** How often each per leg. */
  rounds: number,
  /** The three legs, in their order. */
  legs: Array<ReplayLeg>,
  /** What it waits for; none when it is over. */
  waits: Bilingual | null,
  /** What follows; none while legs are missing. */
  verdict: ReplayVerdict | null,
  /** The same as sentences with their numbers. */
  said: Bilingual | null,
  /** Who noted the host as the cause with it. */
  confirmed: ReplayConfirmed | null,
};

/** Who noted a host as the cause. */
export type ReplayConfirmed = {
  /** When. */
  at: string,
  /** Login name. */
  person: string,
  /** Why. */
  reason: string,
};

/** One leg of a replay. */
export type ReplayLeg = {
  /** Where it is drawn; none while that is open. */
  host: string | null,
  /** How it stands. */
  state: ReplayLegState,
  /** Pages drawn so far. */
  drawings: number,
  /** Those that came out wrong; known once all legs have ended. */
  wrong: number | null,
};

/** How a leg stands. */
export type ReplayLegState = "waiting" | "running" | "done" | "died";

/** How a replay stands. */
export type ReplayState = "open" | "done" | "cancelled";

/** What a replay says about the suspect host. */
export type ReplayVerdict = "reproduced" | "not_reproduced" | "mixed" | "b_unsteady";

/** Replays of a host, and what it can be held against. */
export type Replays = {
  /** Other hosts that are known and in service. */
  others: Array<string>,
  /** The newest first. */
  replays: Array<Replay>,
};

/** What a report is written as. */
export type ReportForm = "pdf" | "csv" | "json";

/** A month that can be reported on. */
export type ReportMonth = {
  /** The month. */
  month: Month,
  /** It is not over: the figures still move. */
  is_running: boolean,
};

/** Everything a screen may ask. */
export type Request = { "type": "start" } & Start
  | { "type": "save_settings" } & SaveSettings
  | { "type": "create_demo" } & CreateDemo
  | { "type": "open_database" } & OpenDatabase
  | { "type": "open_profile" } & OpenProfile
  | { "type": "save_profile" } & SaveProfile
  | { "type": "forget_profile" } & ForgetProfile
  | { "type": "save_mail_settings" } & SaveMailSettings
  | { "type": "close_database" } & CloseDatabase
  | { "type": "choose_path" } & ChoosePath
  | { "type": "cancel_job" } & CancelJob
  | { "type": "open_export" } & OpenExport
  | { "type": "notify" } & Notify
  | { "type": "show_overview" } & ShowOverview
  | { "type": "find" } & Find
  | { "type": "list_registrations" } & ListAsk<RegistrationFilter, RegistrationSort>
  | { "type": "show_registration" } & ShowRegistration
  | { "type": "show_timeline" } & ShowTimeline
  | { "type": "check_contact" } & CheckContact
  | { "type": "list_invoices" } & ListAsk<InvoiceFilter, InvoiceSort>
  | { "type": "show_invoice" } & ShowInvoice
  | { "type": "audit_invoice" } & AuditInvoice
  | { "type": "plan_cancellation" } & PlanCancellation
  | { "type": "list_deliveries" } & ListAsk<DeliveryFilter, DeliverySort>
  | { "type": "show_delivery" } & ShowDelivery
  | { "type": "plan_resend" } & PlanResend
  | { "type": "list_payments" } & ListAsk<PaymentFilter, PaymentSort>
  | { "type": "show_failure_groups" } & ShowFailureGroups
  | { "type": "list_failures" } & ListAsk<FailureFilter, FailureSort>
  | { "type": "show_rules" } & ShowRules
  | { "type": "show_finding_groups" } & ShowFindingGroups
  | { "type": "list_findings" } & ListAsk<FindingFilter, FindingSort>
  | { "type": "show_finding" } & ShowFinding
  | { "type": "plan_repairs" } & PlanRepairs
  | { "type": "plan_undo" } & PlanUndo
  | { "type": "list_repairs" } & ListAsk<RepairFilter, RepairSort>
  | { "type": "show_repair" } & ShowRepair
  | { "type": "compare_repair" } & CompareRepair
  | { "type": "check_database" } & CheckDatabase
  | { "type": "plan_run" } & PlanRun
  | { "type": "preview_covering" } & PreviewCovering
  | { "type": "list_runs" } & ListAsk<RunFilter, RunSort>
  | { "type": "show_run" } & ShowRun
  | { "type": "list_run_items" } & ListAsk<RunItemFilter, RunItemSort>
  | { "type": "join_run" } & JoinRun
  | { "type": "list_journal" } & ListAsk<JournalFilter, JournalSort>
  | { "type": "show_journal_choices" } & ShowJournalChoices
  | { "type": "verify_journal" } & VerifyJournal
  | { "type": "show_causes" } & ShowCauses
  | { "type": "show_hosts" } & ShowHosts
  | { "type": "show_replays" } & ShowReplays
  | { "type": "show_damage" } & ShowDamage
  | { "type": "list_damage" } & ListDamage
  | { "type": "examine_damage" } & ExamineDamage
  | { "type": "plan_damage" } & PlanDamage
  | { "type": "list_report_months" } & ListReportMonths
  | { "type": "show_report" } & ShowReport
  | { "type": "show_saved_filters" } & ShowSavedFilters
  | { "type": "export_list" } & ExportList
  | { "type": "save_document" } & SaveDocument
  | { "type": "open_document" } & OpenDocument
  | { "type": "save_contact" } & SaveContact
  | { "type": "add_note" } & AddNote
  | { "type": "edit_note" } & EditNote
  | { "type": "delete_note" } & DeleteNote
  | { "type": "mark_reviewed" } & MarkReviewed
  | { "type": "cancel_invoice" } & CancelInvoice
  | { "type": "resend_invoices" } & ResendInvoices
  | { "type": "settle_deliveries" } & SettleDeliveries
  | { "type": "set_findings_aside" } & SetFindingsAside
  | { "type": "bring_findings_back" } & BringFindingsBack
  | { "type": "stage_repairs" } & StageRepairs
  | { "type": "unstage_repairs" } & UnstageRepairs
  | { "type": "apply_repairs" } & ApplyRepairs
  | { "type": "undo_repairs" } & UndoRepairs
  | { "type": "stage_damage" } & StageDamage
  | { "type": "start_run" } & StartRun
  | { "type": "pause_run" } & PauseRun
  | { "type": "resume_run" } & ResumeRun
  | { "type": "cancel_run" } & CancelRun
  | { "type": "withdraw_host" } & WithdrawHost
  | { "type": "return_host" } & ReturnHost
  | { "type": "ask_replay" } & AskReplay
  | { "type": "confirm_replay" } & ConfirmReplay
  | { "type": "cancel_replay" } & CancelReplay
  | { "type": "save_filter" } & SaveFilter
  | { "type": "delete_filter" } & DeleteFilter;

/** A mail that would go out. */
export type ResendExample = {
  /** The invoice that it carries. */
  invoice: NumberedInvoice,
  /** Name on the paper. */
  name: string,
  /** The customer's address as it is now. */
  recipient: string,
  /** When the invoice was mailed last. */
  mailed_at: string | null,
  /** Who asked for that; none when a run did. */
  mailed_by: By | null,
};

/** Sends invoices again: new mails that say that they repeat, with the archived, unchanged PDF. */
export type ResendInvoices = {
  /** Id of this request. */
  request_id: string,
  /** Which. */
  invoices: Selection<InvoiceFilter, string>,
  /** How many mails the person was shown; more than these are refused. */
  planned: number,
  /** Another address than the customer's, for a single invoice. */
  to?: string,
  /** Why; stands in the journal and with the mail. */
  reason: string,
};

/** What sending again would do. Mails cannot be taken back. */
export type ResendPlan = {
  /** Invoices chosen. */
  chosen: number,
  /** Invoices that can be sent again: as many mails go out. */
  eligible: number,
  /** Invoices that cannot. */
  ineligible: number,
  /** Why they cannot. */
  refusals: Array<Refusal>,
  /** The first of the mails, so that a person sees where they go. */
  examples: Array<ResendExample>,
  /** Where mails go. */
  mail_target: string | null,
};

/** Goes on with a paused run, on this desk too. */
export type ResumeRun = {
  /** Id of this request. */
  request_id: string,
  /** The run. */
  run: string,
  /** Why; may be empty. */
  reason: string,
};

/** Puts a host back into service. */
export type ReturnHost = {
  /** Id of this request. */
  request_id: string,
  /** The host. */
  host: string,
  /** Why. */
  reason: string,
};

/** A mark that somebody looked at a PDF. */
export type Review = {
  /** Who. */
  by: By,
  /** When. */
  at: string,
};

/** The mark as it stands now. */
export type Reviewed = {
  /** The mark; none when it was taken away. */
  review: Review | null,
};

/** A rule. */
export type RuleText = {
  /** Its id, which never changes. */
  id: string,
  /** How much a finding matters. */
  severity: Severity,
  /** A short name. */
  title: Bilingual,
  /** What is wrong. */
  what: Bilingual,
  /** Why it matters. */
  why: Bilingual,
  /** How it is repaired. */
  how: Bilingual,
  /** When it is not repaired. */
  when_not: Bilingual,
};

/** A run with its progress. */
export type RunDetail = {
  /** As the list shows it. */
  row: RunRow,
  /** Where it stands. */
  progress: RunProgress,
  /** Date that invoices issued by it bear. */
  issue_on: string,
  /** Whether it mails. */
  mails: boolean,
  /** The text that opens its mails. */
  covering: Covering | null,
};

/** Which runs. What is left out does not narrow; several words of one field widen. */
export type RunFilter = {
  /** In one of these states. */
  states?: Array<RunState>,
  /** On one of these occasions. */
  occasions?: Array<RunOccasion>,
  /** Of one of these persons. */
  persons?: Array<string>,
};

/** Which items of a run. */
export type RunItemFilter = {
  /** The run. */
  run: string,
  /** In one of these states; several widen, none does not narrow. */
  states?: Array<RunItemState>,
  /** That ended for one of these causes, by [`Cause::key`]. */
  causes?: Array<string>,
};

/** An item of a run, with the lineage of its attempts. */
export type RunItemRow = {
  /** Its id. */
  id: string,
  /** Place in the run. */
  ordinal: number,
  /** What it is about. */
  subject: Subject,
  /** The registration. */
  registration: string,
  /** Customer number. */
  customer: string,
  /** Name of the customer. */
  name: string,
  /** The invoice, where there is one. */
  invoice: NumberedInvoice | null,
  /** The month. */
  period: Month,
  /** Its state. */
  state: RunItemState,
  /** Why it did not end well. */
  cause: Cause | null,
  /** When its mail is tried again. */
  due_at: string | null,
  /** Everything that was ever tried on its invoice, oldest first. */
  attempts: Array<Attempt>,
};

/** Columns that items of a run are sorted by. */
export type RunItemSort = "ordinal";

/** State of an item of a run. */
export type RunItemState = "waiting" | "claimed" | "done" | "failed" | "skipped" | "unknown" | "cancelled";

/** What a person did that a run came of. */
export type RunOccasion = "invoice" | "rerun" | "resend" | "cancellation" | "settlement";

/** What a run would do. */
export type RunPlan = {
  /** How many were chosen. */
  chosen: number,
  /** How many can run. */
  eligible: number,
  /** How many cannot. */
  ineligible: number,
  /** Why they cannot. */
  refusals: Array<Refusal>,
  /** How many mails would go out. */
  mails: number,
  /** How many of these are written already and go out as they are, without a covering text. */
  stored_mails: number,
  /** Those that can run, by cause. */
  groups: Array<PlannedGroup>,
  /** Date that invoices issued by it would bear. */
  issue_on: string,
  /** Where mails go; none when that is not set. */
  mail_target: string | null,
};

/** Where a run stands. */
export type RunProgress = {
  /** The run. */
  run: string,
  /** Its state. */
  state: RunState,
  /** Items. */
  total: number,
  /** Items that ended well. */
  done: number,
  /** Items that failed. */
  failed: number,
  /** Items that were complete already, or that another run did. */
  skipped: number,
  /** Items whose mail may or may not have arrived. */
  unknown: number,
  /** Items taken back. */
  cancelled: number,
  /** Items in hand: these are finished even when the run is paused or cancelled. */
  in_hand: number,
  /** Items that wait. */
  waiting: number,
  /** Those of them whose mail was put off and is tried again. */
  put_off: number,
  /** When the first of these is tried again. */
  next_try_at: string | null,
  /** How many did not end well, by cause. */
  causes: Array<CauseCount>,
  /** Seconds from start to end, or to now. */
  seconds: number,
  /** Items ended per minute; none before the first. */
  per_minute: number | null,
  /** Seconds left at this rate; none in the first ten seconds and after the end. */
  seconds_left: number | null,
  /** Who works on it at this moment; nobody, when it waits for a worker. */
  workers: Array<RunWorker>,
  /** When nobody does: the hosts that are out of service, and may be why. */
  hosts_out: Array<string>,
};

/** A run as the list shows it. */
export type RunRow = {
  /** Its id. */
  id: string,
  /** What it came of. */
  occasion: RunOccasion,
  /** The month, where it is about one. */
  period: Month | null,
  /** Its state. */
  state: RunState,
  /** Items. */
  total: number,
  /** Items that ended well. */
  done: number,
  /** Items that failed. */
  failed: number,
  /** Items whose mail may or may not have arrived. */
  unknown: number,
  /** Items that were complete already, or that another run did. */
  skipped: number,
  /** Why it was started. */
  reason: string,
  /** Who started it. */
  by: By,
  /** When. */
  started_at: string,
  /** When it ended. */
  ended_at: string | null,
  /** Whether this desk works on it. */
  is_worked_on_here: boolean,
};

/** What a run is about. */
export type RunSelection = { "type": "everything" }
  | { "type": "failures",
  /** Which; a whole group is a filter. */
  failures: Selection<FailureFilter, FailureKey>,
}
  | { "type": "invoices",
  /** Which. */
  invoices: Selection<InvoiceFilter, string>,
}
  | { "type": "registrations",
  /** Which. */
  registrations: Selection<RegistrationFilter, string>,
}
  | { "type": "failed_in",
  /** The run. */
  run: string,
}
  | { "type": "due",
  /** The month. */
  period: Month,
};

/** Columns that runs are sorted by. */
export type RunSort = "started_at";

/** A run that was put up. */
export type RunStarted = {
  /** The run. */
  run: string,
  /** Its items. */
  total: number,
  /** The request had been answered before; nothing was written now. */
  is_repeated: boolean,
};

/** State of a run. */
export type RunState = "running" | "pausing" | "paused" | "cancelling" | "cancelled" | "done";

/** A process that works on a run. */
export type RunWorker = {
  /** Its host. */
  host: string,
  /** Its process id. */
  pid: number,
  /** Whether it is this desk. */
  is_here: boolean,
  /** Items that it has in hand. */
  items: number,
};

/** Saves changed contact data: all of it, or nothing and a conflict. */
export type SaveContact = {
  /** Id of this request. */
  request_id: string,
  /** The registration. */
  registration: string,
  /** Version that the person saw. */
  version: number,
  /** The changes. */
  changes: Array<ContactChange>,
  /** Why; may be empty. */
  reason: string,
  /** What is sent to the new address right afterwards ("save and send again"), from [`ContactCheck::sendable`]. */
  send: Array<SendAgain>,
};

/** Lets the person save a document; answers with its path, or nothing when they changed their mind. */
export type SaveDocument = {
  /** The document. */
  document: Document,
  /** Title of the dialog, in the window's language. */
  title: string,
};

/** Saves a filter. */
export type SaveFilter = {
  /** Id of this request. */
  request_id: string,
  /** The filter that is changed; none makes a new one. */
  filter?: SavedVersion,
  /** Its name. */
  name: string,
  /** The list. */
  query: ListQuery,
  /** Its columns; none takes those of the settings. */
  columns?: Array<Column>,
  /** Whether all see it. */
  is_shared: boolean,
};

/** Sets where the mails of a profile go. */
export type SaveMailSettings = {
  /** The profile. */
  profile: string,
  /** Where. */
  target: MailTarget,
  /** A new password; none keeps the one there is. */
  password?: NewPassword,
};

/** Changes a profile. One that is open keeps its connection. */
export type SaveProfile = {
  /** The profile. */
  profile: string,
  /** Its name. */
  name: string,
  /** Where the database is. */
  place: DatabasePlace,
};

/** Keeps the settings. */
export type SaveSettings = {
  /** All of them. */
  settings: Settings,
};

/** A list under a name. */
export type SavedFilter = {
  /** Its id. */
  id: string,
  /** Version that saving names. */
  version: number,
  /** Its name. */
  name: string,
  /** The list. */
  query: ListQuery,
  /** Its columns; none takes those of the settings. */
  columns: Array<Column> | null,
  /** Whether all see it. */
  is_shared: boolean,
  /** Whose it is. */
  person: string,
  /** Whether that is this person; others' filters are not changed here. */
  is_mine: boolean,
};

/** A filter as the person saw it. */
export type SavedVersion = {
  /** Its id. */
  id: string,
  /** Its version. */
  version: number,
};

/** A password. It crosses from the window only, and no log ever shows it. */
export type Secret = string;

/** Rows that a bulk action is about. "All that match" is a filter, so that it works on a million rows. */
export type Selection<F, K> = { "type": "all",
  /** Which. */
  filter: F,
  /** Ids that were taken out again. */
  except: Array<K>,
}
  | { "type": "these",
  /** Their ids. */
  ids: Array<K>,
};

/** How an invoice is sent to a new address. */
export type SendAgain = { "type": "rerun",
  /** Its key. */
  failure: FailureKey,
}
  | { "type": "resend",
  /** The invoice. */
  invoice: string,
};

/** An invoice that can be sent to a new address. */
export type SendableInvoice = {
  /** How it would be sent; [`SaveContact::send`] takes it. */
  send: SendAgain,
  /** The invoice; none when it was not issued yet. */
  invoice: NumberedInvoice | null,
  /** The month. */
  period: Month,
  /** State of its newest mail. */
  mail: MailState,
  /** Address that mail went to. */
  recipient: string | null,
  /** It did not reach the customer, so sending it is what the person probably wants. */
  is_suggested: boolean,
};

/** Put aside until a day. */
export type SetAside = {
  /** It comes back then. */
  until: string,
  /** Why. */
  reason: string,
};

/** Puts findings aside until a day. */
export type SetFindingsAside = {
  /** The id by which a repetition is recognised. */
  request_id: string,
  /** Which. */
  findings: Selection<FindingFilter, string>,
  /** They come back on this day. */
  until: string,
  /** Why; it stands in the journal. */
  reason: string,
};

/** How the window looks and behaves. */
export type Settings = {
  /** Language. */
  language: LanguageChoice,
  /** Light or dark. */
  theme: Theme,
  /** Height of rows. */
  density: Density,
  /** Whether things move. */
  motion: Motion,
  /** Size of everything, in percent. */
  zoom_percent: number,
  /** Whether this desk works on runs that others put up or left behind. */
  joins_runs: boolean,
  /** Whether the end of a run shows as a notification of the desktop. */
  notifies: boolean,
  /** Columns of the lists. */
  lists: { [key in ListName]?: Array<Column> },
  /** Sizes of panes, by the window's own names, in pixels. */
  panes: { [key in string]: number },
};

/** A person says what became of mails. */
export type SettleDeliveries = {
  /** Id of this request. */
  request_id: string,
  /** Which. */
  mails: Selection<DeliveryFilter, string>,
  /** How many the person was shown; more than these are refused. */
  planned: number,
  /** Whether they arrived. */
  arrived: boolean,
  /** Whether those that did not arrive are sent again. */
  resend: boolean,
  /** How the person knows; stands in the journal. */
  reason: string,
};

/** What became of settling. */
export type Settled = {
  /** Mails that were settled. */
  settled: number,
  /** Mails that were not. */
  refused: number,
  /** The run that sends them again, where that was asked for. */
  run: string | null,
  /** The request had been answered before; nothing was written now. */
  is_repeated: boolean,
  /** Each mail; of those that were settled, the first 500. */
  mails: Array<SettledMail>,
};

/** What became of settling one mail. */
export type SettledMail = {
  /** The mail. */
  id: string,
  /** Its Message-ID. */
  message_id: string,
  /** The invoice that it carries. */
  invoice: NumberedInvoice,
  /** State before. */
  before: DeliveryState,
  /** State after. */
  after: DeliveryState,
  /** Why it was not settled. */
  obstacle: Obstacle | null,
};

/** How much a finding matters. */
export type Severity = "critical" | "high" | "medium" | "info";

/** Where failures concentrate, in these days. */
export type ShowCauses = {
  /** First day at the office; none takes all before. */
  from?: string,
  /** Last day; none takes all after. */
  to?: string,
};

/** What a host had in hand in its bad time. Without days that is its open withdrawal, or else the days of its cause. */
export type ShowDamage = {
  /** The host. */
  host: string,
  /** First day at the office; both or neither. */
  from?: string,
  /** Last day. */
  to?: string,
};

/** A mail with its evidence. */
export type ShowDelivery = {
  /** The mail. */
  id: string,
};

/** What is open, in groups of one cause. */
export type ShowFailureGroups = Record<symbol, never>;

/** One finding. */
export type ShowFinding = {
  /** Its id. */
  id: string,
};

/** Findings that are not closed, in groups of one rule. */
export type ShowFindingGroups = Record<symbol, never>;

/** The hosts that ever worked. */
export type ShowHosts = Record<symbol, never>;

/** Everything about one invoice. Its audit is asked for beside it, because it reads the whole PDF. */
export type ShowInvoice = {
  /** The invoice. */
  id: string,
};

/** What the journal can be filtered by. */
export type ShowJournalChoices = Record<symbol, never>;

/** What is to be done, and how the month stands. */
export type ShowOverview = {
  /** First day of the chart; none takes the first of the month that today at the office lies in. */
  from?: string,
  /** Last day of the chart; none takes today at the office. */
  to?: string,
};

/** Everything about one registration, but for its timeline. */
export type ShowRegistration = {
  /** The registration. */
  id: string,
};

/** One repair. */
export type ShowRepair = {
  /** Its id. */
  id: string,
};

/** Replays of a host. */
export type ShowReplays = {
  /** The host. */
  host: string,
};

/** How a month went. */
export type ShowReport = {
  /** The month. */
  month: Month,
};

/** What the rules say of themselves. */
export type ShowRules = Record<symbol, never>;

/** A run with its progress. */
export type ShowRun = {
  /** The run. */
  id: string,
};

/** All filters that this person sees: their own, and those that are shared. */
export type ShowSavedFilters = Record<symbol, never>;

/** What happened to a registration. */
export type ShowTimeline = {
  /** The registration. */
  registration: string,
  /** Only what lies before [`Timeline::older`]; none begins with the newest. */
  before?: Cursor,
  /** How many entries at most, up to 500. */
  limit: number,
};

/** Stages what has a sure enough proposal, and starts one run over what is open and can run. */
export type StageDamage = {
  /** The id by which a repetition is recognised. */
  request_id: string,
  /** Host and time. */
  scope: DamageScope,
  /** Why; it stands in the journal. */
  reason: string,
};

/** Stages repairs for review; nothing is written of them. */
export type StageRepairs = {
  /** The id by which a repetition is recognised. */
  request_id: string,
  /** Which. */
  choice: RepairChoice,
};

/** That a repair is staged. */
export type StagedRepair = {
  /** The repair. */
  repair: string,
  /** Who staged it. */
  by: By,
  /** When. */
  at: string,
  /** The value that this person gave. */
  value: string | null,
  /** Whether it is the one who asks. */
  is_mine: boolean,
};

/** What the window must know to draw itself. */
export type Start = Record<symbol, never>;

/** Starts a run. This desk works on it at once; other workers may join. */
export type StartRun = {
  /** Id of this request. */
  request_id: string,
  /** What it is about. */
  selection: RunSelection,
  /** How many the person was shown that can run; more than these are refused. */
  planned: number,
  /** Why; stands in the journal. */
  reason: string,
  /** Date that invoices issued by it bear; none takes today at the office. */
  issue_on?: string,
  /** Whether it mails; otherwise it stops when the PDFs are stored. */
  mail: boolean,
  /** A text that opens its mails. */
  covering?: Covering,
};

/** What the window must know to draw itself. */
export type StartState = {
  /** Program version. */
  version: string,
  /** Who sits here. */
  by: By,
  /** The desk's clock; times of the database are told apart from it. */
  now: string,
  /** Settings. */
  settings: Settings,
  /** What the desktop prefers. */
  appearance: Appearance,
  /** Whether there is a keyring; without one passwords last until the program ends. */
  has_keyring: boolean,
  /** Databases that this desk knows, opened last first. None of them: this is the first start. */
  profiles: Array<Profile>,
  /** The open one. */
  connection: Connection | null,
  /** Long work of this desk that is not over. */
  jobs: Array<Job>,
  /** Folder that a demo is made in unless another is chosen. */
  demo_folder: string,
  /** Folder of the log, where `unexpected` failures stand under their number. */
  log_folder: string,
};

/** A step on the way from due to mailed. */
export type Step = "issue" | "render" | "archive" | "deliver";

/** Storage sold, used and there. */
export type Storage = {
  /** Sum of the quotas of open mailboxes, in bytes. */
  sold_bytes: number,
  /** Sum of what they use, in bytes. */
  used_bytes: number,
  /** What the array holds, in bytes; none when no sample tells. */
  capacity_bytes: number | null,
  /** Samples in the days of the chart, oldest first; at most one a day. */
  samples: Array<StorageSample>,
  /** Registrations, the largest use first. */
  destination: Destination,
};

/** How full the storage was. */
export type StorageSample = {
  /** When. */
  taken_at: string,
  /** Sold, in bytes. */
  sold_bytes: number,
  /** Used, in bytes. */
  used_bytes: number,
  /** There, in bytes. */
  capacity_bytes: number,
};

/** A row as it is stored. One value that cannot be decoded takes neither the page nor the list with it. */
export type Stored<T> = { "type": "whole", "value": T }
  | { "type": "unreadable", "value": Unreadable };

/** What of a month something is about. */
export type Subject = "period" | "cancellation" | "resend";

/** A subscription. */
export type SubscriptionRow = {
  /** Its id. */
  id: string,
  /** Address of its mailbox. */
  mailbox: string | null,
  /** Name of the tariff, German. */
  tariff_de: string,
  /** Name of the tariff, English. */
  tariff_en: string,
  /** Gross price of a month, in cents. */
  gross_cents: number,
  /** Currency. */
  currency: string,
  /** First day. */
  started_on: string,
  /** Last day. */
  ended_on: string | null,
  /** Whether it runs. */
  is_active: boolean,
};

/** Light or dark. */
export type Theme = "system" | "light" | "dark";

/** A part of a timeline. */
export type Timeline = {
  /** Newest first. */
  entries: Array<TimelineEntry>,
  /** Where the older ones begin; none when there are no more. */
  older: Cursor | null,
};

/** Something that happened. */
export type TimelineEntry = {
  /** Tells it from all others of the timeline. */
  key: string,
  /** When. */
  at: string,
  /** What. */
  event: TimelineEvent,
  /** Who did it; none when no person did. */
  by: By | null,
  /** Why, as the person wrote it. */
  reason: string | null,
  /** Where more of it can be seen. */
  destination: Destination | null,
};

/** What happened. Numbers are those of invoices. */
export type TimelineEvent = { "code": "registered", source: RegistrationSource,
}
  | { "code": "subscription_started", on: string, mailbox: string | null,
}
  | { "code": "subscription_ended", on: string, mailbox: string | null,
}
  | { "code": "invoice_issued", number: string, kind: InvoiceKind, gross_cents: number,
}
  | { "code": "document_stored", number: string,
}
  | { "code": "attempted", number: string | null, period: Month, step: Step, outcome: AttemptOutcome, host: string, signal: number | null, cause: Cause | null, message: string | null,
}
  | { "code": "mail_queued", number: string, purpose: DeliveryPurpose, recipient: string,
}
  | { "code": "mail_evidence", number: string, purpose: DeliveryPurpose, source: EvidenceSource, verdict: Verdict, reply_code: number | null, detail: string,
}
  | { "code": "invoice_cancelled", number: string, cancellation: string,
}
  | { "code": "invoice_restored", number: string, fields: Array<FieldChange>,
}
  | { "code": "reviewed", number: string, is_reviewed: boolean,
}
  | { "code": "payment_received", number: string | null, amount_cents: number,
}
  | { "code": "contact_changed", fields: Array<FieldChange>,
}
  | { "code": "note_added", text: string,
}
  | { "code": "note_edited", fields: Array<FieldChange>,
}
  | { "code": "note_deleted" }
  | { "code": "other", action: string,
};

/** How many rows match. */
export type Total = {
  /** The number. */
  rows: number,
  /** Whether it is counted; otherwise it is the database's estimate. */
  is_exact: boolean,
};

/** What is to be taken back. */
export type UndoChoice = { "type": "repairs",
  /** Their ids. */
  repairs: Array<string>,
}
  | { "type": "batch",
  /** The batch. */
  batch: string,
};

/** What taking back would do. */
export type UndoPreview = {
  /** How many can be taken back. */
  able: number,
  /** How many cannot. */
  unable: number,
  /** Each, in the order in which they go back. */
  repairs: Array<UndonePreview>,
};

/** Takes repairs back, as a job. */
export type UndoRepairs = {
  /** The id by which a repetition is recognised. */
  request_id: string,
  /** Which. */
  choice: UndoChoice,
  /** Why; it stands in the journal. */
  reason: string,
};

/** What taking one repair back would do. */
export type UndonePreview = {
  /** The repair. */
  repair: string,
  /** The rule's short name. */
  title: Bilingual | null,
  /** The record. */
  subject: FindingSubject,
  /** What stands there, and what would. */
  fields: Array<ProposedChange>,
  /** What stands against it. */
  obstacle: RepairObstacle | null,
};

/** A row with values that cannot be decoded. */
export type Unreadable = {
  /** What it is. */
  record: RecordKind,
  /** Its id, as lists know it. */
  id: string,
  /** The number or name people know it by, where that can be read. */
  label: string | null,
  /** What cannot be read. */
  fields: Array<UnreadableField>,
};

/** A value that cannot be decoded. */
export type UnreadableField = {
  /** Name of the column. */
  field: string,
  /** What is stored there, as far as it is text. */
  stored: string | null,
};

/** Takes repairs from the list again. */
export type UnstageRepairs = {
  /** The id by which a repetition is recognised. */
  request_id: string,
  /** Which. */
  repairs: Array<string>,
};

/** What a piece of evidence says. */
export type Verdict = "accepted" | "deferred" | "refused" | "unknown" | "bounced";

/** Walks the whole chain, as a job that ends with [`JournalVerdict`]. */
export type VerifyJournal = {
  /** The head as it was noted elsewhere, such as on paper. */
  expect?: string,
};

/** Takes a host out of service. */
export type WithdrawHost = {
  /** Id of this request. */
  request_id: string,
  /** The host. */
  host: string,
  /** First day at the office on which its work is unproven; none says from now on. */
  from?: string,
  /** Last such day; none says until it is put back. */
  to?: string,
  /** Why. */
  reason: string,
};
