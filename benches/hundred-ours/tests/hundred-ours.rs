//! A hundred tests, each with a database of its own.
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

static MIGRATIONS: embed_migrate::Bundle = embed_migrate::embed_migrations!();

macro_rules! tests {
    ($($name:ident)*) => {$(
        #[embed_migrate::test(MIGRATIONS)]
        async fn $name(database: embed_migrate::testing::TestDatabase) {
            let client = database.client().await.unwrap();
            client.batch_execute("INSERT INTO t_1 VALUES (1, 'one')").await.unwrap();
            let row = client.query_one("SELECT count(*) FROM t_1", &[]).await.unwrap();
            assert_eq!(row.get::<_, i64>(0), 1);
        }
    )*};
}

tests!(
    test_00 test_01 test_02 test_03 test_04 test_05 test_06 test_07 test_08 test_09
    test_10 test_11 test_12 test_13 test_14 test_15 test_16 test_17 test_18 test_19
    test_20 test_21 test_22 test_23 test_24 test_25 test_26 test_27 test_28 test_29
    test_30 test_31 test_32 test_33 test_34 test_35 test_36 test_37 test_38 test_39
    test_40 test_41 test_42 test_43 test_44 test_45 test_46 test_47 test_48 test_49
    test_50 test_51 test_52 test_53 test_54 test_55 test_56 test_57 test_58 test_59
    test_60 test_61 test_62 test_63 test_64 test_65 test_66 test_67 test_68 test_69
    test_70 test_71 test_72 test_73 test_74 test_75 test_76 test_77 test_78 test_79
    test_80 test_81 test_82 test_83 test_84 test_85 test_86 test_87 test_88 test_89
    test_90 test_91 test_92 test_93 test_94 test_95 test_96 test_97 test_98 test_99
);
