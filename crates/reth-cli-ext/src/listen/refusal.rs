//! Why a request gets no profile.

use hyper::StatusCode;

/// A request that is not answered as it wished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// What it asks for makes no sense.
    BadRequest(String),
    /// It does not come from where it may.
    Forbidden(String),
    /// There is nothing at its path.
    NotFound,
    /// Its path takes other methods.
    Method(&'static str),
    /// It brings a body.
    Body,
    /// Too many others are being served.
    TooMany,
    /// Something that should not fail did.
    Failed(String),
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Body => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// One line for whoever asked.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::BadRequest(why) | Self::Forbidden(why) | Self::Failed(why) => why.clone(),
            Self::NotFound => "nothing is here; `/debug/pprof/` lists what there is".to_owned(),
            Self::Method(allowed) => format!("this takes {allowed} only"),
            Self::Body => "requests have no body here".to_owned(),
            Self::TooMany => "too many requests wait for their window; try again soon".to_owned(),
        }
    }
}
