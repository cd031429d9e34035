//! Why damage is not told, or nothing is drawn: a reason for whoever acts on it, whose `Display` is the sentence for a person
//! at a terminal.

/// Why damage is not told, or nothing is drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    /// No attempt names the host.
    #[error("Nothing was ever worked on at a host {host:?}. Check its name.")]
    HostUnknown {
        /// The host.
        host: String,
    },
    /// Nobody says when it was bad.
    #[error(
        "Nothing points to {host}, and it is not out of service, so there is no bad time of it. Name the days with --from and \
         --to."
    )]
    NoBadTime {
        /// The host.
        host: String,
    },
    /// The suspect host was to draw its own documents.
    #[error("This is {host} itself: drawing there proves nothing. Nothing was drawn; run it on another machine.")]
    HostItself {
        /// The host.
        host: String,
    },
    /// The golden hashes do not hold here.
    #[error(
        "This program does not draw what it should ({error}), so it can prove nothing. Nothing was drawn; run it on another \
         machine."
    )]
    DrawsOtherwise {
        /// What came out.
        error: String,
    },
}
