//! Finds out who asks: the tokens that hold, held in memory for seconds, and what callers without one may do.
//!
//! Invariants: at most [`TOKENS_MAX`] tokens are in memory; at most one question about them is under way; what was
//! revoked is refused [`FRESH`] later at the latest, while the database answers; secrets are compared in constant time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use arc_swap::ArcSwap;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Instant;
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

use super::token::{self, Minted, Presented};
use super::{Anonymous, Scope, Scopes};
use crate::clock;
use crate::store::{Store, StoreError};

/// Tokens that hold at a time: a server has tens, one for each sender and each reader.
pub const TOKENS_MAX: i64 = 1_000;
/// What is known of tokens is asked for anew after this.
const FRESH: Duration = Duration::from_secs(2);
/// While the database is away, what was known before is good for so long: pages are needed most in an outage, and
/// nobody can revoke a token meanwhile.
const STALE_MAX: Duration = Duration::from_mins(15);
/// How long a caller waits for an answer about its token.
const LOAD_TIMEOUT: Duration = Duration::from_secs(3);
/// An `Authorization` header longer than this holds no token of ours.
const CREDENTIALS_BYTES_MAX: usize = 1_024;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The public id of the token; none for callers without one.
    pub token: Option<String>,
    /// What is allowed.
    pub scopes: Scopes,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Without credentials this is not allowed.
    NoCredentials,
    /// The credentials are none of ours, or hold no more.
    Unknown,
    /// The token is ours and does not reach this far.
    Missing(Scope),
    /// Who asks cannot be found out at the moment.
    Unavailable,
}

/// Decides who may pass.
pub struct Gate {
    store: Store,
    anonymous: Scopes,
    /// A token of this process for its own requests; in no database.
    own: Option<Minted>,
    known: ArcSwap<Known>,
    loading: Mutex<()>,
}

/// The tokens that hold.
#[derive(Default)]
struct Known {
    tokens: HashMap<String, Held>,
    /// When the question that this answers was asked.
    asked: Option<Moment>,
    /// When a later question failed.
    failed: Option<Moment>,
}

#[derive(Clone)]
struct Held {
    hash: Vec<u8>,
    scopes: Scopes,
    expires: Option<Instant>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("anonymous", &self.anonymous).finish_non_exhaustive()
    }
}

impl Gate {
    /// A gate before `store`; `anonymous` is what callers without credentials may do.
    pub fn new(store: Store, anonymous: Anonymous) -> Self {
        let anonymous = anonymous.scopes();
        Self {
            store,
            anonymous,
            own: token::mint().ok(),
            known: ArcSwap::default(),
            loading: Mutex::default(),
        }
    }

    /// A token for this process's requests to itself, with the scope `ingest`; it ends with the process.
    pub fn own_token(&self) -> Option<&str> {
        self.own.as_ref().map(|own| own.text.as_str())
    }

    /// Lets a caller pass who has `scope`.
    pub async fn admit(&self, headers: &HeaderMap, scope: Scope) -> Result<Principal, Refusal> {
        let principal = self.principal(headers).await?;
        match (principal.scopes.allow(scope), &principal.token) {
            (true, _) => Ok(principal),
            (false, Some(_)) => Err(Refusal::Missing(scope)),
            (false, None) => Err(Refusal::NoCredentials),
        }
    }

    /// Who asks. Wrong credentials are refused, also where none would do: their owner should know.
    async fn principal(&self, headers: &HeaderMap) -> Result<Principal, Refusal> {
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = given.next() else {
            return Ok(Principal { token: None, scopes: self.anonymous });
        };
        if given.next().is_some() || value.len() > CREDENTIALS_BYTES_MAX {
            return Err(Refusal::Unknown);
        }
        let text = value.to_str().ok().and_then(credentials).ok_or(Refusal::Unknown)?;
        let presented = token::read(&text).ok_or(Refusal::Unknown)?;
        if let Some(own) = &self.own
            && is_same(&own.hash, &presented)
        {
            return Ok(Principal { token: Some(own.id.clone()), scopes: Scopes::from_iter([Scope::Ingest]) });
        }
        let held = self.held(presented.id).await?.ok_or(Refusal::Unknown)?;
        let expired = held.expires.is_some_and(|end| clock::now() >= end);
        if expired || !is_same(&held.hash, &presented) {
            return Err(Refusal::Unknown);
        }
        Ok(Principal { token: Some(presented.id.to_owned()), scopes: held.scopes })
    }

    /// What is kept of the token, from memory or, where that is old or does not know it, from the store.
    async fn held(&self, id: &str) -> Result<Option<Held>, Refusal> {
        let asked = Moment::now();
        let known = self.known.load();
        if known.asked.is_some_and(|then| asked.duration_since(then) <= FRESH)
            && let Some(held) = known.tokens.get(id)
        {
            return Ok(Some(held.clone()));
        }
        let _turn = self.loading.lock().await;
        let known = self.known.load_full();
        // Whoever had the turn before may have asked after this caller came.
        let is_later = |then: Option<Moment>| then.is_some_and(|then| then >= asked);
        let rests = known.failed.is_some_and(|then| asked.duration_since(then) <= FRESH);
        let is_known = is_later(known.asked) || is_later(known.failed) || rests;
        let known = if is_known { known } else { self.load(&known).await };
        let usable = known.asked.is_some_and(|then| asked.saturating_duration_since(then) <= STALE_MAX);
        match known.tokens.get(id).filter(|_| usable) {
            Some(held) => Ok(Some(held.clone())),
            // It may have been made while the store was away.
            None if known.failed.is_some() => Err(Refusal::Unavailable),
            None => Ok(None),
        }
    }

    async fn load(&self, before: &Known) -> Arc<Known> {
        let asked = Moment::now();
        let loading = self.store.valid_tokens(clock::now(), TOKENS_MAX);
        let loaded = tokio::time::timeout(LOAD_TIMEOUT, loading).await.unwrap_or(Err(StoreError::TimedOut));
        let known = match loaded {
            Ok(tokens) => {
                let held = tokens.into_iter().map(|token| {
                    let scopes = Scopes::from(token.scopes.as_str());
                    (token.id, Held { hash: token.hash, scopes, expires: token.expires })
                });
                Known { tokens: held.collect(), asked: Some(asked), failed: None }
            }
            Err(error) => {
                if before.failed.is_none() {
                    tracing::warn!(error = ?error, "tokens cannot be looked up");
                }
                Known { tokens: before.tokens.clone(), asked: before.asked, failed: Some(Moment::now()) }
            }
        };
        let known = Arc::new(known);
        self.known.store(Arc::clone(&known));
        known
    }
}

/// The token in an `Authorization` header: a bearer's, or the password of HTTP Basic, which browsers ask for.
fn credentials(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

fn is_same(hash: &[u8], presented: &Presented<'_>) -> bool {
    hash.ct_eq(&presented.hash).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_in_bearer_or_as_the_password_of_basic() {
        assert_eq!(credentials("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(credentials("bearer  abc").as_deref(), Some("abc"));
        let basic = |text: &str| credentials(&format!("Basic {}", STANDARD.encode(text)));
        assert_eq!(basic("me:abc").as_deref(), Some("abc"));
        assert_eq!(basic(":a:b").as_deref(), Some("a:b"));
        assert_eq!(basic("abc"), None);
        for text in ["", "abc", "Basic ###", "Digest abc"] {
            assert_eq!(credentials(text), None, "{text}");
        }
    }
}
