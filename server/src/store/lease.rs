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

impl Lease {
    /// A claim of this process.
    pub fn new(name: &'static str, lasts: Duration) -> Self {
        let mut bytes = [0; 16];
        // Without randomness the number of the process has to do: two owners of one name would only do work twice.
        let owner = match getrandom::fill(&mut bytes) {
            Ok(()) => format!("{:032x}", u128::from_ne_bytes(bytes)),
            Err(_) => std::process::id().to_string(),
        };
        Self { name, owner, lasts }
    }
}

/// Leases are there before the first migration, which needs one.
const TABLE: &str = "create table if not exists lease
                     (name text primary key, owner text not null, expires_unix bigint not null)";

impl Store {
    /// Makes the table of leases, if it is missing.
    pub(super) async fn make_leases(&self) -> Result<(), StoreError> {
        bounded(async {
            sqlx::query(TABLE).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

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
