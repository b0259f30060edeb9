//! Whether a browser would leave the markup as it is: what it repairs, hydration does not find again.

const VOID: [&str; 7] = ["meta", "link", "input", "br", "img", "hr", "base"];
/// Elements that end an open `<p>`.
const BLOCKS: [&str; 19] = [
    "div", "p", "ul", "ol", "dl", "table", "section", "nav", "form", "figure", "details", "pre", "h1", "h2",
    "h3", "aside", "header", "footer", "main",
];

/// Fails at the first element that is not closed, or stands where it must not.
pub(crate) fn check(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!") {
            rest = if comment.starts_with("--") {
                &rest[rest.find("-->").unwrap() + 3..]
            } else {
                &rest[rest.find('>').unwrap()..]
            };
            continue;
        }
        let end = tag_end(rest);
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "</{name}> closes another element; open: {open:?}");
            continue;
        }
        let name = tag.split([' ', '/', '\n']).next().unwrap();
        allowed(name, &open);
        if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
            if name == "script" {
                rest = &rest[rest.find("</script>").unwrap()..];
            }
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
}

fn tag_end(text: &str) -> usize {
    let mut quoted = false;
    text.char_indices()
        .find(|(_, c)| {
            quoted ^= *c == '"';
            *c == '>' && !quoted
        })
        .unwrap()
        .0
}

fn allowed(name: &str, open: &[&str]) {
    let parent = *open.last().unwrap_or(&"");
    assert!(!(BLOCKS.contains(&name) && open.contains(&"p")), "<{name}> in <p>: {open:?}");
    assert!(
        !(["a", "button", "form", "label"].contains(&name) && open.contains(&name)),
        "<{name}> in itself: {open:?}"
    );
    assert!(
        !(["a", "button"].contains(&name) && (open.contains(&"a") || open.contains(&"button"))),
        "{open:?}"
    );
    match name {
        "tr" => assert!(["tbody", "thead"].contains(&parent), "<tr> in <{parent}>"),
        "td" | "th" => assert_eq!(parent, "tr"),
        "tbody" | "thead" | "caption" => assert_eq!(parent, "table"),
        "li" => assert!(["ul", "ol"].contains(&parent)),
        "dt" | "dd" => assert!(["dl", "div"].contains(&parent)),
        "summary" => assert_eq!(parent, "details"),
        "figcaption" => assert_eq!(parent, "figure"),
        _ if parent == "table" || parent == "tr" || parent == "tbody" => panic!("<{name}> in <{parent}>"),
        _ => {}
    }
}
