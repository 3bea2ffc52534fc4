//! The line that a payment slip is read by.

use domain::money::Cents;

/// What a slip says to a scanner: the digits of the account in twelve places, the amount in cents in ten, and a check digit
/// (modulus 10, weights 2 and 1 from the right: Luhn, ISO/IEC 7812-1 annex B). An amount that is nothing or in the customer's
/// favour is all zeros.
#[must_use]
pub fn scan_line(account: &str, amount: Cents) -> String {
    let digits: String = account.chars().filter(char::is_ascii_digit).collect();
    let body = format!("{digits:0>12}{:0>10}", amount.0.max(0));
    let check = check_digit(&body);
    format!("{digits:0>12} {:0>10} {check}", amount.0.max(0))
}

fn check_digit(digits: &str) -> u32 {
    let weighted = digits.chars().rev().filter_map(|c| c.to_digit(10)).enumerate().map(|(i, d)| {
        let d = if i % 2 == 0 { d * 2 } else { d };
        d / 10 + d % 10
    });
    (10 - weighted.sum::<u32>() % 10) % 10
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_check_digit_is_luhns() {
        // The example that is printed everywhere: 7992739871 has check digit 3.
        assert_eq!(check_digit("7992739871"), 3);
        assert_eq!(scan_line("300100", Cents(12_345)), "000000300100 0000012345 0");
        assert!(scan_line("300100", Cents(-5)).contains(" 0000000000 "));
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_noticed(account in 100_000u32..999_999, cents in 0i64..1_000_000_000, at in 0usize..22, by in 1u32..10) {
            let line: String = scan_line(&account.to_string(), Cents(cents)).replace(' ', "");
            let (body, check) = line.split_at(22);
            let mut digits: Vec<u32> = body.chars().filter_map(|c| c.to_digit(10)).collect();
            digits[at] = (digits[at] + by) % 10;
            let wrong: String = digits.iter().map(u32::to_string).collect();
            prop_assert_ne!(check_digit(&wrong).to_string(), check);
        }
    }
}
