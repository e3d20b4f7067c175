import ArgumentParser

/// The dimension D of the augmentation: any number above 0, or `inf`.
public struct AugmentationDimension: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    /// The number; infinity for `inf`.
    public let value: Double

    /// Wraps a number.
    public init(_ value: Double) { self.value = value }

    /// Reads a number, or `inf`. Whether it is above 0 is for the options to check.
    public init?(argument: String) {
        let text = argument.lowercased()
        if ["inf", "infinity"].contains(text) {
            value = .infinity
        } else if let number = Double(text), !number.isNaN {
            value = number
        } else {
            return nil
        }
    }

    /// For example `128` or `inf`.
    public var description: String {
        value.isInfinite ? "inf" : value == value.rounded() && value < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// As it is written on the command line.
    public var defaultValueDescription: String { description }
}
