//! What remains to be done, and what is refused: the decisions, without a database.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

use std::borrow::Cow;

use embed_migrate_core::macro_support::{BundleParts, PatchParts};
use embed_migrate_core::{
    Applied, Bundle, Checksum, ErrorKind, History, Kind, MinApp, Outline, Patch, PatchList, Targets, resolve,
};

/// `1.0.0`, `1.1.0!` (other tokens), `1.2.0>1.1.0` (min-app), `=2.0.0` (baseline), `~1.3.0` (draft).
fn patch(word: &str) -> (Patch, bool) {
    let baseline = word.starts_with('=');
    let draft = word.starts_with('~');
    let edited = word.ends_with('!');
    let bare = word.trim_matches(['=', '~', '!']);
    let (version, min_app) =
        bare.split_once('>').map_or((bare, None), |(version, oldest)| (version, Some(oldest)));
    let text = min_app
        .map(|oldest| format!("-- migrate: min-app {oldest}\nSELECT 1;"))
        .unwrap_or("SELECT 1;".into());
    let tokens = Checksum::of(if edited { "edited" } else { "as it was" });
    let version = version.parse().unwrap();
    let file = format!("patch-{version}.sql").into();
    (
        Patch::new(PatchParts {
            version,
            kind: Kind::Std,
            draft,
            file,
            checksum: tokens,
            text: text.into(),
            tokens,
            outline: Outline::default(),
        }),
        baseline,
    )
}

fn bundle(name: &str, words: &str) -> Bundle {
    let (baselines, patches): (Vec<_>, Vec<_>) =
        words.split_whitespace().map(patch).partition(|(_, baseline)| *baseline);
    let patches: Vec<_> = patches.into_iter().map(|(patch, _)| patch).collect();
    Bundle::new(BundleParts {
        name: name.to_owned().into(),
        separate: false,
        requires: Cow::Borrowed(&[]),
        schema: None,
        trust: Vec::new().into(),
        lock_timeout: None,
        statement_timeout: None,
        facts: None,
        files: Vec::new().into(),
        baseline: baselines.into_iter().next().map(|(patch, _)| patch),
        patches: patches.into(),
        accepts: Cow::Borrowed(&[]),
        digest: Checksum::of(""),
        directory: None,
        manifest: None,
        downs: PatchList::new(),
        create: None,
        declared: None,
        revision: None,
    })
}

fn with_first(bundle: Bundle, change: impl FnOnce(&mut PatchParts)) -> Bundle {
    let mut patches = bundle.patches().to_vec();
    let first = patches.remove(0).with(change);
    patches.insert(0, first);
    bundle.with(|parts| parts.patches = patches.into())
}

fn history(bundle: &str, words: &str) -> History {
    let row = |(index, word): (usize, &str)| {
        let (patch, baseline) = patch(word.trim_end_matches('?'));
        Applied {
            position: index as i64 + 1,
            bundle: bundle.to_owned(),
            version: patch.version(),
            kind: patch.kind(),
            file: patch.file().to_string(),
            checksum: patch.checksum(),
            tokens: patch.tokens(),
            min_app: patch.directives().unwrap().min_app.unwrap_or(MinApp::Any),
            draft: patch.is_draft(),
            baseline,
            ended: !word.ends_with('?'),
        }
    };
    History { applied: words.split_whitespace().enumerate().map(row).collect() }
}

/// What a binary with `embedded` does on a database with `applied`: the versions, or the kinds of refusal.
fn check(embedded: &str, applied: &str, expect: &str) {
    let bundle = bundle("app", embedded);
    let seen = match resolve(&[&bundle], &history("app", applied), &Targets::new()) {
        Ok(plan) => {
            plan.steps.iter().map(|step| step.patch.version().to_string()).collect::<Vec<_>>().join(" ")
        }
        Err(error) => error.iter().map(|error| format!("{:?}", error.kind())).collect::<Vec<_>>().join(" "),
    };
    assert_eq!(seen, expect, "embedded {embedded}, applied {applied}");
}

#[test]
fn what_is_pending_is_applied_in_order() {
    check("1.0.0 1.1.0 2.0.0", "", "1.0.0 1.1.0 2.0.0");
    check("1.0.0 1.1.0 2.0.0", "1.0.0", "1.1.0 2.0.0");
    check("1.0.0 1.1.0 2.0.0", "1.0.0 1.1.0 2.0.0", "");
    check("1.0.0 ~1.1.0", "1.0.0", "1.1.0");
}

#[test]
fn a_hotfix_may_come_late_and_nothing_else() {
    check("1.0.0 1.0.1 1.1.0", "1.0.0 1.1.0", "1.0.1");
    check("1.0.0 1.1.0 2.0.0", "1.0.0 2.0.0", "Late");
    check("1.0.0 1.0.1 1.1.0", "1.1.0 1.0.0 1.0.1", "");
}

#[test]
fn what_was_applied_must_be_there_unchanged() {
    check("1.0.0! 1.1.0", "1.0.0", "Edited");
    check("~1.0.0!", "~1.0.0", "Edited");
    check("1.1.0 1.2.0", "1.0.0 1.1.0", "Missing");
    check("1.0.0! 1.2.0", "1.0.0 1.1.0", "Edited Missing Late".trim_end_matches(" Late"));
    check("1.0.0", "1.0.0?", "Interrupted");
}

#[test]
fn a_database_ahead_boots_while_its_patches_admit_the_binary() {
    check("1.0.0", "1.0.0 1.1.0 2.0.0", "");
    check("1.0.0", "1.0.0 1.1.0>1.0.0", "");
    check("1.0.0", "1.0.0 1.1.0>1.1.0", "TooNew");
    check("1.0.0 1.1.0", "1.0.0 1.0.1 1.1.0", "");
    check("1.0.0 1.1.0", "1.0.0 1.0.1>1.2.0 1.1.0", "TooNew");
    check("1.0.0 1.0.1", "1.0.0 1.1.0", "1.0.1");
}

#[test]
fn a_binary_that_ends_above_a_hotfix_does_not_have_it_for_that() {
    check("1.0.0 2.0.0", "1.0.0 1.0.1>1.0.1 2.0.0", "TooNew");
    check("1.0.0 2.0.0", "1.0.0 1.0.1 2.0.0 2.1.0>1.0.1", "TooNew");
    check("1.0.0 1.0.1 2.0.0", "1.0.0 1.0.1 2.0.0 2.1.0>1.0.1", "");
    check("=2.0.0", "1.0.0 1.0.1 2.0.0 2.1.0>1.0.1", "");
    check("1.0.0 2.0.0", "=2.0.0 2.1.0>1.0.1", "TooNew");
    // It never was.
    check("1.0.0 2.0.0", "1.0.0 2.0.0 2.1.0>1.0.1", "");
}

#[test]
fn a_baseline_stands_for_all_up_to_it() {
    check("=4.0.0 4.1.0", "", "4.0.0 4.1.0");
    check("=4.0.0 3.0.0 4.0.0 4.1.0", "", "4.0.0 4.1.0");
    check("=4.0.0 3.0.0 4.0.0 4.1.0", "3.0.0", "4.0.0 4.1.0");
    check("=4.0.0 4.1.0", "=4.0.0", "4.1.0");
    check("=4.0.0 4.1.0", "1.0.0 2.0.0 3.0.0 4.0.0", "4.1.0");
    check("=4.0.0 4.1.0", "1.0.0 2.0.0", "Gap");
    check("3.0.0 4.0.0 4.1.0", "=4.0.0", "4.1.0");
    check("=5.0.0 5.0.1", "=4.0.0 5.0.0", "5.0.1");
}

#[test]
fn a_database_below_the_baseline_needs_the_patches_up_to_it() {
    check("=4.0.0", "3.0.0", "Gap");
    check("=3.5.0 4.0.0", "3.0.0", "Gap");
    check("=4.0.0 4.0.1", "3.0.0", "Gap");
    check("=4.0.0 1.0.0 2.0.0", "1.0.0 2.0.0", "Gap");
    check("=4.0.0 3.0.0 4.0.0", "1.0.0", "Gap");
    check("=4.0.0 3.0.0 4.0.0", "2.0.0 2.0.1", "3.0.0 4.0.0");
    check("=4.0.0 3.0.0 4.0.0 4.1.0", "2.0.0 4.1.0", "Late Late");
}

#[test]
fn an_accepted_edit_is_no_edit() {
    let mut bundle = bundle("app", "1.0.0!");
    let (old, new) = (Checksum::of("as it was"), Checksum::of("edited"));
    let between = Checksum::of("between");
    let accept = |old, new| embed_migrate_core::Accept {
        version: "1.0.0".parse().unwrap(),
        old,
        new,
        reason: "typo".into(),
    };
    let history = history("app", "1.0.0");
    bundle = bundle.with(|parts| parts.accepts = vec![accept(new, old), accept(between, new)].into());
    assert!(resolve(&[&bundle], &history, &Targets::new()).is_err());
    bundle = bundle.with(|parts| {
        parts.accepts = vec![accept(between, new), accept(old, between), accept(new, old)].into()
    });
    let plan = resolve(&[&bundle], &history, &Targets::new()).unwrap();
    assert!(plan.is_empty());
    assert_eq!(plan.notes, ["patch `1.0.0` of `app` was edited since, as the lock file accepts"]);
}

#[test]
fn a_target_stops_its_bundle_only() {
    let (app, audit) = (bundle("app", "1.0.0 1.1.0 1.2.0"), bundle("audit", "1.0.0 2.0.0"));
    let targets = Targets::from([("app".to_owned(), "1.1.0".parse().unwrap())]);
    let plan = resolve(&[&app, &audit], &History::default(), &targets).unwrap();
    let steps: Vec<_> =
        plan.steps.iter().map(|step| format!("{} {}", step.bundle.name(), step.patch.version())).collect();
    assert_eq!(steps, ["app 1.0.0", "app 1.1.0", "audit 1.0.0", "audit 2.0.0"]);
    assert_eq!(plan.steps.iter().map(|step| step.position).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

fn requiring(name: &str, requires: &[&str]) -> Bundle {
    let mut bundle = bundle(name, "1.0.0");
    bundle = bundle.with(|parts| {
        parts.requires = requires.iter().map(|name| Cow::Owned((*name).to_owned())).collect::<Vec<_>>().into()
    });
    bundle
}

#[test]
fn bundles_run_after_those_that_they_require() {
    let (a, b, c) = (requiring("a", &["c"]), requiring("b", &["a"]), requiring("c", &[]));
    let plan = resolve(&[&b, &a, &c], &History::default(), &Targets::new()).unwrap();
    assert_eq!(plan.steps.iter().map(|step| step.bundle.name()).collect::<Vec<_>>(), ["c", "a", "b"]);
}

#[test]
fn a_requirement_is_met_by_the_history_too() {
    let app = requiring("app", &["audit"]);
    let refused = resolve(&[&app], &History::default(), &Targets::new()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Requires);
    assert!(resolve(&[&app], &history("audit", "1.0.0"), &Targets::new()).is_ok());
}

#[test]
fn bundles_that_require_each_other_are_refused() {
    let (a, b) = (requiring("a", &["b"]), requiring("b", &["a"]));
    let refused = resolve(&[&a, &b], &History::default(), &Targets::new()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the bundles `a`, `b` require each other\n  help: let one of them go without the other"
    );
    let refused = resolve(&[&a, &a], &History::default(), &Targets::new()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Duplicate);
}

#[test]
fn a_patch_may_require_a_version_of_another_bundle() {
    let mut app = bundle("app", "1.0.0");
    app = with_first(app, |parts| parts.text = "-- migrate: requires audit 1.2.0\nSELECT 1;".into());
    let refused = |history: History| {
        resolve(&[&app], &history, &Targets::new()).map(|plan| plan.steps.len()).unwrap_or(0)
    };
    assert_eq!(refused(history("audit", "1.0.0 1.1.0")), 0);
    assert_eq!(refused(history("audit", "1.0.0 1.1.0 1.2.0")), 1);
    assert_eq!(refused(history("audit", "1.0.0 2.0.0")), 1);
    let audit = bundle("audit", "1.0.0 1.1.0 1.2.0");
    let plan = resolve(&[&app, &audit], &History::default(), &Targets::new()).unwrap();
    assert_eq!(plan.steps.last().map(|step| step.bundle.name()), Some("app"));
}

#[test]
fn a_required_hotfix_is_not_met_by_what_is_above_it() {
    let mut app = bundle("app", "1.0.0");
    app = with_first(app, |parts| parts.text = "-- migrate: requires audit 1.0.1\nSELECT 1;".into());
    let plan = |audit: &str, applied: &str| {
        let (audit, history) = (bundle("audit", audit), history("audit", applied));
        resolve(&[&app, &audit], &history, &Targets::new()).map(|plan| plan.steps.len())
    };
    assert_eq!(
        plan("1.0.0 2.0.0", "1.0.0 2.0.0").unwrap_err().to_string(),
        "patch `1.0.0` requires `audit` at `1.0.1`\n  --> app: patch-1.0.0.sql\n  \
           help: pass a `audit` that has this hotfix, or apply it first: its directory with another `--dir`, in a program by \
           `Migrator::new`",
    );
    assert!(plan("1.0.0 2.0.0", "").is_err());
    assert_eq!(plan("1.0.0 1.0.1 2.0.0", "1.0.0 2.0.0").unwrap(), 2);
    assert_eq!(plan("1.0.0 1.0.1 2.0.0", "1.0.0 1.0.1 2.0.0").unwrap(), 1);
    assert_eq!(plan("=2.0.0", "").unwrap(), 2);
    assert_eq!(plan("=2.0.0", "=2.0.0").unwrap(), 1);
}

#[test]
fn a_digest_covers_kinds_and_the_baseline() {
    let digest = |bundle: &Bundle| bundle.digest_at("9.0.0".parse().unwrap());
    let mut one = bundle("app", "=4.0.0 4.1.0");
    let before = digest(&one);
    one = with_first(one, |parts| parts.kind = Kind::Direct);
    let direct = digest(&one);
    assert_ne!(before, direct);
    assert_ne!(digest(&bundle("app", "=4.0.0! 4.1.0")), before);
    assert_ne!(digest(&bundle("app", "4.0.0 4.1.0")), before);
    assert_eq!(
        one.digest_at("3.0.0".parse().unwrap()),
        bundle("app", "").digest_at("3.0.0".parse().unwrap())
    );
}

#[test]
fn the_oldest_binary_that_may_run_is_the_highest_that_any_patch_asks_for() {
    let bundle = bundle("app", "1.0.0 1.1.0>1.0.0 1.2.0>1.1.0 1.3.0");
    let plan = resolve(&[&bundle], &history("app", "1.0.0"), &Targets::new()).unwrap();
    assert_eq!(plan.bundles[0].min_app, MinApp::Version("1.1.0".parse().unwrap()));
}

#[test]
fn a_baseline_asks_for_its_own_version_unless_it_says_otherwise() {
    for (embedded, expect) in [("=4.0.0", "4.0.0"), ("=4.0.0>3.0.0 4.1.0", "3.0.0"), ("=4.0.0>any", "any")] {
        let bundle = bundle("app", embedded);
        let plan = resolve(&[&bundle], &History::default(), &Targets::new()).unwrap();
        assert_eq!(plan.bundles[0].min_app.to_string(), expect, "{embedded}");
    }
}
