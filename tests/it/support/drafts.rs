//! Drafts of `mucalc init`, and the reports of them.

use serde_json::{Value, json};

use super::program::Folder;

/// Runs `init` without questions, then the report of the configuration that it wrote. Returns the report.
pub fn drafted(folder: &Folder, exports: &[&str]) -> Value {
    drafted_with(folder, exports, "")
}

/// Does the same, with lines added to the configuration between the two.
pub fn drafted_with(folder: &Folder, exports: &[&str], more: &str) -> Value {
    let mut words = vec!["init", "--yes", "--period", "2014Q3"];
    words.extend(exports);
    let output = folder.run(&words);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    if !more.is_empty() {
        let configuration = folder.read("mucalc.toml");
        folder.write("mucalc.toml", format!("{configuration}\n{more}"));
    }
    report_of(folder)
}

/// Returns the provider, the numerator, and the denominator of each provider.
pub fn figures(report: &Value) -> Value {
    let providers = report["providers"].as_array().unwrap().iter();
    let ends = |bounds: &Value| json!([bounds["least"], bounds["most"]]);
    providers
        .map(|provider| {
            json!([provider["provider_id"], ends(&provider["numerator"]), ends(&provider["denominator"])])
        })
        .collect()
}

/// Returns the lines of a file that are not comments.
pub fn lines(folder: &Folder, name: &str) -> Vec<String> {
    let text = folder.read(name);
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

/// The practice says that its portal is that of the certified EHR.
pub const PORTAL: &str = "[channels.\"Patient Portal\"]\ncertified = true\n";

/// Returns the report of the configuration in a folder.
pub fn report_of(folder: &Folder) -> Value {
    let output = folder.run(&["report", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs a command on an export. Returns its exit code, and all that it says and writes.
pub fn all_said(folder: &Folder, words: &[&str]) -> (Option<i32>, String) {
    let output = folder.run(words);
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    for file in ["mucalc.toml", "mucalc-layout.toml"] {
        text.push_str(&std::fs::read_to_string(folder.path().join(file)).unwrap_or_default());
    }
    (output.status.code(), text)
}

/// Two patients and their messages, with a channel, as a practice exports them.
pub fn two_patients(providers: [&str; 2], channel: &str) -> Folder {
    let folder = Folder::new();
    let [ours, theirs] = providers;
    folder.write(
        "visits.csv",
        format!(
            "MRN,Date of Service,Provider,Visit Type,Result of booking,Void Reason\n\
             101,\"July 14, 2014\",{ours},Office Visit,3 - Completed,\n\
             102,\"July 15, 2014\",{ours},Office Visit,3 - Completed,\n\
             103,\"July 16, 2014\",{ours},Office Visit,4 - No Show,made twice\n"
        ),
    );
    folder.write(
        "messages.csv",
        format!(
            "Date Sent,MRN,To Provider,From,Recipient Type,Subject Category,System\n\
             07/20/2014,101,{theirs},Patient,Provider,Refill Request,{channel}\n"
        ),
    );
    folder
}
