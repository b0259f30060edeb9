//! Access tokens, as hashes.
//!
//! Invariant: the text of a token never reaches the store.

use domain::Instant;

use super::{Store, StoreError, bounded};

/// Tokens that a list shows at most, the newest first.
const LISTED_MAX: i64 = 10_000;

/// What is kept of a token.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredToken {
    /// The public half.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Scopes, separated by commas.
    pub scopes: String,
    /// SHA-256 of the whole token.
    pub hash: Vec<u8>,
    /// When it was made.
    pub created: Instant,
    /// The first instant at which it holds no more; none: it has no end.
    pub expires: Option<Instant>,
    /// When it was revoked; none: it was not.
    pub revoked: Option<Instant>,
}

impl std::fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredToken")
            .field("id", &self.id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Keeps a new token, unless `most` hold already; whether it was kept.
    pub async fn add_token(&self, token: &StoredToken, most: i64) -> Result<bool, StoreError> {
        bounded(async {
            let added = sqlx::query!(
                r#"insert into token (id, name, scopes, hash, created_unix, expires_unix)
                   select $1, $2, $3, $4, $5, $6
                   where (select count(*) from token where revoked_unix is null
                          and (expires_unix is null or expires_unix > $5)) < $7"#,
                token.id,
                token.name,
                token.scopes,
                token.hash,
                token.created.unix(),
                token.expires.map(Instant::unix),
                most
            )
            .execute(&self.pool)
            .await?;
            Ok(added.rows_affected() == 1)
        })
        .await
    }

    /// The tokens that hold at `at`, at most `most`.
    pub async fn valid_tokens(&self, at: Instant, most: i64) -> Result<Vec<StoredToken>, StoreError> {
        bounded(async {
            let rows = sqlx::query_as!(
                Row,
                r#"select id, name, scopes, hash, created_unix, expires_unix, revoked_unix from token
                   where revoked_unix is null and (expires_unix is null or expires_unix > $1)
                   order by created_unix desc, id limit $2"#,
                at.unix(),
                most
            )
            .fetch_all(&self.pool)
            .await?;
            Ok(rows.into_iter().map(StoredToken::from).collect())
        })
        .await
    }

    /// All tokens, those that hold no more included, the newest first.
    pub async fn tokens(&self) -> Result<Vec<StoredToken>, StoreError> {
        bounded(async {
            let rows = sqlx::query_as!(
                Row,
                r#"select id, name, scopes, hash, created_unix, expires_unix, revoked_unix from token
                   order by created_unix desc, id limit $1"#,
                LISTED_MAX
            )
            .fetch_all(&self.pool)
            .await?;
            Ok(rows.into_iter().map(StoredToken::from).collect())
        })
        .await
    }

    /// Ends a token for good; whether there was one of that id. The first instant stays when it is repeated.
    pub async fn revoke_token(&self, id: &str, at: Instant) -> Result<bool, StoreError> {
        bounded(async {
            let revoked = sqlx::query!(
                "update token set revoked_unix = coalesce(revoked_unix, $2) where id = $1",
                id,
                at.unix()
            )
            .execute(&self.pool)
            .await?;
            Ok(revoked.rows_affected() == 1)
        })
        .await
    }
}

/// A token as it is stored.
struct Row {
    id: String,
    name: String,
    scopes: String,
    hash: Vec<u8>,
    created_unix: i64,
    expires_unix: Option<i64>,
    revoked_unix: Option<i64>,
}

impl From<Row> for StoredToken {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            scopes: row.scopes,
            hash: row.hash,
            created: Instant::from_unix(row.created_unix),
            expires: row.expires_unix.map(Instant::from_unix),
            revoked: row.revoked_unix.map(Instant::from_unix),
        }
    }
}
