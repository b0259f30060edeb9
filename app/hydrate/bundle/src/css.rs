//! One style sheet out of many: `@import` lines are replaced by what they import, in order, in the same layer.
//!
//! Invariants: the result is CSS that means the same; comments and indentation are gone; an address in a sheet is
//! absolute, because the sheet moves to another directory.

mod strip;

use std::path::Path;

use crate::error::{BundleError, read_text};

/// How deep imports may nest. More is a cycle.
const MAX_DEPTH: usize = 8;

/// Bundles the sheet at `path` with all that it imports.
pub(crate) fn bundle(path: &Path) -> Result<String, BundleError> {
    let mut out = String::new();
    append(path, 0, &mut out)?;
    Ok(out)
}

fn append(path: &Path, depth: usize, out: &mut String) -> Result<(), BundleError> {
    let wrong = |reason: String| BundleError::Css { path: path.to_owned(), reason };
    if depth > MAX_DEPTH {
        return Err(wrong(format!("imported {MAX_DEPTH} levels deep: does it import itself?")));
    }
    let text = strip::strip(&read_text(path)?);
    let mut rest = text.trim_start();
    // What may stand before the rules: a character set, the order of layers, imports.
    while rest.starts_with("@charset") || rest.starts_with("@import") || rest.starts_with("@layer") {
        let Some((statement, after)) = split_statement(rest) else { break };
        if let Some(import) = statement.strip_prefix("@import") {
            let import = Import::parse(import.trim()).map_err(wrong)?;
            let file = path.with_file_name(import.address);
            out.push_str(&import.open);
            append(&file, depth + 1, out)?;
            out.push_str(&"}\n".repeat(import.open.matches('{').count()));
        } else if statement.starts_with("@layer") {
            out.push_str(statement);
            out.push_str(";\n");
        }
        rest = after.trim_start();
    }
    if rest.contains("@import") {
        return Err(wrong("an @import after a rule has no effect; move it to the top".to_owned()));
    }
    if let Some(address) = relative_address(rest) {
        return Err(wrong(format!("url({address}…) is relative; begin it with '/'")));
    }
    out.push_str(rest.trim_end());
    out.push('\n');
    Ok(())
}

/// Splits at the `;` that ends the first statement; `None` when it is a block.
fn split_statement(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match (quote, char) {
            (None, '"' | '\'') => quote = Some(char),
            (Some(open), _) if open == char => quote = None,
            (None, '{') => return None,
            (None, ';') => {
                return text.split_at_checked(at).map(|(head, tail)| (head, tail.trim_start_matches(';')));
            }
            _ => {}
        }
    }
    None
}

/// The first address that is neither absolute nor embedded nor a fragment.
fn relative_address(text: &str) -> Option<String> {
    text.split("url(").skip(1).find_map(|tail| {
        let address = tail.trim_start_matches(['"', '\'', ' ']);
        let fine = ["/", "data:", "#"].iter().any(|prefix| address.starts_with(prefix));
        (!fine).then(|| address.chars().take_while(|char| !matches!(char, ')' | '"' | '\'')).collect())
    })
}

/// An import: whose rules, and what to wrap around them.
#[derive(Debug, PartialEq)]
struct Import<'a> {
    address: &'a str,
    /// Opens the blocks, such as `@media print{@layer base{`.
    open: String,
}

impl<'a> Import<'a> {
    /// Reads what stands between `@import` and `;`.
    fn parse(text: &'a str) -> Result<Self, String> {
        let unreadable = || format!("cannot read '@import {text}'");
        let inner = text.strip_prefix("url(").unwrap_or(text).trim_start();
        let (quote, inner) = match inner.chars().next() {
            Some(quote @ ('"' | '\'')) => (quote, inner.trim_start_matches(quote)),
            _ => return Err(format!("{}: the file's name must stand in quotes", unreadable())),
        };
        let (address, rest) = inner.split_once(quote).ok_or_else(unreadable)?;
        let rest = rest.trim_start();
        let rest =
            if text.starts_with("url(") { rest.strip_prefix(')').ok_or_else(unreadable)? } else { rest };
        let rest = rest.trim();

        let (layer, media) = if let Some(named) = rest.strip_prefix("layer(") {
            let (name, media) = named.split_once(')').ok_or_else(unreadable)?;
            (Some(format!("@layer {}{{\n", name.trim())), media)
        } else if let Some(media) =
            rest.strip_prefix("layer").filter(|media| media.is_empty() || media.starts_with(' '))
        {
            (Some("@layer{\n".to_owned()), media)
        } else {
            (None, rest)
        };
        let media = media.trim();
        if media.starts_with("supports") {
            return Err(format!("{}: write @supports in the imported file", unreadable()));
        }
        let mut open = if media.is_empty() { String::new() } else { format!("@media {media}{{\n") };
        open.push_str(&layer.unwrap_or_default());
        Ok(Self { address, open })
    }
}

#[cfg(test)]
mod tests;
