//! The binary: installs the panic hook and the allocator that reports exhausted memory, and returns the exit code.

mod memory;

use std::process::ExitCode;

#[global_allocator]
static MEMORY: memory::ReportingAllocator = memory::ReportingAllocator;

fn main() -> ExitCode {
    // A panic message could contain a value of an export, so only the source location is printed.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        if !mucalc_core::domain::panics::is_third_party_panic(&place) {
            mucalc::run::print_note(format!("internal error at {place}"));
        }
    }));
    mucalc::run::environment::without_foreign_settings();
    mucalc::run::interrupt::watch();
    ExitCode::from(mucalc::cli::main().code())
}
