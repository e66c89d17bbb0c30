"""A program that follows a log, and the two pipes it writes to."""

import fcntl
import os
import select
import signal
import subprocess
import time

PIPE = 1 << 20


class Following:
    """The program runs from here on. Its output goes to `take`, and each line of its messages to `hear`."""

    def __init__(self, command, take, hear):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.take, self.hear, self.said = take, hear, b""
        self.open = {self.process.stdout.fileno(): self.got, self.process.stderr.fileno(): self.heard}
        self.poll = select.poll()
        for fd in self.open:
            self.poll.register(fd, select.POLLIN)
        fcntl.fcntl(self.process.stdout, fcntl.F_SETPIPE_SZ, PIPE)
        self.news = time.monotonic()

    def got(self, data):
        self.news = time.monotonic()
        self.take(data)

    def heard(self, data):
        *lines, self.said = (self.said + data).split(b"\n")
        for line in lines:
            self.hear(line.decode(errors="replace"))

    def drain(self, timeout=0.0):
        """Takes what has come, or waits for it. False if nothing came."""
        ready = self.poll.poll(timeout * 1000)
        for fd, _ in ready:
            if data := os.read(fd, PIPE):
                self.open[fd](data)
            else:
                self.leave(fd)
        return bool(ready)

    def pause(self, seconds):
        end = time.monotonic() + seconds
        while self.open and (left := end - time.monotonic()) > 0:
            self.drain(left)

    def wait(self, is_done, patience):
        """Waits until it is done, or nothing has come for as long as `patience`. False for the latter."""
        start = time.monotonic()
        while not is_done():
            left = max(start, self.news) + patience - time.monotonic()
            if left <= 0 or not self.open:
                return False
            self.drain(left)
        return True

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self, how=signal.SIGTERM):
        """Ends it, takes the rest, and gives the exit code."""
        self.process.send_signal(how)
        return self.close()

    def hang_up(self):
        """Takes no more of its output, as a reader that died, and gives the exit code."""
        self.leave(self.process.stdout.fileno())
        self.process.stdout.close()
        return self.close()

    def kill(self):
        """Leaves nothing behind, should a trial end in between."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        while self.open:
            if not self.drain(60):
                self.process.kill()
                raise TimeoutError("it did not end within a minute")
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.wait()

    def leave(self, fd):
        if self.open.pop(fd, None):
            self.poll.unregister(fd)
