//! Bodies that were packed for the way (RFC 9110, section 8.4): gzip and br.
//!
//! Unpacked in one go, when all of it is there, and never further than the limit. A decoder that
//! reads while a slow client sends would keep its window, up to 16 MiB with br, for as long.

use std::io::Read;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use brotli_decompressor::Decompressor;
use flate2::read::MultiGzDecoder;

use super::problem::Problem;
use crate::request::ErrorCode;

/// The codings that are read, in the words of `Accept-Encoding`.
const READ: &str = "gzip, br";

/// Why a body can't be unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Packed {
    /// In a way that is not read, or in more than one; its names.
    Otherwise(String),
    /// Of more than so many bytes.
    TooLong(usize),
    /// Not as it says.
    NotAs(&'static str),
}

impl From<Packed> for Problem {
    fn from(packed: Packed) -> Self {
        match packed {
            Packed::Otherwise(names) => {
                let detail = format!(
                    "The body's Content-Encoding is {names}; it may be one of gzip and br, or none"
                );
                let mut problem = Self::new(ErrorCode::UnsupportedMediaType, detail);
                problem.codings = Some(READ);
                problem
            }
            Packed::TooLong(most) => too_long(most),
            Packed::NotAs(name) => {
                let detail = format!("The body is not {name}, as its Content-Encoding says");
                Self::new(ErrorCode::BadRequest, detail)
            }
        }
    }
}

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentCoding {
    Identity,
    Gzip,
    Brotli,
}

impl ContentCoding {
    /// The coding that the headers name.
    ///
    /// # Errors
    ///
    /// [`Packed::Otherwise`], when it is another, or more than one.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Packed> {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let text = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let text = text.collect::<Vec<_>>().join(",").to_ascii_lowercase();
        let names = text.split(',').map(str::trim);
        let packed: Vec<&str> = names.filter(|name| !matches!(*name, "" | "identity")).collect();
        match packed.as_slice() {
            [] => Ok(Self::Identity),
            // RFC 9110 has the second stand for the first.
            ["gzip" | "x-gzip"] => Ok(Self::Gzip),
            ["br"] => Ok(Self::Brotli),
            others => {
                let visible =
                    others.join(", ").chars().filter(|c| !c.is_control()).take(100).collect();
                Err(Packed::Otherwise(visible))
            }
        }
    }

    /// How many bytes a body of at most `most` can be while it is packed: what does not get smaller
    /// gets a little larger.
    pub(super) fn most_packed(self, most: usize) -> usize {
        match self {
            Self::Identity => most,
            Self::Gzip | Self::Brotli => most.saturating_add(most / 8).saturating_add(1024),
        }
    }

    /// The body as it was before.
    ///
    /// # Errors
    ///
    /// [`Packed::TooLong`] beyond `most` bytes, [`Packed::NotAs`] when it is not packed so.
    pub(super) fn unpack(self, packed: Bytes, most: usize) -> Result<Bytes, Packed> {
        // One more than may be, so that too much is seen, and the end and its checksum as well.
        let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        let mut unpacked = Vec::new();
        let (name, complete) = match self {
            Self::Identity => return Ok(packed),
            // Nothing, packed by nobody: what clients send where there is no body.
            _ if packed.is_empty() => return Ok(packed),
            Self::Gzip => {
                let mut decoder = MultiGzDecoder::new(packed.as_ref()).take(bound);
                ("gzip", decoder.read_to_end(&mut unpacked).is_ok())
            }
            Self::Brotli => {
                let mut decoder = Decompressor::new(packed.as_ref(), packed.len());
                let read = (&mut decoder).take(bound).read_to_end(&mut unpacked);
                // What follows its end is told by reading on.
                let ended = unpacked.len() > most || matches!(decoder.read(&mut [0]), Ok(0));
                ("br", read.is_ok() && ended && decoder.get_ref().is_empty())
            }
        };
        if unpacked.len() > most {
            return Err(Packed::TooLong(most));
        }
        if !complete {
            return Err(Packed::NotAs(name));
        }
        Ok(unpacked.into())
    }
}

/// The refusal of a body that is too long.
pub(super) fn too_long(most: usize) -> Problem {
    let detail = format!("The body must be at most {most} bytes");
    Problem::new(ErrorCode::PayloadTooLarge, detail)
}
