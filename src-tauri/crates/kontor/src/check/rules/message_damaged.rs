//! Every stored mail, put together with its document: it has the hash that it was stored with.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// Mail damaged.
pub(in crate::check) static RULE: Rule = Rule {
    id: "message_damaged",
    severity: Severity::High,
    de: Words {
        title: "Mail beschädigt",
        what: "Die abgelegte Mail hat, mit ihrem PDF zusammengesetzt, nicht ihren Hash.",
        why: "Sie weist nicht mehr nach, was versandt wurde, und wird so nicht gesendet.",
        how: "Bewiesen ist, was den abgelegten Hash hat: ein Bit zurückgedreht.",
        when_not: "Nicht, wenn kein einzelnes Bit es erklärt: dann hilft nur eine Sicherung.",
    },
    en: Words {
        title: "Mail damaged",
        what: "The stored mail, put together with its PDF, does not have its hash.",
        why: "It no longer proves what was sent, and is not sent like this.",
        how: "Proven is what has the stored hash: with one bit turned back.",
        when_not: "Not where no single bit explains it: then only a backup helps.",
    },
    method: Method::Pass(&[Pass::Documents]),
};
