//! Leases: of several servers on one database, who does some work at present.
//!
//! Invariants: instants are the database's, so that no two clocks are compared; nothing is correct only because of a
//! lease: it keeps servers from doing work twice, row locks keep them from doing it wrongly.

use std::time::Duration;

use super::{Store, StoreError, bounded};

/// A claim to some work, named once for each process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What work.
    pub name: &'static str,
    /// Who claims it: a text that no other process uses.
    pub owner: String,
    /// How long the claim stands when it is not renewed.
    pub lasts: Duration,
}

impl Store {
    /// Takes or renews a lease; false while another holds it.
    pub async fn hold(&self, lease: &Lease) -> Result<bool, StoreError> {
        let seconds = i64::try_from(lease.lasts.as_secs()).unwrap_or(i64::MAX);
        bounded(async {
            let done = sqlx::query!(
                r#"insert into lease (name, owner, expires_unix)
                   values ($1, $2, extract(epoch from now())::bigint + $3::bigint)
                   on conflict (name) do update set owner = excluded.owner, expires_unix = excluded.expires_unix
                   where lease.owner = excluded.owner or lease.expires_unix <= extract(epoch from now())::bigint"#,
                lease.name,
                lease.owner,
                seconds
            )
            .execute(&self.pool)
            .await?;
            Ok(done.rows_affected() == 1)
        })
        .await
    }

    /// Gives a lease back; nothing if another holds it.
    pub async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query!("delete from lease where name = $1 and owner = $2", lease.name, lease.owner)
                .execute(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }
}
