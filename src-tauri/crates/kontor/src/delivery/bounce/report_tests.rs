//! Reports that Postfix 3.7 and `OpenSMTPD` 6.8 wrote, others in the manner of Exchange and Gmail, and broken ones.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

const POSTFIX: &str = include_str!("samples/postfix-failed.eml");
const DELAYED: &str = include_str!("samples/postfix-delayed.eml");
const OPENSMTPD: &str = include_str!("samples/opensmtpd-failed.eml");
const EXCHANGE: &str = include_str!("samples/exchange-failed.eml");
const GMAIL: &str = include_str!("samples/gmail-failed.eml");

fn read(text: &str) -> Bounce {
    parse(text.as_bytes()).unwrap_or_else(|reason| panic!("{reason}:\n{text}"))
}

#[test]
fn each_servers_report_is_read() {
    for (text, path, message_id, recipient, action, status, diagnostic) in [
        (
            POSTFIX,
            "rechnung+958d3871f347478eb819b9be728d1ccc@dienst.example",
            "958d3871-f347-478e-b819-b9be728d1ccc@dienst.example",
            "unknown@example.com",
            Action::Failed,
            "5.1.1",
            "550 5.1.1 <x> User unknown",
        ),
        (
            DELAYED,
            "rechnung+acdf05e90a6c4dcfa92b8294f6011f2d@dienst.example",
            "acdf05e9-0a6c-4dcf-a92b-8294f6011f2d@dienst.example",
            "full@example.com",
            Action::Delayed,
            "4.2.2",
            "452 4.2.2 Mailbox full",
        ),
        (
            OPENSMTPD,
            "rechnung+544c81f0e1264ccc99a2220a2aa598dc@dienst.example",
            "544c81f0-e126-4ccc-99a2-220a2aa598dc@dienst.example",
            "unknown@example.com",
            Action::Failed,
            "5.0.0",
            "550 5.1.1 <x> User unknown",
        ),
        (
            EXCHANGE,
            "rechnung+019a1b2c3d4e7f808a9b0c1d2e3f4a5b@dienst.example",
            "019a1b2c-3d4e-7f80-8a9b-0c1d2e3f4a5b@dienst.example",
            "Weg@Kunde.example",
            Action::Failed,
            "5.1.10",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient weg@kunde.example not found by SMTP address lookup",
        ),
        (
            GMAIL,
            "rechnung+019a1b2c3d4e7f808a9b0c1d2e3f4a5b@dienst.example",
            "019a1b2c-3d4e-7f80-8a9b-0c1d2e3f4a5b@dienst.example",
            "voll@mail.example",
            Action::Failed,
            "4.4.1",
            "The recipient server did not accept our requests to connect.",
        ),
    ] {
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let bounce = read(&text);
            assert_eq!(bounce.return_paths, [path]);
            assert_eq!(bounce.message_ids, [message_id]);
            assert!(bounce.written_at.is_some());
            let said = bounce.status_for(recipient);
            assert_eq!((said.action, said.class.as_str(), said.diagnostic.as_str()), (action, status, diagnostic));
        }
    }
    assert_eq!(read(POSTFIX).queue_id.as_deref(), Some("CA19B98600D"));
    assert_eq!(read(POSTFIX).status_for("x").reply_code(), Some(550));
}

#[test]
fn of_several_recipients_the_one_that_is_meant_counts() {
    let other = "Final-Recipient: rfc822; other@example.com\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient:";
    let text = POSTFIX.replacen("Final-Recipient:", other, 1);
    let bounce = read(&text);
    assert_eq!(bounce.status_for("Other@example.com").action, Action::Delivered);
    assert_eq!(bounce.status_for("unknown@example.com").action, Action::Failed);
    assert_eq!(bounce.status_for("alias@example.com").action, Action::Failed, "the worst");
}

#[test]
fn what_is_no_report_says_why() {
    let receipt = GMAIL
        .replace("report-type=delivery-status", "report-type=disposition-notification")
        .replace("message/delivery-status", "message/disposition-notification");
    for (text, reason) in [
        ("", "it is no mail"),
        ("Subject: hello\n\nhow are you", "it is no delivery report"),
        (receipt.as_str(), "it reports on something else than a delivery"),
        (
            &POSTFIX[..POSTFIX.find("Content-Description: Delivery report").expect("a part")],
            "its delivery status is missing",
        ),
        (
            &POSTFIX.replace("Action: failed", "Action: quarantined"),
            "its delivery status names no recipient and what became of the mail",
        ),
    ] {
        assert_eq!(parse(text.as_bytes()), Err(reason), "{text}");
    }
}

#[test]
fn an_action_that_is_missing_follows_from_the_status() {
    assert_eq!(read(&POSTFIX.replace("Action: failed\n", "")).status_for("").action, Action::Failed);
    assert_eq!(read(&DELAYED.replace("Action: delayed\n", "")).status_for("").action, Action::Delayed);
    assert_eq!(
        read(&POSTFIX.replace("Action: failed", "ACTION: relayed (to x)")).status_for("").action,
        Action::Delivered
    );
}

#[test]
fn a_report_without_an_id_of_its_own_is_told_by_its_bytes() {
    let bare = POSTFIX.replace("Message-Id: <20261125225928.D157B98603A@mail.dienst.example>\n", "");
    assert_eq!(read(&bare).identity.len(), 64);
    assert_eq!(read(POSTFIX).identity, "20261125225928.D157B98603A@mail.dienst.example");
}

proptest! {
    #[test]
    fn nothing_makes_it_stumble(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        sample in prop::sample::select(vec![POSTFIX, DELAYED, OPENSMTPD, EXCHANGE, GMAIL]),
        cut in any::<Index>(),
        from in any::<Index>(),
    ) {
        let _ = parse(&bytes);
        let sample = sample.as_bytes();
        let at = cut.index(sample.len() + 1);
        // Cut off, and with anything in its middle.
        for text in [sample[..at].to_vec(), [&sample[..at], &bytes, &sample[from.index(sample.len())..]].concat()] {
            if let Ok(bounce) = parse(&text) {
                let _ = bounce.status_for("unknown@example.com").reply_code();
            }
        }
    }
}
