/// A dollar-quote tag that the text doesn't contain.
pub(crate) fn dollar_tag(text: &str) -> String {
    let mut tag = "$body$".to_owned();
    let mut next = 0;
    while text.contains(&tag) {
        next += 1;
        tag = format!("$body{next}$");
    }
    tag
}
