//! inotify watches: they wake the follower early, and decide nothing.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;

#[cfg(target_os = "linux")]
pub(super) use linux::Watches;
#[cfg(not(target_os = "linux"))]
pub(super) use none::Watches;

#[cfg(target_os = "linux")]
mod linux {
    use super::*;
    use std::collections::HashMap;
    use std::mem::MaybeUninit;
    use std::os::fd::{AsFd, AsRawFd, OwnedFd};

    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
    use rustix::io::Errno;

    /// The watches of all followed files. A source is the index of a followed file.
    #[derive(Debug)]
    pub(crate) struct Watches {
        fd: Option<OwnedFd>,
        /// The sources that each watch wakes; several names may share a directory.
        sources: HashMap<i32, Vec<usize>>,
        failure: Option<io::Error>,
    }

    impl Watches {
        pub(crate) fn new(wanted: bool) -> Self {
            let mut watches = Self { fd: None, sources: HashMap::new(), failure: None };
            if wanted {
                match inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC) {
                    Ok(fd) => watches.fd = Some(fd),
                    Err(errno) => watches.failure = Some(errno.into()),
                }
            }
            watches
        }

        /// Wakes `source` when `file` is written to, whatever its name is then.
        pub(crate) fn add_file(&mut self, source: usize, file: &File) -> Option<i32> {
            let path = format!("/proc/self/fd/{}", file.as_raw_fd());
            let flags =
                WatchFlags::MODIFY | WatchFlags::ATTRIB | WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF;
            self.add(source, Path::new(&path), flags)
        }

        /// Wakes `source` when a name in the directory `dir` comes or goes.
        pub(crate) fn add_dir(&mut self, source: usize, dir: &Path) -> Option<i32> {
            let names =
                WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::MOVED_FROM | WatchFlags::MOVED_TO;
            self.add(
                source,
                dir,
                names | WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF | WatchFlags::ONLYDIR,
            )
        }

        fn add(&mut self, source: usize, path: &Path, flags: WatchFlags) -> Option<i32> {
            match inotify::add_watch(self.fd.as_ref()?, path, flags) {
                Ok(watch) => {
                    let sources = self.sources.entry(watch).or_default();
                    if !sources.contains(&source) {
                        sources.push(source);
                    }
                    Some(watch)
                }
                Err(errno @ (Errno::NOSPC | Errno::MFILE | Errno::NFILE | Errno::NOMEM)) => {
                    self.give_up(errno.into());
                    None
                }
                // Not there or not readable: polling will find it.
                Err(_) => None,
            }
        }

        fn give_up(&mut self, error: io::Error) {
            self.failure = Some(error);
            self.fd = None;
            self.sources.clear();
        }

        /// `source` needs `watch` no more.
        pub(crate) fn remove(&mut self, source: usize, watch: i32) {
            let Some(sources) = self.sources.get_mut(&watch) else { return };
            sources.retain(|&other| other != source);
            if sources.is_empty() {
                self.sources.remove(&watch);
                if let Some(fd) = &self.fd {
                    // The kernel removes the watch of a deleted file by itself; then this fails and may.
                    let _ = inotify::remove_watch(fd, watch);
                }
            }
        }

        /// Why inotify is not used, once.
        pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
            self.failure.take()
        }

        pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
            self.fd.as_ref().map(AsFd::as_fd)
        }

        /// Reads the events that wait and calls `wake` with each source they are about. True when events were lost
        /// because the queue ran over: then any source may have changed.
        pub(crate) fn drain(&mut self, mut wake: impl FnMut(usize)) -> bool {
            let Some(fd) = &self.fd else { return false };
            let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
            let mut reader = inotify::Reader::new(fd, &mut buffer);
            let mut overflow = false;
            let error = loop {
                match reader.next() {
                    Ok(event) => {
                        overflow |= event.events().contains(ReadFlags::QUEUE_OVERFLOW);
                        self.sources.get(&event.wd()).into_iter().flatten().for_each(|&source| wake(source));
                    }
                    Err(Errno::INTR) => {}
                    Err(errno) => break errno,
                }
            };
            if error != Errno::AGAIN {
                self.give_up(error.into());
            }
            overflow
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use super::*;

    /// Without inotify there is nothing to watch with: polling finds all.
    #[derive(Debug)]
    pub(crate) struct Watches;

    impl Watches {
        pub(crate) fn new(_wanted: bool) -> Self {
            Self
        }
        pub(crate) fn add_file(&mut self, _source: usize, _file: &File) -> Option<i32> {
            None
        }
        pub(crate) fn add_dir(&mut self, _source: usize, _dir: &Path) -> Option<i32> {
            None
        }
        pub(crate) fn remove(&mut self, _source: usize, _watch: i32) {}
        pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
            None
        }
        pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
            None
        }
        pub(crate) fn drain(&mut self, _wake: impl FnMut(usize)) -> bool {
            false
        }
    }
}
