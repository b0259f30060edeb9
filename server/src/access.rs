//! Who may do what: scopes, tokens, and what a caller without credentials may do.
//!
//! Invariants: nothing is allowed that was not granted; the text of a token is in memory only while it is minted or
//! read, and never in a log or in the database; a token that was revoked stops within seconds.

mod gate;
mod token;

use std::fmt;

pub use gate::{Gate, Principal, Refusal, TOKENS_MAX};
pub use token::{Minted, PATTERN, id_of, mint};

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Scope {
    /// Writing: import, events, and what else takes measurements in.
    Ingest,
    /// Pages and the reading half of the machine API.
    Read,
    /// Everything.
    Admin,
}

impl Scope {
    /// Its word on the command line, in the database and in answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes {
    ingest: bool,
    read: bool,
    admin: bool,
}

impl Scopes {
    /// Whether they contain `scope`; admin contains all others.
    pub const fn allow(self, scope: Scope) -> bool {
        match scope {
            Scope::Ingest => self.ingest || self.admin,
            Scope::Read => self.read || self.admin,
            Scope::Admin => self.admin,
        }
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::default(), |mut all, scope| {
            match scope {
                Scope::Ingest => all.ingest = true,
                Scope::Read => all.read = true,
                Scope::Admin => all.admin = true,
            }
            all
        })
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [(self.ingest, Scope::Ingest), (self.read, Scope::Read), (self.admin, Scope::Admin)];
        let words: Vec<&str> = all.iter().filter(|(has, _)| *has).map(|(_, scope)| scope.word()).collect();
        f.write_str(&words.join(","))
    }
}

impl From<&str> for Scopes {
    /// Words that a later version wrote grant nothing here.
    fn from(words: &str) -> Self {
        let known = [Scope::Ingest, Scope::Read, Scope::Admin];
        words.split(',').filter_map(|word| known.into_iter().find(|scope| scope.word() == word)).collect()
    }
}

/// What a caller without credentials may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Anonymous {
    /// Nothing but asking whether the server is alive and ready.
    None,
    /// What the scope `read` allows.
    Viewer,
    /// Everything; on loopback addresses only.
    Admin,
}

impl Anonymous {
    /// The scopes that it stands for.
    pub fn scopes(self) -> Scopes {
        match self {
            Self::None => Scopes::default(),
            Self::Viewer => Scopes::from_iter([Scope::Read]),
            Self::Admin => Scopes::from_iter([Scope::Admin]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_kept_as_words_and_unknown_ones_grant_nothing() {
        let both: Scopes = [Scope::Read, Scope::Ingest].into_iter().collect();
        assert_eq!(both.to_string(), "ingest,read");
        assert_eq!(Scopes::from("ingest,read"), both);
        assert!(both.allow(Scope::Read) && both.allow(Scope::Ingest) && !both.allow(Scope::Admin));
        assert_eq!(Scopes::from("owner, admin,Admin,"), Scopes::default());
        let admin = Scopes::from("admin");
        assert!([Scope::Read, Scope::Ingest, Scope::Admin].into_iter().all(|scope| admin.allow(scope)));
    }
}
