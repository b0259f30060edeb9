//! `nines token`: makes, lists and revokes access tokens, in the database itself, whether a server runs or not.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::{ArgMatches, Args, Subcommand};
use domain::Instant;

use super::database::{DatabaseError, DatabaseFlags, Opened};
use crate::access::{self, Scope, Scopes, TOKENS_MAX};
use crate::clock;
use crate::http::duration_seconds;
use crate::store::{Store, StoredToken};

/// Letters of a token's name.
const NAME_CHARACTERS_MAX: usize = 100;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and print it, once: it cannot be shown again
    Create(Create),
    /// List tokens: id, scopes, when they end, name
    List(List),
    /// End a token; a running server refuses it within seconds
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// What it allows: ingest (writing), read (pages and the reading API), admin (everything); may be repeated
    #[arg(long, value_enum, required = true, value_delimiter = ',')]
    scope: Vec<Scope>,
    /// What it is for
    #[arg(long, default_value = "")]
    name: String,
    /// How long it holds, such as 90d; without it, until it is revoked
    #[arg(long, value_name = "DURATION", value_parser = expiry_seconds)]
    expires: Option<i64>,
    #[command(flatten)]
    database: DatabaseFlags,
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    database: DatabaseFlags,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// The id that `nines token list` shows, or the token itself
    id: String,
    #[command(flatten)]
    database: DatabaseFlags,
}

/// Why a command on tokens failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("{0}")]
    Refused(String),
}

/// Does it; the text for standard output.
pub(super) async fn run(command: TokenCommand, matches: &ArgMatches) -> Result<String, TokenError> {
    let (flags, work) = match command {
        TokenCommand::Create(create) => (
            create.database,
            Work::Create { scope: create.scope, name: create.name, expires: create.expires },
        ),
        TokenCommand::List(list) => (list.database, Work::List),
        TokenCommand::Revoke(revoke) => (revoke.database, Work::Revoke { id: revoke.id }),
    };
    let choice = flags.choice(matches, || super::default_data_dir("nines"))?;
    let opened = Opened::open(&choice).await?;
    let done = work.carry_out(&opened.store).await;
    opened.close().await;
    done
}

/// A command without its flags.
enum Work {
    Create { scope: Vec<Scope>, name: String, expires: Option<i64> },
    List,
    Revoke { id: String },
}

impl Work {
    async fn carry_out(self, store: &Store) -> Result<String, TokenError> {
        let now = clock::now();
        match self {
            Self::Create { scope, name, expires } => create(store, &scope, name, expires, now).await,
            Self::List => {
                let tokens = store.tokens().await.map_err(DatabaseError::from)?;
                Ok(table(&tokens, now))
            }
            Self::Revoke { id } => {
                let id = access::id_of(&id).unwrap_or(&id);
                let found = store.revoke_token(id, now).await.map_err(DatabaseError::from)?;
                if !found {
                    return Err(TokenError::Refused(format!(
                        "there is no token `{id}`; see: nines token list"
                    )));
                }
                Ok(format!("{id} is revoked\n"))
            }
        }
    }
}

async fn create(
    store: &Store,
    scope: &[Scope],
    name: String,
    expires: Option<i64>,
    now: Instant,
) -> Result<String, TokenError> {
    if name.chars().count() > NAME_CHARACTERS_MAX || name.chars().any(char::is_control) {
        return Err(TokenError::Refused(format!(
            "--name is at most {NAME_CHARACTERS_MAX} letters, without control characters"
        )));
    }
    let minted = access::mint().map_err(|error| TokenError::Refused(error.to_string()))?;
    let scopes: Scopes = scope.iter().copied().collect();
    let token = StoredToken {
        id: minted.id.clone(),
        name,
        scopes: scopes.to_string(),
        hash: minted.hash.to_vec(),
        created: now,
        expires: expires.map(|seconds| now + seconds),
        revoked: None,
    };
    if !store.add_token(&token, TOKENS_MAX).await.map_err(DatabaseError::from)? {
        return Err(TokenError::Refused(format!(
            "{TOKENS_MAX} tokens hold already; revoke those that nobody needs"
        )));
    }
    let end = token.expires.map_or_else(|| "until it is revoked".to_owned(), |end| format!("until {end}"));
    // The token alone on standard output, so that a script can take it.
    let note = format!("token {} ({scopes}) holds {end}; it is shown this once\n", minted.id);
    drop(std::io::stderr().write_all(note.as_bytes()));
    Ok(format!("{}\n", minted.text))
}

fn table(tokens: &[StoredToken], now: Instant) -> String {
    let mut text = format!("{:<8}  {:<17}  {:<20}  {:<28}  name\n", "id", "scopes", "created", "holds until");
    for token in tokens {
        let end = match (token.revoked, token.expires) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(end)) if end <= now => format!("ended {end}"),
            (None, Some(end)) => end.to_string(),
            (None, None) => "it is revoked".to_owned(),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "{:<8}  {:<17}  {:<20}  {end:<28}  {}",
            token.id,
            token.scopes,
            token.created.to_string(),
            token.name
        );
    }
    text
}

fn expiry_seconds(text: &str) -> Result<i64, String> {
    /// A century: what lasts longer should be said by leaving the flag out.
    const SECONDS_MAX: i64 = 100 * 366 * 86_400;
    duration_seconds(text)
        .filter(|seconds| (1..=SECONDS_MAX).contains(seconds))
        .ok_or_else(|| "a duration such as 12h, 90d or 52w".to_owned())
}
