//! The one list of requests. Each line is a request's name on the wire, its parameters, and its answer; the enum, the
//! type of each answer and the TypeScript of both are made from it.
//!
//! What this module leaves out: answering (`answer`).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::answer::{Answered, Handle, told};
use crate::causes::{FoundCauses, ShowCauses};
use crate::connection::{CloseDatabase, Connection, ForgetProfile, OpenDatabase, OpenProfile, Profile, SaveProfile};
use crate::contact::{CheckContact, ContactCheck, ContactSaved, SaveContact};
use crate::damage::{
    DamagePage, DamagePlan, DamageStaged, ExamineDamage, HostDamage, ListDamage, PlanDamage, ShowDamage, StageDamage,
};
use crate::delivery::{
    DeliveryDetail, DeliveryRow, ListDeliveries, PlanResend, ResendInvoices, ResendPlan, SettleDeliveries, Settled,
    ShowDelivery,
};
use crate::export::{ExportList, OpenExport};
use crate::find::{Find, Hit};
use crate::finding::{
    BringFindingsBack, CheckDatabase, FindingDetail, FindingGroups, FindingRow, FindingsSetAside, ListFindings,
    RuleText, SetFindingsAside, ShowFinding, ShowFindingGroups, ShowRules,
};
use crate::hosts::{Hosts, ReturnHost, ShowHosts, WithdrawHost};
use crate::invoice::{
    Audit, AuditInvoice, CancelInvoice, CancellationPlan, Cancelled, InvoiceDetail, InvoiceRow, ListInvoices,
    MarkReviewed, PlanCancellation, Reviewed, ShowInvoice,
};
use crate::job::{CancelJob, CreateDemo, Job};
use crate::journal::{JournalChoices, JournalRow, ListJournal, ShowJournalChoices, VerifyJournal};
use crate::mail::SaveMailSettings;
use crate::office::Office;
use crate::overview::{Overview, ShowOverview};
use crate::page::{Page, Stored};
use crate::payment::{ListPayments, PaymentRow};
use crate::registration::{
    AddNote, DeleteNote, EditNote, ListRegistrations, Note, RegistrationDetail, RegistrationRow, ShowRegistration,
};
use crate::repair::{
    ApplyRepairs, CompareRepair, ListRepairs, PlanRepairs, PlanUndo, RepairConflict, RepairDetail, RepairPlan,
    RepairRow, RepairsDone, RepairsUnstaged, ShowRepair, StageRepairs, UndoPreview, UndoRepairs, UnstageRepairs,
};
use crate::replays::{AskReplay, CancelReplay, ConfirmReplay, Replay, Replays, ShowReplays};
use crate::report::{ListReportMonths, MonthReport, ReportMonth, ShowReport};
use crate::run::{
    CancelRun, CoveringPreview, FailureGroups, FailureRow, JoinRun, ListFailures, ListRunItems, ListRuns, PauseRun,
    PlanRun, PreviewCovering, ResumeRun, RunDetail, RunItemRow, RunPlan, RunRow, RunStarted, ShowFailureGroups,
    ShowRun, StartRun,
};
use crate::saved::{DeleteFilter, SaveFilter, SavedFilter, ShowSavedFilters};
use crate::settings::{SaveSettings, Settings};
use crate::start::{ChoosePath, Notify, OpenDocument, SaveDocument, Start, StartState};
use crate::timeline::{ShowTimeline, Timeline};

/// The parameters of a request.
pub trait Ask: Into<Request> {
    /// What it is answered with.
    type Answer: Serialize + Send;
}

/// What a request may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// This desk only; no database has to be open.
    Desk,
    /// It reads the database. When the connection is lost it is tried again by itself.
    Read,
    /// It writes to the database because a person said so. It is never repeated silently under another request id.
    Write,
}

macro_rules! requests {
    (
        desk { $($(#[$desk_doc:meta])* $desk_name:ident: $desk:ident => $desk_answer:ty;)* }
        read { $($(#[$read_doc:meta])* $read_name:ident: $read:ident => $read_answer:ty;)* }
        write { $($(#[$write_doc:meta])* $write_name:ident: $write:ident => $write_answer:ty;)* }
    ) => {
        /// Everything a screen may ask.
        #[derive(Clone, Debug, Deserialize, TS)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum Request {
            $($(#[$desk_doc])* $desk($desk),)*
            $($(#[$read_doc])* $read($read),)*
            $($(#[$write_doc])* $write($write),)*
        }

        impl Request {
            /// Its name on the wire.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$desk(_) => stringify!($desk_name),)*
                    $(Self::$read(_) => stringify!($read_name),)*
                    $(Self::$write(_) => stringify!($write_name),)*
                }
            }

            /// What it may touch.
            pub fn access(&self) -> Access {
                match self {
                    $(Self::$desk(_) => Access::Desk,)*
                    $(Self::$read(_) => Access::Read,)*
                    $(Self::$write(_) => Access::Write,)*
                }
            }

            /// Answers it, as JSON.
            pub(crate) async fn answer(self, office: &Office) -> Answered<String> {
                match self {
                    $(Self::$desk(ask) => told(&Box::pin(ask.handle(office)).await?),)*
                    $(Self::$read(ask) => told(&Box::pin(ask.handle(office)).await?),)*
                    $(Self::$write(ask) => told(&Box::pin(ask.handle(office)).await?),)*
                }
            }

            /// The id by which a repetition is recognised; every write has one.
            pub fn request_id(&self) -> Option<Uuid> {
                match self {
                    $(Self::$write(ask) => Some(ask.request_id),)*
                    _ => None,
                }
            }
        }

        $(request!($desk => $desk_answer);)*
        $(request!($read => $read_answer);)*
        $(request!($write => $write_answer);)*

        /// The answer of each request, by its name; TypeScript reads `call` from it.
        #[cfg(test)]
        #[derive(TS)]
        #[expect(dead_code, reason = "only its TypeScript is wanted")]
        pub(crate) struct Answers {
            $($(#[$desk_doc])* $desk_name: $desk_answer,)*
            $($(#[$read_doc])* $read_name: $read_answer,)*
            $($(#[$write_doc])* $write_name: $write_answer,)*
        }

        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[
            $(stringify!($desk_name),)*
            $(stringify!($read_name),)*
            $(stringify!($write_name),)*
        ];
    };
}

macro_rules! request {
    ($ask:ident => $answer:ty) => {
        impl Ask for $ask {
            type Answer = $answer;
        }

        impl From<$ask> for Request {
            fn from(ask: $ask) -> Self {
                Self::$ask(ask)
            }
        }
    };
}

requests! {
    desk {
        /// What the window must know to draw itself.
        start: Start => StartState;
        /// Keeps the settings.
        save_settings: SaveSettings => Settings;
        /// Makes a demo, as a job.
        create_demo: CreateDemo => Job;
        /// Opens a database and keeps it as a profile.
        open_database: OpenDatabase => Connection;
        /// Opens a database that this desk knows.
        open_profile: OpenProfile => Connection;
        /// Changes a profile.
        save_profile: SaveProfile => Profile;
        /// Forgets a profile and its passwords.
        forget_profile: ForgetProfile => ();
        /// Sets where the mails of a profile go.
        save_mail_settings: SaveMailSettings => Profile;
        /// Closes the database.
        close_database: CloseDatabase => ();
        /// Lets the person choose a file or folder.
        choose_path: ChoosePath => Option<String>;
        /// Cancels a job.
        cancel_job: CancelJob => ();
        /// Opens a file that an export wrote.
        open_export: OpenExport => ();
        /// Shows a notification of the desktop.
        notify: Notify => ();
    }
    read {
        /// What is to be done, and how the month stands.
        show_overview: ShowOverview => Overview;
        /// Records by number, name or address.
        find: Find => Vec<Hit>;
        /// Registrations, a page.
        list_registrations: ListRegistrations => Page<RegistrationRow>;
        /// One registration with its call view.
        show_registration: ShowRegistration => RegistrationDetail;
        /// What happened to a registration, a part.
        show_timeline: ShowTimeline => Timeline;
        /// Looks at staged changes of contact data.
        check_contact: CheckContact => ContactCheck;
        /// Invoices, a page.
        list_invoices: ListInvoices => Page<InvoiceRow>;
        /// One invoice.
        show_invoice: ShowInvoice => InvoiceDetail;
        /// Audits the PDF of an invoice.
        audit_invoice: AuditInvoice => Audit;
        /// What cancelling an invoice would do.
        plan_cancellation: PlanCancellation => CancellationPlan;
        /// Mails, a page.
        list_deliveries: ListDeliveries => Page<DeliveryRow>;
        /// One mail with its evidence.
        show_delivery: ShowDelivery => Stored<DeliveryDetail>;
        /// What sending again would do.
        plan_resend: PlanResend => ResendPlan;
        /// Payments, a page.
        list_payments: ListPayments => Page<PaymentRow>;
        /// What is open, by cause.
        show_failure_groups: ShowFailureGroups => FailureGroups;
        /// What is open, a page.
        list_failures: ListFailures => Page<FailureRow>;
        /// What the rules say of themselves.
        show_rules: ShowRules => Vec<RuleText>;
        /// What the rules found, by rule.
        show_finding_groups: ShowFindingGroups => FindingGroups;
        /// Findings, a page.
        list_findings: ListFindings => Page<FindingRow>;
        /// One finding with its evidence.
        show_finding: ShowFinding => FindingDetail;
        /// What repairs would do.
        plan_repairs: PlanRepairs => RepairPlan;
        /// What taking repairs back would do.
        plan_undo: PlanUndo => UndoPreview;
        /// Repairs, a page.
        list_repairs: ListRepairs => Page<RepairRow>;
        /// One repair.
        show_repair: ShowRepair => Stored<RepairDetail>;
        /// Holds a repair against its record as it is now.
        compare_repair: CompareRepair => RepairConflict;
        /// Asks the rules, as a job.
        check_database: CheckDatabase => Job;
        /// What a run would do.
        plan_run: PlanRun => RunPlan;
        /// Mails of a run as they would go out.
        preview_covering: PreviewCovering => CoveringPreview;
        /// Runs, a page.
        list_runs: ListRuns => Page<RunRow>;
        /// One run with its progress.
        show_run: ShowRun => RunDetail;
        /// Items of a run, a page.
        list_run_items: ListRunItems => Page<RunItemRow>;
        /// Works on a run from this desk too.
        join_run: JoinRun => ();
        /// Entries of the journal, a page.
        list_journal: ListJournal => Page<JournalRow>;
        /// What the journal can be filtered by.
        show_journal_choices: ShowJournalChoices => JournalChoices;
        /// Verifies the journal, as a job.
        verify_journal: VerifyJournal => Job;
        /// Where failures concentrate.
        show_causes: ShowCauses => FoundCauses;
        /// The hosts that ever worked.
        show_hosts: ShowHosts => Hosts;
        /// Replays of a host.
        show_replays: ShowReplays => Replays;
        /// What a host had in hand in its bad time.
        show_damage: ShowDamage => HostDamage;
        /// The records that a host had in hand, a page.
        list_damage: ListDamage => DamagePage;
        /// Draws what a host had in hand again, as a job.
        examine_damage: ExamineDamage => Job;
        /// What putting the damage of a host right in one go would do.
        plan_damage: PlanDamage => DamagePlan;
        /// Months that can be reported on, newest first.
        list_report_months: ListReportMonths => Vec<ReportMonth>;
        /// How a month went.
        show_report: ShowReport => MonthReport;
        /// Saved filters.
        show_saved_filters: ShowSavedFilters => Vec<SavedFilter>;
        /// Writes a list to a file, as a job.
        export_list: ExportList => Option<Job>;
        /// Saves a document where the person wants it.
        save_document: SaveDocument => Option<String>;
        /// Shows a document in the system's viewer.
        open_document: OpenDocument => ();
    }
    write {
        /// Saves contact data.
        save_contact: SaveContact => ContactSaved;
        /// Adds a note.
        add_note: AddNote => Note;
        /// Changes a note.
        edit_note: EditNote => Note;
        /// Takes a note away.
        delete_note: DeleteNote => ();
        /// Marks a PDF as reviewed, or takes the mark away.
        mark_reviewed: MarkReviewed => Reviewed;
        /// Cancels an invoice.
        cancel_invoice: CancelInvoice => Cancelled;
        /// Sends invoices again.
        resend_invoices: ResendInvoices => RunStarted;
        /// Says what became of mails.
        settle_deliveries: SettleDeliveries => Settled;
        /// Puts findings aside until a day.
        set_findings_aside: SetFindingsAside => FindingsSetAside;
        /// Brings findings back before their day.
        bring_findings_back: BringFindingsBack => FindingsSetAside;
        /// Stages repairs for review.
        stage_repairs: StageRepairs => RepairsDone;
        /// Takes repairs from the list again.
        unstage_repairs: UnstageRepairs => RepairsUnstaged;
        /// Applies staged repairs, as a job.
        apply_repairs: ApplyRepairs => Job;
        /// Takes repairs back, as a job.
        undo_repairs: UndoRepairs => Job;
        /// Stages repairs of a host's damage, and starts one run over what is open.
        stage_damage: StageDamage => DamageStaged;
        /// Starts a run.
        start_run: StartRun => RunStarted;
        /// Pauses a run.
        pause_run: PauseRun => RunDetail;
        /// Goes on with a run.
        resume_run: ResumeRun => RunDetail;
        /// Takes back what a run has not begun.
        cancel_run: CancelRun => RunDetail;
        /// Takes a host out of service.
        withdraw_host: WithdrawHost => Hosts;
        /// Puts a host back into service.
        return_host: ReturnHost => Hosts;
        /// Asks for the same inputs to be drawn on a suspect host, on another and back.
        ask_replay: AskReplay => Replay;
        /// Notes a host as the cause, once its failures were reproduced.
        confirm_replay: ConfirmReplay => Replay;
        /// Takes back a replay that is open.
        cancel_replay: CancelReplay => Replay;
        /// Saves a filter.
        save_filter: SaveFilter => SavedFilter;
        /// Takes a filter away.
        delete_filter: DeleteFilter => ();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_of_the_list_is_the_one_on_the_wire() {
        for name in NAMES {
            let asked = serde_json::from_value::<Request>(serde_json::json!({ "type": name }));
            let unknown = asked.as_ref().err().is_some_and(|error| error.to_string().contains("unknown variant"));
            assert!(!unknown, "{name}");
            if let Ok(request) = asked {
                assert_eq!(request.name(), *name);
            }
        }
    }

    #[test]
    fn what_is_left_out_of_a_filter_does_not_narrow() {
        let asked = serde_json::json!({
            "type": "list_registrations", "filter": { "failed_invoice": true }, "place": { "type": "start" },
            "limit": 100, "with_total": true,
        });
        let Request::ListRegistrations(list) = serde_json::from_value(asked).expect("a request") else {
            panic!("another request");
        };
        assert_eq!(list.filter.failed_invoice, Some(true));
        assert_eq!((list.filter.search, list.filter.states.len(), list.order), (None, 0, None));
    }

    #[test]
    fn a_write_names_its_request_and_a_password_stays_out_of_sight() {
        let request_id = Uuid::now_v7();
        let pause = Request::from(PauseRun { request_id, run: Uuid::now_v7(), reason: String::new() });
        assert_eq!((pause.access(), pause.request_id()), (Access::Write, Some(request_id)));
        let asked = serde_json::json!({
            "type": "open_profile", "profile": request_id, "password": { "password": "geheim", "keep": true },
        });
        let open: Request = serde_json::from_value(asked).expect("a request");
        assert_eq!((open.access(), open.request_id()), (Access::Desk, None));
        assert!(!format!("{open:?}").contains("geheim"));
    }
}
