//! The text of a token: `nines_`, a public id of 8 letters, a secret of 43, a checksum of 6.
//!
//! Prefix and checksum let a scanner of secrets find a token that leaked, without taking other text for one. The
//! letters are those of base 62, so that a double click selects all of it.

use sha2::{Digest, Sha256};

/// What finds tokens in text, as a regular expression; the checksum tells the false ones.
pub const PATTERN: &str = "nines_[0-9A-Za-z]{57}";
const PREFIX: &str = "nines_";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Letters of the public id: 47 random bits, and the primary key refuses a double.
const ID_LETTERS: usize = 8;
/// Letters of the secret: 43 x log2(62) = 256 bits, which nobody guesses.
const SECRET_LETTERS: usize = 43;
/// Letters of the checksum, a CRC-32 of all that stands before it.
const CHECKSUM_LETTERS: usize = 6;
const LETTERS: usize = ID_LETTERS + SECRET_LETTERS + CHECKSUM_LETTERS;

/// A new token. There is no `Debug`: its text is shown once and goes nowhere else.
#[expect(missing_debug_implementations, reason = "its text must not get into a log")]
pub struct Minted {
    /// The public half.
    pub id: String,
    /// The token, for its owner's eyes.
    pub text: String,
    /// What is kept.
    pub hash: [u8; 32],
}

/// This machine has no randomness: no token can be made.
#[derive(Debug, thiserror::Error)]
#[error("this machine gives no random bytes")]
pub struct NoRandomness;

/// A token that a caller presents, with a sound checksum.
pub(super) struct Presented<'a> {
    pub(super) id: &'a str,
    pub(super) hash: [u8; 32],
}

/// Makes a token.
pub fn mint() -> Result<Minted, NoRandomness> {
    let id = letters(ID_LETTERS)?;
    let mut text = format!("{PREFIX}{id}{}", letters(SECRET_LETTERS)?);
    text.push_str(&checksum(&text));
    let hash = hash(&text);
    Ok(Minted { id, text, hash })
}

/// Takes a token apart; none if it is none, which its checksum tells without a look at the database.
pub(super) fn read(text: &str) -> Option<Presented<'_>> {
    let rest = text.strip_prefix(PREFIX)?;
    if rest.len() != LETTERS || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let (before, sum) = text.split_at_checked(text.len() - CHECKSUM_LETTERS)?;
    if checksum(before) != sum {
        return None;
    }
    Some(Presented { id: rest.get(..ID_LETTERS)?, hash: hash(text) })
}

/// The public id in a token's text; none if it is no token.
pub fn id_of(text: &str) -> Option<&str> {
    read(text).map(|presented| presented.id)
}

/// One round of SHA-256, without salt: what slow, salted hashes protect is what people make up. Of 256 random bits
/// there is nothing to guess from, and a slow hash would be a way to keep the server busy.
fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Random letters, all equally likely: bytes that would favour some are thrown away.
fn letters(count: usize) -> Result<String, NoRandomness> {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let mut bytes = [0_u8; 64];
        getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
        let fair = bytes.iter().filter(|byte| usize::from(**byte) < ALPHABET.len() * 4);
        let letters = fair.filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()));
        text.extend(letters.map(|letter| char::from(*letter)).take(count - text.len()));
    }
    Ok(text)
}

fn checksum(text: &str) -> String {
    let mut rest = u64::from(crc32fast::hash(text.as_bytes()));
    let mut letters = [b'0'; CHECKSUM_LETTERS];
    for letter in letters.iter_mut().rev() {
        let digit = usize::try_from(rest % 62).unwrap_or(0);
        *letter = ALPHABET.get(digit).copied().unwrap_or(b'0');
        rest /= 62;
    }
    letters.iter().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_and_a_typing_error_in_it_too() {
        let minted = mint().unwrap();
        assert_eq!(minted.text.len(), PREFIX.len() + LETTERS);
        let read_back = read(&minted.text).unwrap();
        assert_eq!((read_back.id, read_back.hash), (minted.id.as_str(), minted.hash));
        for position in 0..minted.text.len() {
            let mut wrong = minted.text.clone().into_bytes();
            wrong[position] = if wrong[position] == b'x' { b'y' } else { b'x' };
            assert!(read(std::str::from_utf8(&wrong).unwrap()).is_none(), "letter {position}");
        }
        for text in ["", "nines_", &minted.text[1..], &format!("{} ", minted.text), &"nines_ä".repeat(9)] {
            assert!(read(text).is_none(), "{text}");
        }
        assert_ne!(mint().unwrap().text, minted.text);
    }

    #[test]
    fn the_checksum_is_that_of_the_published_algorithm() {
        // The check value of CRC-32, 0xCBF43926, has the digits 3 45 35 27 22 14 in base 62.
        assert_eq!(checksum("123456789"), "3jZRME");
    }
}
