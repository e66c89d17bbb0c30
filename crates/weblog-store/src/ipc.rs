//! The streaming format of Arrow IPC (Arrow Columnar Format, "IPC Streaming Format").

use crate::error::StoreError;
use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::SchemaRef;
use std::io::Write;

/// A stream being written. Each batch goes out whole.
pub struct ArrowStream<W: Write> {
    writer: StreamWriter<W>,
}

impl<W: Write> ArrowStream<W> {
    /// Begins a stream with these columns.
    pub fn new(out: W, schema: &SchemaRef) -> Result<Self, StoreError> {
        Ok(ArrowStream { writer: StreamWriter::try_new(out, schema)? })
    }

    /// Writes rows, through to whoever waits for them.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        self.writer.write(batch)?;
        Ok(self.writer.flush()?)
    }

    /// Ends the stream. Gives what was written to.
    pub fn finish(mut self) -> Result<W, StoreError> {
        self.writer.finish()?;
        Ok(self.writer.into_inner()?)
    }
}
