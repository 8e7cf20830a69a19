//! Data that cannot be used, and advice on data that can.

use std::io;

use dcgan_data::{Advice, DataError, PackedOptions};
use dcgan_support::regular_file::NotRegular;

pub fn hint(error: &DataError) -> Option<String> {
    let hint = match error {
        DataError::NotADataSet { .. } => "`dcgan train --help` lists the formats",
        DataError::NoFaces => "`demo` needs a --demo-faces of 1 or more",
        DataError::TooManyFaces { .. } => "give a smaller --demo-faces",
        DataError::NoSplit { .. } => "choose another --split",
        DataError::NeedsCache { .. } => "omit --no-cache, or unpack it",
        DataError::PackedOtherwise { packed, wanted, .. } => {
            let (needed, given) = (
                different_flags(packed, wanted),
                different_flags(wanted, packed),
            );
            return Some(format!(
                "pack the data again, or give {needed} instead of {given}"
            ));
        }
        DataError::PackDamaged { .. } => "copy the pack again, or pack the data again",
        DataError::CacheDamaged {
            is_removed: false,
            path,
            ..
        } => return Some(format!("remove {}", path.display())),
        DataError::BatchTooLarge { .. } => "choose a smaller --batch-size",
        DataError::Unreadable { source, .. }
            if source.kind() == io::ErrorKind::PermissionDenied =>
        {
            "check its permissions"
        }
        DataError::Unreadable { source, .. } if NotRegular::from_error(source).is_some() => {
            "give a folder, an archive or another file of pictures"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// The flags for those options of a pack in which `other` differs.
fn different_flags(packed: &PackedOptions, other: &PackedOptions) -> String {
    let mut flags = Vec::new();
    if packed.image_size != other.image_size {
        flags.push(format!("--image-size {}", packed.image_size));
    }
    if packed.crop != other.crop {
        flags.push(format!("--crop {}", packed.crop));
    }
    if packed.background != other.background {
        flags.push(format!("--background {}", hex(packed.background)));
    }
    flags.join(" ")
}

/// A colour as `--background` takes it.
fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("{red:02x}{green:02x}{blue:02x}")
}

/// A piece of advice as a sentence.
pub fn advice(advice: &Advice) -> String {
    match *advice {
        Advice::TooFewPictures => "training needs at least two pictures".to_owned(),
        Advice::FewPictures { pictures, can_flip } => {
            let flip = if can_flip { "; use --flip" } else { "" };
            format!("{pictures} pictures is few: expect copies{flip}")
        }
        Advice::FlipPictures { pictures } => format!(
            "{pictures} pictures is not many: --flip doubles them, if left and right may be swapped"
        ),
        Advice::Unusable { count } => format!(
            "{} will be left out: download or copy them again if they matter",
            counted(
                count,
                "picture that cannot be used",
                "pictures that cannot be used"
            )
        ),
        Advice::Copies { count, pictures } => format!(
            "{count} of {pictures} pictures are copies of others, which the generator will draw more often: remove them"
        ),
        Advice::Enlarged {
            count,
            pictures,
            image_size,
        } => format!(
            "{count} of {pictures} pictures are smaller than {image_size} pixels and will look blurred: choose a smaller --image-size"
        ),
        Advice::Elongated { count, pictures } => format!(
            "{count} of {pictures} pictures are more than one and a half times as long as wide, and only their centre is used: --crop random uses all of them, --crop none squeezes them"
        ),
        Advice::FewInColour { colour, grey } => format!(
            "{} among {grey} grey ones will make the networks learn colours: --channels 1 trains in grey",
            counted(colour, "picture in colour", "pictures in colour")
        ),
        Advice::Transparent { count, background } => format!(
            "{} will be laid over the colour {}: --background chooses another",
            counted(count, "transparent picture", "transparent pictures"),
            hex(background)
        ),
        Advice::Blank { count } => format!(
            "{} teach nothing: remove them",
            counted(count, "blank picture", "blank pictures")
        ),
        _ => format!("{advice:?}"),
    }
}

/// `1 picture`, `2 pictures`.
fn counted(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}
