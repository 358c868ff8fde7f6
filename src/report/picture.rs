//! Pictures below `media/` → data URIs, so that the page stays one file.

use crate::store::card::MOST_MEDIA_BYTES;

/// What every PNG begins with.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A picture as an address that holds it. `None` when it is no PNG, or too large for a page that may hold hundreds.
pub(crate) fn data_uri(bytes: &[u8]) -> Option<String> {
    (bytes.starts_with(SIGNATURE) && bytes.len() <= MOST_MEDIA_BYTES)
        .then(|| format!("data:image/png;base64,{}", base64(bytes)))
}

/// Base 64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            text.push(if digit > three.len() {
                '='
            } else {
                char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let written = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(written, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }

    #[test]
    fn only_small_pngs_are_taken() {
        let picture = [SIGNATURE, &[1, 2]].concat();
        assert_eq!(data_uri(&picture).as_deref(), Some("data:image/png;base64,iVBORw0KGgoBAg=="));
        assert_eq!(data_uri(b"<svg onload=\"alert(1)\"/>"), None);
        assert_eq!(data_uri(&[SIGNATURE, &vec![0; MOST_MEDIA_BYTES]].concat()), None);
    }
}
