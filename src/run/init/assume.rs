//! The table `[assume]` of a drafted configuration: assumptions that reports make because the exports lack a column.

use std::fmt::Write as _;

use mucalc_core::domain::assumption::Assumed;
use mucalc_core::domain::inspection::Inspection;

use super::roles::role_of;

/// Writes the assumptions about columns that no file of a kind has. The lines are comments, because the user must decide whether to
/// acknowledge them.
pub(super) fn assume(text: &mut String, inspections: &[Inspection]) {
    let is_assumed = |assumed: &Assumed| {
        let files: Vec<&Inspection> = inspections.iter().filter(|it| role_of(it) == assumed.role()).collect();
        let lacks = |it: &&Inspection| it.absent.iter().any(|column| column == assumed.column());
        !files.is_empty() && files.iter().all(lacks)
    };
    let assumed: Vec<Assumed> = Assumed::ALL.into_iter().filter(is_assumed).collect();
    if assumed.is_empty() {
        return;
    }
    text.push_str(
        "\n# Columns that the exports do not have, so reports take this for a fact of every row and say so. If the export has such a\n\
         # column under another name, map it in a layout. If it is a fact, acknowledge it: remove the # before the line.\n[assume]\n",
    );
    for assumed in assumed {
        let _ = writeln!(
            text,
            "# {} without a column `{}`:\n# {} = \"{}\"",
            assumed.role().word(),
            assumed.column(),
            assumed.key(),
            assumed.reading()
        );
    }
}
