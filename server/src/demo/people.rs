//! The people of Alder Bay, their streets and their firms. All invented; telephone numbers are of the block that is never
//! given out, addresses of the domain that is nobody's.

use std::collections::HashSet;

use super::dice::Dice;

/// The city.
pub const CITY: &str = "Alder Bay";
/// Its ZIP codes; of no place.
const POSTCODES: [&str; 2] = ["94000", "94099"];

const GIVEN: [&str; 64] = [
    "Maya", "Daniel", "Priya", "Tomás", "Hannah", "Wei", "Aisha", "Lucas", "Elena", "Marcus", "Yuki", "Samir", "Grace",
    "Diego", "Ingrid", "Kofi", "Rosa", "Ethan", "Leila", "Oscar", "Nadia", "Peter", "Amara", "Felix", "Joan", "Ravi",
    "Clara", "Hugo", "Mei", "Walter", "Sofia", "Andre", "Ruth", "Ivan", "Tessa", "Omar", "Lena", "Caleb", "Anita",
    "Jorge", "Miriam", "Theo", "Farah", "Simon", "Paula", "Kenji", "Naomi", "Victor", "Irene", "Malik", "Judith",
    "Rafael", "Greta", "Arjun", "Helen", "Dmitri", "Carmen", "Noah", "Bea", "Emil", "Zara", "Owen", "Ximena", "Louis",
];
const FAMILY: [&str; 72] = [
    "Alvarez",
    "Bennett",
    "Chen",
    "Dasgupta",
    "Ellery",
    "Fontaine",
    "Gupta",
    "Haddad",
    "Iverson",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreno",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quist",
    "Rahman",
    "Silva",
    "Tanaka",
    "Umarov",
    "Vance",
    "Whitaker",
    "Xu",
    "Yamada",
    "Zeller",
    "Abbott",
    "Brandt",
    "Castillo",
    "Dupree",
    "Esposito",
    "Farrow",
    "Greer",
    "Holm",
    "Ibarra",
    "Joshi",
    "Kessler",
    "Lombardi",
    "Marsh",
    "Nyberg",
    "Ortega",
    "Pham",
    "Reyes",
    "Sandoval",
    "Thorne",
    "Ueda",
    "Varga",
    "Wynn",
    "Yilmaz",
    "Zhou",
    "Archer",
    "Blum",
    "Calloway",
    "Delgado",
    "Eklund",
    "Fisk",
    "Goldman",
    "Hoang",
    "Ishikawa",
    "Jaffe",
    "Kaur",
    "Lowell",
    "Mbeki",
    "Novak",
    "Osborne",
    "Pereira",
    "Romero",
    "Sato",
    "Tran",
    "Underhill",
    "Voss",
    "Weiss",
];
const STREETS: [&str; 48] = [
    "Heron Lane",
    "Tidewater Drive",
    "Alder Street",
    "Quarry Road",
    "Larkspur Court",
    "Miller Avenue",
    "Saltgrass Way",
    "Beacon Street",
    "Orchard Lane",
    "Plover Place",
    "Cannery Row East",
    "Juniper Street",
    "Harbor View Road",
    "Madrone Avenue",
    "Old Ferry Road",
    "Sandpiper Court",
    "Chestnut Hill",
    "Willet Way",
    "Founders Street",
    "Bayberry Lane",
    "Lantern Street",
    "Foxglove Court",
    "Northgate Avenue",
    "Sycamore Street",
    "Windmill Lane",
    "Egret Drive",
    "Mason Street",
    "Poppy Hill",
    "Estuary Way",
    "Linden Avenue",
    "Granite Court",
    "Rosewood Drive",
    "Pelican Street",
    "Summit Road",
    "Cedar Hollow",
    "Marina Avenue",
    "Clover Lane",
    "Observatory Hill",
    "Driftwood Way",
    "Maple Terrace",
    "Canal Street",
    "Buckeye Road",
    "Schoolhouse Lane",
    "Tern Court",
    "Vineyard Avenue",
    "Bridge Street",
    "Coral Tree Way",
    "Meadow Road",
];

/// A customer: a person, and the firm they sign for if it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Given name.
    pub given: &'static str,
    /// Family name.
    pub family: &'static str,
    /// E-mail address; nobody else's.
    pub email: String,
    /// Telephone, ten digits.
    pub phone: String,
    /// The name on the bill, where it is a firm's.
    pub firm: Option<String>,
}

impl Customer {
    /// Given and family name.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// The name on the bill.
    #[must_use]
    pub fn billed_as(&self) -> String {
        self.firm.clone().unwrap_or_else(|| self.full_name())
    }
}

/// Gives out names so that no two e-mail addresses are alike.
#[derive(Debug, Default)]
pub struct Register(HashSet<String>);

impl Register {
    /// A new customer.
    pub fn enter(&mut self, dice: &mut Dice, firm: Option<&str>) -> Customer {
        let (given, family) = (*dice.pick(&GIVEN), *dice.pick(&FAMILY));
        let stem = plain(&format!("{given}.{family}"));
        let mut email = format!("{stem}@example.com");
        let mut number = 1;
        while !self.0.insert(email.clone()) {
            number += 1;
            email = format!("{stem}{number}@example.com");
        }
        let phone = format!("65055501{:02}", dice.below(100));
        let firm = firm.map(|trade| format!("{family} {trade}"));
        Customer { given, family, email, phone, firm }
    }
}

/// Letters that every mail system takes.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'á' => 'a',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// Street and ZIP code of the `n`th address; no two are alike.
#[must_use]
pub fn address(n: usize, dice: &mut Dice) -> (String, &'static str) {
    let street = STREETS[n % STREETS.len()];
    let block = u32::try_from(n / STREETS.len()).unwrap_or(0);
    let number = 101 + block * 12 + dice.below(6) * 2 + u32::from(dice.chance(500));
    (format!("{number} {street}"), POSTCODES[usize::from(n % STREETS.len() >= 30)])
}

/// Two words and a number: easy to type from a screen, and nobody's password elsewhere.
pub fn password(dice: &mut Dice) -> String {
    const FIRST: [&str; 16] = [
        "harbor", "copper", "lantern", "willow", "granite", "marble", "velvet", "thunder", "cobalt", "meadow",
        "timber", "saffron", "juniper", "amber", "silver", "cedar",
    ];
    const SECOND: [&str; 16] = [
        "heron", "ferry", "anchor", "orchard", "bridge", "kettle", "pelican", "compass", "window", "garden", "river",
        "whistle", "button", "island", "ladder", "teapot",
    ];
    format!("{}-{}-{:03}", dice.pick(&FIRST), dice.pick(&SECOND), dice.below(1000))
}
