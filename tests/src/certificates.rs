//! A certificate authority that lives as long as a test, and the good and bad certificates it makes for `localhost` and
//! 127.0.0.1.
//!
//! ```text
//! let authority = Authority::new();
//! let sink = SmtpSink::setup().authority(&authority).starttls().certificate(Certificate::Expired).start();
//! // … the program under test trusts authority.ca_file() …
//! ```
//!
//! One authority may serve several servers, so that a client trusts them all by one file. Left out: revocation, chains
//! with intermediates, certificates of clients.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tempfile::TempDir;

/// Which certificate a server shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certificate {
    /// Right in every respect.
    #[default]
    Valid,
    /// For another host than `localhost` and 127.0.0.1.
    OtherName,
    /// Right, but by an authority that nobody was told of. It bears the same name as the known one.
    OtherAuthority,
    /// Its time is over.
    Expired,
}

/// The authority; its folder goes when it is dropped.
pub struct Authority {
    folder: TempDir,
    known: CertifiedIssuer<'static, KeyPair>,
    unknown: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Issued {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    /// A new one, with the certificate that makes others trust it in a file.
    pub fn new() -> Arc<Self> {
        let folder = tempfile::Builder::new().prefix("kontor-ca-").tempdir().expect("the temporary folder is writable");
        let authority = Self { folder, known: issuer(), unknown: issuer() };
        std::fs::write(authority.ca_file(), authority.known.pem()).expect("the temporary folder is writable");
        Arc::new(authority)
    }

    /// The file, PEM, with the authority's own certificate: what a client has to trust.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A new certificate for a server on this machine.
    pub fn issue(&self, which: Certificate) -> Issued {
        let names: &[&str] = match which {
            Certificate::OtherName => &["mail.example.net", "192.0.2.25"],
            _ => &["localhost", "127.0.0.1"],
        };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut wanted = CertificateParams::new(names).expect("these are names of hosts");
        wanted.distinguished_name.push(DnType::CommonName, "mail server of a test");
        if which == Certificate::Expired {
            (wanted.not_before, wanted.not_after) = (date_time_ymd(2012, 1, 1), date_time_ymd(2013, 1, 31));
        }
        let issuer = if which == Certificate::OtherAuthority { &self.unknown } else { &self.known };
        let key = KeyPair::generate().expect("ring makes keys");
        let certificate = wanted.signed_by(&key, issuer).expect("an authority signs what it made up itself");
        Issued { certificate, key }
    }

    /// What a client that trusts this authority, and no other, needs to connect.
    pub fn client_config(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.known.der().clone()).expect("the authority's certificate is one");
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks the default versions");
        Arc::new(config.with_root_certificates(roots).with_no_client_auth())
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("ca_file", &self.ca_file()).finish_non_exhaustive()
    }
}

impl Issued {
    /// What a server written in Rust needs to show it.
    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        let chain: Vec<CertificateDer<'static>> = vec![self.certificate.der().clone()];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks the default versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("the key is the certificate's own");
        Arc::new(config)
    }

    /// Writes `cert.pem` and `key.pem` into a folder, for a server that reads files.
    pub(crate) fn write_to(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::write(folder.join("cert.pem"), self.certificate.pem())?;
        std::fs::write(folder.join("key.pem"), self.key.serialize_pem())
    }
}

fn issuer() -> CertifiedIssuer<'static, KeyPair> {
    let mut wanted = CertificateParams::default();
    wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    wanted.distinguished_name.push(DnType::CommonName, "throw-away authority of Kontor's tests");
    let key = KeyPair::generate().expect("ring makes keys");
    CertifiedIssuer::self_signed(wanted, key).expect("an authority signs itself")
}
