use super::*;
use crate::graphql::gate::Limits;
use crate::graphql::operation::ServedSchema;

fn documents(most: usize) -> ParsedDocuments {
    ParsedDocuments::of_all(NonZeroUsize::new(most).unwrap())
}

fn find(
    documents: &ParsedDocuments,
    hash: Option<&str>,
    text: Option<&str>,
) -> Result<Document, GateRefusal> {
    documents.find(hash, text.map(str::to_owned), &inspector())
}

/// Judges by a schema of which the documents are made up.
fn inspector() -> Inspector {
    let sdl = "type Query { a(b: String): Int c: Int }";
    let schema = Arc::new(ServedSchema::read(sdl).unwrap());
    Inspector { schema, limits: Limits::default(), suggesting: true }
}

/// What the document was parsed to.
fn read(documents: &ParsedDocuments, text: &str) -> Result<String, GateRefusal> {
    find(documents, None, Some(text)).map(|document| document.valid.written())
}

fn text_of(documents: &ParsedDocuments, hash: &str) -> Result<String, GateRefusal> {
    find(documents, Some(hash), None).map(|document| document.text.to_string())
}

fn remember(documents: &ParsedDocuments, text: &str) -> String {
    let hash = hash(text);
    let document = find(documents, Some(&hash), Some(text)).unwrap();
    documents.remember(&hash, &document);
    hash
}

#[test]
fn the_one_used_longest_ago_is_forgotten_first() {
    let documents = documents(2);
    let (a, b) = (remember(&documents, "{ a }"), remember(&documents, "{ b: a }"));
    assert!(text_of(&documents, &a).is_ok());
    let c = remember(&documents, "{ c }");
    // Though it is still there as it was parsed.
    assert_eq!(text_of(&documents, &b), Err(not_found(HASH_UNKNOWN)));
    assert_eq!(text_of(&documents, &a).as_deref(), Ok("{ a }"));
    assert_eq!(text_of(&documents, &c).as_deref(), Ok("{ c }"));
}

#[test]
fn large_documents_are_forgotten_before_they_fill_the_memory() {
    let documents = documents(1000);
    let valid = Arc::new(inspector().inspect("{ a }").unwrap());
    let hash = |number: usize| format!("{number:064}");
    let remember = |number: usize| {
        let text = format!("{{ a }} #{}", "x".repeat(60_000)).into();
        documents.remember(&hash(number), &Document { text, valid: Arc::clone(&valid) });
    };
    let count = || {
        let mut shelves = documents.shelves();
        (0..200).filter(|number| shelves.texts.get(&hash(*number)).is_some()).count()
    };
    (0..200).for_each(remember);
    let kept = count();
    assert!((60..=70).contains(&kept), "{kept}");
    // One that comes again is not counted twice.
    (0..100).for_each(|_| remember(199));
    assert_eq!(count(), kept);
}

#[test]
fn a_document_is_not_known_by_its_hash_before_it_is_remembered() {
    let documents = documents(10);
    let hash = hash("{ a }");
    let document = find(&documents, Some(&hash), Some("{ a }")).unwrap();
    assert!(read(&documents, "{ a }").is_ok());
    assert_eq!(text_of(&documents, &hash), Err(not_found(HASH_UNKNOWN)));
    documents.remember(&hash, &document);
    assert_eq!(text_of(&documents, &hash).as_deref(), Ok("{ a }"));
}

#[test]
fn a_document_that_is_known_is_what_it_was() {
    let documents = documents(10);
    for text in ["query A { a(b: \"1\") ...f } fragment f on Query { c }", "{ a }"] {
        let first = read(&documents, text);
        assert_eq!(first, Ok(inspector().inspect(text).unwrap().written()));
        assert_eq!(read(&documents, text), first);
        let hash = remember(&documents, text);
        for text in [None, Some(text)] {
            let again = find(&documents, Some(&hash), text).unwrap();
            assert_eq!(Ok(again.valid.written()), first);
        }
    }
    let shelves = documents.shelves();
    assert_eq!((shelves.by_text.len(), shelves.by_hash.len(), shelves.texts.len()), (2, 2, 2));
}

#[test]
fn a_document_that_is_known_is_not_parsed_again() {
    let documents = documents(10);
    let hash = remember(&documents, "{ a }");
    for (hash, text) in [(None, Some("{ a }")), (Some(&*hash), None), (Some(&*hash), Some("{ a }"))]
    {
        let first = find(&documents, hash, text).unwrap();
        let again = find(&documents, hash, text).unwrap();
        assert!(Arc::ptr_eq(&first.valid, &again.valid), "{hash:?} {text:?}");
    }
}

#[test]
fn what_is_refused_or_long_is_not_kept() {
    let documents = documents(10);
    assert!(read(&documents, "{ a").is_err() && read(&documents, "{ a").is_err());
    let long = format!("{{ a }} #{}", " ".repeat(LONGEST_PARSED));
    assert!(read(&documents, &long).is_ok());
    let hash = remember(&documents, &long);
    assert_eq!(text_of(&documents, &hash).as_ref(), Ok(&long));
    let shelves = documents.shelves();
    assert_eq!((shelves.by_text.len(), shelves.by_hash.len(), shelves.texts.len()), (0, 0, 1));
}

#[test]
fn the_documents_kept_are_those_read_last() {
    let documents = documents(1000);
    for number in 0..300 {
        assert!(read(&documents, &format!("{{ a{number}: a }}")).is_ok());
    }
    let mut shelves = documents.shelves();
    assert_eq!(shelves.by_text.len(), MOST_PARSED.get());
    assert!(shelves.by_text.get("{ a299: a }").is_some());
    assert!(shelves.by_text.get("{ a0: a }").is_none());
}

#[test]
fn what_long_documents_were_parsed_to_does_not_fill_the_memory() {
    let documents = documents(1000);
    for number in 0..100 {
        let text = format!("{{ a{number:03}: a }} #{}", " ".repeat(2000));
        assert!(read(&documents, &text).is_ok());
        remember(&documents, &text);
    }
    let shelves = documents.shelves();
    let most = MOST_PARSED_BYTES / 2000;
    assert_eq!((shelves.by_text.len(), shelves.by_hash.len()), (most, most));
    assert_eq!(shelves.texts.len(), 100);
}

#[test]
fn documents_that_never_come_again_push_out_none_that_came_with_its_hash() {
    let documents = documents(MOST_PARSED.get());
    let known = |number: usize| format!("{{ known{number}: a }}");
    let parsed = |number: usize| {
        let document = find(&documents, Some(&hash(&known(number))), None).unwrap();
        Arc::as_ptr(&document.valid)
    };
    for number in 0..MOST_PARSED.get() {
        remember(&documents, &known(number));
    }
    let before: Vec<_> = (0..MOST_PARSED.get()).map(parsed).collect();
    for number in 0..1000 {
        let filled = "x".repeat(number);
        assert!(read(&documents, &format!("{{ a(b: \"{number}{filled}\") }}")).is_ok());
    }
    // Neither what they were parsed to.
    assert_eq!((0..MOST_PARSED.get()).map(parsed).collect::<Vec<_>>(), before);
}
