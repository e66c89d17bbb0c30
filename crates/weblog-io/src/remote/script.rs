//! What runs on the far side: POSIX sh and the tools that every Unix has.
//!
//! Each script is one compound command, so that the shell has read all of it before it begins, with nothing for its
//! tools to read on standard input. Descriptor 3 is the way back; what a tool says on standard error comes back in
//! the last section of the answer.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use super::error::RemoteError;

/// Where reading a file in blocks begins, and how many blocks are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blocks {
    pub(super) size: u64,
    pub(super) skip: u64,
    pub(super) count: u64,
}

impl Blocks {
    /// The blocks that hold `limit` bytes from `offset` on. Small ones where little is wanted: what stands before
    /// the offset in its block comes along.
    pub(super) fn around(offset: u64, limit: u64) -> Blocks {
        let size = if limit > 128 << 10 { 64 << 10 } else { 4 << 10 };
        let skip = offset / size;
        // BSD's dd takes a count of 0 for no limit.
        Blocks { size, skip, count: (offset.saturating_add(limit).div_ceil(size) - skip).max(1) }
    }

    /// How many bytes before the offset come along.
    pub(super) fn lead(&self, offset: u64) -> usize {
        (offset - self.skip * self.size) as usize
    }
}

/// The beginning of a session. It finds out which tools there are and defines, in their terms:
///
/// - `w FILE`: the line about a file, links followed
/// - `f FILE`: the same of the file on standard input, which is `FILE`
/// - `l SEPARATOR FILE…`: a line for each, links not followed, and its name
/// - `$Z`: the seconds of a short sleep, and `$K`: how many fifths of a second those are
///
/// `stat -c` is GNU's and busybox's, `stat -f` that of the BSDs. GNU's `-f` means another thing, so what comes out is
/// looked at. Standard input as a file is opened by its number on Linux, which gives the very file also after it was
/// renamed; where that does not work, it is looked at by its name.
pub(super) fn hello(nonce: &str) -> Vec<u8> {
    // The number is written in two parts: a terminal or log that shows the script back is no marker.
    let (one, two) = nonce.split_at(nonce.len() / 2);
    let mut script = format!("N={one}''{two}\n");
    script.push_str(
        r#"{
exec 3>&1
LC_ALL=C PATH=${PATH:-/usr/bin}:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH
unset CDPATH POSIXLY_CORRECT TZ
set +e +u +f
cd || cd /
numbers() { case $1 in *[!0-9:]*|:*|*:|'') return 1;; esac; }
if numbers "$(stat -L -c %i:%s / 2>&1)"; then
w() { stat -L -c '%d %i %s %f %W %Y %y' -- "$1"; }
l() { l=$1; shift; stat -c "$l %d %i %s %f %W %Y %y|%n" -- "$@"; }
if [ "$(stat -L -c %d:%i /dev/stdin </ 2>&1)" = "$(stat -L -c %d:%i / 2>&1)" ]; then
f() { stat -L -c '%d %i %s %f %W %Y %y' /dev/stdin; }
else
f() { w "$1"; }
fi
elif numbers "$(stat -L -f %i:%z / 2>&1)"; then
w() { stat -L -f '%d %i %z %Xp %B %m %Fm' -- "$1"; }
l() { l=$1; shift; stat -f "$l %d %i %z %Xp %B %m %Fm|%N" -- "$@"; }
f() { stat -f '%d %i %z %Xp %B %m %Fm'; }
else
t() { case $2 in -*) t=8000;; *) t=4000;; esac; case $6 in *[!0-9]*) n=0;; *) n=$6;; esac; echo "0 $1 $n $t - - $7 $8 $9"; }
w() ( x=$(ls -lnidL -- "$1") || exit; set -f; t $x; )
l() { l=$1; shift; for e do x=$(ls -lnid -- "$e") || continue; x=$(set -f; t $x); printf '%s %s|%s\n' "$l" "$x" "$e"; done; }
f() { w "$1"; }
fi
if sleep 0.01 2>/dev/null; then Z=0.2 K=1; else Z=1 K=5; fi
echo "$N"; echo "$N 0"
} </dev/null
"#,
    );
    script.into_bytes()
}

/// The log's path without links; the lines about it and its neighbours; what the tools said.
pub(super) fn list(path: &Path, separator: &str) -> Result<Vec<u8>, RemoteError> {
    let path = quoted(path)?;
    // A link's target may end with a newline, which $(…) would eat: an x stands behind it.
    let mut script = b"{ s=0 m= i=0 p=".to_vec();
    script.extend(path);
    script.extend_from_slice(
        br#"
while [ -L "$p" ] && [ $i -lt 40 ]; do
i=$((i+1)); t=$(readlink "$p" && echo x) || break
t=${t%??}; case $t in /*) p=$t;; *) p=${p%/*}/$t;; esac
done
d=${p%/*}/ b=${p##*/}
if r=$(cd -P "$d" 2>&1 && pwd -P && echo x); then
r=${r%??}; printf '%s/%s' "${r%/}" "$b"; echo "$N"
m=$({ cd "$r" && "#,
    );
    script.extend(format!("l {separator} \"./$b\" \"./$b\"*; }} 2>&1 >&3)\n").into_bytes());
    script.extend_from_slice(br#"[ $? -ne 126 ] || m=$({ cd "$r" && for e in "./$b" "./$b"*; do l "#);
    script.extend(format!("{separator} \"$e\"; done; }} 2>&1 >&3)\n").into_bytes());
    script.extend_from_slice(br#"else s=1 m=$(ls -d "$d." 2>&1); [ -n "$m" ] || m=$r; fi"#);
    Ok(ended(script))
}

/// The line about the file; its blocks; what the tools said.
pub(super) fn read(path: &Path, blocks: Blocks) -> Result<Vec<u8>, RemoteError> {
    let Blocks { size, skip, count } = blocks;
    let mut script = b"{ s=1 m= p=".to_vec();
    script.extend(quoted(path)?);
    // Opening a named pipe would wait for its writer. When the file cannot be opened, it is dd that has the words;
    // when dd can open it, it has come this moment.
    let mut rest = String::new();
    let _ = write!(
        rest,
        r#"
if [ -e "$p" ] && [ ! -f "$p" ]; then m="$p: not a regular file"
else
{{ m=$({{ f "$p" && echo "$N" && dd bs={size} skip={skip} count={count}; }} 2>&1 >&3) && s=0; }} 2>/dev/null <"$p"
[ $s = 0 ] || [ -n "$m" ] || {{ m=$(dd if="$p" bs=1 count=1 2>&1 >/dev/null) && m="$p: No such file or directory"; }}
fi"#
    );
    script.extend(rest.into_bytes());
    Ok(ended(script))
}

/// A newline now and then as a sign of life; the line about the file, which is empty if there is none; what the
/// tool said.
pub(super) fn wait(path: &Path, last: &[u8], most: Duration, beat: Duration) -> Result<Vec<u8>, RemoteError> {
    let fifths = |time: Duration| time.as_millis().div_ceil(200).min(1 << 30);
    let mut script = b"{ s=0 i=0 p=".to_vec();
    script.extend(quoted(path)?);
    script.extend_from_slice(b" o=");
    script.extend(quote(last));
    let mut rest = String::new();
    let _ = write!(
        rest,
        r#"
while :; do
m=; c=$(w "$p" 2>&1) || m=$c c=
[ "$c" = "$o" ] && [ $i -lt {rounds} ] || break
i=$((i+K)); [ $((i % {beat})) -ge $K ] || echo
sleep $Z
done
echo "$c""#,
        rounds = fifths(most),
        beat = fifths(beat).max(5),
    );
    script.extend(rest.into_bytes());
    Ok(ended(script))
}

/// The script with what ends every answer.
fn ended(mut script: Vec<u8>) -> Vec<u8> {
    script.extend_from_slice(b"\necho \"$N\"; printf %s \"$m\"; echo \"$N $s\"; } </dev/null\n");
    script
}

/// A path as a word of sh. One from the home directory, where the shell is, begins with `./`: no name is taken for
/// an option.
pub(super) fn quoted(path: &Path) -> Result<Vec<u8>, RemoteError> {
    let bytes = path.as_os_str().as_bytes();
    if bytes.contains(&0) {
        return Err(RemoteError::Far { message: "a path cannot hold a NUL byte".into() });
    }
    Ok(match bytes.starts_with(b"/") {
        true => quote(bytes),
        false => [b"./", &quote(bytes)[..]].concat(),
    })
}

fn quote(bytes: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &byte in bytes {
        match byte {
            b'\'' => word.extend_from_slice(br"'\''"),
            byte => word.push(byte),
        }
    }
    word.push(b'\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_blocks_hold_the_stretch_and_little_more(offset: u64, limit in 0..=super::super::MOST_READ as u64) {
            let offset = offset >> 1;
            let blocks = Blocks::around(offset, limit);
            let begin = blocks.skip * blocks.size;
            prop_assert_eq!(begin + blocks.lead(offset) as u64, offset);
            prop_assert!(blocks.lead(offset) < blocks.size as usize);
            let end = begin + blocks.count * blocks.size;
            prop_assert!(end >= offset + limit && end <= offset + limit + blocks.size);
        }

        #[test]
        fn no_offset_panics(offset: u64, limit: u32) {
            Blocks::around(offset, limit.into());
        }
    }
}
