//! A real Postfix takes, refuses, returns and logs mail for one test, and leaves nothing behind.

use std::path::Path;

use kontor_tests::certificates::{Authority, Certificate};
use kontor_tests::mailserver::MailServer;
use kontor_tests::sink::{Behaviour, SmtpSink};

use super::client::{Client, MESSAGE, message};

#[test]
fn mail_is_delivered_whole_and_logged() {
    let server = MailServer::setup().mailbox("rechnung@example.com").start();
    let (mut client, offers) = Client::greeted(server.port());
    assert!(offers.contains("SIZE 26214400") && !offers.contains("STARTTLS"), "{offers}");
    let answer = client.mail("kunde1@example.com", MESSAGE);
    let queue_id = answer.trim_end().strip_prefix("250 2.0.0 Ok: queued as ").expect("it is taken").to_owned();
    assert!(client.mail("rechnung+42@example.com", &message("<2@example.com>")).starts_with("250 "));
    server.wait_until("both mails are there", |server| server.delivered().len() == 2);
    let delivered = server.delivered();
    let first = delivered.iter().find(|mail| mail.mailbox == "example.com").expect("a mail of the domain");
    assert_eq!((first.from.as_str(), first.to.as_str()), ("rechnung+1@example.com", "kunde1@example.com"));
    assert_eq!(first.message_id.as_deref(), Some("<1@example.com>"));
    assert!(first.path.starts_with(server.maildir("example.com")) && first.text.ends_with("Guten Tag,\n.ein Punkt\n"));
    let second = delivered.iter().find(|mail| mail.mailbox == "rechnung@example.com").expect("a mail of the mailbox");
    assert_eq!(second.to, "rechnung+42@example.com");
    let sent = format!("{queue_id}: to=<kunde1@example.com>, relay=virtual, ");
    server.wait_until("it is logged", |server| {
        server.log().lines().any(|line| line.contains(&sent) && line.contains("dsn=2.0.0, status=sent ("))
    });
    assert!(server.log().contains(&format!("{queue_id}: message-id=<1@example.com>")));
    assert_eq!(server.accepted().get("<1@example.com>"), Some(&1));
}

#[test]
fn recipients_and_sizes_are_refused_as_asked() {
    let server = MailServer::setup()
        .unknown("weg@example.com")
        .unknown("a.b+c@example.com")
        .answers("voll@example.com", "450 4.2.1 Mailbox busy")
        .answers("nie@example.com", "550 5.7.1 No")
        .size_limit(20_000)
        .start();
    let (mut client, offers) = Client::greeted(server.port());
    assert!(offers.contains("SIZE 20000"), "{offers}");
    for (to, code) in [
        ("weg@example.com", "550 5.1.1"),
        ("a.b+c@example.com", "550 5.1.1"),
        ("aXb+c@example.com", "354"),
        ("voll@example.com", "450 4.2.1"),
        ("nie@example.com", "550 5.7.1"),
        ("kunde@elsewhere.example", "554 5.7.1"),
    ] {
        client.say("MAIL FROM:<rechnung+1@example.com>");
        let answer = client.say(&format!("RCPT TO:<{to}>"));
        assert_eq!(answer.starts_with("250 "), code == "354", "{to}: {answer}");
        assert!(code == "354" || answer.starts_with(code), "{to}: {answer}");
        client.say("RSET");
    }
    assert!(client.say("MAIL FROM:<rechnung+1@example.com> SIZE=20001").starts_with("552 5.3.4"));
    let large = format!(
        "Message-ID: <9@example.com>\r\n\r\n{}\r\n.\r\n",
        "x".repeat(900) + &("\r\n".to_owned() + &"x".repeat(900)).repeat(30)
    );
    assert!(client.mail("kunde@example.com", &large).starts_with("552 5.3.4"));
    server.wait_until("the refusals are logged", |server| {
        server.log().matches("NOQUEUE: reject: RCPT from").count() == 5
    });
    assert_eq!(server.accepted().len(), 0);
}

#[test]
fn what_cannot_be_delivered_comes_back_as_a_report_or_waits() {
    let sink = SmtpSink::start();
    sink.behave(|envelope| {
        if envelope.to.starts_with("weg") {
            Behaviour::AnswerRecipient("550 5.1.1 never heard of".into())
        } else {
            Behaviour::Accept
        }
    });
    let server = MailServer::setup()
        .mailbox("rechnung@example.com")
        .bounces("voll@example.com", "5.2.2 Mailbox full, 12 MB")
        .defers("spaeter@example.com", "4.4.1 host is away")
        .forwards("kunde.example", sink.port())
        .start();
    let (mut client, _) = Client::greeted(server.port());
    for (number, to) in
        ["voll@example.com", "spaeter@example.com", "weg@kunde.example", "da@kunde.example"].iter().enumerate()
    {
        assert!(client.mail(to, &message(&format!("<{number}@example.com>"))).starts_with("250 "), "{to}");
    }
    server.wait_until("both reports are there", |server| server.delivered().len() == 2);
    for report in server.delivered() {
        assert_eq!(
            (report.mailbox.as_str(), report.from.as_str(), report.to.as_str()),
            ("rechnung@example.com", "", "rechnung+1@example.com")
        );
        let gone = report.text.contains("Final-Recipient: rfc822; weg@kunde.example");
        let status = if gone { "Status: 5.1.1" } else { "Status: 5.2.2" };
        assert!(report.text.contains(status) && report.text.contains("Action: failed"), "{}", report.text);
        assert!(report.text.contains(if gone { "Message-ID: <2@example.com>" } else { "Message-ID: <0@example.com>" }));
    }
    let says = |one: &'static str, two: &'static str| {
        move |server: &MailServer| server.log().lines().any(|line| line.contains(one) && line.contains(two))
    };
    server.wait_until(
        "one is returned",
        says("to=<voll@example.com>", "dsn=5.2.2, status=bounced (Mailbox full, 12 MB)"),
    );
    server.wait_until("one waits", says("to=<spaeter@example.com>", "dsn=4.4.1, status=deferred (host is away)"));
    server.wait_until(
        "one is refused further on",
        says("to=<weg@kunde.example>", "status=bounced (host 127.0.0.1[127.0.0.1] said: 550 5.1.1 never"),
    );
    server.wait_until("one goes through", says("to=<da@kunde.example>", "status=sent (250 2.0.0 Ok: queued as"));
    assert_eq!(sink.accepted().into_keys().collect::<Vec<_>>(), ["<3@example.com>"]);
}

#[test]
fn tls_is_spoken_with_the_certificate_of_the_authority() {
    let authority = Authority::new();
    let server = MailServer::setup().tls(&authority, Certificate::Valid).tls_required().start();
    let (mut client, offers) = Client::greeted(server.port());
    assert!(offers.contains("STARTTLS"), "{offers}");
    assert!(client.mail("kunde@example.com", MESSAGE).starts_with("530 5.7.0"));
    assert!(client.say("STARTTLS").starts_with("220 "));
    let mut client = client.encrypt(&authority, "localhost").expect("the certificate is good");
    client.say("EHLO desk.example.com");
    assert!(client.mail("kunde@example.com", MESSAGE).starts_with("250 "));
    let port = server.tls_url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let mut client = Client::connect(port).encrypt(&authority, "127.0.0.1").expect("the certificate is good");
    assert!(client.hear().starts_with("220 "));
    client.say("EHLO desk.example.com");
    assert!(client.mail("kunde@example.com", &message("<2@example.com>")).starts_with("250 "));
    server.wait_until("both mails are there", |server| server.delivered().len() == 2);

    let expired = MailServer::setup().tls(&authority, Certificate::Expired).start();
    let (mut client, _) = Client::greeted(expired.port());
    assert!(client.say("STARTTLS").starts_with("220 "));
    assert!(client.encrypt(&authority, "localhost").is_err(), "its time is over");
}

/// Processes whose command line or working folder is below this one, each with what it is doing.
fn processes_of(folder: &Path) -> Vec<String> {
    let text =
        |path: &Path| std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let processes = std::fs::read_dir("/proc").expect("Linux has it").flatten();
    processes
        .filter(|entry| {
            let works_there = std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
            works_there || text(&entry.path().join("cmdline")).contains(&*folder.to_string_lossy())
        })
        .filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
        .map(|entry| format!("{} {}", text(&entry.path().join("stat")), text(&entry.path().join("cmdline"))))
        .collect()
}

#[test]
#[cfg(target_os = "linux")]
fn it_ends_with_its_value_and_with_a_panic_and_takes_its_files_along() {
    let work = |panics: bool| {
        let server = MailServer::start();
        assert!(Client::greeted(server.port()).0.mail("kunde@example.com", MESSAGE).starts_with("250 "));
        let folder = server.folder().to_owned();
        assert!(processes_of(&folder).len() > 2, "it runs");
        let ended = std::thread::spawn(move || {
            let _held = server;
            assert!(!panics, "as the test wants it");
        });
        assert_eq!(ended.join().is_err(), panics);
        folder
    };
    for panics in [false, true] {
        let folder = work(panics);
        assert!(!folder.exists(), "{} is still there", folder.display());
        assert_eq!(processes_of(&folder), Vec::<String>::new());
    }
}
