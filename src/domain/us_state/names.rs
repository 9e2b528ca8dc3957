//! The names of the jurisdictions, as they are written in addresses, statutes and newspapers.

/// A jurisdiction under all its names.
pub(super) struct Jurisdiction {
    /// The postal code (USPS Publication 28, appendix B).
    pub(super) code: &'static str,
    /// The name it is shown under.
    pub(super) name: &'static str,
    /// Abbreviations from before the codes (USPS 1831 to 1963, Associated Press, Government
    /// Publishing Office) and other official names; `State of …` and the like need no row.
    pub(super) also: &'static [&'static str],
}

const fn known(
    code: &'static str,
    name: &'static str,
    also: &'static [&'static str],
) -> Jurisdiction {
    Jurisdiction { code, name, also }
}

/// All of them, states in alphabetical order first.
pub(super) const JURISDICTIONS: [Jurisdiction; 56] = [
    known("AL", "Alabama", &["Ala."]),
    known("AK", "Alaska", &["Alas."]),
    known("AZ", "Arizona", &["Ariz."]),
    known("AR", "Arkansas", &["Ark."]),
    known("CA", "California", &["Calif.", "Cal."]),
    known("CO", "Colorado", &["Colo.", "Col."]),
    known("CT", "Connecticut", &["Conn."]),
    known("DE", "Delaware", &["Del."]),
    known(
        "DC",
        "District of Columbia",
        &[
            "Washington, D.C.",
            "Wash., D.C.",
            "Washington, District of Columbia",
            "Dist. of Columbia",
            "Dist. Columbia",
        ],
    ),
    known("FL", "Florida", &["Fla.", "Flor."]),
    known("GA", "Georgia", &[]),
    known("HI", "Hawaii", &["Mokuʻāina o Hawaiʻi"]),
    known("ID", "Idaho", &["Ida."]),
    known("IL", "Illinois", &["Ill.", "Ills."]),
    known("IN", "Indiana", &["Ind."]),
    known("IA", "Iowa", &["Ioa."]),
    known("KS", "Kansas", &["Kans.", "Kan."]),
    known("KY", "Kentucky", &["Ken.", "Kent."]),
    known("LA", "Louisiana", &[]),
    known("ME", "Maine", &[]),
    known("MD", "Maryland", &[]),
    known("MA", "Massachusetts", &["Mass."]),
    known("MI", "Michigan", &["Mich."]),
    known("MN", "Minnesota", &["Minn."]),
    known("MS", "Mississippi", &["Miss."]),
    known("MO", "Missouri", &[]),
    known("MT", "Montana", &["Mont."]),
    known("NE", "Nebraska", &["Nebr.", "Neb."]),
    known("NV", "Nevada", &["Nev."]),
    known("NH", "New Hampshire", &["N. Hampshire", "N. Hamp.", "New Hamp."]),
    known("NJ", "New Jersey", &["N. Jersey", "New J."]),
    known("NM", "New Mexico", &["N. Mexico", "N. Mex.", "New Mex.", "New M."]),
    known("NY", "New York", &["N. York"]),
    known("NC", "North Carolina", &["N. Carolina", "No. Carolina", "N. Car.", "No. Car."]),
    known("ND", "North Dakota", &["N. Dakota", "No. Dakota", "N. Dak.", "No. Dak."]),
    known("OH", "Ohio", &[]),
    known("OK", "Oklahoma", &["Okla."]),
    known("OR", "Oregon", &["Oreg.", "Ore."]),
    known("PA", "Pennsylvania", &["Penna.", "Penn."]),
    known(
        "RI",
        "Rhode Island",
        &["Rhode Island and Providence Plantations", "R.I. & P.P.", "R. Isl.", "Rhode Is."],
    ),
    known("SC", "South Carolina", &["S. Carolina", "So. Carolina", "S. Car.", "So. Car."]),
    known("SD", "South Dakota", &["S. Dakota", "So. Dakota", "S. Dak.", "So. Dak."]),
    known("TN", "Tennessee", &["Tenn."]),
    known("TX", "Texas", &["Tex."]),
    known("UT", "Utah", &[]),
    known("VT", "Vermont", &[]),
    known("VA", "Virginia", &[]),
    known("WA", "Washington", &["Wash.", "Wn."]),
    known("WV", "West Virginia", &["W. Virginia", "W. Virg.", "West Va.", "W. Va."]),
    known("WI", "Wisconsin", &["Wis.", "Wisc."]),
    known("WY", "Wyoming", &["Wyo."]),
    known("AS", "American Samoa", &["Amer. Samoa", "Am. Samoa", "Amerika Sāmoa"]),
    known("GU", "Guam", &["Guåhan"]),
    known(
        "MP",
        "Northern Mariana Islands",
        &[
            "CNMI",
            "Northern Marianas",
            "Northern Mariana Is.",
            "N. Mariana Islands",
            "N. Mariana Is.",
            "No. Mariana Islands",
        ],
    ),
    known(
        "PR",
        "Puerto Rico",
        &[
            "Porto Rico",
            "Free Associated State of Puerto Rico",
            "Estado Libre Asociado de Puerto Rico",
        ],
    ),
    known(
        "VI",
        "Virgin Islands",
        &[
            "USVI",
            "United States Virgin Islands",
            "American Virgin Islands",
            "Virgin Islands of the United States",
            "Virgin Islands of the U.S.",
            "Virgin Is.",
        ],
    ),
];

/// Words before a name that leave its meaning as it is; `US-CT` is how ISO 3166-2 writes it.
pub(super) const BEFORE: [&[&str]; 8] = [
    &["state", "of"],
    &["commonwealth", "of", "the"],
    &["commonwealth", "of"],
    &["territory", "of", "the"],
    &["territory", "of"],
    &["us"],
    &["u", "s"],
    &["usa"],
];

/// Words after a name that leave its meaning as it is.
pub(super) const AFTER: [&[&str]; 7] = [
    &["state"],
    &["usa"],
    &["u", "s", "a"],
    &["us"],
    &["u", "s"],
    &["united", "states"],
    &["united", "states", "of", "america"],
];

/// Places that are none of these and complete names, but come near to one in spelling: whoever
/// writes them means them. Freely associated states and posts of the forces have postal codes too.
pub(super) const ELSEWHERE: &str = "\
    Alberta; British Columbia; Manitoba; New Brunswick; Newfoundland; Newfoundland and Labrador; \
    Nova Scotia; Ontario; Prince Edward Island; Quebec; Saskatchewan; Northwest Territories; \
    Nunavut; Yukon; AB; BC; MB; NB; NF; NL; NS; NT; NU; ON; PE; PQ; QC; SK; YK; YT; \
    Federated States of Micronesia; Marshall Islands; Palau; FM; MH; PW; AA; AE; AP; \
    Mexico; Estado de Mexico; State of Mexico; Mexico City; Baja California; Baja California Sur; Jersey; \
    British Virgin Islands; Virgin Islands (British); Virgin Islands (UK); BVI; Samoa; Western Samoa; \
    India; Colombia; Northern Territory";
