//! The counts that everything is judged by: attempts that agree in every attribute stand together as one cell.
//!
//! The database counts; what is compared with what is worked out here, without asking it again. What this module leaves
//! out: where the cells come from (`count`) and what they mean (`verdict`).

use std::collections::HashMap;

use serde::Serialize;

use super::odds::{Count, Stratum};

/// Something in which attempts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// The host an attempt ran on.
    Host,
    /// The boot of that host.
    Boot,
    /// The process that worked.
    Worker,
    /// Version of the program.
    Version,
    /// Version of the template, where the program names it.
    Template,
    /// Kind of customer: person or company.
    Kind,
    /// Domain of the customer's mail address.
    Domain,
    /// The day in Berlin.
    Day,
    /// The hour of the day in Berlin.
    Hour,
}

impl Attribute {
    /// All of them, in the order of a cell's values.
    pub const ALL: [Self; 9] = [
        Self::Host,
        Self::Boot,
        Self::Worker,
        Self::Version,
        Self::Template,
        Self::Kind,
        Self::Domain,
        Self::Day,
        Self::Hour,
    ];

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Boot => "boot",
            Self::Worker => "worker",
            Self::Version => "version",
            Self::Template => "template",
            Self::Kind => "kind",
            Self::Domain => "domain",
            Self::Day => "day",
            Self::Hour => "hour",
        }
    }

    /// Days and hours are when something happened, not why.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Hour)
    }

    /// Boots and processes are parts of a host.
    pub fn is_part_of_host(self) -> bool {
        matches!(self, Self::Boot | Self::Worker)
    }

    fn place(self) -> usize {
        self as usize
    }
}

/// A value of an attribute, by its number in the cube.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    /// Of which attribute.
    pub attribute: Attribute,
    number: u32,
}

/// Attempts that agree in everything.
#[derive(Clone, Copy, Debug)]
struct Cell {
    values: [u32; Attribute::ALL.len()],
    count: Count,
}

/// All attempts, counted.
#[derive(Clone, Debug, Default)]
pub struct Cube {
    names: [Vec<String>; Attribute::ALL.len()],
    numbers: [HashMap<String, u32>; Attribute::ALL.len()],
    cells: Vec<Cell>,
    at: HashMap<[u32; Attribute::ALL.len()], usize>,
}

impl Cube {
    /// Adds attempts with these values, in the order of [`Attribute::ALL`]; an unknown value is none.
    pub fn add(&mut self, values: [Option<&str>; Attribute::ALL.len()], count: Count) {
        let mut numbers = [0; Attribute::ALL.len()];
        for (place, value) in values.into_iter().enumerate() {
            numbers[place] = self.number(place, value.unwrap_or_default());
        }
        let cells = &mut self.cells;
        let cell = *self.at.entry(numbers).or_insert_with(|| {
            cells.push(Cell { values: numbers, count: Count::default() });
            cells.len() - 1
        });
        self.cells[cell].count = self.cells[cell].count.plus(count);
    }

    fn number(&mut self, place: usize, name: &str) -> u32 {
        if let Some(number) = self.numbers[place].get(name) {
            return *number;
        }
        let number = u32::try_from(self.names[place].len()).unwrap_or(u32::MAX);
        self.names[place].push(name.to_owned());
        self.numbers[place].insert(name.to_owned(), number);
        number
    }

    /// The name of a value.
    pub fn name(&self, value: Value) -> &str {
        self.names[value.attribute.place()].get(value.number as usize).map_or("", String::as_str)
    }

    /// All attempts.
    pub fn all(&self) -> Count {
        self.cells.iter().fold(Count::default(), |sum, cell| sum.plus(cell.count))
    }

    /// Each known value of an attribute with its attempts.
    pub fn values(&self, attribute: Attribute) -> Vec<(Value, Count)> {
        let mut counts = vec![Count::default(); self.names[attribute.place()].len()];
        for cell in &self.cells {
            let sum = &mut counts[cell.values[attribute.place()] as usize];
            *sum = sum.plus(cell.count);
        }
        let valued = (0..).zip(counts).map(|(number, count)| (Value { attribute, number }, count));
        valued.filter(|(value, _)| !self.name(*value).is_empty()).collect()
    }

    /// The attempts with a value, leaving out those that have one of `without`, and all that are compared.
    pub fn beside(&self, value: Value, without: &[Value]) -> Stratum {
        let mut sum = Stratum::default();
        for cell in self.cells.iter().filter(|cell| !without.iter().any(|other| cell.has(*other))) {
            sum.all = sum.all.plus(cell.count);
            if cell.has(value) {
                sum.here = sum.here.plus(cell.count);
            }
        }
        sum
    }

    /// The strata in which attempts agree in these attributes.
    pub fn strata(&self, value: Value, alike: &[Attribute]) -> Vec<Stratum> {
        let mut strata: HashMap<[u32; 2], Stratum> = HashMap::new();
        for cell in &self.cells {
            let mut key = [0; 2];
            for (number, attribute) in key.iter_mut().zip(alike) {
                *number = cell.values[attribute.place()];
            }
            let stratum = strata.entry(key).or_default();
            stratum.all = stratum.all.plus(cell.count);
            if cell.has(value) {
                stratum.here = stratum.here.plus(cell.count);
            }
        }
        strata.into_values().collect()
    }

    /// A value's attempts day by day, the days in order.
    pub fn days(&self, value: Value) -> Vec<(&str, Count)> {
        let mut days: HashMap<u32, Count> = HashMap::new();
        for cell in self.cells.iter().filter(|cell| cell.has(value)) {
            let sum = days.entry(cell.values[Attribute::Day.place()]).or_default();
            *sum = sum.plus(cell.count);
        }
        let day = |(number, count)| (self.name(Value { attribute: Attribute::Day, number }), count);
        let mut days: Vec<(&str, Count)> = days.into_iter().map(day).collect();
        days.sort_by_key(|(day, _)| *day);
        days
    }

    /// How many attempts have both values.
    pub fn both(&self, one: Value, other: Value) -> Count {
        let cells = self.cells.iter().filter(|cell| cell.has(one) && cell.has(other));
        cells.fold(Count::default(), |sum, cell| sum.plus(cell.count))
    }

    /// The one value of another attribute that all attempts with this value have; none where they differ.
    pub fn always_with(&self, value: Value, attribute: Attribute) -> Option<Value> {
        let mut found = None;
        for cell in self.cells.iter().filter(|cell| cell.has(value)) {
            let number = cell.values[attribute.place()];
            if found.replace(number).is_some_and(|other| other != number) {
                return None;
            }
        }
        found.map(|number| Value { attribute, number })
    }
}

impl Cell {
    fn has(&self, value: Value) -> bool {
        self.values[value.attribute.place()] == value.number
    }
}
