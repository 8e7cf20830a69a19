//! CelebA's pictures and lists.

use dcgan_data::{DataError, Split};
use tempfile::TempDir;

use super::skip::skip;
use super::sources::{load_as, load_split};
use super::support::*;

const ATTRIBUTES: &str = "4\r\nSmiling Young \r\n\
    000001.jpg -1  1\r\n000002.jpg  1  1\r\n000003.jpg -1 -1\r\n000004.jpg  1 -1\r\n";
const PARTITION: &str =
    "000001.jpg 0\r\n000002.jpg 0\r\n000003.jpg 1\r\n000004.jpg 2\r\n000005.jpg 0\r\n";
const IDENTITIES: &str =
    "000001.jpg 2880\r\n000002.jpg 2937\r\n000003.jpg 8692\r\n000004.jpg 5805\r\n";

/// A folder like CelebA's, with these lists.
fn celeba(pictures: &str, lists: &[(&str, &str)]) -> TempDir {
    let jpegs: Vec<(String, Vec<u8>)> = (1..=4)
        .map(|number| {
            (
                format!("{pictures}00000{number}.jpg"),
                png([number * 50; 3]),
            )
        })
        .collect();
    let mut files: Vec<(&str, &[u8])> = jpegs
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    files.extend(lists.iter().map(|(name, text)| (*name, text.as_bytes())));
    folder(&files)
}

const LISTS: [(&str, &str); 3] = [
    ("list_attr_celeba.txt", ATTRIBUTES),
    ("list_eval_partition.txt", PARTITION),
    ("identity_CelebA.txt", IDENTITIES),
];

#[test]
fn splits_attributes_and_identities_come_from_the_lists() {
    let data = celeba("img_align_celeba/", &LISTS);
    for path in [data.path().to_owned(), data.path().join("img_align_celeba")] {
        let train = load(&path).unwrap();
        assert_eq!(train.len(), 2);
        assert!(train.labels().is_none());
        let attributes = train.attributes().unwrap();
        assert_eq!(attributes.names(), ["Smiling", "Young"]);
        let smiling = attributes.by_name("smiling").unwrap();
        assert_eq!((smiling.of(0), smiling.of(1)), (Some(false), Some(true)));
        assert_eq!((smiling.of(2), smiling.count()), (None, 1));
        assert!(attributes.by_name("Bald").is_none());
        assert_eq!(train.facts(1).unwrap().identity, Some(2937));
        assert_eq!(load_split(&path, Split::Valid).unwrap().len(), 1);
        assert_eq!(load_split(&path, Split::Test).unwrap().len(), 1);
        let all = load_split(&path, Split::All).unwrap();
        assert_eq!((all.len(), all.skipped().len()), (4, 0));
        let remarks = all.remarks().join("; ");
        assert_eq!(
            remarks,
            "1 names in list_eval_partition.txt have no picture"
        );
    }
}

#[test]
fn pictures_in_the_same_folder_as_the_lists_are_found() {
    let data = celeba("", &LISTS[..1]);
    let dataset = load(data.path()).unwrap();
    assert_eq!(dataset.len(), 4, "without a partition all are used");
    assert_eq!(dataset.attributes().unwrap().names().len(), 2);
    let message = load_split(data.path(), Split::Train)
        .unwrap_err()
        .to_string();
    assert!(message.contains("list_eval_partition.txt"), "{message}");
}

#[test]
fn a_picture_that_a_list_does_not_name_is_skipped() {
    let attributes = ATTRIBUTES
        .replacen('4', "3", 1)
        .replace("000004.jpg  1 -1\r\n", "");
    let data = celeba("", &[("list_attr_celeba.txt", &attributes)]);
    let dataset = load(data.path()).unwrap();
    assert_eq!(dataset.len(), 3);
    assert_eq!(
        dataset.skipped()[0].to_string(),
        "000004.jpg: has no line in list_attr_celeba.txt"
    );
}

#[test]
fn an_invalid_list_is_reported_with_its_line() {
    let cases = [
        (ATTRIBUTES.replacen('4', "5", 1), 6, "not the 5 of line 1"),
        (ATTRIBUTES.replace("-1  1", "-1"), 3, "has 1 values, not 2"),
        (ATTRIBUTES.replace(" Young", ""), 3, "has 2 values, not 1"),
        (ATTRIBUTES.replace("-1  1", "-1  x"), 3, "'x' is neither"),
        ("\0\u{1}".to_owned(), 1, "number of pictures"),
        (String::new(), 1, "number of pictures"),
    ];
    for (text, line, reason) in cases {
        let data = celeba("", &[("list_attr_celeba.txt", &text)]);
        let error = load(data.path()).unwrap_err();
        assert!(
            matches!(error, DataError::BadList { line: found, .. } if found == line),
            "{error}"
        );
        assert!(error.to_string().contains(reason), "{error}");
    }
    let data = celeba("", &[("list_eval_partition.txt", "000001.jpg zero\n")]);
    assert!(failure(data.path()).contains("not a number"));
}

#[test]
fn a_split_without_pictures_is_reported_by_name() {
    let data = celeba(
        "",
        &[(
            "list_eval_partition.txt",
            "000001.jpg 0\n000002.jpg 0\n000003.jpg 0\n000004.jpg 0\n",
        )],
    );
    let message = load_split(data.path(), Split::Test)
        .unwrap_err()
        .to_string();
    assert!(message.contains("'test'"), "{message}");
}

#[test]
fn comma_separated_lists_are_read() {
    let attributes = "image_id,Smiling,Young\n000001.jpg,1,-1\n000002.jpg,1,1\n000003.jpg,-1,1\n000004.jpg,1,1\n";
    let partition = "image_id,partition\n000001.jpg,0\n000002.jpg,1\n000003.jpg,1\n000004.jpg,2\n";
    let lists = [
        ("list_attr_celeba.csv", attributes),
        ("list_eval_partition.csv", partition),
    ];
    let data = celeba("img_align_celeba/img_align_celeba/", &lists);
    let dataset = load_split(data.path(), Split::Valid).unwrap();
    assert_eq!(dataset.len(), 2);
    assert_eq!(
        dataset
            .attributes()
            .unwrap()
            .by_name("Smiling")
            .unwrap()
            .count(),
        1
    );
}

#[test]
fn the_folder_format_ignores_the_lists() {
    let data = celeba("", &LISTS);
    let dataset = load_as(data.path(), Some(dcgan_data::Format::Folder), None).unwrap();
    assert_eq!(dataset.len(), 4);
    assert!(dataset.attributes().is_none());
}

/// The real pictures, if they are available: their licence forbids redistribution.
#[test]
fn the_real_celeba_is_read_from_its_archive() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/celeba/img_align_celeba.zip");
    if !path.is_file() {
        return skip("celeba", &format!("there is no {}", path.display()));
    }
    let dataset = load(&path).unwrap();
    assert_eq!((dataset.len(), dataset.skipped().len()), (10_000, 0));
    assert_eq!(dataset.attributes().unwrap().names().len(), 40);
    let remark = &dataset.remarks()[0];
    assert!(
        remark.contains("192599 names in list_eval_partition.txt"),
        "{remark}"
    );
}
