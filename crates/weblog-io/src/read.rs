//! An input as plain bytes.

use std::io::{self, Read};

use crate::input::Input;
use crate::raw::Got;
use crate::run::RunOptions;
use crate::stop::Watch;

/// Reads the sources of an [`Input`] one after the other as decompressed bytes, under the same rules
/// as [`crate::run`]: it ends when it is asked to stop or when nobody reads the output any more, and a
/// source that breaks off is reported in [`Input::problems`] and followed by the next.
pub struct ByteReader<'a> {
    input: &'a mut Input,
    watch: Watch<'a>,
    options: &'a RunOptions<'a>,
    interrupted: bool,
}

impl<'a> ByteReader<'a> {
    /// A reader of all that is left of `input`.
    pub fn new(input: &'a mut Input, options: &'a RunOptions<'a>) -> ByteReader<'a> {
        let watch = Watch::new(options.output, options.stop.clone(), None);
        ByteReader { input, watch, options, interrupted: false }
    }

    /// Whether reading ended early: by [`crate::Stop`], or because nobody reads the output.
    pub fn interrupted(&self) -> bool {
        self.interrupted
    }
}

impl Read for ByteReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !out.is_empty() && !self.interrupted {
            let Some((_, source)) = self.input.open_current() else { break };
            match source.read(out, true, &mut self.watch, self.options.progress.as_deref()) {
                Ok(Got::Bytes(n)) => {
                    self.input.delivered(n);
                    return Ok(n);
                }
                Ok(Got::End) => self.input.close_current(None),
                Ok(Got::NotReady) => {}
                Ok(Got::Interrupted(_)) => {
                    self.input.leave_current(false);
                    self.interrupted = true;
                }
                Err(error) => self.input.close_current(Some(error)),
            }
        }
        Ok(0)
    }
}

impl std::fmt::Debug for ByteReader<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ByteReader").field("input", self.input).finish_non_exhaustive()
    }
}
