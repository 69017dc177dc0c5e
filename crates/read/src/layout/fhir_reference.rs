//! Parses references between FHIR resources.

/// Returns the id in a reference to a resource of this type, or `None` if it refers to something else.
///
/// Supports `Patient/7`, an absolute URL with or without a version, and a conditional reference by identifier
/// (`Practitioner?identifier=system|value`). A URN names no type: its id is returned only for the type `urn`.
pub fn resource_id<'r>(reference: &'r str, resource: &str) -> Option<&'r str> {
    if resource == URN {
        let id = ["urn:uuid:", "urn:oid:"].iter().find_map(|scheme| reference.strip_prefix(scheme))?;
        return Some(id).filter(|id| !id.is_empty());
    }
    if let Some(query) = reference.strip_prefix(resource).and_then(|rest| rest.strip_prefix('?')) {
        let (_, identifier) = query.split_once("identifier=")?;
        let value = identifier.split('&').next()?.rsplit('|').next()?;
        return Some(value).filter(|value| !value.is_empty());
    }
    let path = reference.split_once("/_history/").map_or(reference, |(path, _)| path);
    let (before, id) = path.rsplit_once('/')?;
    let kind = before.rsplit('/').next()?;
    (kind == resource && !id.is_empty()).then_some(id)
}

/// Pseudo resource type for a reference by URN, which may refer to any type.
const URN: &str = "urn";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_gives_the_id_of_the_type_asked_for() {
        for (reference, resource, id) in [
            ("Patient/7", "Patient", Some("7")),
            ("https://ehr.example/fhir/Patient/7", "Patient", Some("7")),
            ("https://ehr.example/fhir/Patient/7/_history/3", "Patient", Some("7")),
            (
                "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999974493",
                "Practitioner",
                Some("9999974493"),
            ),
            ("PractitionerRole/7", "Practitioner", None),
            ("RelatedPerson/7", "Patient", None),
            ("urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a", "Patient", None),
            (
                "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a",
                "urn",
                Some("61ebe359-bfdc-4613-8bf2-c5e300945f0a"),
            ),
            ("Patient/7", "urn", None),
            ("#contained", "Patient", None),
            ("Patient/", "Patient", None),
            ("Patient", "Patient", None),
        ] {
            assert_eq!(resource_id(reference, resource), id, "{reference}");
        }
    }
}
