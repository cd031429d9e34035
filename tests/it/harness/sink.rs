//! The mail server keeps what was sent and misbehaves as asked, message by message.

use std::time::{Duration, Instant};

use kontor_tests::sink::{Behaviour, Fault, Phase, SmtpSink};

use super::client::{Client, MESSAGE, message, side_by_side, until};

/// Sends the message over a connection of its own and returns the last answer.
fn mail(sink: &SmtpSink, to: &str) -> String {
    Client::greeted(sink.port()).0.mail(to, MESSAGE)
}

#[test]
fn a_message_is_kept_as_it_was_sent() {
    let sink = SmtpSink::start();
    let (mut client, _) = Client::greeted(sink.port());
    let said = client.mail("b@example.com", MESSAGE);
    assert!(client.say("QUIT").starts_with("221 "));
    assert_eq!(client.hear(), "", "the server has hung up");
    let messages = sink.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(said.trim_end(), format!("250 2.0.0 Ok: queued as {}", messages[0].queue_id));
    assert_eq!(messages[0].from, "rechnung+1@example.com");
    assert_eq!(messages[0].to, ["b@example.com"]);
    assert_eq!(messages[0].message_id.as_deref(), Some("<1@example.com>"));
    assert_eq!((messages[0].connection, messages[0].tls, messages[0].login.as_deref()), (1, false, None));
    assert!(messages[0].data.ends_with(b"Guten Tag,\r\n.ein Punkt\r\n"));
}

#[test]
fn each_message_is_treated_as_asked() {
    let sink = SmtpSink::start();
    sink.behave(|envelope| match envelope.to.split('@').next() {
        Some("recipient") => Behaviour::AnswerRecipient("550 5.1.1 unknown".into()),
        Some("data") => Behaviour::AnswerData("451 4.3.0 later".into()),
        Some("message") => Behaviour::AnswerMessage("452 4.2.2 full".into()),
        Some("before") => Behaviour::DropBeforeData,
        Some("within") => Behaviour::DropWithinData,
        Some("bytes") => Behaviour::CutWithin(40),
        Some("short") => Behaviour::CutWithin(100_000),
        Some("lost") => Behaviour::LoseAfterDot,
        Some("after") => Behaviour::DropAfterDot,
        Some("closes") => Behaviour::ThenClose("421 4.4.2 idle".into()),
        _ => Behaviour::Accept,
    });
    let said = |name: &str| mail(&sink, &format!("{name}@example.com"));
    assert_eq!(said("recipient"), "550 5.1.1 unknown\r\n");
    assert_eq!(said("data"), "451 4.3.0 later\r\n");
    assert_eq!(said("message"), "452 4.2.2 full\r\n");
    for cut in ["before", "within", "bytes", "short", "lost"] {
        assert_eq!(said(cut), "", "{cut}");
    }
    assert!(sink.messages().is_empty(), "none of these was kept");
    assert_eq!(said("after"), "");
    assert!(said("fine").starts_with("250 2.0.0 Ok: queued as "));
    assert!(said("closes").starts_with("250 2.0.0 Ok: queued as "));
    let kept: Vec<_> = sink.messages().into_iter().flat_map(|message| message.to).collect();
    assert_eq!(kept, ["after@example.com", "fine@example.com", "closes@example.com"]);
    assert_eq!((sink.kept(), sink.transactions(), sink.connections()), (3, 11, 11));
}

#[test]
fn a_connection_ends_after_a_message_that_was_taken() {
    let sink = SmtpSink::start();
    sink.behave(|envelope| Behaviour::ThenClose(if envelope.nth == 1 { "421 4.4.2 idle" } else { "" }.into()));
    for last_words in ["421 4.4.2 idle\r\n", ""] {
        let (mut client, _) = Client::greeted(sink.port());
        assert!(client.mail("b@example.com", MESSAGE).starts_with("250 "));
        assert_eq!(client.hear(), last_words);
        assert_eq!(client.hear(), "");
    }
    assert_eq!(sink.kept(), 2);
}

#[test]
fn the_server_may_lie() {
    let sink = SmtpSink::start();
    let lie = |kept, answer: &str| Behaviour::AfterDot { kept, fault: Fault::Answer(answer.into()) };
    sink.behave(
        move |envelope| if envelope.nth == 1 { lie(true, "451 4.3.0 later") } else { lie(false, "250 2.0.0 Ok") },
    );
    assert_eq!(mail(&sink, "kept@example.com"), "451 4.3.0 later\r\n");
    assert_eq!(mail(&sink, "lost@example.com"), "250 2.0.0 Ok\r\n");
    assert_eq!(sink.messages().into_iter().flat_map(|message| message.to).collect::<Vec<_>>(), ["kept@example.com"]);
}

#[test]
fn an_answer_can_take_its_time() {
    let sink = SmtpSink::start();
    sink.behave(|envelope| match envelope.nth {
        1 => Behaviour::Delay(Duration::from_millis(300)),
        2 => Behaviour::At(Phase::Recipient, Fault::Slow(Duration::from_millis(300))),
        _ => Behaviour::Accept,
    });
    for _ in 0..2 {
        let started = Instant::now();
        assert!(mail(&sink, "b@example.com").starts_with("250 "));
        assert!(started.elapsed() >= Duration::from_millis(300));
    }
}

#[test]
fn a_message_that_is_answered_late_is_kept_before_the_answer() {
    let sink = SmtpSink::start();
    sink.behave(|_| Behaviour::Delay(Duration::from_hours(1)));
    let (mut client, _) = Client::greeted(sink.port());
    for line in ["MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>", "DATA"] {
        client.say(line);
    }
    client.send(MESSAGE.as_bytes());
    until("the message is kept", || sink.kept() == 1);
    drop(sink);
    assert_eq!(client.hear(), "", "the server does not wait for the hour to end");
}

#[test]
fn the_order_of_commands_is_that_of_a_strict_server() {
    let sink = SmtpSink::start();
    let mut client = Client::connect(sink.port());
    assert!(client.hear().starts_with("220 "));
    for (line, code) in [
        ("MAIL FROM:<a@example.com>", "503 5.5.1"),
        ("EHLO desk.example.com", "250-"),
        ("RCPT TO:<b@example.com>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
        ("MAIL FROM:<a@example.com>", "250 2.1.0"),
        ("DATA", "554 5.5.1"),
        ("MAIL FROM:<a@example.com>", "503 5.5.1"),
        ("RSET", "250 2.0.0"),
        ("MAIL FROM:<>", "250 2.1.0"),
        ("NOOP", "250 2.0.0"),
        ("STARTTLS", "502 5.5.2"),
        ("AUTH PLAIN AGEAYg==", "502 5.5.2"),
        ("QUIT", "221 2.0.0"),
    ] {
        let answer = client.say(line);
        assert!(answer.starts_with(code), "{line}: {answer}");
    }
}

#[test]
fn several_connections_are_counted_together_and_duplicates_are_found() {
    let sink = SmtpSink::setup().bodies_off().start();
    let port = sink.port();
    side_by_side(4, move |thread| {
        let (mut client, _) = Client::greeted(port);
        for number in 0..100 {
            assert!(
                client.mail("b@example.com", &message(&format!("<{thread}.{number}@example.com>"))).starts_with("250 ")
            );
        }
    });
    assert_eq!((sink.kept(), sink.accepted().len(), sink.duplicates().len()), (400, 400, 0));
    assert!(sink.messages().is_empty(), "bodies are off");
    let (mut client, _) = Client::greeted(port);
    client.mail("b@example.com", &message("<2.50@example.com>"));
    assert_eq!(sink.duplicates().into_iter().collect::<Vec<_>>(), [("<2.50@example.com>".to_owned(), 2)]);
    client.mail("b@example.com", "Subject: no id\r\n\r\n.\r\n");
    assert_eq!(sink.accepted().get(""), Some(&1));
}
