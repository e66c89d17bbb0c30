use super::*;
use proptest::prelude::*;

fn told(referer: &str) -> (Option<String>, &'static str) {
    told_of(referer, Own::default())
}

fn told_of(referer: &str, own: Own<'_>) -> (Option<String>, &'static str) {
    let Referer { host, class } = parse(referer, own);
    (host.map(Cow::into_owned), class.map_or("", RefererClass::name))
}

#[test]
fn the_host_is_given_in_lower_case_without_port_and_user() {
    for (referer, host) in [
        ("https://Shop.Example/a?b#c", "shop.example"),
        ("HTTP://shop.example", "shop.example"),
        ("https://shop.example:8443/", "shop.example"),
        ("https://shop.example:/", "shop.example"),
        ("https://me:secret@shop.example/", "shop.example"),
        ("https://shop.example./", "shop.example"),
        ("https://shop.example?q=http://a.example/", "shop.example"),
        ("http://192.0.2.1:8080/", "192.0.2.1"),
        ("http://[2001:DB8::1]:80/", "2001:db8::1"),
        ("http://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("http://bücher.example/", "bücher.example"),
        (" https://shop.example/ ", "shop.example"),
    ] {
        assert_eq!(told(referer), (Some(host.to_owned()), "other"), "{referer}");
    }
}

#[test]
fn what_names_no_host_has_neither_host_nor_class() {
    let long = format!("https://{}/", "a".repeat(4096));
    for referer in [
        "",
        "-",
        "shop.example/page",
        "//shop.example/",
        "https:/shop.example",
        "https://",
        "https:///path",
        "https://:80/",
        "https://a..example/",
        "https://a.example:port/",
        "https://<script>alert(1)</script>/",
        "<a href=https://spam.example/>buy</a>",
        "file:///home/",
        "about:blank",
        "javascript:alert(1)",
        "http://\\xe4\\xe5.example/",
        "http://[2001:db8::1/",
        "android-app://",
        &long,
    ] {
        assert_eq!(told(referer), (None, ""), "{referer}");
    }
}

#[test]
fn sites_are_known_by_their_hosts_with_subdomains_and_the_longest_counts() {
    for (host, class) in [
        ("www.google.com", "search"),
        ("google.de", "search"),
        ("www.google.co.uk", "search"),
        ("images.google.com.br", "search"),
        ("google.example.com", "other"),
        ("notgoogle.com", "other"),
        ("google.evil.de", "other"),
        ("yandex.ru", "search"),
        ("r.duckduckgo.com", "search"),
        ("uk.search.yahoo.com", "search"),
        ("l.facebook.com", "social"),
        ("lm.facebook.com", "social"),
        ("t.co", "social"),
        ("out.reddit.com", "social"),
        ("old.reddit.com", "social"),
        ("www.pinterest.co.uk", "social"),
        ("mastodon.social", "social"),
        ("news.ycombinator.com", "social"),
        ("chatgpt.com", "ai-assistant"),
        ("www.perplexity.ai", "ai-assistant"),
        ("gemini.google.com", "ai-assistant"),
        ("copilot.microsoft.com", "ai-assistant"),
        ("mail.google.com", "mail"),
        ("eur01.safelinks.protection.outlook.com", "mail"),
        ("mail.yahoo.co.jp", "mail"),
        ("webmail.provider.example", "mail"),
        ("webmail.example", "other"),
        ("com", "other"),
        ("localhost", "other"),
    ] {
        assert_eq!(told(&format!("https://{host}/x")).1, class, "{host}");
    }
}

#[test]
fn apps_are_sites_of_their_own() {
    for (referer, host, class) in [
        ("android-app://com.google.android.gm/", "com.google.android.gm", "mail"),
        (
            "android-app://com.google.android.googlequicksearchbox/https/www.google.com",
            "com.google.android.googlequicksearchbox",
            "search",
        ),
        ("android-app://org.telegram.messenger", "org.telegram.messenger", "social"),
        ("android-app://com.Example.Reader/", "com.example.reader", "other"),
        // A name whose end is a known host is not that host.
        ("android-app://org.example.t.co/", "org.example.t.co", "other"),
    ] {
        assert_eq!(told(referer), (Some(host.to_owned()), class), "{referer}");
    }
}

#[test]
fn the_virtual_host_and_the_sites_given_are_internal() {
    let sites = vec!["example.org".to_owned()];
    for (referer, vhost, is_internal) in [
        ("https://shop.example/", "shop.example", true),
        ("https://www.shop.example/", "shop.example", true),
        ("https://shop.example/", "www.shop.example:443", true),
        ("https://shop.example:8080/", "SHOP.example", true),
        ("https://a.shop.example/", "*.shop.example", true),
        ("https://shop.example/", ".shop.example", true),
        ("https://blog.shop.example/", "shop.example", false),
        ("https://myshop.example/", "shop.example", false),
        ("https://myshop.example/", ".shop.example", false),
        ("http://[2001:db8::1]/", "[2001:db8::1]:80", true),
        ("https://www./", "www.", false),
        ("https://shop.example/", "_", false),
        ("https://example.org/", "shop.example", true),
        ("https://a.b.example.org/", "shop.example", true),
        ("https://notexample.org/", "shop.example", false),
    ] {
        let (_, class) = told_of(referer, Own { vhost: Some(vhost), sites: &sites });
        assert_eq!(class == "internal", is_internal, "{referer} at {vhost}");
    }
}

#[test]
fn an_own_site_is_internal_before_it_is_anything_else() {
    let own = Own { vhost: Some("www.reddit.com"), sites: &[] };
    assert_eq!(told_of("https://reddit.com/", own).1, "internal");
}

#[test]
fn every_line_of_the_table_is_found_as_what_it_says() {
    for (class, host) in sites::lines() {
        let asked = host.replace(".**", ".provider.example").replace(".*", ".de");
        let found = sites::class(&asked);
        assert_eq!(found, class, "{host}");
        assert_eq!(host.to_lowercase(), host);
    }
}

proptest! {
    #[test]
    fn no_referer_panics_and_a_host_is_lower_case_and_short(referer in "(https?://)?\\PC{0,80}") {
        let Referer { host, class } = parse(&referer, Own { vhost: Some(&referer), sites: &[] });
        prop_assert_eq!(host.is_some(), class.is_some());
        if let Some(host) = host {
            prop_assert!(host.len() <= 253 && !host.bytes().any(|byte| byte.is_ascii_uppercase()));
        }
    }
}
