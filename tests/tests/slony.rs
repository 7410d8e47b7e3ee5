//! A cluster that Slony replicates, with its real daemons.

use tests::Slony;

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_replicate() {
    let slony = Slony::start().await;
    slony.client(1).await.batch_execute("INSERT INTO person (name) VALUES ('Cy')").await.unwrap();
    for number in [2, 3] {
        slony.until(number, "SELECT EXISTS (SELECT FROM person WHERE name = 'Cy')").await;
    }
    slony.stop().await;
}
