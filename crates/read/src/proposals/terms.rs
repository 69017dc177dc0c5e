//! Common terms of electronic health records: for the state of a visit or message, its kind, and its participants. A text that consists of
//! them is shown; any other may be about a patient.

/// Returns whether a text consists only of such terms. Names, complaints, and numbers of people do not.
pub fn is_ehr_term(text: &str) -> bool {
    let is_break = |char: char| !char.is_alphanumeric();
    let mut words = text.split(is_break).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some()
        && words.all(|word| {
            let word = word.to_lowercase();
            WORDS.split_whitespace().any(|known| known == word)
        })
}

/// Terms that reveal nothing about a person. The medical subject of a message is not among them.
const WORDS: &str = "
    a about account action active administrative admin advice after ancillary and annual answer appointment appt apt arrived ask
    assistant at attachment attended auto automated automatic ambulatory balance billing booked booking broadcast bulk business by
    call callback called cancel canceled cancelled care caregiver center change chart charge chat check checked claim class clinic
    clinical clinician clinicians closed closing code collected comm comment communication complete completed completing composed
    confirmed confirmation consult consultant consultation consulting contact cosigned current custom customer daily data date
    deleted delivered delivery department desk did direct discarded discharged doc doctor document documents done download
    downloaded draft due duty e ed edit eligible email emergency employee encounter end ended entered error est established eval
    evaluation event exam export external face failed family fax faxed fee final finalized finance financial first folder follow
    followup for form forms forward forwarded front from fu full f general group guarantor guardian handled health healthcare held
    hold home hospital ignored in inactive inbound inbox incoming information initial inpatient inquiry insurance internal in-person
    interface invalid invoice is item kept lab labs laboratory left legal letter list live locked logged mail manager medical
    medication medications medicine meds member message messages mgr mhv mobile modified month monthly msg my mychart name new no
    none normal nos not note notes notice notification notify np nurse nursing observation obsolete of off office old on ongoing
    online only open opened operator opt order orders other out outbound outgoing outpatient outreach outside over ov paid paper
    parent partner past patient patients payment payer pending per person personal phone physical physician pickup planned pm pool
    portal post postponed practice pre preadmission prescription preventive prior private pro procedure processed progress prolonged
    provider providers proxy pt pts public purged question questions queue quick rcvd re read reason recall receipt received
    reception receptionist recipient record records recurring referral referred refill refills registered registration rejected
    relative release released reminder removed renewal renew repeat replied reply report representative request requested requests
    reschedule rescheduled resolved response responded result results resume retracted return returned review reviewed revised rn
    room routine rx sched schedule scheduled scheduler scheduling screening secure seen self send sender sent service services
    session short show showed shown signed signature sms social specialist specialty spouse staff standard start started status stat
    stopped submitted support survey suspended system task team technical tech tel tele telehealth telemedicine telephone televideo
    template test text the thread to today transfer transferred transcribed transmit transmitted triage type unable undeliverable
    undelivered unit unknown unread unresolved unscheduled unsent unsigned up update upcoming upload urgent user verified via video
    view viewed virtual visit visits vital vitals void voided voice voicemail waiting walk wait walkin was web weekly well wellness
    with withdrawn work working worker written wrong xray year yearly yes
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_trade_are_no_names_and_no_complaints() {
        for text in [
            "Rx renewal",
            "letter to a specialist",
            "NO-SHOW",
            "Office visit (est)",
            "Pt. portal msg",
            "Follow-up",
        ] {
            assert!(is_ehr_term(text), "{text}");
        }
        for text in [
            "Mary Smith",
            "Bill Long",
            "back pain",
            "chest pain again",
            "refill oxycodone",
            "hiv question",
            "10023",
            "",
            "--",
            "DOE",
        ] {
            assert!(!is_ehr_term(text), "{text}");
        }
    }
}
