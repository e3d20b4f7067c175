/// One thing that is known of a result, with its name: `parameters  1,204,736`.
public struct Fact: Sendable, Equatable {
    /// What it is, in a word or two.
    public let name: String
    /// What is known.
    public let value: Table.Cell

    /// Makes a fact of any cell: `Fact("loss", .mean(of: losses))`.
    public init(_ name: String, _ value: Table.Cell) {
        self.name = name
        self.value = value
    }

    /// Makes a fact of a text.
    public init(_ name: String, _ text: String) { self.init(name, .text(text)) }
    /// Makes a fact of a whole number.
    public init(_ name: String, _ number: Int) { self.init(name, .integer(number)) }
    /// Makes a fact of a number.
    public init(_ name: String, _ number: Double) { self.init(name, .number(number)) }
    /// Makes a fact of a truth value.
    public init(_ name: String, _ isTrue: Bool) { self.init(name, .truth(isTrue)) }
}
