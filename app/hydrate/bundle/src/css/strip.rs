//! Takes comments and indentation out of a style sheet; strings stay as they are.

/// `text` without comments, each run of blanks a single one.
pub(super) fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let length = match char {
            '"' | '\'' => {
                let length = string_length(rest, char);
                out.push_str(rest.get(..length).unwrap_or(rest));
                length
            }
            '/' if rest.starts_with("/*") => {
                let length = rest.find("*/").map_or(rest.len(), |end| end + 2);
                let after = rest.get(length..).and_then(|after| after.chars().next());
                let alone = [out.chars().next_back(), after]
                    .into_iter()
                    .any(|side| side.is_none_or(char::is_whitespace));
                // Between two names an empty comment keeps them apart; a blank would be a combinator.
                if !alone {
                    out.push_str("/**/");
                }
                length
            }
            blank if blank.is_whitespace() => {
                let length = rest.find(|char: char| !char.is_whitespace()).unwrap_or(rest.len());
                let has_break = rest.get(..length).is_some_and(|blanks| blanks.contains('\n'));
                if !out.ends_with(char::is_whitespace) {
                    out.push(if has_break { '\n' } else { ' ' });
                }
                length
            }
            other => {
                out.push(other);
                other.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// Bytes of the string that `text` begins with, quotes included; an unclosed one ends with the line.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return at,
            _ if char == quote => return at + char.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn drops_comments_and_indentation() {
        assert_eq!(strip("/* a */\n.a {\n    color: red; /* why */\n}\n"), "\n.a {\ncolor: red; }\n");
    }

    #[test]
    fn keeps_strings() {
        assert_eq!(
            strip(r#"a::before { content: "/* \"  x */" }"#),
            r#"a::before { content: "/* \"  x */" }"#
        );
    }

    #[test]
    fn keeps_names_apart() {
        assert_eq!(strip("a/* x */.b"), "a/**/.b");
    }
}
