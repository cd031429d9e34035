//! AUTH PLAIN and LOGIN (RFC 4954, RFC 4616), with and without an initial answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::behaviour::Phase;
use super::conversation::Conversation;
use super::maillog::CLIENT;
use super::wire::End;

const UNREADABLE: &str = "501 5.5.2 Error: that is no login";

impl Conversation<'_> {
    pub(super) fn auth(&mut self, line: &str) -> Result<(), End> {
        if self.login.is_some() || self.transaction.is_some() {
            return self.say("503 5.5.1 Error: not now");
        }
        let mut words = line.split_ascii_whitespace().skip(1);
        let (method, initial) = (words.next().unwrap_or_default().to_ascii_uppercase(), words.next());
        let given = match method.as_str() {
            "PLAIN" => self.plain(initial)?,
            "LOGIN" => self.two_questions(initial)?,
            _ => return self.say("504 5.5.4 Error: PLAIN or LOGIN"),
        };
        let Some((user, password)) = given else { return self.say(UNREADABLE) };
        let known = self.shared.setup.login.as_ref();
        if known.is_none_or(|(name, secret)| *name != user || *secret != password) {
            self.note(format_args!(
                "warning: {CLIENT}: SASL {method} authentication failed: authentication failure, sasl_username={user}"
            ));
            return self.say("535 5.7.8 Error: authentication failed: authentication failure");
        }
        if self.reply(Phase::Login, "235 2.7.0 Authentication successful")? {
            self.login = Some(user);
        }
        Ok(())
    }

    /// One answer: whom to act for, who it is, the password, separated by NUL.
    fn plain(&mut self, initial: Option<&str>) -> Result<Option<(String, String)>, End> {
        let answer = match initial {
            Some(answer) => decode(answer),
            None => self.ask("334 ")?,
        };
        Ok(answer.and_then(|answer| {
            let mut parts = answer.split('\0').skip(1);
            Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
        }))
    }

    /// Two answers: who it is, then the password.
    fn two_questions(&mut self, initial: Option<&str>) -> Result<Option<(String, String)>, End> {
        let user = match initial {
            Some(user) => decode(user),
            None => self.ask(&format!("334 {}", STANDARD.encode("Username:")))?,
        };
        let Some(user) = user else { return Ok(None) };
        let password = self.ask(&format!("334 {}", STANDARD.encode("Password:")))?;
        Ok(password.map(|password| (user, password)))
    }

    fn ask(&mut self, question: &str) -> Result<Option<String>, End> {
        self.say(question)?;
        Ok(decode(&self.wire.line()?))
    }
}

fn decode(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}
