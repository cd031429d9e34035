//! Every stored original: there, whole, with its hash.

use crate::check::passes::Pass;
use crate::check::rule::{Method, Rule, Severity, Words};

/// PDF damaged.
pub(in crate::check) static RULE: Rule = Rule {
    id: "document_damaged",
    severity: Severity::High,
    de: Words {
        title: "PDF beschädigt",
        what: "Das abgelegte PDF ist leer, unvollständig oder hat nicht seinen Hash.",
        why: "Wer es bekommt, kann es nicht öffnen, und als Nachweis taugt es nicht.",
        how: "Bewiesen ist, was den abgelegten Hash hat: neu gezeichnet oder ein Bit zurückgedreht.",
        when_not: "Nicht, wenn kein Inhalt den Hash ergibt: dann neu ausstellen, falls nie verschickt, sonst ein Ersatzbeleg.",
    },
    en: Words {
        title: "PDF damaged",
        what: "The stored PDF is empty, incomplete or does not have its hash.",
        why: "Who gets it cannot open it, and it proves nothing.",
        how: "Proven is what has the stored hash: drawn again, or with one bit turned back.",
        when_not: "Not where no content gives the hash: then it is issued anew if it was never mailed, otherwise a marked substitute.",
    },
    method: Method::Pass(&[Pass::Documents]),
};
