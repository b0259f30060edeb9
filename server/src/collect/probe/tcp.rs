//! TCP: somebody accepts the connection.

use super::progress::Progress;
use super::{Answer, Interruption, Network, connect};
use crate::source::TcpRequest;

/// Connects, and closes.
pub(super) async fn ask(
    request: &TcpRequest,
    network: &Network,
    progress: &mut Progress,
) -> Result<Answer, Interruption> {
    drop(connect::dial(&request.address, network, progress).await?);
    Ok(Answer::Connected)
}
