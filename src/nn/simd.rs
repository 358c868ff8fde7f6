//! Which vector instructions are used: the widest that the processor has, or what `RUNNER_SIMD` names.
//!
//! Numbers do not depend on the choice. Kernels compute lane by lane, every multiply-add is fused, and a sum over lanes goes
//! through [`GROUP`] virtual lanes and one fixed tree, whatever the width of the vectors that hold them.

use std::env;
use std::sync::OnceLock;

use pulp::{Arch, Simd, WithSimd};

/// Name of the environment variable that chooses.
pub const VARIABLE: &str = "RUNNER_SIMD";

/// Virtual lanes of a sum: element number i of what is summed belongs to lane i modulo this.
pub const GROUP: usize = 16;

/// The choices by name, the narrowest first; None where this processor has not got it.
fn choices() -> Vec<(&'static str, Option<Arch>)> {
    let scalar = ("scalar", Some(Arch::Scalar));
    #[cfg(target_arch = "x86_64")]
    return vec![
        scalar,
        ("v3", pulp::x86::V3::try_new().map(Arch::V3)),
        ("v4", pulp::x86::V4::try_new().map(Arch::V4)),
    ];
    #[cfg(target_arch = "aarch64")]
    return vec![scalar, ("neon", pulp::aarch64::Neon::try_new().map(Arch::Neon))];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return vec![scalar];
}

/// Names of what this processor has, the narrowest first.
pub fn names() -> Vec<&'static str> {
    let choices = choices().into_iter();
    choices.filter_map(|(name, arch)| arch.map(|_| name)).collect()
}

/// The choice that holds for this process.
///
/// # Errors
/// When `RUNNER_SIMD` names something that this processor has not got.
pub fn chosen() -> Result<&'static str, String> {
    let choices = choices();
    let widest = || choices.iter().rev().find_map(|(name, arch)| arch.map(|_| *name));
    let Some(asked) = env::var_os(VARIABLE).filter(|asked| !asked.is_empty()) else {
        return Ok(widest().unwrap_or("scalar"));
    };
    let found = choices.iter().find(|(name, _)| asked == *name);
    match found {
        Some((name, Some(_))) => Ok(name),
        _ => Err(format!(
            "{VARIABLE} is `{}`, which this processor has not got; it has {}",
            asked.to_string_lossy().escape_debug(),
            names().join(", ")
        )),
    }
}

fn arch() -> Arch {
    static ARCH: OnceLock<Arch> = OnceLock::new();
    *ARCH.get_or_init(|| {
        // What is wrong with the variable was told when the program started.
        let name = chosen().unwrap_or("scalar");
        let found = choices().into_iter().find(|choice| choice.0 == name);
        found.and_then(|choice| choice.1).unwrap_or(Arch::Scalar)
    })
}

/// Runs `work` with the chosen vector instructions.
#[inline]
pub fn dispatch<Work: WithSimd>(work: Work) -> Work::Output {
    arch().dispatch(work)
}

/// Runs a closure with the chosen vector instructions, which the compiler finds for its plain loops. Mark it `#[inline(always)]`:
/// what is not inlined is compiled for a processor without them.
#[inline]
pub fn vectorized<T>(work: impl FnOnce() -> T) -> T {
    // Named as `FnOnce` here, the closure is of that kind, and its body itself is what is called. Given to `dispatch`, it may be of
    // another, and between the two stands a call that nothing inlines.
    struct Plain<F>(F);
    impl<T, F: FnOnce() -> T> WithSimd for Plain<F> {
        type Output = T;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> T {
            (self.0)()
        }
    }
    dispatch(Plain(work))
}

/// Asks for numbers that are read soon, so that they lie in the second cache by then. The processor's own foresight ends with a page
/// of memory.
#[inline(always)]
pub fn prefetch(numbers: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    for line in numbers.chunks(LINE) {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        #[expect(unsafe_code, reason = "the instruction is given by its name")]
        // Sound: nothing is read or written, whatever the address; every x86-64 processor has the instruction.
        unsafe {
            _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = numbers;
}

/// Numbers of a line of the cache.
#[cfg(target_arch = "x86_64")]
const LINE: usize = 16;

/// The sum of [`GROUP`] lanes: halves are added until one number is left.
#[inline(always)]
pub fn sum_of_lanes(mut lanes: [f32; GROUP]) -> f32 {
    let mut half = GROUP / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}
