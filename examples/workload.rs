//! Writes the exports of a large practice in the canonical layout, for benchmarks. The same arguments give the same bytes.
//!
//! `cargo run --release --example workload -- DIR [PATIENTS] [SEED]` writes `DIR/encounters.csv` and `DIR/messages.csv`: one provider per
//! 500 patients, and on average 4 encounters and 20 messages per patient. Most patients never write, and a few write often. Most
//! encounters are with the patient's own provider. Subjects contain quoted commas and doubled quotation marks, and some contain line
//! breaks. All data is invented.

#![allow(missing_docs, clippy::disallowed_methods, reason = "a program of its own")]

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = || io::Error::other("usage: workload DIR [PATIENTS] [SEED]");
    // The program has no flags, so an argument that looks like one is not a folder.
    let folder = arguments.next().filter(|folder| !folder.starts_with('-')).ok_or_else(usage)?;
    let mut number = |default: u64| match arguments.next() {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| usage()),
    };
    let (patients, seed) = (number(1_000_000)?, number(14)?);
    let practice = Practice { patients, providers: (patients / 500).max(1) };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    practice.encounters(&mut Random(seed), &mut create(&folder.join("encounters.csv"))?)?;
    practice.messages(&mut Random(seed ^ 0x5DEE_CE66), &mut create(&folder.join("messages.csv"))?)
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(1 << 20, File::create(path)?))
}

/// A small random number generator (SplitMix64), good enough for skewed data and the same on every computer.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Returns a random word. Each word has a weight in percent, and the weights add up to 100.
    fn one_of(&mut self, words: &[(u64, &'static str)]) -> &'static str {
        let mut left = self.below(100);
        for (weight, word) in words {
            if left < *weight {
                return word;
            }
            left -= weight;
        }
        words[0].1
    }
}

struct Practice {
    patients: u64,
    providers: u64,
}

impl Practice {
    fn encounters(&self, random: &mut Random, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "encounter_id,patient_id,provider_id,started_at,kind,status,seen_by,location_id,county_fips"
        )?;
        for encounter in 0..self.patients * 4 {
            let patient = random.below(self.patients);
            let provider = self.provider(random, patient);
            let kind = random.one_of(&[
                (70, "office-visit"),
                (12, "telehealth"),
                (3, "home-visit"),
                (2, "nursing-facility"),
                (3, "outpatient-procedure"),
                (2, "inpatient"),
                (2, "emergency"),
                (3, "telephone"),
                (2, "ancillary"),
                (1, "other"),
            ]);
            let status = random.one_of(&[
                (88, "completed"),
                (1, "in-progress"),
                (4, "cancelled"),
                (4, "no-show"),
                (3, "scheduled"),
            ]);
            let seen_by = random.one_of(&[(95, "eligible-professional"), (5, "clinical-staff")]);
            write!(out, "E{encounter:09},P{patient:08},D{provider:05},")?;
            time(random, out)?;
            writeln!(
                out,
                ",{kind},{status},{seen_by},L{:03},{:05}",
                provider % 300,
                17_000 + provider % 200
            )?;
        }
        out.flush()
    }

    fn messages(&self, random: &mut Random, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "message_id,thread_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status,patient_included,subject"
        )?;
        for message in 0..self.patients * 20 {
            let patient = self.writer(random);
            let provider = self.provider(random, patient);
            let (sender, recipient) = match random.below(100) {
                0..40 => ("patient", random.one_of(&[(78, "provider"), (14, "care-team"), (8, "staff")])),
                40..48 => ("representative", "provider"),
                48..80 => ("provider", "patient"),
                80..95 => ("staff", "patient"),
                _ => ("system", "patient"),
            };
            let channel = random.one_of(&[(82, "ehr-portal"), (8, "pm-portal"), (6, "email"), (4, "sms")]);
            let topic = random.one_of(&[
                (22, "medication-refill"),
                (24, "clinical-question"),
                (14, "test-result"),
                (4, "care-plan"),
                (4, "referral"),
                (12, "appointment-request"),
                (3, "record-request"),
                (8, "billing"),
                (5, "administrative"),
                (4, "other"),
            ]);
            let status = random.one_of(&[(96, "sent"), (2, "draft"), (1, "deleted"), (1, "failed")]);
            write!(out, "M{message:010},T{:09},", message / 3)?;
            time(random, out)?;
            write!(out, ",P{patient:08},")?;
            // Some messages are addressed to the practice.
            if random.below(100) >= 3 {
                write!(out, "D{provider:05}")?;
            }
            write!(out, ",{sender},{recipient},{channel},{topic},{status},,")?;
            subject(random, out)?;
        }
        out.flush()
    }

    /// Returns the patient's own provider for most rows, and a random provider for the others.
    fn provider(&self, random: &mut Random, patient: u64) -> u64 {
        if random.below(100) < 85 { patient % self.providers } else { random.below(self.providers) }
    }

    /// Returns a random patient who writes. Two patients in three never write, and a few of the others write most messages.
    fn writer(&self, random: &mut Random) -> u64 {
        let share = random.below(1 << 20) as f64 / f64::from(1 << 20);
        let rank = (share * share * share * (self.patients as f64 / 3.0)) as u64;
        // Spreads the writers over the providers.
        rank.wrapping_mul(2_654_435_761) % self.patients
    }
}

/// Writes a local time between June and October 2014.
fn time(random: &mut Random, out: &mut impl Write) -> io::Result<()> {
    let (month, day) = (6 + random.below(5), 1 + random.below(28));
    let (hour, minute, second) = (7 + random.below(12), random.below(60), random.below(60));
    write!(out, "2014-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

fn subject(random: &mut Random, out: &mut impl Write) -> io::Result<()> {
    match random.below(100) {
        0..60 => writeln!(out, "Question about my last visit"),
        60..90 => writeln!(out, "\"Refill, please, and a question\""),
        90..97 => writeln!(out, "\"He said \"\"twice a day\"\", is that right?\""),
        _ => writeln!(out, "\"Two lines:\nthe second, with a comma\""),
    }
}
