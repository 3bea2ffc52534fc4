//! Random lives of accounts leave the books in order after every step, also where several write to one account at once.

use services::bench::{crowd, lives};

store::both_engines! {
    async fn no_life_breaks_the_books(pool: Pool) {
        let lived = lives(&pool, 64, 2_026).await.expect("no invariant is broken");
        assert_eq!(lived.steps, 64 * 24);
        // The lives are about something: each of these happened.
        for what in [
            "bill", "payment", "reversal", "credit_applied", "late_fee", "deposit_taken", "deposit_released", "budget", "closed",
            "arrangement active", "scheduled taken", "scheduled covered", "scheduled failed", "autopay taken", "autopay asking", "autopay cancelled", "arrangement broken", "notice reminder", "notice energy",
        ] {
            assert!(lived.happened.iter().any(|(w, n)| w == what && *n > 0), "no {what} in {:?}", lived.happened);
        }
    }

    async fn several_hands_on_one_account_leave_it_in_order(pool: Pool) {
        crowd(&pool, 3, 4, 24, 7).await.expect("no invariant is broken");
    }
}
