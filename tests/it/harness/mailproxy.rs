//! The proxy harms the message it was asked to harm, and the server behind it has what it should have.

use std::time::{Duration, Instant};

use kontor_tests::mailproxy::{Harm, MailProxy};
use kontor_tests::mailserver::MailServer;
use kontor_tests::sink::SmtpSink;

use super::client::{Client, MESSAGE, message, until};

/// Connections of which the server has noted the end.
fn ended(sink: &SmtpSink) -> usize {
    sink.log().matches("disconnect from").count()
}

#[test]
fn what_is_not_harmed_passes_unchanged() {
    let sink = SmtpSink::start();
    let proxy = MailProxy::start(sink.port());
    assert_eq!(proxy.url(), format!("smtp://127.0.0.1:{}", proxy.port()));
    let (mut client, _) = Client::greeted(proxy.port());
    for _ in 0..3 {
        assert!(client.mail("b@example.com", MESSAGE).starts_with("250 "));
    }
    assert!(client.say("QUIT").starts_with("221 "));
    assert_eq!((proxy.messages(), proxy.harmed(), sink.kept()), (3, 0, 3));
    assert!(sink.messages()[2].data.ends_with(b".ein Punkt\r\n"));
}

#[test]
fn only_the_message_that_was_named_is_harmed() {
    let sink = SmtpSink::start();
    let proxy = MailProxy::start(sink.port());
    for (harm, kept) in
        [(Harm::CutWithin(20), 0), (Harm::CutWithin(9_999), 0), (Harm::KeepDotBack, 0), (Harm::LoseAnswer, 1)]
    {
        let before = (proxy.messages(), proxy.harmed(), sink.kept());
        proxy.harm(move |nth| if nth == before.0 + 2 { harm } else { Harm::None });
        let (mut client, _) = Client::greeted(proxy.port());
        assert!(client.mail("a@example.com", MESSAGE).starts_with("250 "), "{harm:?}");
        assert_eq!(client.mail("b@example.com", MESSAGE), "", "{harm:?}");
        // Once the server has noted the end of the connection, nothing more can come.
        until("every connection has ended", || ended(&sink) == sink.connections());
        assert_eq!(
            (proxy.messages(), proxy.harmed(), sink.kept()),
            (before.0 + 2, before.1 + 1, before.2 + 1 + kept),
            "{harm:?}"
        );
    }
}

#[test]
fn an_answer_can_be_kept_waiting() {
    let sink = SmtpSink::start();
    let proxy = MailProxy::start(sink.port());
    proxy.harm(|_| Harm::DelayAnswer(Duration::from_millis(200)));
    let (mut client, _) = Client::greeted(proxy.port());
    let started = Instant::now();
    assert!(client.mail("b@example.com", MESSAGE).starts_with("250 "));
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_connection_is_cut_at_any_byte() {
    let sink = SmtpSink::start();
    let proxy = MailProxy::start(sink.port());
    let said =
        "EHLO desk.example.com\r\nMAIL FROM:<rechnung+1@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n".len();
    let whole = said + MESSAGE.len();
    for bytes in (0..=whole).step_by(7).chain([said, whole - 1, whole]) {
        let (kept, seen) = (sink.kept(), sink.connections());
        proxy.cut_connections_after(Some(bytes));
        let mut client = Client::connect(proxy.port());
        client.hear();
        client.say("EHLO desk.example.com");
        assert!(!client.mail("b@example.com", MESSAGE).starts_with("250 "), "{bytes}");
        until("the connection has ended", || sink.connections() > seen && ended(&sink) == sink.connections());
        assert_eq!(sink.kept() - kept, usize::from(bytes == whole), "{bytes} of {whole}");
    }
    proxy.cut_connections_after(None);
    assert!(Client::greeted(proxy.port()).0.mail("b@example.com", MESSAGE).starts_with("250 "));
}

#[test]
fn a_real_server_keeps_what_it_got_whole_and_nothing_else() {
    let server = MailServer::start();
    let proxy = MailProxy::start(server.port());
    proxy.harm(|nth| match nth {
        1 => Harm::CutWithin(30),
        2 => Harm::KeepDotBack,
        3 => Harm::LoseAnswer,
        _ => Harm::None,
    });
    for nth in 1..=4 {
        let (mut client, _) = Client::greeted(proxy.port());
        let answer = client.mail("kunde1@example.com", &message(&format!("<{nth}@example.com>")));
        assert_eq!(answer.is_empty(), nth < 4, "{nth}: {answer}");
    }
    server.wait_until("two mails are there", |server| server.delivered().len() == 2);
    server.wait_until("all connections have ended", |server| server.log().matches("disconnect from").count() > 4);
    let ids: Vec<_> = server.accepted().into_iter().collect();
    assert_eq!(ids, [("<3@example.com>".to_owned(), 1), ("<4@example.com>".to_owned(), 1)]);
    assert!(server.log().contains("message-id=<2@example.com>"), "what was cut leaves a line too: {}", server.log());
}
