//! What people say for the attributes of CelebA and of the demo's faces.

/// Words and the attribute that they mean.
pub(super) struct Synonyms {
    /// The attributes; the first one that the data has is meant.
    pub attributes: &'static [&'static str],
    /// Words for pictures with the attribute.
    pub with: &'static [&'static str],
    /// Words for pictures without it.
    pub without: &'static [&'static str],
}

const fn with(attribute: &'static [&'static str], words: &'static [&'static str]) -> Synonyms {
    Synonyms {
        attributes: attribute,
        with: words,
        without: &[],
    }
}

/// All synonyms.
#[rustfmt::skip]
pub(super) const SYNONYMS: &[Synonyms] = &[
    Synonyms {
        attributes: &["Smiling"],
        with: &["smile", "happy"],
        without: &["neutral", "serious", "unsmiling"],
    },
    Synonyms {
        attributes: &["Male"],
        with: &["man", "men", "boy"],
        without: &["woman", "women", "girl", "female"],
    },
    Synonyms {
        attributes: &["Young"],
        with: &[],
        without: &["old", "older", "elderly"],
    },
    with(&["Blond_Hair"], &["blond", "blonde", "blonde hair"]),
    with(&["Brown_Hair"], &["brunette", "brown-haired"]),
    with(&["Black_Hair"], &["black-haired"]),
    with(&["Gray_Hair"], &["grey-haired", "gray-haired", "grey hair"]),
    with(&["Red_Hair"], &["redhead", "red-haired"]),
    with(&["Long_Hair"], &["long-haired"]),
    with(&["Short_Hair"], &["short-haired"]),
    with(&["Curly_Hair"], &["curly"]),
    with(&["Wavy_Hair"], &["wavy"]),
    with(&["Dyed_Hair"], &["dyed"]),
    with(&["Bangs"], &["fringe"]),
    with(&["Eyeglasses"], &["glasses", "glass", "spectacles"]),
    with(&["Sunglasses", "Eyeglasses"], &["sunglasses"]),
    Synonyms {
        attributes: &["Wearing_Hat"],
        with: &["hat"],
        without: &["hatless"],
    },
    with(&["Wearing_Cap", "Wearing_Hat"], &["cap"]),
    with(&["Wearing_Beanie", "Wearing_Hat"], &["beanie"]),
    Synonyms {
        attributes: &["No_Beard"],
        with: &["beardless", "shaved", "clean-shaven"],
        without: &["beard", "bearded"],
    },
    with(&["Mustache"], &["moustache"]),
    with(&["5_o_Clock_Shadow"], &["stubble"]),
    with(&["Wearing_Lipstick"], &["lipstick"]),
    with(&["Heavy_Makeup", "Wearing_Lipstick"], &["makeup", "make-up"]),
    with(&["Wearing_Earrings"], &["earring", "earrings"]),
    with(&["Wearing_Necklace"], &["necklace"]),
    with(&["Wearing_Necktie"], &["tie", "necktie"]),
    with(&["Pale_Skin"], &["pale"]),
    with(&["Freckles"], &["freckled"]),
    with(&["Rosy_Cheeks"], &["rosy"]),
    with(&["Chubby"], &["chubby"]),
    Synonyms {
        attributes: &["Mouth_Slightly_Open"],
        with: &["open mouth", "mouth open", "open-mouthed"],
        without: &["closed mouth", "mouth closed"],
    },
    with(&["Looking_Left"], &["looking left"]),
    with(&["Looking_Right"], &["looking right"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_synonym_means_an_attribute_of_celeba_or_the_demo() {
        // those of CelebA's forty that the demo's faces do not have
        let celeba = [
            "Heavy_Makeup",
            "Chubby",
            "Wearing_Necklace",
            "Wearing_Necktie",
        ];
        for Synonyms { attributes, .. } in SYNONYMS {
            let demo = dcgan_faces::ATTRIBUTE_NAMES;
            let known = |name: &&str| demo.contains(name) || celeba.contains(name);
            assert!(attributes.iter().all(known), "{attributes:?}");
        }
    }
}
