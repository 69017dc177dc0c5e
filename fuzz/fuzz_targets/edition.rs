//! Any rule set is either refused with locations, or can be compiled for each year and shown.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc::run::editions::markdown;
use mucalc_core::edition;
use mucalc_core::edition::compile::DecisionTable;

fuzz_target!(|text: &str| {
    let edition = match edition::parse(text) {
        Ok(edition) => edition,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            return;
        }
    };
    for year in [2010, 2014, 2015, 2017, 2030] {
        let choices = edition.default_choices(year);
        let _ = edition.threshold(year);
        DecisionTable::compile(&edition.denominator, &choices);
        DecisionTable::compile(&edition.numerator, &choices);
    }
    markdown(&edition);
});
