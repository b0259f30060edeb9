//! Why a page has nothing to show, as it may leave the server: a kind and the request's id, never an internal text.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::backend::BackendError;

/// The failure of a server function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppError {
    /// What went wrong, for people.
    pub kind: ErrorKind,
    /// The id under which the server logged it.
    pub request_id: Option<String>,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// There is no such object.
    NotFound,
    /// The server cannot reach its database.
    Unavailable,
    /// The browser cannot reach the server.
    Offline,
    /// The server failed; its log says why.
    Internal,
}

impl ErrorKind {
    /// The HTTP status of a page that shows this.
    pub const fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Unavailable => 503,
            Self::Offline | Self::Internal => 500,
        }
    }

    /// The headline of a page that shows this.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotFound => "There is nothing here.",
            Self::Unavailable => "The database cannot be reached.",
            Self::Offline => "The server cannot be reached.",
            Self::Internal => "Something went wrong on our side.",
        }
    }

    /// What the reader can do.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::NotFound => "It may have been renamed, or it is no longer declared.",
            Self::Unavailable => {
                "Figures are kept in PostgreSQL, and it does not answer. Nothing that was acknowledged is lost. \
                 Check that the database runs and that the server may reach it; this page works again as soon as it does."
            }
            Self::Offline => "Check your connection, then load the page again.",
            Self::Internal => {
                "Load the page again. If it stays, look for the request's id in the server's log."
            }
        }
    }
}

impl From<BackendError> for ErrorKind {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Unavailable => Self::Unavailable,
        }
    }
}

impl From<ErrorKind> for AppError {
    fn from(kind: ErrorKind) -> Self {
        Self { kind, request_id: None }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(_) => ErrorKind::Offline.into(),
            _ => ErrorKind::Internal.into(),
        }
    }
}
