//! The shape of a text, which reveals nothing of its contents.

/// Returns the shape of a text: digits as 9, letters as A, except for the T and Z of times.
pub fn shape(text: &str) -> String {
    let letter = |c: char| match c {
        '0'..='9' => '9',
        'T' | 'Z' => c,
        c if c.is_alphabetic() => 'A',
        c => c,
    };
    text.chars().map(letter).collect()
}

/// Returns texts of a shape, in which numbers are 1 or 11 and words are those of dates, to find out which formats the shape may have: one in
/// which the first word of three letters is a month, and one in which it is a day of the week.
pub fn samples(shape: &str) -> [String; 2] {
    [sample(shape, "Jan"), sample(shape, "Mon")]
}

fn sample(shape: &str, three: &str) -> String {
    let mut three = three;
    let mut text = String::new();
    let mut rest = shape;
    while let Some(first) = rest.chars().next() {
        let is_letter = |c: char| matches!(c, 'A' | 'T' | 'Z');
        let letters = rest.chars().take_while(|c| is_letter(*c)).count();
        let taken = letters.max(1);
        match (letters, first) {
            (3, _) => text.push_str(std::mem::replace(&mut three, "Jan")),
            (4, _) => text.push_str("July"),
            (5, _) => text.push_str("March"),
            (6, _) => text.push_str("August"),
            (7, _) => text.push_str("January"),
            (8, _) => text.push_str("December"),
            (9, _) => text.push_str("September"),
            (2, _) => text.push_str("AM"),
            (0, '9') => text.push('1'),
            (0, _) => text.push(first),
            (letters, _) => text.extend(rest.chars().take(letters)),
        }
        rest = &rest[rest.char_indices().nth(taken).map_or(rest.len(), |(at, _)| at)..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_its_shape_and_is_a_date_if_the_shape_is_one() {
        for (text, expected) in [
            ("7/14/2014 9:05 PM", "1/11/1111 1:11 AM"),
            ("14-OCT-14", "11-Jan-11"),
            ("2014-07-14T09:00:00Z", "1111-11-11T11:11:11Z"),
            ("Müller é", "August A"),
            ("July 5, 2014", "July 1, 1111"),
            ("", ""),
        ] {
            assert_eq!(samples(&shape(text))[0], expected, "{text}");
        }
    }
}
