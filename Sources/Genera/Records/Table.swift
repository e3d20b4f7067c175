/// Named columns of numbers, texts and means, as a result is printed, written to a file or set beside a paper's.
///
///     var table = Table("Generic graphs", columns: ["data", .init("degree", digits: .places(3)), .init("time", unit: "s")])
///     table.append(["community small", .mean(of: [0.031, 0.029, 0.034]), 12.5])
///     print(table.text)
///     try table.write(to: "generic.csv")
public struct Table: Sendable, Equatable {
    /// What the table shows; empty for none.
    public var title: String
    /// The columns, from left to right.
    public let columns: [Column]
    /// The rows from top to bottom, each with a cell for every column.
    public private(set) var rows: [[Cell]]
    /// Sentences below the table, such as the protocol behind the numbers.
    public var notes: [String]

    /// Makes a table. Every row must have as many cells as there are columns.
    public init(_ title: String = "", columns: [Column], rows: [[Cell]] = [], notes: [String] = []) {
        self.title = title
        self.columns = columns
        self.rows = []
        self.notes = notes
        for row in rows { append(row) }
    }

    /// Adds a row, which must have as many cells as there are columns.
    public mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row of \(row.count) cells in a table of \(columns.count) columns")
        rows.append(row)
    }

    /// A column's heading, and how people see its numbers.
    public struct Column: Sendable, Equatable, ExpressibleByStringLiteral {
        /// The name: a heading for people, a key for programs.
        public let name: String
        /// The unit of its numbers, such as `s`; empty for none.
        public let unit: String
        /// How many digits of its numbers people see. Files for programs hold all of them.
        public let digits: Digits

        /// Makes a column.
        public init(_ name: String, unit: String = "", digits: Digits = .significant(4)) {
            self.name = name
            self.unit = unit
            self.digits = digits
        }

        /// A column without a unit.
        public init(stringLiteral name: String) { self.init(name) }
    }

    /// How many digits of a number people see.
    public enum Digits: Sendable, Equatable {
        /// So many digits after the point: `0.031`.
        case places(Int)
        /// So many digits from the first that is not 0: `0.03112`, `1.5e-07`.
        case significant(Int)
    }

    /// One entry.
    public enum Cell: Sendable, Equatable {
        /// Words.
        case text(String)
        /// A whole number.
        case integer(Int)
        /// A number.
        case number(Double)
        /// The mean of `count` values and their standard deviation, which a single value does not have.
        case mean(Double, deviation: Double?, count: Int)
        /// Yes or no.
        case truth(Bool)
        /// Nothing is known here.
        case empty

        /// The mean of some values with their sample standard deviation, sqrt(sum (x - mean)^2 / (n - 1)).
        ///
        /// ``empty`` for no values; without a deviation for one.
        public static func mean(of values: some Collection<Double>) -> Cell {
            guard let first = values.first else { return .empty }
            let count = values.count
            guard count > 1 else { return .mean(first, deviation: nil, count: 1) }
            let mean = values.reduce(0, +) / Double(count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return .mean(mean, deviation: (squares / Double(count - 1)).squareRoot(), count: count)
        }
    }
}

extension Table.Cell: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    /// Words.
    public init(stringLiteral text: String) { self = .text(text) }
    /// A whole number.
    public init(integerLiteral number: Int) { self = .integer(number) }
    /// A number.
    public init(floatLiteral number: Double) { self = .number(number) }
    /// Yes or no.
    public init(booleanLiteral isTrue: Bool) { self = .truth(isTrue) }
}
