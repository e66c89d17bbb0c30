use super::*;
use proptest::prelude::*;

#[test]
fn what_varies_is_folded_by_its_form() {
    for (path, route) in [
        ("/product/60844", "/product/{id}"),
        ("/product/60844/6-wooden-chair-oak", "/product/{id}/{slug}"),
        ("/u/123e4567-e89b-12d3-a456-426614174000", "/u/{id}"),
        ("/u/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/u/{id}"),
        ("/u/507f1f77bcf86cd799439011", "/u/{id}"),
        ("/host/192.0.2.1/up", "/host/{id}/up"),
        ("/commit/9fceb02d0ae598e95dc970b74767f19372d61af8", "/commit/{hash}"),
        ("/commit/9fceb02d", "/commit/{hash}"),
        ("/join/V1StGXR8_Z5jdHi6B-myT", "/join/{hash}"),
        ("/day/2019-01-22", "/day/{date}"),
        ("/day/2019-01", "/day/{date}"),
        ("/day/22.01.2019", "/day/{date}"),
        ("/day/2019-01-22T10:00:00Z", "/day/{date}"),
        ("/blog/2019/01/22/hello", "/blog/{year}/{month}/{day}/hello"),
        ("/blog/2004/May/03", "/blog/{year}/{month}/{day}"),
        ("/blog/2006", "/blog/{id}"),
        ("/unsubscribe/jane@example.org", "/unsubscribe/{email}"),
        ("/tag/گردو", "/tag/{slug}"),
        ("/tag/two words", "/tag/{slug}"),
        ("/order-12345", "/{slug}"),
        ("/filter/b1,b103", "/filter/{slug}"),
        ("/x/%2e%2e/y", "/x/{slug}/y"),
    ] {
        assert_eq!(shape(path), route, "{path}");
    }
}

#[test]
fn files_keep_their_ending() {
    for (path, route) in [
        ("/app.3f2a9c.js", "/app.{hash}.js"),
        ("/app.3f2a9c1d.chunk.js", "/app.{hash}.chunk.js"),
        ("/assets/index-BsD3f9aK.js", "/assets/index-{hash}.js"),
        ("/assets/favicon-19fbef86.svg", "/assets/favicon-{hash}.svg"),
        ("/img/60844.jpg", "/img/{id}.jpg"),
        ("/img/9fceb02d0ae598e9.PNG", "/img/{hash}.PNG"),
        ("/2024-05-01.csv", "/{date}.csv"),
        ("/blog/how-to-fold-a-path.html", "/blog/{slug}.html"),
        ("/report.20240101.csv", "/report.{id}.csv"),
    ] {
        assert_eq!(shape(path), route, "{path}");
    }
}

#[test]
fn names_and_versions_stay_and_cost_no_memory() {
    for path in [
        "/",
        "/about",
        "/About/Us",
        "/v1/users",
        "/docs/2.0/install",
        "/docs/19.04",
        "/js/jquery-3.6.0.min.js",
        "/.well-known/security.txt",
        "/sitemap.xml",
        "/getting-started-now",
        "/users/@jane",
        "/deadbeef",
        "/a/b/c/d/e/f/g/h",
    ] {
        assert!(matches!(shape(path), Cow::Borrowed(same) if same == path), "{path}");
    }
}

#[test]
fn slashes_parameters_and_depth_do_not_multiply_routes() {
    for (path, route) in [
        ("", "/"),
        ("//", "/"),
        ("/blog/", "/blog"),
        ("//favicon.ico", "/favicon.ico"),
        ("/cart;jsessionid=A1B2/x", "/cart/x"),
        ("/a/b/c/d/e/f/g/h/i", "/a/b/c/d/e/f/g/h/*"),
        ("*", "*"),
        ("shop.example:443", "*"),
    ] {
        assert_eq!(shape(path), route, "{path}");
    }
    let long = format!("/{}", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstu/".repeat(8));
    let route = shape(&long).into_owned();
    assert!(route.len() <= LONGEST && route.ends_with("/*"), "{route}");
}

#[test]
fn a_path_that_writes_placeholders_makes_none() {
    assert_eq!(shape("/{id}/*/{x}.js"), "/{slug}/{slug}/{slug}.js");
}

fn dictionary(text: &str) -> Dictionary {
    Dictionary::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_name_comes_before_its_form_and_this_before_anything() {
    let dictionary = dictionary(
        "/p/{id}\n/p/new\n/p/{slug}\n/p/{slug}/edit\n/u/{id}\n/u/{name}/x\n/f/{slug}.html\n/f/{id}.html\n/w/{id}\n/how-to-get-there",
    );
    for (path, route) in [
        ("/p/new", "/p/new"),
        ("/p/7", "/p/{id}"),
        ("/p/blue", "/p/{slug}"),
        // The way over the name or the number ends, another one goes on.
        ("/p/new/edit", "/p/{slug}/edit"),
        ("/p/7/edit", "/p/{slug}/edit"),
        ("/u/jane/x", "/u/{name}/x"),
        ("/f/a.html", "/f/{slug}.html"),
        ("/f/7.html", "/f/{id}.html"),
        ("/f/a.png", "/f/*"),
        ("/w/blue", "/w/*"),
        ("/w/7", "/w/{id}"),
        ("/w/7/8/9", "/w/{id}/*"),
        ("/how-to-get-there", "/how-to-get-there"),
        ("/p/", "/p/*"),
        ("/", "/*"),
        ("/nothing/known", "/*"),
        ("*", "*"),
    ] {
        assert_eq!(dictionary.route(path), route, "{path}");
    }
}

#[test]
fn a_star_takes_whatever_comes() {
    let dictionary = dictionary("/api/*\n/api/users\n/\n");
    for (path, route) in
        [("/api/users", "/api/users"), ("/api/x/y", "/api/*"), ("/api", "/api/*"), ("/", "/"), ("/x", "/*")]
    {
        assert_eq!(dictionary.route(path), route, "{path}");
    }
}

#[test]
fn a_dictionary_is_written_sorted_and_read_back_the_same() {
    let sent = dictionary("\n/b\t# 12\r\n# a note\n/a/{id} # since May\n/b # twice\n/\n");
    let written = String::from_utf8(sent.write()).unwrap();
    let lines: Vec<&str> = written.lines().skip(1).collect();
    assert_eq!(lines, ["/", "/a/{id}\t# since May", "/b\t# 12"]);
    assert_eq!(dictionary(&written).write(), sent.write());
}

#[test]
fn what_is_no_template_is_told_with_its_place() {
    for (text, line, column) in [
        ("/a\nb", 2, 1),
        ("/a b", 1, 3),
        ("/a//b", 1, 4),
        ("/a/", 1, 4),
        ("/a/{Id}", 1, 5),
        ("/a/{}", 1, 5),
        ("/a/{id", 1, 7),
        ("/a/id}", 1, 6),
        ("/a/*/b", 1, 4),
        ("/a/b*", 1, 5),
        ("/ä", 1, 2),
        ("/1/2/3/4/5/6/7/8/9", 1, 18),
    ] {
        let error = Dictionary::parse(text.as_bytes()).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
    }
    let error = Dictionary::parse(b"/a\xff").unwrap_err();
    assert!(error.to_string().starts_with("line 1, column 3: expected"), "{error}");
    assert!(Dictionary::parse(format!("/{}", "a".repeat(300)).as_bytes()).is_err());
}

#[test]
fn a_missing_file_is_told_as_such() {
    let error = Dictionary::open(std::path::Path::new("/nowhere/routes")).unwrap_err();
    assert!(matches!(error, RouteError::Read(_)), "{error}");
}

fn learnt<'p>(paths: impl IntoIterator<Item = &'p str>) -> Learner {
    let mut learner = Learner::default();
    paths.into_iter().for_each(|path| learner.see(path));
    learner
}

fn names(count: usize) -> Vec<String> {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    (0..count).map(|n| format!("/user/{}{}{}/posts", letter(n / 676), letter(n / 26), letter(n))).collect()
}

#[test]
fn too_many_names_in_one_place_become_one() {
    let few = names(60);
    let dictionary = learnt(few.iter().map(String::as_str)).into_dictionary(&Dictionary::default(), 1000);
    assert_eq!(dictionary.templates().len(), 60);
    let many = names(600);
    let popular = std::iter::repeat_n("/user/admin/posts", 100);
    let dictionary =
        learnt(many.iter().map(String::as_str).chain(popular)).into_dictionary(&Dictionary::default(), 1000);
    let found: Vec<_> = dictionary.templates().collect();
    assert_eq!(found, [("/user/admin/posts", "100"), ("/user/{slug}/posts", "600")]);
}

#[test]
fn templates_of_before_stay_and_the_rarest_new_ones_are_left_out() {
    let previous = dictionary("/old/{thing}\t# mine\n/gone\n");
    let learner = learnt(["/a", "/a", "/a", "/b", "/b", "/c", "/old/x"]);
    let next = learner.clone().into_dictionary(&previous, 4);
    let found: Vec<_> = next.templates().collect();
    assert_eq!(found, [("/a", "3"), ("/b", "2"), ("/gone", ""), ("/old/{thing}", "mine")]);
    let full = learner.into_dictionary(&previous, 1);
    assert_eq!(full.write(), previous.write());
}

#[test]
fn a_learner_holds_no_more_shapes_than_there_is_room_for() {
    let name = |n: usize| {
        let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
        let word: String = [n / 456_976, n / 17_576, n / 676, n / 26, n].into_iter().map(letter).collect();
        format!("/x/y/{word}")
    };
    let (mut all, mut odd, mut even) = (Learner::default(), Learner::default(), Learner::default());
    for n in 0..200_000 {
        let path = name(n);
        all.see(&path);
        if n % 2 == 0 { &mut even } else { &mut odd }.see(&path);
    }
    all.see("/about");
    even.see("/about");
    odd.merge(even);
    let of = |learner: Learner| learner.into_dictionary(&Dictionary::default(), 1000).write();
    let all = of(all);
    assert_eq!(all, of(odd));
    assert!(String::from_utf8(all).unwrap().contains("\n/about\t# 1\n"));
}

fn any_path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-c]{1,2}",
        "[0-9]{1,4}",
        "[a-z]{1,3}\\.(html|js)",
        Just("2019".to_owned()),
        "[a-z]-[a-z]-[a-z]-[a-z]",
        "\\PC{0,4}",
    ];
    proptest::collection::vec(part, 0..10).prop_map(|parts| format!("/{}", parts.join("/")))
}

proptest! {
    #[test]
    fn no_path_panics_and_every_route_is_a_short_template(path in "\\PC{0,300}", sane in any_path()) {
        for path in [path, sane] {
            let route = shape(&path).into_owned();
            prop_assert!(route.len() <= LONGEST);
            prop_assert!(route == "*" || Dictionary::parse(route.as_bytes()).is_ok(), "{}", route);
        }
    }

    #[test]
    fn no_file_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60), text in "[/a{}*# \n]{0,40}") {
        _ = Dictionary::parse(&bytes);
        _ = Dictionary::parse(text.as_bytes()).map(|dictionary| dictionary.route("/a/a").len());
    }

    #[test]
    fn what_is_learnt_depends_neither_on_order_nor_on_threads(
        paths in proptest::collection::vec(any_path(), 0..200),
        owners in proptest::collection::vec(0..3usize, 200),
    ) {
        let alone = learnt(paths.iter().map(String::as_str));
        let mut shared = vec![Learner::default(); 3];
        for (path, owner) in paths.iter().zip(owners).rev() {
            shared[owner].see(path);
        }
        let mut together = shared.pop().unwrap();
        shared.into_iter().for_each(|other| together.merge(other));
        let none = Dictionary::default();
        let (alone, together) = (alone.into_dictionary(&none, 1000), together.into_dictionary(&none, 1000));
        prop_assert_eq!(alone.write(), together.write());
        prop_assert!(Dictionary::parse(&alone.write()).is_ok());
        // What was seen has a template of its own, and learning it again changes nothing.
        for path in &paths {
            prop_assert!(alone.knows(path), "{}", path);
        }
        let again = learnt(paths.iter().map(String::as_str)).into_dictionary(&alone, 1000);
        prop_assert_eq!(again.write(), alone.write());
    }

    #[test]
    fn there_are_never_more_routes_than_parts_of_templates(paths in proptest::collection::vec(any_path(), 1..300)) {
        let dictionary = learnt(paths.iter().take(50).map(String::as_str)).into_dictionary(&Dictionary::default(), 10);
        prop_assert!(dictionary.templates().len() <= 10);
        let parts: usize = dictionary.templates().map(|(template, _)| template.split('/').count()).sum();
        let routes: std::collections::BTreeSet<&str> = paths.iter().map(|path| dictionary.route(path)).collect();
        prop_assert!(routes.len() <= parts + 1);
    }
}
