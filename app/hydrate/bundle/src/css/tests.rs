use super::*;

fn sheets(files: &[(&str, &str)]) -> Result<String, BundleError> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    bundle(&dir.path().join("main.css"))
}

#[test]
fn resolves_imports_in_order_and_in_their_layer() {
    let text = sheets(&[
        (
            "main.css",
            "@charset \"utf-8\";\n@layer tokens, base;\n@import \"a.css\" layer(tokens);\n\
             @import url('b.css') layer(base) print;\n.c { top: 0 }",
        ),
        ("a.css", "/* tokens */ :root { --a: 1px }"),
        ("b.css", "@layer one { .b { left: 0 } }"),
    ])
    .unwrap();
    assert_eq!(
        text,
        "@layer tokens, base;\n@layer tokens{\n:root { --a: 1px }\n}\n@media print{\n@layer base{\n\
         @layer one { .b { left: 0 } }\n}\n}\n.c { top: 0 }\n"
    );
}

#[test]
fn imports_nest() {
    let text =
        sheets(&[("main.css", "@import \"a.css\" layer;"), ("a.css", "@import 'b.css';"), ("b.css", "i{}")]);
    assert_eq!(text.unwrap(), "@layer{\ni{}\n\n}\n\n");
}

#[test]
fn a_layer_block_at_the_top_is_a_rule() {
    assert_eq!(sheets(&[("main.css", "@layer a { b { c: d; } }")]).unwrap(), "@layer a { b { c: d; } }\n");
}

#[test]
fn names_what_is_wrong() {
    let message = |files: &[(&str, &str)]| sheets(files).unwrap_err().to_string();
    assert!(message(&[("main.css", "@import 'gone.css';")]).contains("gone.css"));
    assert!(message(&[("main.css", "@import 'main.css';")]).contains("import itself"));
    assert!(message(&[("main.css", "a{} @import 'b.css';")]).contains("move it to the top"));
    assert!(message(&[("main.css", "a{background:url(x.png)}")]).contains("url(x.png"));
    assert!(message(&[("main.css", "@import b.css;")]).contains("quotes"));
}

#[test]
fn takes_absolute_and_embedded_addresses() {
    assert!(
        sheets(&[("main.css", "a{background:url(/x.svg)}b{background:url(\"data:,\")}c{fill:url(#d)}")])
            .is_ok()
    );
}
