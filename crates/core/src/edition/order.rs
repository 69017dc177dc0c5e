//! Sorts the rules of each list into the order in which they apply under the policy settings of a run.

use crate::domain::inclusion::Inclusion;
use crate::edition::model::{Edition, ExclusionTest, PolicyChoices, Rule, RuleList};

impl Edition {
    /// Sorts the rules of every list into the order in which they apply under these policy settings.
    ///
    /// Among neighboring rules, those that exclude a row come first: ordinary email does not qualify, even if it is unknown whether its day
    /// does. A rule that includes rows, and the last rule, keep their positions.
    pub fn arranged(mut self, choices: &PolicyChoices) -> Self {
        let tests = self.exclusions.iter_mut().filter_map(|exclusion| match exclusion.test.as_mut()? {
            ExclusionTest::None(section) | ExclusionTest::HalfInShortCounties(section, _) => Some(section),
        });
        let gate = self.gate.iter_mut().map(|gate| &mut gate.section);
        let own = [&mut self.denominator, &mut self.numerator];
        own.into_iter().chain(gate).chain(tests).for_each(|section| section.arrange(choices));
        self
    }
}

impl RuleList {
    fn arrange(&mut self, choices: &PolicyChoices) {
        let stays = |rule: &Rule| rule.when.is_none() || rule.decided(choices) == Some(Inclusion::In);
        let rules_nothing_out = |rule: &Rule| rule.decided(choices) != Some(Inclusion::Out);
        // Otherwise keep the order of the file, whatever settings the rules were sorted for before.
        let order = |rule: &Rule| (rules_nothing_out(rule), rule.offset);
        self.rules.split_mut(stays).for_each(|neighbors| neighbors.sort_by_key(order));
    }
}

#[cfg(test)]
mod tests {
    use crate::edition::all;

    /// The file of a rule set lists its rules in the order in which they apply by default.
    #[test]
    fn every_edition_is_written_in_the_order_of_its_default_choices() {
        for edition in all() {
            let ids = |edition: &super::Edition| {
                let rules = edition.denominator.rules.iter().chain(&edition.numerator.rules);
                rules.map(|rule| rule.id.clone()).collect::<Vec<_>>()
            };
            for year in 2011..=2022 {
                let arranged = edition.clone().in_year(year).arranged(&edition.default_choices(year));
                assert_eq!(ids(&edition), ids(&arranged), "{} in {year}", edition.id);
            }
        }
    }
}
