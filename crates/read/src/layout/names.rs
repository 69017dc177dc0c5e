//! Recognizes column names in an export's own spelling: `Patient ID` is `patient_id`.

/// Folds a column name: removes blanks, underscores, and invisible characters, and lowercases letters.
pub fn folded(name: &str) -> String {
    let is_dropped = |c: char| {
        c.is_whitespace() || matches!(c, '_' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
    };
    name.to_lowercase().chars().filter(|c| !is_dropped(*c)).collect()
}

/// Returns for each column of a header the wanted name that it spells differently, or `None`.
///
/// If a column has exactly a wanted name, the result for it is `None`, and no other column matches that name.
///
/// # Errors
/// If two columns match the same name. Returns their positions.
pub fn recognized<'w>(header: &[String], wanted: &[&'w str]) -> Result<Vec<Option<&'w str>>, (usize, usize)> {
    let mut meant = vec![None; header.len()];
    let is_free = |name: &String| !wanted.contains(&name.as_str());
    let spelled: Vec<Option<String>> =
        header.iter().map(|name| is_free(name).then(|| folded(name))).collect();
    for name in wanted.iter().filter(|name| !header.iter().any(|known| known == *name)) {
        let sought = folded(name);
        let mut alike = (0..header.len()).filter(|column| {
            meant[*column].is_none() && !sought.is_empty() && spelled[*column].as_ref() == Some(&sought)
        });
        match (alike.next(), alike.next()) {
            (Some(first), Some(second)) => return Err((first, second)),
            (Some(only), None) => meant[only] = Some(*name),
            (None, _) => {}
        }
    }
    Ok(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &[&str]) -> String {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        match recognized(&header, &["patient_id", "status", "sent_at"]) {
            Ok(meant) => meant.iter().map(|name| name.unwrap_or("-")).collect::<Vec<_>>().join(" "),
            Err((first, second)) => format!("{first} and {second} are alike"),
        }
    }

    #[test]
    fn case_blanks_and_underscores_do_not_matter_and_the_exact_name_wins() {
        for (header, meant) in [
            (vec!["Patient ID", "STATUS", "SentAt"], "patient_id status sent_at"),
            (vec![" patient_id ", "status", "Sent\u{A0}At"], "patient_id - sent_at"),
            (vec!["\u{FEFF}patient_id", "Sta tus"], "patient_id status"),
            (vec!["patient_id", "Patient ID", "Status"], "- - status"),
            (vec!["patient-id", "appt_status", "status code", ""], "- - - -"),
            (vec!["Patient ID", "kind", "PatientId"], "0 and 2 are alike"),
        ] {
            assert_eq!(read(&header), meant, "{header:?}");
        }
    }
}
