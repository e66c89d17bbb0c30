use super::*;
use proptest::prelude::*;

fn target(user: Option<&str>, host: &str, port: Option<u16>, path: &str) -> Target {
    Target { user: user.map(Into::into), host: host.into(), port, path: path.into() }
}

#[test]
fn an_address_names_user_host_port_and_file() {
    for (text, expected) in [
        ("ssh://web1/var/log/a.log", target(None, "web1", None, "/var/log/a.log")),
        ("SSH://deploy@web1.example:2222/a", target(Some("deploy"), "web1.example", Some(2222), "/a")),
        ("ssh://[2001:db8::1]/a", target(None, "2001:db8::1", None, "/a")),
        ("ssh://me@[fe80::1%25eth0]:22/a", target(Some("me"), "fe80::1%eth0", Some(22), "/a")),
        ("ssh://h/~/logs/x.log", target(None, "h", None, "logs/x.log")),
        ("ssh://h/%7Ex/a", target(None, "h", None, "/~x/a")),
        ("ssh://h/a%20b%25%0A?#c", target(None, "h", None, "/a b%\n?#c")),
        ("ssh://a%40b@h/x", target(Some("a@b"), "h", None, "/x")),
        ("ssh://h//x", target(None, "h", None, "//x")),
    ] {
        assert_eq!(text.parse::<Target>().as_ref(), Ok(&expected), "{text}");
        assert_eq!(expected.to_string().parse::<Target>(), Ok(expected), "{text}");
    }
}

#[test]
fn what_ssh_or_a_shell_could_take_for_something_else_is_refused() {
    use TargetError::*;
    for (text, error) in [
        ("http://h/x", Scheme),
        ("h:/x", Scheme),
        ("ssh:", Scheme),
        ("sshé://h/x", Scheme),
        ("ssh://-oProxyCommand=x/x", Host),
        ("ssh:///x", Host),
        ("ssh://a b/x", Host),
        ("ssh://a;b/x", Host),
        ("ssh://a\n/x", Host),
        ("ssh://[h]/x", Host),
        ("ssh://[::1/x", Host),
        ("ssh://[::1]x/x", Host),
        ("ssh://-l@h/x", User),
        ("ssh://@h/x", User),
        ("ssh://$(id)@h/x", User),
        ("ssh://a%0Ab@h/x", User),
        ("ssh://%2Dl@h/x", User),
        ("ssh://me:secret@h/x", Password),
        ("ssh://h:/x", Port),
        ("ssh://h:0/x", Port),
        ("ssh://h:65536/x", Port),
        ("ssh://h:+22/x", Port),
        ("ssh://h", Path),
        ("ssh://h/", Path),
        ("ssh://h/a/", Path),
        ("ssh://h/a/..", Path),
        ("ssh://h/~/", Path),
        ("ssh://h/~//a", Path),
        ("ssh://h/~", OtherHome),
        ("ssh://h/~me/x", OtherHome),
        ("ssh://h/%", Escape),
        ("ssh://h/%4", Escape),
        ("ssh://h/%+4", Escape),
        ("ssh://h/%00", Escape),
    ] {
        assert_eq!(text.parse::<Target>(), Err(error), "{text}");
    }
}

proptest! {
    #[test]
    fn every_path_comes_back_from_its_address(path in proptest::collection::vec(1u8.., 1..20), home: bool) {
        prop_assume!(!path.ends_with(b"/") && path[0] != b'/');
        let path = if home { path } else { [b"/", &path[..]].concat() };
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap();
        prop_assume!(name != b"." && name != b"..");
        let target = Target { path: OsString::from_vec(path).into(), ..target(None, "h", None, "") };
        prop_assert_eq!(target.to_string().parse(), Ok(target));
    }

    #[test]
    fn no_text_panics(text in "(ssh://)?\\PC*") {
        if let Ok(target) = text.parse::<Target>() {
            prop_assert_eq!(target.to_string().parse(), Ok(target));
        }
    }
}
