//! The smallest practice that meets the measure: one patient, one visit, one message.

use super::program::{Folder, report_words};

/// Writes its exports to a new folder.
pub fn practice() -> Folder {
    let folder = Folder::new();
    folder
        .write(
            "encounters.csv",
            "patient_id,provider_id,started_at,kind\nSECRET1,A,2014-07-10,office-visit\n",
        )
        .write(
            "messages.csv",
            "sent_at,patient_id,provider_id,sender,recipient,channel,topic\n\
             2014-07-11,SECRET1,A,patient,provider,ehr-portal,medication-refill\n",
        );
    folder
}

/// Returns the arguments of a report on it, followed by `more`.
pub fn words(more: &[&'static str]) -> Vec<&'static str> {
    let mut all = vec!["--no-config", "--period", "2014Q3"];
    all.extend(more);
    report_words(&all)
}
