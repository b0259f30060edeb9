//! Every page, rendered as the server does it: complete without client code, valid in its nesting, free of `style=`.
//!
//! With `NINES_RENDER_DIR` set the pages are written there too, to be looked at in a browser.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a test that meets the unexpected shall fail, and its numbers are small"
)]

#[path = "render/fake.rs"]
mod fake;
#[path = "render/nesting.rs"]
mod nesting;
#[path = "render/periods.rs"]
mod periods;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use app::backend::Backend;
use app::{RequestInfo, ShellOptions, StatusHook, Theme, shell};
use fake::Fake;
use futures::StreamExt;
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::prelude::*;
use leptos_meta::ServerMetaContext;
use leptos_router::location::RequestUrl;

struct Page {
    html: String,
    status: u16,
}

impl Page {
    fn has(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "`{text}` is missing in\n{}", self.html);
        self
    }

    fn lacks(&self, text: &str) -> &Self {
        assert!(!self.html.contains(text), "`{text}` should not be there");
        self
    }
}

fn options() -> ShellOptions {
    ShellOptions {
        js: "pkg/nines.js".into(),
        wasm: "pkg/nines.wasm".into(),
        css: "pkg/main.css".into(),
        start: "pkg/start.js".into(),
        stream: "pkg/stream.js".into(),
        build: "test".into(),
    }
}

fn render_with(path: &str, fake: Fake, request: RequestInfo) -> Page {
    // The second test finds the executor set already.
    let _ = any_spawner::Executor::init_futures_executor();
    let status = Arc::new(AtomicU16::new(200));
    let hook = Arc::clone(&status);
    let (meta, output) = ServerMetaContext::new();
    let url = RequestUrl::new(path);
    let shared: Arc<dyn SharedContext + Send + Sync> = Arc::new(SsrSharedContext::new());
    let owner = Owner::new_root(Some(Arc::clone(&shared)));
    let (html, data) = futures::executor::block_on(async {
        let app = owner.with(|| {
            provide_context(url);
            provide_context(meta);
            provide_context(request);
            provide_context(StatusHook::new(move |code| hook.store(code, Ordering::SeqCst)));
            provide_context::<Arc<dyn Backend>>(Arc::new(fake));
            shell(options()).into_any().to_html_stream_in_order()
        });
        let html = output.inject_meta_context(app).await.collect::<String>().await;
        while let Some(deferred) = shared.await_deferred() {
            deferred.await;
        }
        let data = shared.pending_data().unwrap().map(|data| format!("<script>{data}</script>"));
        (html, data.collect::<String>().await)
    });
    owner.cleanup();
    if let Ok(dir) = std::env::var("NINES_RENDER_DIR") {
        let name: String = path.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        std::fs::write(format!("{dir}/page{name}{fake:?}.html"), format!("{html}{data}")).unwrap();
    }
    let page = Page { html, status: status.load(Ordering::SeqCst) };
    page.has("<!DOCTYPE html>").has("</html>").has("<h1").lacks("style=");
    assert_eq!(page.html.matches("<h1").count(), 1, "one heading of the first level a page");
    nesting::check(&page.html);
    page
}

fn render(path: &str) -> Page {
    render_with(path, Fake::Estate, RequestInfo::default())
}

#[test]
fn the_overview_tells_everything_worst_first() {
    let page = render("/");
    assert_eq!(page.status, 200);
    for text in [
        "Payments is down, search is out of budget",
        "payments",
        "search",
        "checkout",
        "catalogue",
        "email-out",
        "inventory",
        "ledger",
        "login",
        "gateway &lt;&amp;&gt;",
        "Up",
        "Degraded",
        "Down",
        "Maintenance",
        "Unknown",
        "Breached",
        "At risk",
        "No data",
        "No traffic",
        "Met",
        "99.871 %",
        "target 99.95 %",
        "−158 %",
        "over",
        "14 %",
        "left",
        "6.2×",
        "0 bad, none allowed",
        "connection refused",
        "2 h 23 min",
        "Latest data 14:05:10 UTC",
        "8 s",
        "No objective is declared.",
        "This is a demo.",
        "mode=down",
        "42 %",
        "/services/gateway%20%3C%26%3E",
        "/slos/payments-latency",
    ] {
        page.has(text);
    }
    let at = |name: &str| page.html.find(&format!("href=\"/services/{name}\"")).unwrap();
    assert!(at("payments") < at("search") && at("search") < at("checkout") && at("email-out") < at("login"));
    for dead in ["/sources", "/reports", "/wall", "/design"] {
        page.lacks(&format!("href=\"{dead}"));
    }
}

#[test]
fn groups_and_search_work_by_address() {
    let page = render("/?group=Money&q=PAY");
    page.has("/services/payments").lacks("href=\"/services/checkout\"").lacks("href=\"/services/login\"");
    page.has("value=\"PAY\"").has("<input type=\"hidden\" name=\"group\" value=\"Money\"");
    render("/?q=nothing-is-called-so").has("No service matches.");
}

#[test]
fn a_service_page_lists_its_objectives() {
    let page = render("/services/payments");
    assert_eq!(page.status, 200);
    page.has("Down").has("payments-availability").has("payments-latency").has("money-core").has("region=eu");
}

#[test]
fn a_service_page_lists_its_composites_with_their_rules_and_members() {
    let page = render("/services/checkout");
    for text in [
        "Composites",
        "buying",
        "Sum of missing: 1 − SLI = sum of weight × (bad ÷ total)",
        "99.5 %",
        "99.59 %",
        "18.2 %",
        "Remaining budget is below 25 %",
        "href=\"/slos/payments-availability\"",
        "payments-availability, 99.95",
        "60.0 %",
        "no traffic",
        "href=\"#composite-buying\"",
        "id=\"composite-buying\"",
        "Member email-out-delivery: no data for 2 h 23 min",
        ": no data<",
        ": —<",
    ] {
        page.has(text);
    }
    render("/services/payments").lacks("Composites");
    render("/").lacks("Composites");
}

#[test]
fn an_slo_page_shows_figures_chart_table_and_derivation() {
    let page = render("/slos/checkout-availability");
    assert_eq!(page.status, 200);
    for text in [
        "99.91 %",
        "target 99.9 %",
        "14 %",
        "43 min 12 s",
        "in 9 h",
        "96.7 %",
        "At risk",
        "Degraded",
        "slo/checkout.yaml",
        "Error budget left",
        "type=\"range\"",
        "aria-valuetext",
        "viewBox=\"0 0 10000 10000\"",
        "Data table",
        "Burn-rate tiers",
        "Firing",
        "How computed",
        "?range=1h",
        "aria-current=\"true\"",
        "14.4x over 1 h",
    ] {
        page.has(text);
    }
    page.has("As of 14:05:18 UTC, when the page was made.");
    page.has("SLI over time").has("SLI of each 3 h").has("Target 99.9 %").lacks("Excluded");
    for range in ["1h", "24h", "7d"] {
        render(&format!("/slos/checkout-availability?range={range}")).has("<path");
    }
    render("/slos/email-out-delivery").has("No data");
    render("/slos/ledger-correctness").has("none is allowed");
    render("/slos/archive-restore").has("No traffic");
}

#[test]
fn what_is_excluded_is_marked_and_named_beside_both_figures() {
    let page = render("/slos/inventory-availability");
    let named = "Excluded: Stock &lt;count&gt; (events dropped), Move (time removed)";
    assert_eq!(page.html.matches(named).count(), 2, "in the key of either figure");
    // Five nights, of which one lies ahead, and the move.
    assert_eq!(page.html.matches("fill=\"url(#excluded)\"").count(), 2 * 5);
    page.has("<th scope=\"col\">Excluded<").has("<td>Move (time removed)</td>");
    page.lacks("Stock <count>");
    let hour = render("/slos/inventory-availability?range=1h");
    hour.lacks("fill=\"url(#excluded)\"").lacks("<th scope=\"col\">Excluded<");
}

#[test]
fn a_proposal_is_compared_with_what_is_declared() {
    let path = "/slos/checkout-availability";
    let empty = render(path);
    for text in [
        "What if",
        "<form method=\"get\" action=\"/slos/checkout-availability#what-if\"",
        "placeholder=\"99.9\"",
        "placeholder=\"30 days\"",
        "the address can be shared",
        "/slos/checkout-availability?window=7d#what-if",
        "Cost of nines",
        "7 h 12 min",
        "as declared",
        "14.4x over 1 h after 52 s, 2.1 % gone",
    ] {
        empty.has(text);
    }
    empty.lacks("As changed").lacks("what-if-refused").lacks("name=\"slice-target\"");

    let found = render(&format!("{path}?range=7d&target=99.5&window=7d&method=Timeslices"));
    for text in [
        "At 99.5 % over the last 7 d the state would now be met with 82.8 % of the budget left, instead of at risk with",
        "It would have been breached for 3.0 % of the last 28 d, instead of 1.0 %.",
        "6x over 6 h would have fired 3 times instead of once.",
        "14.4x over 1 h could never fire.",
        "3 times, 42 min in all",
        "out of reach",
        "As changed",
        "value=\"99.5\"",
        "value=\"7d\"",
        "name=\"slice-target\"",
        "type=\"hidden\" name=\"range\" value=\"7d\"",
    ] {
        found.has(text);
    }
    found.lacks("the address can be shared");

    let refused = render(&format!("{path}?target=abc%2B&zone="));
    assert_eq!(refused.status, 200);
    refused
        .has("This cannot be answered: `target` is no percentage.")
        .has("value=\"abc+\"")
        .lacks("As changed");
    render(&format!("{path}?target=&window=+")).has("the address can be shared");
}

#[test]
fn periods_that_have_ended_are_listed_and_show_their_revisions() {
    let path = format!("/slos/{}", periods::MONTHLY);
    render(&path)
        .has("Closed periods")
        .has("1 of 2 periods met.")
        .has(&format!("href=\"{path}?closed=2026-11-01T00:00:00Z\">October 2026"))
        .has("o0, target 99.9 %, revision 2")
        .has("99.81 %")
        .has("98.7 %")
        .has("190.0 %");
    let api = format!("/api/v1{path}/periods/2026-10-01T00:00:00Z?revision=");
    let closed = render(&format!("{path}?closed=2026-11-01T00:00:00Z"));
    closed
        .has("Closed period<")
        .has("Frozen 1 Nov 00:00 UTC as revision 2: late data: 120 events, 3 of them bad.")
        .has(&format!("href=\"{api}1\">Revision 1"))
        .has(&format!("href=\"{api}2\">Revision 2"))
        .has("differ from the latest frozen ones")
        .lacks("periods met.");
    let young = format!("/slos/{}", periods::YOUNG);
    render(&young).has("No period has ended since the first data.");
    render(&format!("{young}?closed=2026-11-01T00:00:00Z")).has("This period is not frozen.");
    render("/slos/checkout-availability").lacks("Closed period");
}

#[test]
fn what_was_declared_before_is_told() {
    render("/slos/checkout-availability")
        .has("Revisions of the SLO")
        .has("<div>window: 7 d -&gt; 30 d")
        .has("<div>objective 99: target 0.99 -&gt; 0.999")
        .has("the beginning")
        .has("Generations of the indicator")
        .has("GET http://127.0.0.1:9/2 timeout 1000 ms")
        .lacks("Declared once");
    render("/slos/search-availability")
        .has("Declared once, unchanged since.")
        .lacks("Revisions of the SLO")
        .lacks("Generations of the indicator");
}

#[test]
fn what_is_not_there_answers_404() {
    for path in ["/nowhere", "/services/none", "/slos/none"] {
        let page = render(path);
        assert_eq!(page.status, 404, "{path}");
        page.has("There is nothing here.").has("To the overview");
    }
}

#[test]
fn without_a_database_the_page_says_what_to_do() {
    let request = RequestInfo { theme: Some(Theme::Dark), request_id: Some("req-17".to_owned()) };
    let page = render_with("/", Fake::Unreachable, request);
    assert_eq!(page.status, 503);
    page.has("The database cannot be reached.").has("req-17").has("data-theme=\"dark\"");
}

#[test]
fn before_anything_is_declared_the_page_teaches() {
    let page = render_with("/", Fake::Empty, RequestInfo::default());
    page.has("Nothing is measured yet.")
        .has("apiVersion: nines/v1")
        .has("kind: Objective")
        .has("No data yet");
}
