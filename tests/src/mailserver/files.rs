//! The files that tell Postfix what was set up.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::programs::{Owners, Programs};
use super::setup::Setup;

/// Answers a recipient later than the client waits: refuses for good, or for now if the reason begins with 4.
const VERDICT: &str = "printf %s \"$1\"\ncase $1 in 4*) exit 75 ;; esac\nexit 69\n";

/// Postfix's own parts; the one that hears the network comes before them.
const MASTER: &str = "\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// Where the files go and what they have to name.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) folder: &'a Path,
    pub(super) programs: &'a Programs,
    pub(super) owners: &'a Owners,
    /// User and group of delivered mail.
    pub(super) receiver: (u32, u32),
    pub(super) port: u16,
    /// With TLS from the first byte.
    pub(super) tls_port: u16,
}

impl Setup {
    /// Writes Postfix's files.
    pub(super) fn write(&self, place: &Place<'_>) -> io::Result<()> {
        let conf = place.folder.join("conf");
        std::fs::create_dir_all(&conf)?;
        if let Some((authority, which)) = &self.tls {
            authority.issue(*which).write_to(&conf)?;
        }
        let table = |pairs: &[(String, String)], before: &str| {
            let lines = pairs.iter().map(|(address, words)| format!("{address} {before}{words}"));
            lines.collect::<Vec<_>>().join("\n") + "\n"
        };
        let forwards: Vec<(String, String)> =
            self.forwards.iter().map(|(domain, port)| (domain.clone(), format!("[127.0.0.1]:{port}"))).collect();
        std::fs::write(conf.join("access"), table(&self.answers, ""))?;
        std::fs::write(conf.join("transport"), table(&self.verdicts, "verdict:") + &table(&forwards, "smtp:"))?;
        std::fs::write(conf.join("mailboxes"), self.boxes())?;
        std::fs::write(conf.join("verdict.sh"), VERDICT)?;
        std::fs::write(conf.join("master.cf"), self.services(place))?;
        std::fs::write(conf.join("main.cf"), self.settings(place))
    }

    /// Address to Maildir, the first that fits.
    fn boxes(&self) -> String {
        let mut text = String::new();
        for address in &self.mailboxes {
            let (local, domain) = address.split_once('@').unwrap_or((address, ""));
            let _ = writeln!(text, "/^{}(\\+[^@]*)?@{}$/ {address}/", pattern(local), pattern(domain));
        }
        let unknown: Vec<String> = self.unknown.iter().map(|address| pattern(address)).collect();
        let known = if unknown.is_empty() { String::new() } else { format!("if !/^({})$/\n", unknown.join("|")) };
        text.push_str(&known);
        for domain in &self.domains {
            let _ = writeln!(text, "/^[^@]+@{}$/ {domain}/", pattern(domain));
        }
        if !known.is_empty() {
            text.push_str("endif\n");
        }
        text
    }

    fn services(&self, place: &Place<'_>) -> String {
        let mut text = format!("127.0.0.1:{} inet n - n - - smtpd\n", place.port);
        if self.tls.is_some() {
            let _ = writeln!(text, "127.0.0.1:{} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes", place.tls_port);
        }
        let conf = place.conf();
        let run = format!("argv=/bin/sh {conf}/verdict.sh ${{nexthop}}");
        let _ = writeln!(text, "verdict unix - n n - - pipe user=nobody null_sender= {run}");
        text + MASTER
    }

    fn settings(&self, place: &Place<'_>) -> String {
        let mut text = foundation(place);
        text += &self.hosting(place);
        if self.tls.is_some() {
            let (conf, level) = (place.conf(), if self.tls_required { "encrypt" } else { "may" });
            let _ = writeln!(
                text,
                "smtpd_tls_security_level = {level}\nsmtpd_tls_cert_file = {conf}/cert.pem\n\
                 smtpd_tls_key_file = {conf}/key.pem\nsmtpd_tls_loglevel = 1"
            );
        }
        for (name, value) in &self.settings {
            let _ = writeln!(text, "{name} = {value}");
        }
        text
    }

    /// Whose mail it takes, and what becomes of it.
    fn hosting(&self, place: &Place<'_>) -> String {
        let (folder, conf, (user, group)) = (place.folder.display(), place.conf(), place.receiver);
        let (domains, size) = (self.domains.join(" "), self.size_limit);
        let relays = self.forwards.iter().map(|(domain, _)| domain.as_str()).collect::<Vec<_>>().join(" ");
        format!(
            "relay_domains = {relays}\nmessage_size_limit = {size}\n\
             smtpd_relay_restrictions = reject_unauth_destination\n\
             smtpd_recipient_restrictions = check_recipient_access texthash:{conf}/access\n\
             transport_maps = texthash:{conf}/transport\n\
             virtual_mailbox_domains = {domains}\nvirtual_mailbox_maps = regexp:{conf}/mailboxes\n\
             virtual_mailbox_base = {folder}/mail\nvirtual_mailbox_limit = 0\nvirtual_minimum_uid = 1\n\
             virtual_uid_maps = static:{user}\nvirtual_gid_maps = static:{group}\n"
        )
    }
}

impl Place<'_> {
    fn conf(&self) -> String {
        self.folder.join("conf").display().to_string()
    }
}

/// What keeps it apart from the system's own mail server, and away from the network.
fn foundation(place: &Place<'_>) -> String {
    let folder = place.folder.display();
    let Owners { mail_owner, drop_group } = place.owners;
    format!(
        "compatibility_level = 3.6\nmail_owner = {mail_owner}\nsetgid_group = {drop_group}\ndefault_privs = nobody\n\
         daemon_directory = {daemons}\nqueue_directory = {folder}/queue\ndata_directory = {folder}/data\n\
         import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH\n\
         maillog_file = {folder}/mail.log\nmaillog_file_prefixes = {folder}\n\
         inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = mx.example.com\nmydestination =\n\
         mynetworks =\nalias_maps =\nalias_database =\nlocal_recipient_maps =\n\
         smtp_dns_support_level = disabled\nsmtpd_peername_lookup = no\nsmtpd_error_sleep_time = 0\n",
        daemons = place.programs.daemons.display(),
    )
}

/// An address as a POSIX pattern that matches it and nothing else.
fn pattern(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, letter| {
        if !letter.is_ascii_alphanumeric() && !"@-_=".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
        escaped
    })
}
