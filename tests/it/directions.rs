//! Tests of every built-in layout with a rule set of each direction: messages from patients qualify in 2014, and messages to patients in
//! 2017.
//!
//! All worlds have the same content, in the format of a vendor: provider 5 saw patients 11, 12, and 13 in the third quarter. Patient 11
//! wrote to the provider about a refill. The provider wrote to patients 12 and 13, or only to 12 if a message of that vendor has one
//! recipient. The true result is 1 of 3 in 2014, which can only be patient 11, and 2 of 3 or 1 of 3 in 2017. What an export does not state
//! lowers the lowest count to 0 and may raise the highest, but the range always includes the true count.

use crate::support::program::Folder;
use mucalc_read::layout::Layout;
use serde_json::json;

/// A world in the format of a vendor. `YEAR` is a placeholder for the year.
struct World {
    layout: &'static str,
    /// The vendor's kind of messages.
    about: &'static str,
    encounters: &'static str,
    messages: &'static str,
    /// Lowest and highest numerator in 2014 and in 2017. The denominator is 3.
    writes: (u64, u64),
    written_to: (u64, u64),
    /// The reason why the ranges are not narrower.
    why: &'static str,
}

const VISITS: &str = "encounter_id,patient_id,provider_id,started_at,kind,status\n\
                      1,11,5,YEAR-07-01,office-visit,completed\n\
                      2,12,5,YEAR-07-02,office-visit,completed\n\
                      3,13,5,YEAR-07-03,office-visit,completed\n";

const MAIL: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n\
                    1,YEAR-08-01,11,5,patient,provider,ehr-portal,medication-refill,sent\n\
                    2,YEAR-08-02,12,5,provider,patient,ehr-portal,medication-refill,sent\n";

const WORLDS: &[World] = &[
    World {
        layout: "canonical",
        about: "messages",
        encounters: VISITS,
        messages: MAIL,
        writes: (1, 1),
        written_to: (1, 1),
        why: "everything is said",
    },
    World {
        layout: "encounters=synthea,messages=canonical",
        about: "encounters",
        encounters: "Id,START,PATIENT,PROVIDER,ORGANIZATION,ENCOUNTERCLASS\n\
                     1,YEAR-07-01T15:00:00Z,11,5,o,ambulatory\n\
                     2,YEAR-07-02T15:00:00Z,12,5,o,ambulatory\n\
                     3,YEAR-07-03T15:00:00Z,13,5,o,wellness\n",
        messages: MAIL,
        writes: (1, 1),
        written_to: (1, 1),
        why: "everything is said",
    },
    World {
        layout: "fhir-r4",
        about: "Communication",
        encounters: r#"{"resourceType":"Encounter","id":"1","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/11"},"participant":[{"individual":{"reference":"Practitioner/5"}}],"period":{"start":"YEAR-07-01T09:00:00-04:00"}}
{"resourceType":"Encounter","id":"2","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/12"},"participant":[{"individual":{"reference":"Practitioner/5"}}],"period":{"start":"YEAR-07-02T09:00:00-04:00"}}
{"resourceType":"Encounter","id":"3","status":"completed","class":[{"coding":[{"code":"AMB"}]}],"subject":{"reference":"Patient/13"},"participant":[{"actor":{"reference":"Practitioner/5"}}],"actualPeriod":{"start":"YEAR-07-03T09:00:00-04:00"}}
"#,
        messages: r#"{"resourceType":"Communication","id":"1","status":"completed","medium":[{"coding":[{"code":"ehr-portal"}]}],"topic":{"coding":[{"code":"prescription-refill-request"}]},"sent":"YEAR-08-01T09:00:00-04:00","sender":{"reference":"Patient/11"},"recipient":[{"reference":"Practitioner/5"}],"payload":[{"contentString":"x"}]}
{"resourceType":"Communication","id":"2","status":"completed","medium":[{"coding":[{"code":"ehr-portal"}]}],"topic":{"coding":[{"code":"prescription-refill-request"}]},"sent":"YEAR-08-02T09:00:00-04:00","sender":{"reference":"Practitioner/5"},"recipient":[{"reference":"Patient/12"},{"reference":"Patient/13"}],"payload":[{"contentString":"x"}]}
"#,
        writes: (1, 1),
        written_to: (2, 2),
        why: "everything is said",
    },
    World {
        layout: "epic-ehi",
        about: "MYC_MESG with the names of categories",
        encounters: "PAT_ENC_CSN_ID\tPAT_ID\tVISIT_PROV_ID\tCONTACT_DATE\tEFFECTIVE_DATE_DTTM\tDEPARTMENT_ID\tAPPT_STATUS_C_NAME\tCALCULATED_ENC_STAT_C_NAME\tENC_TYPE_C_NAME\n\
                     1\t11\t5\t7/1/YEAR 12:00:00 AM\t\td\tCompleted\tComplete\tOffice Visit\n\
                     2\t12\t5\t7/2/YEAR 12:00:00 AM\t\td\tCompleted\tComplete\tOffice Visit\n\
                     3\t13\t5\t7/3/YEAR 12:00:00 AM\t\td\tCompleted\tComplete\tOffice Visit\n\
                     4\t14\t5\t7/4/YEAR 12:00:00 AM\t\td\tNo Show\tComplete\tOffice Visit\n",
        messages: "MESSAGE_ID\tCREATED_TIME\tPAT_ID\tPROV_ID\tTO_USER_ID\tORIGINAL_TO\tTOFROM_PAT_C_NAME\tMYC_MSG_TYP_C_NAME\n\
                   1\t8/1/YEAR 9:00:00 AM\t11\t5\tU1\t\tFrom Patient\tMedication Renewal Request\n\
                   2\t8/2/YEAR 9:00:00 AM\t12\t5\t\t\tTo Patient\tMedication Renewal Request\n",
        writes: (0, 1),
        written_to: (0, 1),
        why: "a user may be a provider or not, whether he got the message or wrote it",
    },
    World {
        layout: "epic-ehi",
        about: "MYC_MESG with codes",
        encounters: "PAT_ENC_CSN_ID\tPAT_ID\tVISIT_PROV_ID\tCONTACT_DATE\tAPPT_STATUS_C\tENC_TYPE_C\n\
                     1\t11\t5\tYEAR-07-01 00:00:00\t2\t101\n\
                     2\t12\t5\tYEAR-07-02 00:00:00\t2\t101\n\
                     3\t13\t5\tYEAR-07-03 00:00:00\t2\t101\n\
                     4\t14\t5\tYEAR-07-04 00:00:00\t4\t101\n\
                     5\t15\t5\tYEAR-07-05 00:00:00\t3\t101\n\
                     6\t16\t5\tYEAR-07-06 00:00:00\t5\t101\n\
                     7\t17\t5\tYEAR-07-07 00:00:00\t\t70\n",
        messages: "MESSAGE_ID\tCREATED_TIME\tPAT_ID\tPROV_ID\tTO_USER_ID\tORIGINAL_TO\tTOFROM_PAT_C\n\
                   1\tYEAR-08-01 09:00:00\t11\t5\tU1\t\t2\n\
                   2\tYEAR-08-02 09:00:00\t12\t5\t\t\t1\n",
        writes: (0, 1),
        written_to: (0, 1),
        why: "the same, and what a message is about is not said",
    },
    World {
        layout: "openemr",
        about: "the chat",
        encounters: CARE,
        messages: "id,username,message,ip,date,sender_id,recip_id\n\
                   1,p,x,,YEAR-08-01 09:00:00,11,\"[\"\"doc5\"\"]\"\n\
                   2,doc5,x,,YEAR-08-02 09:00:00,5,\"[\"\"12\"\",\"\"13\"\"]\"\n",
        writes: (0, 1),
        written_to: (0, 2),
        why: "a user may be a provider or not",
    },
    World {
        layout: "openemr",
        about: "the chat of a user whose name begins with a digit",
        encounters: CARE,
        messages: "id,username,message,ip,date,sender_id,recip_id\n\
                   1,p,x,,YEAR-08-01 09:00:00,11,\"[\"\"5doc\"\"]\"\n\
                   2,5doc,x,,YEAR-08-02 09:00:00,5,\"[12, 13]\"\n",
        writes: (0, 1),
        written_to: (0, 2),
        why: "a user may be a provider or not",
    },
    World {
        layout: "openemr",
        about: "the mail",
        encounters: CARE,
        messages: "id,date,owner,recipient_id,sender_id,deleted,activity,mtype,mail_chain,title\n\
                   1,YEAR-08-01 09:00:00,11,5,11,0,1,Message,1,x\n\
                   2,YEAR-08-02 09:00:00,5,12,5,0,1,Message,2,x\n",
        writes: (0, 2),
        written_to: (0, 2),
        why: "who wrote is not said, so either message may be a patient's, or to one",
    },
    World {
        layout: "open-dental",
        about: "web mail, raw",
        encounters: "ProcNum,PatNum,ProcDate,ProcStatus,ProvNum,PlaceService,ClinicNum,ProcCode\n\
                     1,11,YEAR-07-01,2,5,0,1,D0120\n\
                     2,12,YEAR-07-02,2,5,0,1,D0120\n\
                     3,13,YEAR-07-03,2,5,0,1,D0120\n\
                     4,14,YEAR-07-03,1,5,0,1,D0120\n",
        messages: "EmailMessageNum,PatNum,PatNumSubj,MsgDateTime,SentOrReceived,ProvNumWebMail,FailReason\n\
                   1,11,11,YEAR-08-01 09:00:00,4,5,\n\
                   2,12,12,YEAR-08-02 09:00:00,6,5,\n",
        writes: (0, 1),
        written_to: (0, 1),
        why: "what a message is about is not said",
    },
    World {
        layout: "open-dental",
        about: "web mail, with days and words of people and the numbers of patients",
        encounters: "ProcNum,PatNum,ProcDate,ProcStatus,ProvNum,PlaceService,ClinicNum,ProcCode\n\
                     1,11,7/1/YEAR,C,5,Office,1,D0120\n\
                     2,12,07/02/YEAR,Complete,5,Office,1,D0120\n\
                     3,13,7/3/YEAR,C,5,Office,1,D0120\n\
                     4,14,7/3/YEAR,TP,5,Office,1,D0120\n",
        messages: "EmailMessageNum,PatNum,PatNumSubj,MsgDateTime,SentOrReceived,ProvNumWebMail,FailReason\n\
                   1,11,11,8/1/YEAR 9:00:00 AM,WebMailReceived,5,\n\
                   2,12,12,8/2/YEAR 9:00:00 AM,WebMailSent,5,\n",
        writes: (0, 1),
        written_to: (0, 1),
        why: "what a message is about is not said",
    },
    World {
        layout: "mveportal",
        about: "messages",
        encounters: VISITS,
        messages: r#"{"Id":1,"SentDate":"YEAR-08-01T09:00:00","PatientExternalId":"11","DoctorExternalId":"5","FromRepresentative":false,"SecureRecipientExternalId":"5","Type":"RefillRequest","Status":"Sent"}
{"Id":2,"SentDate":"YEAR-08-02T09:00:00","Patients":[{"ExternalId":"12"},{"ExternalId":"13"}],"FromSecureRecipientExternalId":"5","Type":"RefillRequest","Status":"Sent"}
"#,
        writes: (0, 1),
        written_to: (0, 2),
        why: "whether the portal is that of the certified EHR is not said",
    },
    World {
        layout: "practice-fusion",
        about: "messages joined with their recipients",
        encounters: "EncounterGuid\tPatientPracticeGuid\tSeenByProviderGuid\tDateOfService\tIsVirtualVisit\tChartNoteType\tSignedDateTimeUtc\n\
                     1\t11\t5\t7/1/YEAR\tFalse\toffice-visit\t7/1/YEAR 9:00:00 AM\n\
                     2\t12\t5\t7/2/YEAR\tFalse\toffice-visit\t7/2/YEAR 9:00:00 AM\n\
                     3\t13\t5\t7/3/YEAR\tFalse\toffice-visit\t7/3/YEAR 9:00:00 AM\n",
        messages: "MessageGuid\tSentDateTimeUtc\tPatientPracticeGuid\tRecipientProviderGuid\tSenderPatientPracticeGuid\tSenderProviderGuid\tSenderContactProfileGuid\tSubject\n\
                   1\t8/1/YEAR 9:00:00 AM\t11\t5\t11\t\t\tx\n\
                   2\t8/2/YEAR 9:00:00 AM\t12\t\t\t5\t\tx\n",
        writes: (0, 1),
        written_to: (0, 1),
        why: "what a message is about is not said, nor who got one that the practice wrote",
    },
    World {
        layout: "drchrono",
        about: "the portal",
        encounters: "id,patient,doctor,scheduled_time,appointment_profile,appointment_status\n\
                     1,11,5,YEAR0701090000-0400,office-visit,Complete\n\
                     2,12,5,YEAR0702090000-0400,office-visit,Complete\n\
                     3,13,5,YEAR0703090000-0400,office-visit,Complete\n\
                     4,14,5,YEAR0703090000-0400,office-visit,No Show\n",
        messages: "id,created_at,patient_id,doctor_id,outgoing,onpatient_id,subject\n\
                   1,YEAR0801090000-0400,11,5,False,7,x\n\
                   2,YEAR0802090000-0400,12,5,True,7,x\n",
        writes: (0, 1),
        written_to: (0, 1),
        why: "who of the practice got a message is not said, nor what it is about",
    },
    World {
        layout: "eclinicalworks",
        about: "the portal",
        encounters: "encounterid,patientid,doctorid,date,encType,STATUS,deleteFlag\n\
                     1,11,5,YEAR-07-01,1,completed,0\n\
                     2,12,5,YEAR-07-02,1,completed,0\n\
                     3,13,5,YEAR-07-03,1,completed,0\n\
                     4,14,5,YEAR-07-03,1,completed,1\n",
        messages: "Msgid,UID,MsgFrom,MsgTo,dtReceived,dtSent,MsgType,delflag,Folderid\n\
                   1,11,11,5,YEAR-08-01 09:00:00,0000-00-00 00:00:00,2,0,1\n\
                   2,12,5,12,0000-00-00 00:00:00,YEAR-08-02 09:00:00,2,0,2\n",
        writes: (0, 1),
        written_to: (0, 1),
        why: "a user may be a provider or not, whether he got the message or wrote it",
    },
    World {
        layout: "intergy",
        about: "messages joined with their patients",
        encounters: "EncounterSID,PatientID,StaffID,OccurDate,EncounterClass,EncounterStatus,RecordStatus\n\
                     1,11,5,7/1/YEAR,office-visit,O,A\n\
                     2,12,5,7/2/YEAR,office-visit,O,A\n\
                     3,13,5,7/3/YEAR,office-visit,O,A\n\
                     4,14,5,7/3/YEAR,office-visit,N,A\n",
        messages: "PracPersonSecureMessageSID,MessageCreateDateString,PatientID,StaffID,ExternalSourceID,InboundOutbound,MessageType,RecordStatus\n\
                   1,8/1/YEAR 9:00:00 AM,11,5,ehr-portal,I,medication-refill,A\n\
                   2,8/2/YEAR 9:00:00 AM,12,5,ehr-portal,O,medication-refill,A\n",
        writes: (0, 1),
        written_to: (0, 1),
        why: "the staff of a message may be a provider or not",
    },
    World {
        layout: "officeemr",
        about: "the portal",
        encounters: r#"[{"appointmentId":1,"patientId":11,"resourceName":"5","startDate":"7/1/YEAR 9:00AM","type":"office-visit","status":"Checked-Out"},
{"appointmentId":2,"patientId":12,"resourceName":"5","startDate":"7/2/YEAR 9:00AM","type":"office-visit","status":"Checked-Out"},
{"appointmentId":3,"patientId":13,"resourceName":"5","startDate":"7/3/YEAR 9:00AM","type":"office-visit","status":"Checked-Out"},
{"appointmentId":4,"patientId":14,"resourceName":"5","startDate":"7/3/YEAR 9:00AM","type":"office-visit","status":"Cancelled"}]"#,
        messages: r#"[{"rowIdentifier":1,"patientId":11,"providerName":"5","messageDateUtc":"YEAR0801130000+0000","subject":"x","status":"Closed"},
{"rowIdentifier":2,"patientId":12,"providerName":"5","messageDateUtc":"YEAR0802130000+0000","subject":"x","status":"Closed"}]"#,
        writes: (0, 2),
        written_to: (0, 2),
        why: "who wrote is not said, so either message may be a patient's, or to one",
    },
    World {
        layout: "encounters=omop,messages=canonical",
        about: "visits",
        encounters: "visit_occurrence_id,person_id,provider_id,visit_start_date,visit_start_datetime,visit_concept_id,visit_type_concept_id\n\
                     1,11,5,YEAR-07-01,YEAR-07-01 09:00:00,581477,32817\n\
                     2,12,5,YEAR-07-02,,581477,32817\n\
                     3,13,5,YEAR-07-03,YEAR-07-03 09:00:00,581477,32817\n\
                     4,14,5,YEAR-07-03,YEAR-07-03 09:00:00,9201,32817\n",
        messages: MAIL,
        writes: (1, 1),
        written_to: (1, 1),
        why: "everything is said",
    },
];

const CARE: &str = "id,date,encounter,pid,provider_id,facility_id,pos_code,class_code\n\
                    1,YEAR-07-01 09:00:00,1,11,5,3,12,AMB\n\
                    2,YEAR-07-02 09:00:00,2,12,5,3,12,AMB\n\
                    3,YEAR-07-03 09:00:00,3,13,5,3,32,AMB\n";

#[test]
fn every_layout_says_the_truth_in_both_directions() {
    for world in WORLDS {
        let what = format!("{}, {}: {}", world.layout, world.about, world.why);
        for (year, edition, (least, most)) in
            [("2014", "stage2-core17", world.writes), ("2017", "modstage2-2017", world.written_to)]
        {
            let folder = Folder::new();
            folder
                .write("encounters.csv", world.encounters.replace("YEAR", year))
                .write("messages.csv", world.messages.replace("YEAR", year));
            let period = format!("{year}Q3");
            let words = [
                "--no-config",
                "--period",
                &period,
                "--edition",
                edition,
                "--layout",
                world.layout,
                "--timezone",
                "America/New_York",
            ];
            let report = folder.report(&words);
            let providers = report["providers"].as_array().unwrap();
            let found = json!([
                providers.len(),
                providers[0]["provider_id"],
                providers[0]["denominator"],
                providers[0]["numerator"]
            ]);
            let bounds = |least: u64, most: u64| json!({"least": least, "most": most});
            assert_eq!(found, json!([1, "5", bounds(3, 3), bounds(least, most)]), "{year}: {what}");
        }
    }
}

/// Every built-in layout has a world in the table above.
#[test]
fn every_built_in_layout_has_a_world() {
    for name in Layout::names() {
        let is_of = |world: &&World| world.layout.split([',', '=']).any(|part| part == name);
        assert!(WORLDS.iter().any(|world| is_of(&world)), "{name}");
    }
}

/// No built-in layout maps an absence marker to a value.
#[test]
fn no_layout_gives_a_meaning_to_a_marker_of_absence() {
    let markers = [
        "null", "(null)", "<null>", "\\n", "nil", "none", "nan", "n/a", "#n/a", "na", "-", "--", ".",
        "#ref!", "#value!",
    ];
    for file in mucalc_read::layout::file::built_in() {
        for table in [&file.encounters, &file.messages, &file.accesses, &file.roster].into_iter().flatten() {
            let columns = table.columns.values().chain(table.also.iter().flat_map(|side| side.values()));
            for reading in columns.flat_map(|readings| &readings.0) {
                let asked = reading.when.values().chain(reading.unless.values()).flatten();
                let words = reading.words.keys().chain(reading.beginnings.keys()).chain(asked);
                let conditions = table.skip.iter().chain([&table.only]).flat_map(|it| it.values()).flatten();
                for word in words.chain(conditions) {
                    assert!(!markers.contains(&word.trim().to_lowercase().as_str()), "{}: {word}", file.name);
                }
            }
        }
    }
}

/// A layout lists the texts that mean "no value" in its exports, and the configuration's list takes precedence.
///
/// A query that is displayed as human-readable returns names in place of numeric ids. Two people can have the same name, so names are not
/// used as ids.
#[test]
fn a_layout_names_its_own_markers_of_absence() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at,kind,status\nnone given,A,2014-07-01,office-visit,completed\nNULL,A,2014-07-02,office-visit,completed\n");
    folder.write("m.csv", "sent_at,patient_id,provider_id\n2014-07-01,P,A\n");
    let columns = ["patient_id", "provider_id", "started_at", "kind", "status"]
        .map(|name| format!("{name} = \"{name}\"\n"));
    folder.write(
        "own.toml",
        format!("name = \"own\"\nnulls = [\"None given\"]\n[encounters.columns]\n{}", columns.concat()),
    );
    folder.write("nulls.toml", "nulls = \"NULL\"\n");
    let denominator = |more: &[&str]| {
        let words = [
            "report",
            "--period",
            "2014Q3",
            "--format",
            "json",
            "--encounters",
            "e.csv",
            "--messages",
            "m.csv",
        ];
        let output = folder.run(&[&words[..], more].concat());
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let provider = &report["providers"][0];
        (
            provider["denominator"]["least"].as_u64().unwrap(),
            provider["unusable"]["encounters"].as_u64().unwrap(),
        )
    };
    assert_eq!(denominator(&[]), (1, 1));
    // With the layout, `NULL` is an id, and `none given` is not.
    assert_eq!(denominator(&["--layout", "encounters=own.toml"]), (1, 1));
    assert_eq!(denominator(&["--layout", "encounters=own.toml", "--config", "nulls.toml"]), (1, 1));
    folder.write("e.csv", "patient_id,provider_id,started_at,kind,status\nnone given,A,2014-07-01,office-visit,completed\nnone Given,A,2014-07-02,office-visit,completed\n");
    assert_eq!(denominator(&[]), (2, 0));
    assert_eq!(denominator(&["--layout", "encounters=own.toml", "--config", "nulls.toml"]), (2, 0));
}

#[test]
fn a_query_of_open_dental_that_names_patients_is_not_used() {
    let folder = Folder::new();
    folder
        .write(
            "encounters.csv",
            "ProcNum,PatNum,ProcDate,ProcStatus,ProvNum,PlaceService,ProcCode\n\
             1,\"Last, First\",7/1/2014,C,DOC1,Office,D0120\n\
             2,14,7/1/2014,C,DOC1,Office,D0120\n",
        )
        .write("messages.csv", MAIL.replace("YEAR", "2014"));
    let words =
        ["--no-config", "--period", "2014Q3", "--layout", "encounters=open-dental,messages=canonical"];
    let report = folder.report(&words);
    let inputs = &report["inputs"][0];
    assert_eq!((&inputs["rows"], &inputs["rejected"]), (&json!(2), &json!(1)));
    let page = std::fs::read_to_string("docs/how-to/export-open-dental.md").unwrap();
    assert!(page.contains("human-readable") && page.contains("Raw"), "the page says which export to take");
}

/// An unknown code is reported with its column and leaves the row unresolved. The tool never treats it as a visit that took place.
#[test]
fn an_unknown_code_of_epic_is_uncertain_and_told() {
    let folder = Folder::new();
    folder
        .write(
            "encounters.csv",
            "PAT_ENC_CSN_ID\tPAT_ID\tVISIT_PROV_ID\tCONTACT_DATE\tAPPT_STATUS_C\tENC_TYPE_C\n\
             1\t11\t5\t2014-07-01\t2\t101\n\
             2\t12\t5\t2014-07-02\t99\t101\n\
             3\t13\t5\t2014-07-03\t2\t2503\n\
             4\t14\t5\t2014-07-03\t\t101\n",
        )
        .write("messages.csv", MAIL.replace("YEAR", "2014"));
    let words = ["--no-config", "--period", "2014Q3", "--layout", "encounters=epic-ehi,messages=canonical"];
    let report = folder.report(&words);
    assert_eq!(report["providers"][0]["denominator"], json!({"least": 1, "most": 4}));
    let words: Vec<_> =
        report["findings"].as_array().unwrap().iter().filter(|it| it["code"] == "unknown-word").collect();
    assert_eq!(words.len(), 1);
    assert_eq!((&words[0]["count"], &words[0]["first"]["column"]), (&json!(2), &json!("APPT_STATUS_C")));
}
