//! The questions that the program brings along.

use super::{Question, header};
use std::sync::LazyLock;

/// Questions about one thing.
struct Theme {
    /// The theme, as headers name it.
    name: &'static str,
    /// The names of the questions and their files.
    files: &'static [(&'static str, &'static str)],
}

macro_rules! themes {
    ($($theme:literal: $($name:literal)*;)*) => {
        &[$(Theme {
            name: $theme,
            files: &[$(($name, include_str!(concat!("../../questions/", $name, ".sql"))),)*],
        },)*]
    };
}

/// The themes, in the order in which they are listed.
static THEMES: &[Theme] = themes! {
    "visitors": "visitors" "new-returning" "retention" "sessions" "longest-sessions" "session-paths"
        "visit" "funnel";
    "pages": "top-pages" "page-visitors" "entry-pages" "exit-pages" "next-pages" "collections"
        "downloads" "searches";
    "sources": "referers" "sources" "referring-pages" "campaigns" "hotlinks";
    "places": "countries" "regions" "cities" "networks";
    "software": "browsers" "systems" "devices";
    "bots": "bots" "ai-crawlers" "crawled-pages" "fake-bots";
    "traffic": "requests" "traffic" "bandwidth" "heaviest-paths" "heatmap" "peaks" "methods" "protocols"
        "tls" "hosts" "asset-classes" "busiest-addresses";
    "errors": "statuses" "status-codes" "error-pages" "who-gets-errors" "not-found" "broken-links"
        "redirects" "error-budget";
    "speed": "slow-routes" "slowest-requests" "latency" "cache" "cache-misses" "upstreams";
    "security": "scanners" "probes" "denied";
    "change": "changes" "anomalies";
};

/// The themes, in the order in which they are listed.
pub fn themes() -> impl Iterator<Item = &'static str> {
    THEMES.iter().map(|theme| theme.name)
}

/// All questions of the program, by theme.
pub fn built_in() -> &'static [Question] {
    static QUESTIONS: LazyLock<Vec<Question>> = LazyLock::new(|| {
        let files = THEMES.iter().flat_map(|theme| theme.files);
        // A test reads them all.
        files.filter_map(|(name, sql)| header::read(name, sql).ok()).collect()
    });
    &QUESTIONS
}
