//! The log says of each message what Postfix would have said.

use kontor_tests::sink::{Behaviour, Fault, SmtpSink};

use super::client::{Client, message, until};

/// Sends one message and returns the log's lines about it, without time and process.
fn lines(behaviour: Behaviour) -> Vec<String> {
    let sink = SmtpSink::start();
    sink.behave(move |_| behaviour.clone());
    let (mut client, _) = Client::greeted(sink.port());
    client.mail("kunde@example.org", &message("<7@example.com>"));
    client.leave();
    until("the log says so", || sink.log().contains("disconnect from"));
    let id = sink.messages().pop().map(|message| message.queue_id);
    let log = sink.log();
    let words = log.lines().map(|line| {
        let (program, words) = line.split_once("]: ").expect("a process and its words");
        let program = program.rsplit('/').next().and_then(|program| program.split('[').next()).expect("a program");
        format!("{program}: {words}")
    });
    words.map(|line| id.as_ref().map_or(line.clone(), |id| line.replace(id, "ID"))).collect()
}

#[test]
fn a_message_that_was_kept_leaves_all_its_lines_whatever_the_client_heard() {
    let kept = [
        "smtpd: connect from localhost[127.0.0.1]",
        "smtpd: ID: client=localhost[127.0.0.1]",
        "cleanup: ID: message-id=<7@example.com>",
        "qmgr: ID: from=<rechnung+1@example.com>, size=61, nrcpt=1 (queue active)",
        "smtp: ID: to=<kunde@example.org>, relay=mx.example.org[192.0.2.25]:25, delay=0.21, delays=0.02/0.01/0.09/0.09, \
         dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ID)",
        "qmgr: ID: removed",
    ];
    for behaviour in [
        Behaviour::Accept,
        Behaviour::DropAfterDot,
        Behaviour::AfterDot { kept: true, fault: Fault::Reset },
        Behaviour::AfterDot { kept: true, fault: Fault::Garbage },
    ] {
        let lines = lines(behaviour.clone());
        assert_eq!(&lines[..6], kept, "{behaviour:?}");
    }
}

#[test]
fn a_message_that_was_not_kept_leaves_no_line_of_the_queue() {
    for (behaviour, header) in [
        (Behaviour::LoseAfterDot, true),
        (Behaviour::CutWithin(55), true),
        (Behaviour::CutWithin(20), false),
        (Behaviour::DropBeforeData, false),
    ] {
        let lines = lines(behaviour.clone());
        let said = |what: &str| lines.iter().any(|line| line.contains(what));
        assert_eq!(said("message-id=<7@example.com>"), header, "{behaviour:?}: {lines:#?}");
        assert!(said("client=") && !said("qmgr") && !said("status="), "{behaviour:?}: {lines:#?}");
    }
}

#[test]
fn a_refusal_is_noted_with_the_queue_id_where_there_is_one() {
    let refused = lines(Behaviour::AnswerRecipient("550 5.1.1 <kunde@example.org>: User unknown".into()));
    assert_eq!(
        refused[1],
        "smtpd: NOQUEUE: reject: RCPT from localhost[127.0.0.1]: 550 5.1.1 <kunde@example.org>: User unknown; \
         from=<rechnung+1@example.com> to=<kunde@example.org> proto=ESMTP helo=<desk.example.com>"
    );
    let later = lines(Behaviour::AnswerMessage("452 4.2.2 full".into()));
    let line = later.iter().find(|line| line.contains("reject: END-OF-MESSAGE")).expect("a line");
    assert!(!line.contains("NOQUEUE") && line.contains("452 4.2.2 full"), "{line}");
    assert!(later.iter().any(|line| line.contains("message-id=")));
}

#[test]
fn a_client_that_hangs_up_is_noted() {
    let sink = SmtpSink::start();
    let (mut client, _) = Client::greeted(sink.port());
    client.say("MAIL FROM:<a@example.com>");
    client.leave();
    until("the log says so", || sink.log().contains("lost connection after MAIL from localhost[127.0.0.1]"));
}

#[test]
fn a_file_holds_the_same_and_survives_the_server() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let file = folder.path().join("mail.log");
    let mut logs = String::new();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let sink = SmtpSink::setup().log_file(&file).start();
        let (mut client, _) = Client::greeted(sink.port());
        client.mail("a@example.org", &message("<1@example.com>"));
        client.mail("b@example.org", &message("<2@example.com>"));
        client.leave();
        until("the log says so", || sink.log().contains("disconnect from"));
        logs += &sink.log();
        ids.extend(sink.messages().into_iter().map(|message| message.queue_id));
    }
    assert_eq!(std::fs::read_to_string(&file).expect("the file is there"), logs);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "no queue id is used twice");
}
