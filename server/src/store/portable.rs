//! Every statement of the store and of the migrations is one that Citus and `YugabyteDB` run: parsed, and refused where
//! it needs what one of them lacks.
//!
//! Invariant: a statement that cannot be parsed is a failure, too, for nobody looked at it.

use std::fs;
use std::path::{Path, PathBuf};

use sqlparser::ast::Statement;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

/// What a statement of ours begins with.
const VERBS: [&str; 17] = [
    "select", "insert", "update", "delete", "with", "create", "drop", "alter", "begin", "set", "copy", "do",
    "lock", "truncate", "listen", "notify", "call",
];
/// Words that stand for what one of the engines lacks, or keeps to one node, and which that is.
const REFUSED: [(&str, &str); 20] = [
    ("listen", "LISTEN: local to a node"),
    ("notify", "NOTIFY: local to a node"),
    ("pg_notify", "NOTIFY: local to a node"),
    ("brin", "BRIN: not in YugabyteDB"),
    ("gist", "GiST: not in YugabyteDB"),
    ("spgist", "SP-GiST: not in YugabyteDB"),
    ("exclude", "exclusion constraints: not in YugabyteDB"),
    ("trigger", "triggers: not on distributed tables"),
    ("plpgsql", "PL/pgSQL: local to a node"),
    ("function", "functions: local to a node"),
    ("procedure", "procedures: local to a node"),
    ("domain", "domains: not everywhere"),
    ("int4range", "ranges: not everywhere"),
    ("int8range", "ranges: not everywhere"),
    ("numrange", "ranges: not everywhere"),
    ("tsrange", "ranges: not everywhere"),
    ("tstzrange", "ranges: not everywhere"),
    ("daterange", "ranges: not everywhere"),
    ("recursive", "recursive queries: of one shard only"),
    ("tablesample", "samples: not of distributed tables"),
];

/// What is tried and may fail: nothing depends on it.
const OPTIONAL: [&str; 1] = ["alter table x alter column payload set storage external"];

/// Why a statement may not be used; nothing if it may.
fn objections(statement: &str) -> Vec<String> {
    let dialect = PostgreSqlDialect {};
    let tokens = match Tokenizer::new(&dialect, statement).tokenize() {
        Ok(tokens) => tokens,
        Err(error) => return vec![format!("it cannot be read: {error}")],
    };
    let words = tokens.iter().filter_map(|token| match token {
        Token::Word(word) => Some(word.value.to_lowercase()),
        _ => None,
    });
    let mut objections: Vec<String> = Vec::new();
    for word in words {
        if word.contains("advisory") {
            objections.push("advisory locks: of one node only".to_owned());
        }
        objections
            .extend(REFUSED.iter().filter(|(refused, _)| *refused == word).map(|(_, why)| (*why).to_owned()));
    }
    match Parser::parse_sql(&dialect, statement) {
        Ok(parsed) => {
            if parsed.iter().any(|one| matches!(one, Statement::CreateTable(table) if table.temporary)) {
                objections.push("temporary tables: of one session's node".to_owned());
            }
        }
        // COPY .. FROM STDIN is followed by rows, which are not here.
        Err(_) if statement.starts_with("copy") && statement.ends_with("from stdin") => {}
        Err(_) if OPTIONAL.contains(&statement) => {}
        Err(error) => objections.push(format!("it cannot be parsed: {error}")),
    }
    objections
}

/// The texts of a Rust source that are statements; what is put into them stands as a name.
fn statements(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find('"') {
        let raw = rest[..at].ends_with("r#");
        let comment = rest[..at].lines().last().is_some_and(|line| line.trim_start().starts_with("//"));
        let body = &rest[at + 1..];
        if comment {
            rest = body.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        if rest[..at].ends_with('\'') {
            rest = body;
            continue;
        }
        let end = if raw { body.find("\"#") } else { closing(body) };
        let Some(end) = end else { break };
        let text = if raw { body[..end].to_owned() } else { body[..end].replace("\\\"", "\"") };
        let verb = text.split_whitespace().next().unwrap_or_default().trim_start_matches('(').to_lowercase();
        if VERBS.contains(&verb.as_str()) && text.contains(' ') && !rest[..at].ends_with("#[error(") {
            found.push(filled(&text));
        }
        rest = &body[end + 1..];
    }
    found
}

/// Where a plain text ends.
fn closing(body: &str) -> Option<usize> {
    let mut escaped = false;
    body.char_indices().find_map(|(at, letter)| {
        let ends = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        ends.then_some(at)
    })
}

/// What `format!` puts in is a name or a number to a parser.
fn filled(text: &str) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        filled += "x";
        filled += part.split_once('}').map_or("", |(_, after)| after);
    }
    filled
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("portable.rs")
        {
            found.push(path);
        }
    }
}

#[test]
fn every_statement_runs_on_citus_and_yugabytedb() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("src/store.rs")];
    sources(&root.join("src/store"), &mut files);
    let mut count = 0;
    let mut refused = Vec::new();
    let mut look = |at: &Path, statement: &str| {
        count += 1;
        let objections = objections(statement).into_iter();
        refused.extend(objections.map(|why| format!("{}: {why}\n    {statement}", at.display())));
    };
    for file in &files {
        for statement in statements(&fs::read_to_string(file).unwrap()) {
            look(file, &statement);
        }
    }
    for entry in fs::read_dir(root.join("../migrations")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            look(&path, &fs::read_to_string(&path).unwrap());
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    // As many as there are at least, so that a reader that finds none does not pass.
    assert!(count >= 40, "{count} statements");
}

#[test]
fn what_an_engine_lacks_is_refused() {
    for planted in [
        "select pg_advisory_xact_lock(1)",
        "select pg_try_advisory_lock($1)",
        "listen changes",
        "notify changes",
        "select pg_notify('changes', '')",
        "create index on slice using brin (start_unix)",
        "create index on slice using gist (start_unix)",
        "create table t (at tstzrange, exclude using gist (at with &&))",
        "create table t (at int8range)",
        "create domain count as bigint",
        "create trigger t before insert on slice for each row execute function f()",
        "create function f() returns int language plpgsql as $$ begin return 1; end $$",
        "do $$ begin perform 1; end $$",
        "create temporary table t (a int)",
        "select from where",
    ] {
        assert!(!objections(planted).is_empty(), "{planted}");
    }
    assert_eq!(
        objections("insert into slice select * from t on conflict (a) do update set b = excluded.b"),
        Vec::<String>::new()
    );
}

#[test]
fn statements_are_found_in_sources() {
    let planted = r##"
        // "select nothing" in a comment
        let x = sqlx::query!(r#"select a as "a!" from t"#, "no statement");
        let y = format!("drop table {}", name);
        let z = "update t set a = \"b\" where c";
    "##;
    let expected = [r#"select a as "a!" from t"#, "drop table x", r#"update t set a = "b" where c"#];
    assert_eq!(statements(planted), expected);
}
