//! Between a handler and its failure: what went wrong, before it is known whether somebody is told.

use sea_orm::DbErr;

use crate::failure::Failure;

/// What kept a handler from answering.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The person is told this. Boxed: it is far larger than most answers.
    Failure(Box<Failure>),
    /// The office said no; what the person is told of it depends on what was asked.
    Office(kontor::Error),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

impl From<kontor::Error> for Problem {
    fn from(error: kontor::Error) -> Self {
        Self::Office(error)
    }
}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        Self::Office(error.into())
    }
}

impl Problem {
    /// The database went away, or was not there.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Office(error) if error.is_connection_lost())
    }
}
