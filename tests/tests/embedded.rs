//! What `embed_migrations!()` accepts, and the bundle that it returns.

use embed_migrate::{Bundle, Kind, MinApp, Version, embed_migrations};

static RELEASE: Bundle = embed_migrations!("tests/bundles/release");
static ORDINAL: Bundle = embed_migrations!("tests/bundles/ordinal");
static LF: Bundle = embed_migrations!("tests/bundles/lf");
static CRLF: Bundle = embed_migrations!("tests/bundles/crlf");
static COSMETIC: Bundle = embed_migrations!("tests/bundles/cosmetic");
static ACCEPTED: Bundle = embed_migrations!("tests/bundles/accepted");
static BASELINE: Bundle = embed_migrations!("tests/bundles/baseline/");
static EMPTY: Bundle = embed_migrations!("tests/bundles/empty");
// Drafts, which compile with a warning.
#[allow(deprecated)]
static HOTFIX: Bundle = embed_migrations!("tests/bundles/hotfix");
#[allow(deprecated)]
static LITERALS: Bundle = embed_migrations!("tests/bundles/literals");
#[allow(deprecated)]
static BESIDE: Bundle = embed_migrations!("tests/bundles/beside");

fn versions(bundle: &Bundle) -> Vec<String> {
    bundle.patches().iter().map(|patch| format!("{} {}", patch.version(), patch.kind())).collect()
}

#[test]
fn the_release_scheme_is_read_with_its_manifest() {
    assert_eq!(versions(&RELEASE), ["1.0.0 std", "1.1.0 concurrent", "2.0.0 direct"]);
    assert_eq!((RELEASE.name(), RELEASE.schema()), ("clinic", Some("study")));
    assert_eq!(*RELEASE.trust(), ["clinic_owner"]);
    assert_eq!(RELEASE.requires(), ["audit"]);
    let timeouts = [RELEASE.lock_timeout(), RELEASE.statement_timeout()];
    assert_eq!(timeouts.map(|limit| limit.unwrap().milliseconds()), [2_000, 600_000]);
    let down = RELEASE.down(Version::new(1, 1, 0)).unwrap();
    assert_eq!(
        (down.kind(), down.outline().statements().count(), RELEASE.downs().len()),
        (Kind::Concurrent, 1, 1)
    );
    let patch = RELEASE.patch(Version::new(2, 0, 0)).unwrap();
    assert_eq!(patch.directives().unwrap().min_app, Some(MinApp::Version(Version::new(1, 1, 0))));
    assert_eq!(
        (patch.kind(), patch.is_draft(), patch.file()),
        (Kind::Direct, false, "patch-2-0-0-direct.sql")
    );
}

#[test]
fn the_ordinal_scheme_is_read_and_the_crate_names_the_bundle() {
    assert_eq!(versions(&ORDINAL), ["0.0.0 std", "1.0.0 concurrent", "2.0.0 direct"]);
    assert_eq!(ORDINAL.name(), "tests");
}

#[test]
fn line_ends_and_byte_order_mark_make_no_other_patch() {
    assert!(LF.patches()[0].text().ends_with(");\n"));
    assert_eq!(LF.patches(), CRLF.patches());
    assert_eq!(LF.digest(), CRLF.digest());
}

#[test]
fn comments_and_spaces_make_no_other_patch() {
    assert_ne!(LF.patches()[0].checksum(), COSMETIC.patches()[0].checksum());
    assert_eq!(LF.patches()[0].tokens(), COSMETIC.patches()[0].tokens());
    assert_eq!(LF.digest(), COSMETIC.digest());
}

#[test]
fn a_reviewed_edit_compiles() {
    let accept = &ACCEPTED.accepted_edits()[0];
    assert_eq!(accept.reason, "nobody lacks the table");
    assert_eq!(accept.new, ACCEPTED.patches()[0].tokens());
    assert!(ACCEPTED.accepts(accept.version, accept.old, accept.new));
    assert!(!ACCEPTED.accepts(accept.version, accept.new, accept.old));
}

#[test]
fn patches_follow_a_baseline() {
    assert_eq!(BASELINE.baseline().unwrap().version(), Version::new(4, 0, 0));
    assert_eq!(versions(&BASELINE), ["4.0.1 std", "4.1.0 std"]);
}

#[test]
fn a_hotfix_may_be_a_draft_before_locked_patches() {
    assert_eq!(versions(&HOTFIX), ["1.0.0 std", "1.0.1 std", "1.1.0 std", "2.0.0 std"]);
    assert_eq!(
        HOTFIX.patches().iter().map(|patch| patch.is_draft()).collect::<Vec<_>>(),
        [false, true, false, false]
    );
}

#[test]
fn a_bundle_may_be_empty_yet() {
    assert_eq!((EMPTY.patches().len(), EMPTY.head()), (0, None));
}

#[test]
fn what_only_looks_forbidden_is_fine() {
    assert_eq!(versions(&LITERALS), ["1.0.0 std"]);
}

#[test]
fn what_editors_merge_tools_and_dumps_leave_is_passed_over() {
    assert_eq!(versions(&BESIDE), ["1.0.0 std", "2.0.0 std", "3.0.0 std"]);
    assert_eq!(
        BESIDE.patches()[0].text(),
        "--\n-- PostgreSQL database dump\n--\n\n\n\nCREATE SCHEMA app;\n\n\n"
    );
    // Lines that end with a carriage return, as what runs has them.
    assert_eq!(
        BESIDE.patches()[1].text(),
        "-- Studies.\n-- migrate: lock-timeout 500ms\nCREATE TABLE study (id bigint);\n"
    );
    let down = BESIDE.down(Version::new(3, 0, 0)).unwrap();
    assert_eq!((down.kind(), down.outline().statements().count()), (Kind::Concurrent, 1));
    let tree = BESIDE.create_tree().unwrap();
    assert_eq!((tree.files().len(), tree.files()[0].1.lines().count()), (1, 3));
    let read = Bundle::read_with(std::path::Path::new("tests/bundles/beside"), "", "tests", None).unwrap();
    assert_eq!(
        (read.patches(), read.downs(), &read.create_tree()),
        (BESIDE.patches(), BESIDE.downs(), &BESIDE.create_tree())
    );
    static DIR: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/tests/bundles/beside");
    assert_eq!(Bundle::from_dir(&DIR, "tests").unwrap().patches(), BESIDE.patches());
    assert_eq!(BESIDE.changed_since_build().map(|error| error.to_string()), None);
}

#[test]
fn a_directory_that_include_dir_embedded_is_the_same_bundle() {
    static DIR: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/tests/bundles/release");
    let read = Bundle::from_dir(&DIR, "tests").unwrap();
    assert_eq!(
        RELEASE.clone().with(|parts| (parts.directory, parts.manifest) =
            (None, read.manifest().map(|text| text.to_owned().into()))),
        read
    );
}
