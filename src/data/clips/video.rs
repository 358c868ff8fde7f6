//! A video file → its first frames, decoded by the `ffmpeg` program in a process of its own, so that a hostile file can only
//! kill that process.
//!
//! ffmpeg writes the frames as a row of BMP images: each says its own size, and its pixels are blue, green, red as OpenCV
//! has them, converted by the same library as OpenCV's.

use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::MOST_BYTES_OF_A_FILE;
use super::images::{CHANNELS, Images};
use crate::files;

/// File name endings of videos.
pub(super) const EXTENSIONS: [&str; 16] = [
    "avi", "mp4", "m4v", "mov", "3gp", "mkv", "webm", "mpg", "mpeg", "ts", "m2ts", "wmv", "asf", "flv", "ogv", "y4m",
];
/// ffmpeg's names of their formats. Any other is refused: a playlist could name further files, and a text file would pass
/// for a film of its letters.
const FORMATS: &str = "avi,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpeg,mpegvideo,mpegts,asf,flv,ogg,yuv4mpegpipe,m4v";
/// Rows or columns of a frame, at most.
pub(super) const LONGEST_SIDE: usize = 8192;
/// Pixels of a frame, at most.
pub(super) const MOST_PIXELS: usize = 64_000_000;
/// Bytes of all frames of a clip together, at most.
pub(super) const MOST_BYTES: usize = 2 << 30;
/// What ffmpeg says is kept up to here.
const MOST_MESSAGES: u64 = 16 << 10;
/// Bytes of the two headers of a BMP image.
const BMP_HEADER: usize = 54;

/// The program that decodes, and how long it may take for one clip.
#[derive(Debug, Clone)]
pub(super) struct Decoder {
    program: PathBuf,
    time_limit: Duration,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            program: "ffmpeg".into(),
            time_limit: Duration::from_secs(30),
        }
    }
}

/// The program that decodes videos is not installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DecoderMissing(pub(super) PathBuf);

impl std::fmt::Display for DecoderMissing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the program `{}`, which decodes videos, is not installed\n  help: install it (`apt-get install ffmpeg`), or give \
             folders of PNG or JPEG frames instead of videos",
            self.0.display()
        )
    }
}

impl std::error::Error for DecoderMissing {}

/// What came out of a stream of frames.
pub(super) struct Decoded {
    pub(super) count: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) bytes: Vec<u8>,
}

impl Decoder {
    /// The first `count` frames, [frame, height, width, channel], blue before red.
    ///
    /// # Errors
    /// When ffmpeg is not installed or says that it cannot decode the file, when it takes too long, when the file has
    /// fewer frames, or when they are too large.
    pub(super) fn decode(&self, path: &Path, count: usize) -> anyhow::Result<Images> {
        let deadline = self.deadline();
        let mut process = self.start(path, count)?;
        let frames = process.frames(count, MOST_BYTES);
        let messages = process.messages();
        let Some(frames) = wait(&frames, deadline) else {
            bail!(self.too_slow(path));
        };
        let frames = frames.with_context(|| path.display().to_string())?;
        if frames.count == count {
            // A damaged frame is filled from its neighbours and handed out like any other.
            let said = wait(&messages, deadline).unwrap_or_default();
            if let Some(message) = message(&said) {
                bail!(
                    "{}: the video is damaged: {message}\n  help: cut the clip anew, or take it out of the folder",
                    path.display()
                );
            }
            return Images::of_bytes(count, frames.height, frames.width, frames.bytes);
        }
        if !process.ended(deadline)? {
            bail!(self.too_slow(path));
        }
        let said = wait(&messages, deadline).unwrap_or_default();
        bail!(too_few(path, count, frames.count, &said))
    }

    fn start(&self, path: &Path, count: usize) -> anyhow::Result<Process> {
        // ffmpeg would wait for what nobody writes into a pipe, and read a device without end.
        match files::open(path, MOST_BYTES_OF_A_FILE) {
            // Of what is not there, it says so itself.
            Err(error) if !error.is_absent() => return Err(error.into()),
            _ => {}
        }
        let mut command = self.command();
        read_from(&mut command, path);
        command.args(["-map", "0:V:0", "-vf", EACH_FRAME_ONCE]);
        match started(command, count) {
            Ok(process) => Ok(process),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(DecoderMissing(self.program.clone())).context(path.display().to_string())
            }
            Err(error) => Err(error).with_context(|| format!("cannot start {}", self.program.display())),
        }
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["-nostdin", "-v", "error"]);
        command
    }

    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.time_limit
    }

    fn too_slow(&self, path: &Path) -> String {
        format!(
            "{}: cannot be decoded: ffmpeg was stopped after {} seconds\n  help: look at the file; if it is fine, try again \
             with fewer jobs",
            path.display(),
            self.time_limit.as_secs_f64()
        )
    }
}

/// A filter: every decoded frame once, whatever its time stamp says.
pub(super) const EACH_FRAME_ONCE: &str = "settb=1/25,setpts=N";

/// Adds an input.
pub(super) fn read_from(command: &mut Command, path: &Path) {
    // With the name of the protocol in front, no file name reads as an option or as another protocol.
    let mut input = OsString::from("file:");
    input.push(path);
    command
        .args(["-threads", "1"])
        .args(["-protocol_whitelist", "file", "-format_whitelist", FORMATS])
        .args(["-max_pixels", &MOST_PIXELS.to_string(), "-i"])
        .arg(input);
}

/// Starts ffmpeg, which writes `count` frames to its standard output.
pub(super) fn started(mut command: Command, count: usize) -> std::io::Result<Process> {
    let child = command
        .args(["-frames:v", &count.to_string(), "-r", "25"])
        .args(["-threads", "1", "-filter_threads", "1"])
        .args(["-f", "image2pipe", "-c:v", "bmp"])
        .args(["-pix_fmt", "bgr24", "pipe:1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    Ok(Process(child))
}

/// A running ffmpeg, which ends with this value at the latest.
pub(super) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Reads at most that many frames of at most that many bytes together, beside this thread.
    pub(super) fn frames(&mut self, count: usize, most_bytes: usize) -> Receiver<anyhow::Result<Decoded>> {
        let (sender, receiver) = mpsc::channel();
        if let Some(stdout) = self.0.stdout.take() {
            // Nobody listens any more after the time limit.
            thread::spawn(move || drop(sender.send(read_frames(stdout, count, most_bytes))));
        }
        receiver
    }

    /// Reads what is said about errors, beside this thread.
    pub(super) fn messages(&mut self) -> Receiver<String> {
        let (sender, receiver) = mpsc::channel();
        if let Some(mut stderr) = self.0.stderr.take() {
            thread::spawn(move || {
                let mut said = Vec::new();
                // What was read before an error is still worth showing. The rest is drained: a full pipe would block.
                let _ = stderr.by_ref().take(MOST_MESSAGES).read_to_end(&mut said);
                let _ = std::io::copy(&mut stderr, &mut std::io::sink());
                drop(sender.send(String::from_utf8_lossy(&said).into_owned()));
            });
        }
        receiver
    }

    /// Waits until the process has ended; false where it has not at that time.
    fn ended(&mut self, deadline: Instant) -> anyhow::Result<bool> {
        while self.0.try_wait()?.is_none() {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(true)
    }
}

/// What a thread found, unless it takes longer.
pub(super) fn wait<T>(receiver: &Receiver<T>, deadline: Instant) -> Option<T> {
    receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

/// Frames until there are enough or the stream ends; a frame that is cut off does not count.
fn read_frames(mut stream: impl Read, count: usize, most_bytes: usize) -> anyhow::Result<Decoded> {
    let mut decoded = Decoded {
        count: 0,
        height: 0,
        width: 0,
        bytes: Vec::new(),
    };
    let mut header = [0; BMP_HEADER];
    while decoded.count < count && filled(&mut stream, &mut header)? {
        let (height, width) = size(&header)?;
        check_size(height, width, count, most_bytes)?;
        if decoded.count == 0 {
            (decoded.height, decoded.width) = (height, width);
        } else if (height, width) != (decoded.height, decoded.width) {
            bail!("the frames change their size from one to the next");
        }
        // Rows stand from the last to the first, each filled up to a multiple of four bytes.
        let row = width * CHANNELS;
        let mut rows = vec![0; row.next_multiple_of(4) * height];
        if !filled(&mut stream, &mut rows)? {
            break;
        }
        for stored in rows.chunks_exact(row.next_multiple_of(4)).rev() {
            decoded.bytes.extend_from_slice(&stored[..row]);
        }
        decoded.count += 1;
    }
    Ok(decoded)
}

/// Fills the buffer; false where the stream ends before.
fn filled(stream: &mut impl Read, buffer: &mut [u8]) -> anyhow::Result<bool> {
    match stream.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error).context("cannot read what ffmpeg writes"),
    }
}

/// Height and width from the headers of a BMP image.
fn size(header: &[u8; BMP_HEADER]) -> anyhow::Result<(usize, usize)> {
    let number = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize;
    let (pixels_at, width, height, bits) = (number(10), number(18), number(22), header[28]);
    if !header.starts_with(b"BM") || pixels_at != BMP_HEADER || bits != 24 {
        bail!("ffmpeg wrote something else than BMP images of 24 bits");
    }
    Ok((height, width))
}

/// Whether that many frames of that size can be held.
pub(super) fn check_size(height: usize, width: usize, count: usize, most_bytes: usize) -> anyhow::Result<()> {
    if height == 0 || width == 0 {
        bail!("its frames are empty: {width}x{height} pixels");
    }
    if height > LONGEST_SIDE || width > LONGEST_SIDE || height * width > MOST_PIXELS {
        bail!(
            "its frames of {width}x{height} pixels are too large: at most {LONGEST_SIDE} a side and {} million in all",
            MOST_PIXELS / 1_000_000
        );
    }
    let bytes = (height * width * CHANNELS).saturating_mul(count);
    if bytes > most_bytes {
        bail!(
            "{count} frames of {width}x{height} pixels take {:.1} GB, at most {:.1} are held\n  help: lower `frames`, or scale \
             the video down",
            bytes as f64 / 1e9,
            most_bytes as f64 / 1e9
        );
    }
    Ok(())
}

fn too_few(path: &Path, needed: usize, found: usize, said: &str) -> String {
    let path = path.display();
    if found > 0 {
        return format!("{path}: has {found} frames, {needed} are needed\n  help: take the clip out, or lower `frames`");
    }
    if said.contains("matches no streams") {
        return format!("{path}: holds no video\n  help: take it out of the folder");
    }
    if said.contains("max pixel count") {
        return format!(
            "{path}: cannot be decoded: its frames are too large, at most {} million pixels are read",
            MOST_PIXELS / 1_000_000
        );
    }
    match message(said) {
        Some(message) => {
            format!("{path}: cannot be decoded: ffmpeg says: {message}\n  help: see whether the file is a video, and whole")
        }
        None => format!("{path}: has no frames, {needed} are needed\n  help: take the clip out"),
    }
}

/// The last thing that ffmpeg said, without addresses, the file's name and control characters.
fn message(said: &str) -> Option<String> {
    let line = said.lines().rev().find(|line| !line.trim().is_empty())?;
    let line = match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((_, rest)) => rest,
        None => line,
    };
    let line = match line.strip_prefix("file:") {
        Some(rest) => rest.rsplit_once(": ").map_or(rest, |(_, rest)| rest),
        None => line,
    };
    Some(line.chars().filter(|c| !c.is_control()).take(300).collect())
}

#[cfg(test)]
#[path = "video_tests.rs"]
pub(super) mod tests;
