//! Data that cannot be used, and advice on data that can.

use std::io;
use std::path::Path;

use dcgan_data::{
    Advice, DataError, Dataset, DeepPictures, LeftOut, Levels, Masks, MasksPlace, PackedOptions,
};
use dcgan_support::regular_file::NotRegular;

use super::counted;
use crate::shared::quoted::quoted;

pub fn hint(error: &DataError) -> Option<String> {
    let hint = match error {
        DataError::NotADataSet { .. } => "`dcgan train --help` lists the formats",
        DataError::NoPictures {
            path,
            unread: Some(format),
            ..
        } => return conversion(path, format),
        DataError::NoPictures { seen, .. }
            if [" .7z", " .rar"].iter().any(|one| seen.contains(one)) =>
        {
            "unpack the archives first"
        }
        DataError::UnreadFormat { path, format } => {
            return conversion(path.parent().unwrap_or(path), format);
        }
        DataError::NoFaces => "`demo` needs a --count of 1 or more",
        DataError::TooManyFaces { .. } => "give a smaller --count",
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
    if packed.levels != other.levels {
        flags.push(format!("--levels {}", packed.levels));
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

/// The command that converts the pictures of a format that is not read in a folder.
fn conversion(folder: &Path, format: &str) -> Option<String> {
    let (ending, program) = match format {
        "HEIC" => ("heic", "heif-convert {} {}.jpg"),
        "AVIF" => ("avif", "avifdec {} {}.png"),
        "JPEG XL" => ("jxl", "djxl {} {}.png"),
        "JPEG 2000" => ("jp2", "opj_decompress -i {} -o {}.png"),
        "SVG" => ("svg", "rsvg-convert {} -o {}.png"),
        "OpenEXR" => ("exr", "magick {} {}.png"),
        "Radiance HDR" => ("hdr", "magick {} {}.png"),
        "Photoshop" => ("psd", "magick {}[0] {}.png"),
        "TGA" => ("tga", "magick {} {}.png"),
        "QOI" => ("qoi", "magick {} {}.png"),
        "PCX" => ("pcx", "magick {} {}.png"),
        "DICOM" => ("dcm", "magick {} {}.png"),
        _ => return None,
    };
    if folder.is_file() {
        return Some("unpack it and convert them".to_owned());
    }
    let folder = quoted(folder);
    Some(format!(
        "this converts them: find {folder} -iname '*.{ending}' -exec {program} \\;"
    ))
}

/// What is left out, on one line; `None` if all is used.
pub fn left_out(groups: &[LeftOut]) -> Option<String> {
    /// The kinds that are shown.
    const SHOWN: usize = 6;
    let total: usize = groups.iter().map(|group| group.count).sum();
    let shown: Vec<String> = groups.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if groups.len() > SHOWN { ", …" } else { "" };
    (total > 0).then(|| {
        format!(
            "left out {}: {}{more}",
            counted(total, "file"),
            shown.join(", ")
        )
    })
}

/// What should be known before a training starts.
pub fn warnings(data: &Path, dataset: &Dataset) -> Vec<String> {
    let masks = dataset.masks();
    let deep = dataset
        .deep_pictures()
        .filter(|deep| deep.is_narrow() && dataset.options().levels == Levels::Full);
    let masks = masks.iter().map(|found| masks_line(data, found));
    masks.chain(deep.as_ref().map(narrow_line)).collect()
}

fn masks_line(data: &Path, found: &Masks) -> String {
    let count = counted(found.count, "picture");
    match &found.place {
        MasksPlace::Folder(folder) => {
            let alone = found
                .photos
                .as_ref()
                .map(|photos| format!("give {} alone, or ", quoted(&data.join(photos))));
            format!(
                "{folder}/ looks like masks or annotations ({count}), which would be learned like photos: \
                 {}move {folder}/ away",
                alone.unwrap_or_default()
            )
        }
        MasksPlace::Suffix(suffix) => format!(
            "{count} whose names end in {suffix} look like masks of the others, and would be learned \
             like photos: move them away"
        ),
    }
}

fn narrow_line(deep: &DeepPictures) -> String {
    let (least, most) = (deep.least, deep.most);
    let verb = if deep.pictures == 1 { "uses" } else { "use" };
    format!(
        "{} with 16 bits {verb} the levels {least} to {most}, {:.1} % of the range, and will be almost of one \
         colour: --levels auto stretches them",
        counted(deep.pictures, "picture"),
        deep.percent()
    )
}

/// Pieces of advice on a data set as sentences.
pub fn advices(data: &Path, advices: &[Advice]) -> Vec<String> {
    advices.iter().map(|one| advice(data, one)).collect()
}

/// A piece of advice as a sentence.
fn advice(data: &Path, advice: &Advice) -> String {
    match *advice {
        Advice::Convert { ref format, count } => {
            let files = counted(count, "file");
            let (are, their) = if count == 1 {
                ("is", "its")
            } else {
                ("are", "their")
            };
            let line =
                format!("{files} {are} left out, since {their} format ({format}) is not read");
            match conversion(data, format) {
                Some(hint) => format!("{line}: {hint}"),
                None => line,
            }
        }
        Advice::Masks(ref found) => masks_line(data, found),
        Advice::NarrowLevels(ref deep) => narrow_line(deep),
        Advice::TooFewPictures => "training needs at least two pictures".to_owned(),
        Advice::FewPictures { pictures, can_flip } => {
            let flip = if can_flip { "; use --flip" } else { "" };
            format!("{pictures} pictures is few: expect copies{flip}")
        }
        Advice::FlipPictures { pictures } => format!(
            "{pictures} pictures is not many: --flip doubles them, if left and right may be swapped"
        ),
        Advice::Unusable { count, damaged } => {
            let pictures = counted(count, "picture");
            let cure = match damaged {
                0 => "the reasons are above",
                _ if damaged == count => "download or copy them again if they matter",
                _ => "download or copy the damaged ones again if they matter",
            };
            format!("{pictures} that cannot be used will be left out: {cure}")
        }
        Advice::Copies { count, pictures } => format!(
            "{count} of {pictures} pictures are copies of others, which the generator will draw more often: remove them"
        ),
        Advice::Enlarged {
            count,
            pictures,
            image_size,
        } => {
            let cure = match image_size {
                64 | 128 | 256 => format!("--image-size {} enlarges them less", image_size / 2),
                _ => "choose a smaller --image-size".to_owned(),
            };
            format!(
                "{count} of {pictures} pictures are much smaller than {image_size} pixels and will look blurred: {cure}"
            )
        }
        Advice::Elongated { count, pictures } => format!(
            "{count} of {pictures} pictures are more than one and a half times as long as wide, and only their centre is used: --crop random uses all of them, --crop none squeezes them"
        ),
        Advice::FewInColour { colour, grey } => format!(
            "{} in colour among {grey} grey ones will make the networks learn colours: --channels 1 trains in grey",
            counted(colour, "picture")
        ),
        Advice::Transparent { count, background } => format!(
            "{} will be laid over the colour {}: --background chooses another",
            counted(count, "transparent picture"),
            hex(background)
        ),
        Advice::Blank { count: 1 } => "1 blank picture teaches nothing: remove it".to_owned(),
        Advice::Blank { count } => format!("{count} blank pictures teach nothing: remove them"),
        _ => format!("{advice:?}"),
    }
}
