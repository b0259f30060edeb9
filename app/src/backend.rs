//! The port to whatever holds the data. The server implements it and provides it in context as
//! `Arc<dyn Backend>`, for page renders and for server functions alike.

use async_trait::async_trait;

use crate::view::{Asked, OverviewView, ServiceView, SloView};

/// What pages ask for. `None` means that there is no such object.
#[async_trait]
pub trait Backend: std::fmt::Debug + Send + Sync {
    /// All services, worst first.
    async fn overview(&self) -> Result<OverviewView, BackendError>;
    /// One service.
    async fn service(&self, name: &str) -> Result<Option<ServiceView>, BackendError>;
    /// One SLO.
    async fn slo(&self, name: &str, asked: Asked) -> Result<Option<SloView>, BackendError>;
}

/// Why a question could not be answered. The cause is logged by the server and never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// The database cannot be reached.
    #[error("The database cannot be reached.")]
    Unavailable,
}
