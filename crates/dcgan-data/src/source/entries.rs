//! What a source knows about its pictures before decoding them: names, class labels,
//! attributes, identities.

/// Stands for no label and no identity.
pub(crate) const NONE: u32 = u32::MAX;

/// The most classes that labels can number.
const MAX_CLASSES: u32 = 100_000;

/// The names of many pictures in one string: millions of names take little more memory than
/// their letters.
#[derive(Debug, Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Names {
    pub fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len());
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[index]]
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }
}

impl<'a> FromIterator<&'a str> for Names {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut all = Self::default();
        names.into_iter().for_each(|name| all.push(name));
        all
    }
}

/// The pictures of a source, in order. Columns that the source does not have are empty.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub names: Names,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// Each picture's class, or [`NONE`].
    pub labels: Vec<u32>,
    /// The names of the attributes.
    pub attribute_names: Vec<String>,
    /// Row by row, 1 where an attribute holds, else 0.
    pub attributes: Vec<u8>,
    /// The person in each picture, or [`NONE`].
    pub identities: Vec<u32>,
}

impl Entries {
    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn label(&self, index: usize) -> u32 {
        self.labels.get(index).copied().unwrap_or(NONE)
    }

    pub fn identity(&self, index: usize) -> u32 {
        self.identities.get(index).copied().unwrap_or(NONE)
    }

    /// One picture's attributes; empty if there are none.
    pub fn attribute_row(&self, index: usize) -> &[u8] {
        let width = self.attribute_names.len();
        self.attributes
            .get(index * width..(index + 1) * width)
            .unwrap_or_default()
    }

    /// Names the classes of the labels: by `names`, and by their numbers beyond its end. Drops
    /// the labels if all of them are [`NONE`], or if they are too large for classes.
    pub fn name_classes(&mut self, names: &[String]) {
        let known = self.labels.iter().filter(|&&label| label != NONE);
        match known.max() {
            Some(&last) if last < MAX_CLASSES => {
                let name = |class: u32| {
                    let name = names.get(class as usize).cloned();
                    name.unwrap_or_else(|| class.to_string())
                };
                self.classes = (0..=last).map(name).collect();
            }
            _ => self.labels.clear(),
        }
    }

    /// Labels pictures by their sub-folders: by the first component in which names differ.
    /// `train/cat/1.jpg` and `test/dog/2.jpg` are of the classes `cat` and `dog`: a split is not
    /// a class.
    pub fn label_by_folder(&mut self) {
        let depth = common_depth(&self.names);
        let class_of = |name| folders(name).filter(|part| !is_split(part)).nth(depth);
        let mut classes: Vec<&str> = self.names.iter().filter_map(class_of).collect();
        classes.sort_unstable();
        classes.dedup();
        if classes.len() < 2 {
            return;
        }
        let label = |name| class_of(name).and_then(|class| classes.binary_search(&class).ok());
        self.labels = self
            .names
            .iter()
            .map(|name| label(name).map_or(NONE, |class| class as u32))
            .collect();
        self.classes = classes.into_iter().map(str::to_owned).collect();
    }
}

/// The number of folders, not counting splits, that all names begin with.
fn common_depth(names: &Names) -> usize {
    let mut names = names.iter();
    let path = |name| folders(name).filter(|part| !is_split(part));
    let first: Vec<&str> = names
        .next()
        .map(|name| path(name).collect())
        .unwrap_or_default();
    names.fold(first.len(), |depth, name| {
        let same = path(name)
            .zip(&first)
            .take_while(|(one, other)| one == *other);
        depth.min(same.count())
    })
}

/// The folders of a name, without the file's own name.
fn folders(name: &str) -> impl Iterator<Item = &str> {
    let folder = name.rfind(['/', '\\']).map_or("", |end| &name[..end]);
    folder
        .split(['/', '\\'])
        .filter(|part| !matches!(*part, "" | "." | ".."))
}

fn is_split(folder: &str) -> bool {
    const SPLITS: [&str; 6] = ["train", "test", "val", "valid", "validation", "training"];
    SPLITS
        .iter()
        .any(|split| folder.eq_ignore_ascii_case(split))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(names: &[&str]) -> Entries {
        let mut entries = Entries {
            names: names.iter().copied().collect(),
            ..Entries::default()
        };
        entries.label_by_folder();
        entries
    }

    #[test]
    fn names_are_returned_as_given() {
        let names: Names = ["a", "", "größe", "b/c"].into_iter().collect();
        assert!(names.iter().eq(["a", "", "größe", "b/c"]));
    }

    #[test]
    fn sub_folders_are_classes() {
        let entries = labelled(&["all/cat/1.jpg", "all/cat/x/2.jpg", "all/dog/1.jpg"]);
        assert_eq!(entries.classes, ["cat", "dog"]);
        assert_eq!(entries.labels, [0, 0, 1]);
    }

    #[test]
    fn a_split_is_not_a_class() {
        let entries = labelled(&["test/dog/1.jpg", "train/cat/1.jpg", "train/dog/1.jpg"]);
        assert_eq!(entries.classes, ["cat", "dog"]);
        assert_eq!(entries.labels, [1, 0, 1]);
        assert!(labelled(&["test/1.jpg", "train/1.jpg"]).classes.is_empty());
    }

    #[test]
    fn a_single_folder_is_not_a_class_and_a_picture_above_the_classes_has_no_label() {
        assert!(labelled(&["a/1.jpg", "a/2.jpg"]).classes.is_empty());
        assert!(labelled(&["1.jpg", "2.jpg"]).classes.is_empty());
        let entries = labelled(&["1.jpg", "a/1.jpg", "b/1.jpg"]);
        assert_eq!(entries.labels, [NONE, 0, 1]);
    }
}
