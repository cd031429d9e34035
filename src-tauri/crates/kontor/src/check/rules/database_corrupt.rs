//! `PRAGMA integrity_check` on the embedded database, `amcheck` on the server where the extension is installed.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Database damaged.
pub(in crate::check) static RULE: Rule = Rule {
    id: "database_corrupt",
    severity: Severity::Critical,
    de: Words {
        title: "Datenbank beschädigt",
        what: "Die Datenbank findet in ihren eigenen Seiten oder Indizes einen Fehler.",
        why: "Jede Antwort kann falsch sein, und jede Korrektur kann mehr zerstören.",
        how: "Programme beenden, Datei sichern, aus einer Sicherung wiederherstellen; das Hauptspeicher- und Plattenprotokoll des Rechners ansehen.",
        when_not: "Kontor korrigiert nichts, solange dieser Befund offen ist.",
    },
    en: Words {
        title: "Database damaged",
        what: "The database finds a fault in its own pages or indexes.",
        why: "Every answer may be wrong, and every repair may destroy more.",
        how: "Stop all programs, keep the file, restore from a backup; look at the host's memory and disk logs.",
        when_not: "Kontor repairs nothing while this finding is open.",
    },
    method: Method::Pass(&[Pass::Integrity]),
};
